"""The conflict list of what is published, worked out in the background and kept for each state of it.

A result belongs to one snapshot and one day. While a new one is worked out the last one is shown, and said to
be the last one. The files are derived: whoever deletes them only costs a moment.
"""

from __future__ import annotations

import json
import logging
import os
import tempfile
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path

from index.conflict_list import find_conflicts
from index.live import LiveIndex
from knowledge.conflicts import Finding
from knowledge.conflicts.model import from_json, to_json
from knowledge.shipped import Shipped

log = logging.getLogger(__name__)
KEPT = 5


@dataclass(frozen=True, slots=True)
class Watched:
    """What is known. `findings` None: nothing yet. `current` False: of an earlier state, a new result is
    being worked out. `failed`: working it out went wrong, and was logged. `without_encoder`: newer texts were
    not looked for."""

    findings: tuple[Finding, ...] | None
    checked_at: datetime | None
    current: bool
    failed: bool
    without_encoder: bool


class ConflictWatch:
    def __init__(
        self,
        library: object,
        content: Callable[[], Shipped],
        *,
        now: Callable[[], datetime],
        today: Callable[[], date],
        folder: Path,
    ) -> None:
        """`library` is the live index; anything else is never checked."""
        self._library, self._content = library, content
        self._now, self._today, self._folder = now, today, folder
        self._lock = threading.Lock()
        self._worker: threading.Thread | None = None
        self._failed: str | None = None
        self._last: tuple[str, datetime, tuple[Finding, ...]] | None = None

    def look(self) -> Watched:
        """The list as it is known, at once; begins to work a missing one out."""
        if not isinstance(self._library, LiveIndex) or self._library.snapshot is None:
            return Watched(None, None, current=False, failed=False, without_encoder=False)
        key = self._key(self._library)
        with self._lock:
            if self._last is None or self._last[0] != key:
                self._last = self._stored(key) or self._last
            current = self._last is not None and self._last[0] == key
            if not current and self._failed != key:
                self._begin(self._library, key)
            last = self._last
        return Watched(
            last[2] if last else None,
            last[1] if last else None,
            current,
            self._failed == key,
            self._library.encoder is None,
        )

    def again(self) -> None:
        """Work it out anew, whatever is kept."""
        if isinstance(self._library, LiveIndex) and self._library.snapshot is not None:
            with self._lock:
                key = self._key(self._library)
                (self._folder / f"{key}.json").unlink(missing_ok=True)
                self._failed = None
                if self._last is not None and self._last[0] == key:
                    self._last = ("", self._last[1], self._last[2])
                self._begin(self._library, key)

    def wait(self, timeout_s: float) -> None:
        """Until what is being worked out is there; for the command line and tests."""
        worker = self._worker
        if worker is not None:
            worker.join(timeout_s)

    def _key(self, live: LiveIndex) -> str:
        state = [live.snapshot, self._today().isoformat(), live.withheld.to_plain()]
        return sha256(json.dumps(state, sort_keys=True).encode()).hexdigest()[:24]

    def _begin(self, live: LiveIndex, key: str) -> None:
        if self._worker is None or not self._worker.is_alive():
            self._worker = threading.Thread(
                target=self._work, args=(live, key), name="conflicts", daemon=True
            )
            self._worker.start()

    def _work(self, live: LiveIndex, key: str) -> None:
        try:
            findings = find_conflicts(self._content(), live.encoder, self._today())
            at = self._now()
            self._store(key, at, findings)
            with self._lock:
                self._last, self._failed = (key, at, findings), None
        except Exception:
            log.exception("the conflict list could not be worked out")
            with self._lock:
                self._failed = key

    def _stored(self, key: str) -> tuple[str, datetime, tuple[Finding, ...]] | None:
        try:
            raw = json.loads((self._folder / f"{key}.json").read_text(encoding="utf-8"))
            return key, datetime.fromisoformat(raw["at"]), from_json(json.dumps(raw["findings"]))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def _store(self, key: str, at: datetime, findings: tuple[Finding, ...]) -> None:
        """A disk that is full costs only the next start a moment."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            descriptor, path = tempfile.mkstemp(prefix=".", dir=self._folder)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                json.dump({"at": at.isoformat(), "findings": json.loads(to_json(findings))}, file)
            os.replace(path, self._folder / f"{key}.json")
            kept = sorted(self._folder.glob("*.json"), key=lambda file: file.stat().st_mtime, reverse=True)
            for old in kept[KEPT:]:
                old.unlink(missing_ok=True)
        except OSError as error:
            log.warning("the conflict list could not be kept: %s", error)
