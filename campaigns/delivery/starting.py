"""From a campaign that is due to a run with one row a recipient, once.

    due -> the run, `writing` -> its recipients, so many in a transaction -> `running`

Nothing goes out before the last recipient is written; whoever looks next goes on where a killed process
stopped. A run that comes too late, whose clauses no longer hold or whose approval is not for what stands
there is written down as held, without recipients, and waits for a person.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, Engine, Row, insert, select, update

from campaigns.audience import Audience, audience_from
from campaigns.audiences import recipients_of
from campaigns.content import Message, message_from
from campaigns.delivery.grounds_watch import GroundsWatch
from campaigns.delivery.model import SYSTEM
from campaigns.errors import InvalidInput
from campaigns.offer import Offer
from campaigns.planning.checks import said
from campaigns.planning.model import frozen
from campaigns.planning.schedule import Schedule, schedule_from
from campaigns.store import run_steps
from campaigns.store.campaign_tables import campaigns
from campaigns.store.delivery_tables import runs
from campaigns.store.recipients import picked, receivers_of, write_some
from campaigns.store.transactions import writing
from campaigns.words import say

WRITTEN_AT_ONCE = 10_000
"""Recipients in one transaction: SQLite is locked against writing for less than a tenth of a second."""


@dataclass(frozen=True, slots=True)
class Started:
    """`held_for`: why it waits for a person; None for one that goes out now."""

    run_id: str
    campaign_id: str
    due_at: datetime
    recipients: int
    held_for: str | None


class Starter:
    """`channels` are those that somebody serves."""

    def __init__(
        self,
        engine: Engine,
        *,
        now: Callable[[], datetime],
        grounds: GroundsWatch,
        offer: Offer,
        channels: Callable[[], Collection[str]],
        worker: str = SYSTEM,
    ) -> None:
        self._engine, self._now, self._grounds = engine, now, grounds
        self._offer, self._channels, self._worker = offer, channels, worker

    def due(self) -> list[tuple[str, datetime]]:
        """Campaigns that are due, with the time that they were due at."""
        wanted = (
            select(campaigns.c.id, campaigns.c.next_due_at)
            .where(campaigns.c.state.in_(("scheduled", "running")), campaigns.c.next_due_at <= self._now())
            .order_by(campaigns.c.next_due_at, campaigns.c.id)
        )
        with self._engine.connect() as connection:
            return [(campaign_id, due_at) for campaign_id, due_at in connection.execute(wanted)]

    def unwritten(self) -> list[str]:
        """Runs whose recipients are being written, or were by a process that is gone."""
        with self._engine.connect() as connection:
            return [str(row.id) for row in run_steps.with_state(connection, ("writing",))]

    def start(self, campaign_id: str, due_at: datetime) -> Started | None:
        """Start the run of `due_at`. None where somebody else did, or it is no longer due."""
        with writing(self._engine) as connection:
            now = self._now()
            row = connection.execute(
                select(campaigns).where(campaigns.c.id == campaign_id).with_for_update()
            ).one_or_none()
            if row is None or row.state not in ("scheduled", "running") or row.next_due_at != due_at:
                return None
            plan, held_for = self._plan(row, due_at, now)
            following = None if plan is None else _following(plan.schedule, due_at, now)
            if not run_steps.guard(connection, f"run {campaign_id}", due_at, by=self._worker, now=now):
                _plan_next(connection, campaign_id, following)
                run_steps.campaign_rests(connection, campaign_id)
                return None
            run_id = uuid4().hex
            self._insert(connection, row, run_id, due_at, now, held_for)
            _plan_next(connection, campaign_id, following)
            if held_for is None:
                run_steps.campaign_to(connection, campaign_id, before=("scheduled",), state="running")
            what = "run_started" if held_for is None else "run_held"
            run_steps.note_down(connection, campaign_id, at=now, by=SYSTEM, what=what, note=held_for)
        people = self.write(run_id) if held_for is None else 0
        return Started(run_id, campaign_id, due_at, people, held_for)

    def write(self, run_id: str) -> int:
        """Write what is missing of a `writing` run's recipients, and set it going. Returns how many it has.
        Any number of processes may do so at once; a run that is cancelled meanwhile is left."""
        with self._engine.connect() as connection:
            row = run_steps.read(connection, run_id)
        if row is None or row.state != "writing":
            return 0 if row is None else int(row.recipients)
        if row.corrects is None:
            wanted = recipients_of(audience_from(row.audience, self._offer), self._now())
        else:
            wanted = receivers_of(row.corrects)
        with picked(self._engine, wanted) as (connection, count):
            for start in range(0, count, WRITTEN_AT_ONCE):
                with connection.begin():
                    if not self._writes(connection, run_id, start):
                        break
        with writing(self._engine) as connection:
            now = self._now()
            run_steps.move(
                connection, run_id, before=("writing",), state="running", started_at=now, held_for=None
            )
            run_steps.finish(connection, run_id, now)
            ended = run_steps.read(connection, run_id)
        return 0 if ended is None else int(ended.recipients)

    def _writes(self, connection: Connection, run_id: str, start: int) -> bool:
        """Some recipients more; False where the run is no longer being written."""
        row = run_steps.read(connection, run_id, lock=True)
        if row is None or row.state != "writing":
            return False
        added = write_some(
            connection, run_id, start, WRITTEN_AT_ONCE, channels=self._channels(), now=self._now()
        )
        return run_steps.move(
            connection, run_id, before=("writing",), state="writing", recipients=row.recipients + added
        )

    def _plan(self, row: Row[Any], due_at: datetime, now: datetime) -> tuple[_Plan | None, str | None]:
        """What to send to whom and when, and why it must not go out by itself."""
        try:
            message = message_from(row.content)
            audience, schedule = audience_from(row.audience, self._offer), schedule_from(row.schedule)
        except InvalidInput as error:
            return None, str(error)
        plan = _Plan(message, audience, schedule)
        if row.approved_hash != frozen(message, audience, schedule):
            return plan, say("run_unapproved")
        limit = timedelta(minutes=schedule.misfire_limit_min)
        if now - due_at > limit:
            return plan, say("run_misfired", due=said(due_at), limit=schedule.misfire_limit_min)
        return plan, self._grounds.problem(message, fresh=True)

    def _insert(
        self,
        connection: Connection,
        row: Row[Any],
        run_id: str,
        due_at: datetime,
        now: datetime,
        held_for: str | None,
    ) -> None:
        connection.execute(
            insert(runs).values(
                id=run_id,
                campaign_id=row.id,
                due_at=due_at,
                state="writing" if held_for is None else "held",
                held_for=held_for,
                content=row.content,
                audience=row.audience,
                schedule=row.schedule,
                frozen_hash=row.frozen_hash,
                recipients=0,
                corrects=row.corrects,
                created_at=now,
            )
        )


@dataclass(frozen=True, slots=True)
class _Plan:
    message: Message
    audience: Audience
    schedule: Schedule


def _plan_next(connection: Connection, campaign_id: str, due_at: datetime | None) -> None:
    connection.execute(update(campaigns).where(campaigns.c.id == campaign_id).values(next_due_at=due_at))


def _following(schedule: Schedule, due_at: datetime, now: datetime) -> datetime | None:
    """The next due time. Those that were missed for good are one matter for a person, not a hundred."""
    missed_until = now - timedelta(minutes=schedule.misfire_limit_min)
    return schedule.next_due(max(due_at, missed_until))
