"""From a campaign that is due to a run with one row a recipient, in one transaction, once.

A run that comes too late, whose clauses no longer hold or whose approval is not for what stands there is
written down as held, without recipients, and waits for a person.
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
from campaigns.store import outbox, run_steps
from campaigns.store.campaign_tables import campaigns
from campaigns.store.delivery_tables import runs
from campaigns.store.transactions import writing
from campaigns.words import say


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
            people = 0
            if plan is not None and held_for is None:
                people = self.write(connection, run_id, plan.audience, row.corrects, now)
            _plan_next(connection, campaign_id, following)
            if people:
                run_steps.campaign_to(connection, campaign_id, before=("scheduled",), state="running")
            what = "run_started" if held_for is None else "run_held"
            run_steps.note_down(connection, campaign_id, at=now, by=SYSTEM, what=what, note=held_for)
            if held_for is None and not people:
                run_steps.finish(connection, run_id, now)
        return Started(run_id, campaign_id, due_at, people, held_for)

    def write(
        self, connection: Connection, run_id: str, audience: Audience, corrects: str | None, now: datetime
    ) -> int:
        """Write the recipients and set the run going. Returns how many there are."""
        wanted = recipients_of(audience, now) if corrects is None else outbox.receivers_of(corrects)
        people = outbox.write_recipients(connection, run_id, wanted, channels=self._channels(), now=now)
        run_steps.move(
            connection, run_id, before=("held", "writing"), state="running", recipients=people,
            started_at=now, held_for=None,
        )  # fmt: skip
        return people

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
