"""The loop that looks every few seconds what is due: starts runs, takes back what dead workers hold, ends
what is through, and offers the rest to the queue.

Each thing it does is guarded in the database: two of these loops do no harm, none of them for a while either.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from typing import Protocol

import structlog
from sqlalchemy import Engine, delete

from campaigns.delivery import rates
from campaigns.delivery.model import Run, run_from
from campaigns.delivery.starting import Starter
from campaigns.errors import InvalidInput
from campaigns.store import outbox, run_steps
from campaigns.store.delivery_tables import job_guards
from campaigns.store.transactions import writing

log = structlog.get_logger(__name__)

SWEEP_EVERY_S = 5.0
OFFERED = 2
"""Pieces of work that wait for each run and channel, so that more than one worker can be at it."""
SKIPPED_AT_ONCE = 5_000
GUARDS_KEPT = timedelta(days=400)


class Offering(Protocol):
    """The queue, as far as the sweep needs it."""

    def offer(self, run_id: str, channel: str) -> None: ...

    def waiting(self) -> int: ...


class Scheduler:
    """`lease` is how long the dispatchers' leases are; `channels` are those that somebody serves."""

    def __init__(
        self,
        engine: Engine,
        starter: Starter,
        queue: Offering,
        *,
        now: Callable[[], datetime],
        channels: Callable[[], Collection[str]],
        lease: timedelta,
        every_s: float = SWEEP_EVERY_S,
        also: Callable[[], object] = lambda: None,
    ) -> None:
        """`also` is called once a sweep; what it raises is logged."""
        self._engine, self._starter, self._queue = engine, starter, queue
        self._now, self._channels, self._lease = now, channels, lease
        self._every_s, self._also = every_s, also
        self._turn = 0

    def run(self, stop: threading.Event) -> None:
        """Sweep again and again until `stop` is set. What fails is logged and tried again."""
        while not stop.is_set():
            self._guarded("sweep", self.sweep)
            self._guarded("also", self._also)
            stop.wait(self._every_s)

    def sweep(self) -> None:
        """One look at everything. A run or campaign that fails does not hold up the others."""
        for campaign_id, due_at in self._starter.due():
            self._guarded("start", lambda c=campaign_id, d=due_at: self._starter.start(c, d))  # type: ignore[misc]
        for run_id in self._starter.unwritten():
            self._guarded("write", lambda r=run_id: self._starter.write(r))  # type: ignore[misc]
        with self._engine.connect() as connection:
            rows = run_steps.to_tend(connection)
        going: list[tuple[str, str]] = []
        for row in rows:
            self._guarded("tend", lambda r=row: going.extend(self._tend(r)))  # type: ignore[misc]
        self._offer(going)
        self._forget_guards()

    def _tend(self, row: object) -> list[tuple[str, str]]:
        """What one run needs; the channels on which it has something to send now."""
        run_id, state, now = str(row.id), str(row.state), self._now()  # type: ignore[attr-defined]
        with writing(self._engine) as connection:
            queued, lost = outbox.recover(connection, run_id, now, self._lease)
        if queued or lost:
            log.warning("leases_taken_back", run=run_id, queued=queued, unknown=lost)
        if state == "cancelled":
            self._skip_rest(run_id)
        if state != "running":
            return []
        with writing(self._engine) as connection:
            if run_steps.finish(connection, run_id, now):
                rates.drop(connection, run_id)
                return []
        try:
            run = run_from(row)
        except InvalidInput as error:
            log.error("run_unreadable", run=run_id, why=str(error))
            return []
        return [(run_id, channel) for channel in self._due_channels(run, now)]

    def _due_channels(self, run: Run, now: datetime) -> list[str]:
        if not run.schedule.open_at(now):
            return []
        with self._engine.connect() as connection:
            return [
                channel
                for channel in sorted(self._channels())
                if outbox.any_due(connection, run.id, channel, now)
            ]

    def _offer(self, going: list[tuple[str, str]]) -> None:
        """Top the queue up: however long nobody takes anything, it never grows past what is going."""
        missing = OFFERED * len(going) - (self._queue.waiting() if going else 0)
        for _ in range(max(0, missing)):
            self._turn += 1
            self._queue.offer(*going[self._turn % len(going)])

    def _skip_rest(self, run_id: str) -> None:
        while True:
            with writing(self._engine) as connection:
                skipped = outbox.skip_queued(
                    connection, run_id, reason="cancelled", now=self._now(), most=SKIPPED_AT_ONCE
                )
            if not skipped:
                return

    def _forget_guards(self) -> None:
        now = self._now()
        with writing(self._engine) as connection:
            connection.execute(delete(job_guards).where(job_guards.c.due_at < now - GUARDS_KEPT))

    def _guarded(self, what: str, work: Callable[[], object]) -> None:
        try:
            work()
        except Exception as error:  # noqa: BLE001 - the edge of this loop: it must go on
            log.error("sweep_failed", what=what, exc_type=type(error).__name__)
