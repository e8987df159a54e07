"""What the index found for turns that still go on, by request id: it does not travel with the reply.

Where the action ran in another process, nothing is known here, and the facts do without.
"""

from __future__ import annotations

import threading
from collections import OrderedDict

from actions.finding import Finding

MOST = 2_000
"""Turns at once: of more, the oldest are forgotten."""


class Findings:
    """Safe to share between threads."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._found: OrderedDict[str, Finding] = OrderedDict()
        self._lock = threading.Lock()

    def note(self, request_id: str, finding: Finding) -> None:
        """The last of a request counts."""
        with self._lock:
            self._found[request_id] = finding
            self._found.move_to_end(request_id)
            while len(self._found) > self._most:
                self._found.popitem(last=False)

    def take(self, request_id: str) -> Finding:
        """What was found, once; an empty finding where nothing is known."""
        with self._lock:
            return self._found.pop(request_id, Finding())
