"""What is withheld, in one small file beside the snapshots: how every process learns of it at once.

The database is the truth; this file is derived from it and can be written again at any time. Looking whether
it changed costs one `stat`, so that it can be done before every answer.
"""

from __future__ import annotations

import json
import logging
import os
import tempfile
import threading
from pathlib import Path

from index.errors import SnapshotFault
from knowledge.publishing.withheld import Withheld

log = logging.getLogger(__name__)
_NAME = "WITHHELD"


class WithheldFile:
    def __init__(self, folder: Path) -> None:
        self._path = folder / _NAME
        self._seen: tuple[int, int, int] | None = None
        self._lock = threading.Lock()

    def changed(self) -> bool:
        """Whether it is another file than the one last read or written here."""
        return self._stamp() != self._seen

    def read(self, otherwise: Withheld) -> Withheld:
        """What it says; `otherwise` where it cannot be read, so that nothing withheld ever comes back by
        a damaged file. No file: nothing was ever withheld, or the folder is new."""
        with self._lock:
            stamp = self._stamp()
            try:
                found = Withheld.from_plain(json.loads(self._path.read_text(encoding="utf-8")))
            except FileNotFoundError:
                found = otherwise
            except (OSError, ValueError) as error:
                log.error("the withheld file cannot be read", extra={"fault": type(error).__name__})
                found = otherwise
            self._seen = stamp
            return found

    def write(self, withheld: Withheld) -> None:
        """Replace it whole. Raises SnapshotFault."""
        with self._lock:
            try:
                self._path.parent.mkdir(parents=True, exist_ok=True)
                descriptor, path = tempfile.mkstemp(prefix=".withheld-", dir=self._path.parent)
                with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                    json.dump(withheld.to_plain(), file, ensure_ascii=False)
                    file.flush()
                    os.fsync(file.fileno())
                os.replace(path, self._path)
            except OSError as error:
                raise SnapshotFault(
                    f"what is withheld could not be written to {self._path}: {error}; other processes learn "
                    "of it within seconds all the same"
                ) from error
            self._seen = self._stamp()

    def _stamp(self) -> tuple[int, int, int]:
        try:
            facts = os.stat(self._path)
        except OSError:
            return (0, 0, 0)
        return facts.st_mtime_ns, facts.st_ino, facts.st_size
