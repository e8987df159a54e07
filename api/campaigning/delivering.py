"""All in one process that carries campaigns out: the queue's threads, and the loop that looks what is due.

The same in the app and in a worker machine. Starting and stopping block for as long as a message takes.
"""

from __future__ import annotations

import platform
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from api.clock import Clock
from api.settings import Settings
from campaigns.delivery.dispatching import Dispatcher
from campaigns.delivery.queue import Queue, open_huey
from campaigns.delivery.runs import Runs
from campaigns.delivery.scheduling import Scheduler
from campaigns.delivery.senders import Sender
from campaigns.grounds import Grounds
from knowledge.model import Knowledge
from knowledge.publishing.planning import publishable

QUEUE_FILE = "queue.db"
READ_AGAIN_S = 30.0


@dataclass(slots=True)
class Delivery:
    """`scheduler` is None in a process that only takes work."""

    queue: Queue
    scheduler: Scheduler | None
    threads: int
    _stop: threading.Event
    _sweeping: threading.Thread | None = None

    def start(self) -> None:
        if self.threads:
            self.queue.start(self.threads)
        if self.scheduler is not None:
            self._stop.clear()
            run = self.scheduler.run
            self._sweeping = threading.Thread(target=run, args=(self._stop,), name="scheduler", daemon=True)
            self._sweeping.start()

    def stop(self) -> None:
        """Finish what is being sent, write it down, and take nothing new."""
        self._stop.set()
        self.queue.stop()
        if self._sweeping is not None:
            self._sweeping.join()
            self._sweeping = None


def build_delivery(
    settings: Settings,
    engine: Engine,
    *,
    clock: Clock,
    senders: Mapping[str, Sender],
    grounds: Grounds,
    runs: Runs,
) -> Delivery:
    """Raises InvalidInput for a queue's address that cannot be used."""
    dispatcher = Dispatcher(engine, senders, now=clock.now, grounds=grounds, worker=platform.node())
    queue = Queue(open_huey(settings.queue_url, settings.data_dir / QUEUE_FILE), dispatcher.work)
    scheduler = Scheduler(
        engine,
        runs.starter,
        queue,
        now=clock.now,
        channels=senders.keys,
        lease=dispatcher.limits.lease,
        also=queue.mend,
    )
    return Delivery(
        queue, scheduler if settings.scheduler else None, settings.sending_threads, threading.Event()
    )


def published_in(engine: Engine, monotonic: Callable[[], float] = time.monotonic) -> Callable[[], Knowledge]:
    """What the store says is published, read again every half minute: for processes without an index."""
    lock, held = threading.Lock(), dict[str, Knowledge]()
    read_at = float("-inf")

    def knowledge() -> Knowledge:
        nonlocal read_at
        with lock:
            if monotonic() - read_at >= READ_AGAIN_S:
                with Session(engine) as session:
                    held["now"] = publishable(session)
                read_at = monotonic()
            return held["now"]

    return knowledge
