"""Sends what stands in the outbox: leases rows, marks each as being sent before it is, settles it after.

    lease (a batch, as many as the channel's rate allows now)
    -> mark and commit (as many as the sender takes at once) -> send -> settle, with the next ones' mark

A process that dies at any point leaves at most the marked ones `unknown`; nothing is sent twice, because what
was marked is never taken up again by itself. All of it blocks; any number of these may work on one run.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from itertools import count
from uuid import uuid4

import structlog
from sqlalchemy import Engine

from campaigns.delivery import rates
from campaigns.delivery.batching import Batches, Limits, Worked
from campaigns.delivery.error_window import ErrorWindow
from campaigns.delivery.grounds_watch import GroundsWatch
from campaigns.delivery.insisting import Stop
from campaigns.delivery.model import SYSTEM, Run, run_from
from campaigns.delivery.senders import Sender
from campaigns.delivery.sending import Ended, Post
from campaigns.grounds import Grounds
from campaigns.store import outbox, run_steps
from campaigns.store.outbox import Leased, Outcome
from campaigns.store.transactions import writing
from campaigns.subscriptions import Subscriptions
from campaigns.words import say

log = structlog.get_logger(__name__)


class Dispatcher:
    """`senders` by channel; `monotonic` measures lengths of time, `now` says what time it is."""

    def __init__(
        self,
        engine: Engine,
        senders: Mapping[str, Sender],
        *,
        now: Callable[[], datetime],
        grounds: Grounds,
        subscriptions: Subscriptions | None = None,
        worker: str | None = None,
        limits: Limits | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._engine, self._senders, self._now = engine, senders, now
        self._subscriptions = subscriptions or Subscriptions(engine, now=now)
        self._worker = (worker or "worker")[:20] + ":" + uuid4().hex[:16]
        self.limits = limits or Limits()
        self._monotonic = monotonic
        self._grounds = GroundsWatch(grounds, now=now, monotonic=monotonic)
        self._errors = ErrorWindow()
        self._numbers = count(1)

    @property
    def channels(self) -> Collection[str]:
        return self._senders.keys()

    def work(self, run_id: str, channel: str, stop: Stop | None = None) -> Worked:
        """Send what is due of a run on one channel until there is nothing more, or `slice_s` is over.

        Safe to call for any run at any time, from any number of threads and processes.
        """
        stop = stop or threading.Event()
        until = self._monotonic() + self.limits.slice_s
        run, sender = self._going(run_id), self._senders.get(channel)
        if run is None or sender is None:
            return Worked()
        buckets = _buckets(run, sender)
        post = Post(run, sender, timeout_s=self.limits.send_timeout_s, now=self._now)
        batches = Batches(
            self._engine,
            post,
            self._subscriptions,
            now=self._now,
            limits=self.limits,
            stop=stop,
            look_at=self._too_many_errors,
        )
        try:
            while not stop.is_set() and run.schedule.open_at(self._now()) and self._grounded(run):
                if self._monotonic() >= until:
                    batches.worked.more = True
                    break
                token = f"{self._worker}:{next(self._numbers)}"
                batch, wanted = self._lease(run, channel, buckets, token)
                if not wanted or (batch and not batches.send(token, batch)):
                    break
                if len(batch) < wanted:
                    stop.wait(rates.wait_s(buckets))
        finally:
            batches.close()
            post.close()
        if not batches.worked.more:
            with writing(self._engine) as connection:
                run_steps.finish(connection, run_id, self._now())
        return batches.worked

    def _going(self, run_id: str) -> Run | None:
        with self._engine.connect() as connection:
            row = run_steps.read(connection, run_id)
            return run_from(row) if row is not None and run_steps.is_going(connection, run_id) else None

    def _grounded(self, run: Run) -> bool:
        """Whether what the message cites still holds; else the run is held for a person."""
        why = self._grounds.problem(run.message)
        if why is None:
            return True
        with writing(self._engine) as connection:
            run_steps.stop_for(connection, run.id, state="held", why=why, now=self._now(), by=SYSTEM)
        log.warning("run_stopped", run=run.id, state="held")
        return False

    def _lease(
        self, run: Run, channel: str, buckets: Mapping[str, float], token: str
    ) -> tuple[list[Leased], int]:
        """Rows that may go out now, and how many of a batch are due: with fewer, the rate is used up."""
        now = self._now()
        with writing(self._engine) as connection:
            if not run_steps.is_going(connection, run.id):
                return [], 0
            found = outbox.due(connection, run.id, channel, now, self.limits.batch)
            granted = rates.take(connection, buckets, len(found), now) if found else 0
            if granted:
                ids = [row.id for row in found[:granted]]
                outbox.lease(connection, ids, token=token, until=now + self.limits.lease)
            return found[:granted], len(found)

    def _too_many_errors(self, run: Run, ended: Sequence[Ended]) -> str | None:
        counted = [each for each in ended if not each.slowed and each.outcome != Outcome("failed", "blocked")]
        errors = [_error(each.outcome) for each in counted]
        found = self._errors.add(run.id, errors)
        if found is None:
            return None
        wrong, looked_at, reason = found
        return say("run_errors", wrong=wrong, looked_at=looked_at, reason=reason)


def _buckets(run: Run, sender: Sender) -> dict[str, float]:
    found = {sender.channel: sender.capabilities.per_second * rates.FOR_BROADCASTS}
    if run.schedule.per_second is not None:
        found[run.id] = run.schedule.per_second
    return found


def _error(outcome: Outcome) -> str | None:
    return None if outcome.state == "sent" else outcome.reason or outcome.state
