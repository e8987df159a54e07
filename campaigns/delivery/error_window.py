"""Whether a run goes wrong so often that it should stop before more people are tried."""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Iterable

LOOKED_AT = 200
LEAST_ERRORS = 20
TOO_MANY = 0.10


class ErrorWindow:
    """The last outcomes of each run in this process. All but `sent` and `blocked` is an error."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last: dict[str, deque[str | None]] = {}

    def add(self, run_id: str, errors: Iterable[str | None]) -> tuple[int, int, str] | None:
        """Add outcomes: None for what went well, else the reason. Errors, how many were looked at and the
        commonest reason, once they are too many; the window then begins anew."""
        with self._lock:
            last = self._last.setdefault(run_id, deque(maxlen=LOOKED_AT))
            last.extend(errors)
            found = Counter(reason for reason in last if reason is not None)
            count = found.total()
            if count < LEAST_ERRORS or count < TOO_MANY * len(last):
                return None
            looked_at = len(last)
            del self._last[run_id]
            return count, looked_at, found.most_common(1)[0][0]

    def forget(self, run_id: str) -> None:
        with self._lock:
            self._last.pop(run_id, None)
