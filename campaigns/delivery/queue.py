"""Carries pieces of work to whoever has a hand free: Huey on SQLite in this process, or on Redis for many.

The queue only says where to look: a task that is lost costs a few seconds, a task that comes twice finds
nothing to do. What is still to do stands in the outbox alone.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import structlog
from huey import RedisHuey, SqliteHuey
from huey.api import Huey
from huey.consumer import Consumer

from campaigns.errors import InvalidInput

log = structlog.get_logger(__name__)

NAME = "lvxiaoyu"
LONGEST_IDLE_S = 0.5
Work = Callable[[str, str, threading.Event], object]
"""A run's id, a channel, and the request to stop."""


class _QuietConsumer(Consumer):  # type: ignore[misc]
    """Leaves the process's signals to the server it lives in."""

    def _set_signal_handlers(self) -> None:
        return None


def open_huey(url: str, file: Path) -> Huey:
    """Redis at `url` (`redis://…`, `rediss://…`), or SQLite in `file` where there is none."""
    if url:
        if urlsplit(url).scheme not in {"redis", "rediss", "unix"}:
            raise InvalidInput(
                f"The queue's address is {url.split('@')[-1]!r}; give one such as redis://host:6379/0."
            )
        return RedisHuey(NAME, url=url, results=False, blocking=True, read_timeout=1)
    file.parent.mkdir(parents=True, exist_ok=True)
    return SqliteHuey(NAME, filename=str(file), results=False, fsync=False)


class Queue:
    """`work` does one piece; it is called in threads of this process once `start` was called here."""

    def __init__(self, huey: Huey, work: Work) -> None:
        self._huey, self._work = huey, work
        self._stop = threading.Event()
        self._consumer: _QuietConsumer | None = None
        self._task = huey.task(name="dispatch")(self._run)
        logging.getLogger("huey").setLevel(logging.WARNING)

    def offer(self, run_id: str, channel: str) -> None:
        """Ask for one piece of work. Raises what the queue's storage raises where it is gone."""
        self._task(run_id, channel)

    def waiting(self) -> int:
        """Pieces of work that nobody took yet."""
        return int(self._huey.pending_count())

    def start(self, threads: int) -> None:
        """Take work in so many threads of this process."""
        self._stop.clear()
        self._consumer = _QuietConsumer(
            self._huey, workers=threads, periodic=False, initial_delay=0.05, max_delay=LONGEST_IDLE_S
        )
        self._consumer.start()

    def stop(self) -> None:
        """Finish what is under way, take nothing new, and return when all is settled."""
        self._stop.set()
        if self._consumer is not None:
            self._consumer.stop(graceful=True)
            self._consumer = None

    def mend(self) -> None:
        """Replace threads that died."""
        if self._consumer is not None:
            self._consumer.check_worker_health()

    def problem(self) -> str | None:
        """Why no work can be handed on, or None. Blocks."""
        try:
            self.waiting()
        except Exception as error:  # noqa: BLE001 - two storages, each with errors of its own
            return type(error).__name__
        return None

    def _run(self, run_id: str, channel: str) -> None:
        try:
            self._work(run_id, channel, self._stop)
        except Exception as error:  # noqa: BLE001 - the edge of a worker: the next sweep offers it again
            log.error("dispatch_failed", run=run_id, channel=channel, exc_type=type(error).__name__)
