"""Takes leased rows through marking, sending and settling, some at a time: one run, one channel, one thread.

The mark of the next rows and the outcome of the last ones share a transaction: one commit for each time that
a sender is called. What was sent is written down however long that takes.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from campaigns.delivery.insisting import Stop, insist
from campaigns.delivery.model import SYSTEM, Run
from campaigns.delivery.quotas import period_start, waits_until
from campaigns.delivery.sending import Ended, Post, persons_blocked
from campaigns.model import Subscriber
from campaigns.store import outbox, run_steps
from campaigns.store.outbox import Leased, Marking, Outcome
from campaigns.store.transactions import Ledger
from campaigns.subscriptions import Subscriptions

log = structlog.get_logger(__name__)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Limits:
    """`batch`: rows leased at once. `lease`: how long a worker may hold rows without a sign of life.

    `send_timeout_s`: after which a send counts as unknown; senders should give up before. `slice_s`: how long
    one piece of work lasts before others get their turn. `patience_s`: how long a worker that was asked to
    stop goes on writing down what it sent, while the database is gone.
    """

    batch: int = 200
    lease: timedelta = timedelta(seconds=120)
    send_timeout_s: float = 30.0
    slice_s: float = 10.0
    patience_s: float = 10.0


@dataclass(slots=True)
class Worked:
    """What one piece of work did: rows by the state that they came to. `more`: its time was over."""

    states: Counter[str] = field(default_factory=Counter)
    more: bool = False


class Batches:
    """`look_at` sees what came of each few rows, and says why the run should pause if it should."""

    def __init__(
        self,
        engine: Engine,
        post: Post,
        subscriptions: Subscriptions,
        *,
        now: Callable[[], datetime],
        limits: Limits,
        stop: Stop,
        look_at: Callable[[Run, Sequence[Ended]], str | None],
    ) -> None:
        self._ledger, self._post, self._subscriptions = Ledger(engine), post, subscriptions
        self._now, self._limits, self._stop, self._look_at = now, limits, stop, look_at
        self.worked = Worked()

    def close(self) -> None:
        self._ledger.close()

    def send(self, token: str, batch: Sequence[Leased]) -> bool:
        """Send what `token` holds. Returns whether the run goes on; what was not begun is given back."""
        ended: list[Ended] = []
        going = True
        for start in range(0, len(batch), self._post.at_once):
            if self._stop.is_set() or not going:
                break
            chunk = batch[start : start + self._post.at_once]
            marked = self._insist(partial(self._step, token, ended, chunk))
            ended = []
            if marked is None:
                going = False
                break
            ended = self._post.send([row for row in chunk if row.id in marked])
            self._end_contacts(ended)
            if why := self._look_at(self._post.run, ended):
                self._insist(partial(self._pause, why))
                going = False
        if ended:
            self._insist(partial(self._step, token, ended, ()))
        if not going or self._stop.is_set():
            self._insist(partial(self._release, token, batch))
        return going

    def _step(self, token: str, ended: Sequence[Ended], chunk: Sequence[Leased]) -> set[int] | None:
        """In one transaction: write down how the last ones ended, and mark the next ones.

        Whom to send to; None where the run no longer goes. Safe to repeat as long as `chunk` was not sent.
        """
        now, found = self._now(), Counter[str]()
        marked: set[int] | None = set()
        with self._ledger.writing() as connection:
            for outcome, ids in _by_outcome(ended).items():
                settled = outbox.settle(connection, ids, token=token, outcome=outcome, now=now)
                found[outcome.state] += settled
            if chunk:
                marked = outbox.mark_sending(
                    connection,
                    [row.id for row in chunk],
                    run_id=self._post.run.id,
                    token=token,
                    until=now + self._limits.lease,
                    marking=self._marking(now),
                    now=now,
                )
        self.worked.states.update(found)
        return marked

    def _end_contacts(self, ended: Sequence[Ended]) -> None:
        """Whoever blocks us is asked no more. Should that fail, what was sent must be written down still."""
        for person in persons_blocked(ended):
            subscriber = Subscriber(person, self._post.sender.channel)
            end = partial(self._subscriptions.unsubscribe, subscriber=subscriber, reason="unreachable")
            try:
                self._insist(end)
            except SQLAlchemyError as error:
                log.error("contact_not_ended", exc_type=type(error).__name__, run=self._post.run.id)

    def _release(self, token: str, batch: Sequence[Leased]) -> None:
        with self._ledger.writing() as connection:
            outbox.release(connection, token, [row.id for row in batch])

    def _pause(self, why: str) -> None:
        now, run_id = self._now(), self._post.run.id
        with self._ledger.writing() as connection:
            run_steps.stop_for(connection, run_id, state="paused", why=why, now=now, by=SYSTEM)
        log.warning("run_stopped", run=run_id, state="paused")

    def _marking(self, now: datetime) -> Marking:
        run, quota = self._post.run, self._post.sender.capabilities.quota
        topics = tuple(run.audience.get("topics") or ())
        if quota is None:
            return Marking(topics)
        until = waits_until(run.schedule, run.due_at, quota, now)
        return Marking(topics, quota, period_start(now, quota.period), until)

    def _insist(self, work: Callable[[], T]) -> T:
        return insist(work, self._stop, patience_s=self._limits.patience_s)


def _by_outcome(ended: Sequence[Ended]) -> Mapping[Outcome, list[int]]:
    found: defaultdict[Outcome, list[int]] = defaultdict(list)
    for each in ended:
        found[each.outcome].append(each.row.id)
    return found
