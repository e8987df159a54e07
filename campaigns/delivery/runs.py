"""Runs as staff see and steer them: how far each has come, pausing, letting go, deciding, correcting.

Each step is one transaction with its line in the campaign's history and the journal. Whoever presses a button
sends a key; the same key gives the first result again. All functions block.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Any, Literal, Protocol

from sqlalchemy import Connection, Engine, func, select, update

from campaigns.audience import audience_from
from campaigns.delivery import rates
from campaigns.delivery.grounds_watch import GroundsWatch
from campaigns.delivery.model import OPEN_STATES, Progress, Run, run_from
from campaigns.delivery.senders import Sender
from campaigns.delivery.starting import Starter
from campaigns.errors import NotAllowed, UnknownCampaign
from campaigns.grounds import Grounds
from campaigns.journal import Journal
from campaigns.offer import Offer
from campaigns.planning import keys
from campaigns.planning.model import Campaign
from campaigns.store import outbox, run_steps
from campaigns.store.campaign_tables import campaigns
from campaigns.store.delivery_tables import deliveries, runs
from campaigns.store.outbox import OPEN, Outcome
from campaigns.store.transactions import writing
from campaigns.words import say

Decision = Literal["sent", "again", "failed"]
_DECISIONS: Mapping[Decision, Outcome] = {
    "sent": Outcome("sent", "decided"),
    "again": Outcome("queued"),
    "failed": Outcome("failed", "decided"),
}
_TITLE = 120


class Drafting(Protocol):
    """Planning, as far as a correction needs it: a new draft within this transaction."""

    def add(
        self,
        connection: Connection,
        *,
        title: str,
        content: object,
        audience: object,
        schedule: object,
        by: str,
        week_id: str | None = None,
        copied_from: str | None = None,
    ) -> Campaign: ...


class Runs:
    """Also what planning asks of the runs of a campaign (`RunSteps`)."""

    def __init__(
        self,
        engine: Engine,
        *,
        now: Callable[[], datetime],
        journal: Journal,
        grounds: Grounds,
        offer: Offer,
        senders: Mapping[str, Sender],
        monotonic: Callable[[], float] | None = None,
    ) -> None:
        self._engine, self._now, self._journal, self._offer = engine, now, journal, offer
        self._senders = senders
        self._grounds = GroundsWatch(grounds, now=now, monotonic=monotonic or (lambda: 0.0))
        self.starter = Starter(
            engine, now=now, grounds=self._grounds, offer=offer, channels=lambda: self._senders.keys()
        )

    # What planning asks, within its transaction.

    def open_runs(self, connection: Connection, campaign_id: str) -> int:
        wanted = select(func.count()).where(runs.c.campaign_id == campaign_id, runs.c.state.in_(OPEN_STATES))
        return connection.scalar(wanted) or 0

    def pause_all(self, connection: Connection, campaign_id: str, *, by: str, at: datetime) -> None:
        self._move_all(connection, campaign_id, before=("running",), state="paused")

    def resume_all(self, connection: Connection, campaign_id: str, *, by: str, at: datetime) -> None:
        """What was held for a reason of its own stays held, until somebody lets that run go."""
        self._move_all(connection, campaign_id, before=("paused",), state="running", held_for=None)

    def cancel_all(self, connection: Connection, campaign_id: str, *, by: str, at: datetime) -> None:
        self._move_all(connection, campaign_id, before=OPEN_STATES, state="cancelled", finished_at=at)

    # What staff ask.

    def read(self, run_id: str) -> Run:
        """Raises UnknownCampaign."""
        with self._engine.connect() as connection:
            return self._read(connection, run_id)

    def of_campaign(self, campaign_id: str) -> list[Run]:
        """The latest first."""
        wanted = select(runs).where(runs.c.campaign_id == campaign_id).order_by(runs.c.due_at.desc())
        with self._engine.connect() as connection:
            return [run_from(row) for row in connection.execute(wanted)]

    def waiting_for_staff(self) -> list[Run]:
        """Runs that are held or paused, each with why."""
        with self._engine.connect() as connection:
            return [run_from(row) for row in run_steps.with_state(connection, ("held", "paused"))]

    def progress(self, run_id: str) -> Progress:
        """Where the run stands: counts that add up to its recipients, and when it will be through."""
        with self._engine.connect() as connection:
            run = self._read(connection, run_id)
            channel, state = deliveries.c.channel, deliveries.c.state
            wanted = select(channel, state, func.count(), func.max(deliveries.c.not_before))
            counted = wanted.where(deliveries.c.run_id == run_id, OPEN)
            found = connection.execute(counted.group_by(channel, state)).all()
        under_way = sum(number for _, at, number, _ in found if at == "sending")
        left: dict[str, int] = {}
        for name, _, number, _ in found:
            left[name] = left.get(name, 0) + number
        waits = [until for *_, until in found if until is not None]
        waiting = sum(left.values()) - under_way
        return Progress(
            run_id=run_id,
            state=run.state,
            recipients=run.recipients,
            waiting=waiting,
            under_way=under_way,
            done=run.recipients - waiting - under_way,
            ends_at=max([self._ends_at(run, left), *waits]) if run.state == "running" else None,
            held_for=run.held_for,
        )

    def pause(self, run_id: str, *, by: str, key: str, reason: str = "") -> Run:
        """Nothing further of this run goes out; takes hold within one batch."""

        def step(connection: Connection, run: Run, now: datetime) -> None:
            if not run_steps.move(
                connection, run_id, before=("running",), state="paused", held_for=reason.strip() or None
            ):
                raise NotAllowed(say("run_not_now", state=say(f"run_{run.state}")))

        return self._step("run_paused", run_id, by=by, key=key, step=step, note=reason.strip() or None)

    def let_go(self, run_id: str, *, by: str, key: str) -> Run:
        """Let a held or paused run go on. Raises NotAllowed while what it cites is not in force, or where its
        campaign was edited after it fell due."""

        def step(connection: Connection, run: Run, now: datetime) -> None:
            row = connection.execute(
                select(campaigns).where(campaigns.c.id == run.campaign_id).with_for_update()
            ).one()
            if run.state not in ("held", "paused") or row.state not in (
                "scheduled", "running", "paused", "finished",
            ):  # fmt: skip
                raise NotAllowed(say("run_not_now", state=say(f"run_{run.state}")))
            frozen_hash = connection.scalar(select(runs.c.frozen_hash).where(runs.c.id == run_id))
            if frozen_hash != row.approved_hash:
                raise NotAllowed(say("run_unapproved"))
            if why := self._grounds.problem(run.message, fresh=True):
                raise NotAllowed(why)
            if not run.written:
                audience_from(run.audience, self._offer)
            state = "running" if run.written else "writing"
            run_steps.move(connection, run_id, before=("held", "paused"), state=state, held_for=None)
            connection.execute(
                update(campaigns)
                .where(campaigns.c.id == run.campaign_id)
                .values(state="running", paused_for=None)
            )
            run_steps.finish(connection, run_id, now)

        self._step("run_let_go", run_id, by=by, key=key, step=step)
        self.starter.write(run_id)
        return self.read(run_id)

    def cancel(self, run_id: str, *, by: str, key: str, reason: str = "") -> Run:
        """What has not gone out never will; what has stays in the figures."""

        def step(connection: Connection, run: Run, now: datetime) -> None:
            if not run_steps.move(connection, run_id, before=OPEN_STATES, state="cancelled", finished_at=now):
                raise NotAllowed(say("run_not_now", state=say(f"run_{run.state}")))
            run_steps.campaign_rests(connection, run.campaign_id)

        return self._step("run_cancelled", run_id, by=by, key=key, step=step, note=reason.strip() or None)

    def decide(
        self, run_id: str, decision: Decision, *, by: str, key: str, ids: Collection[int] | None = None
    ) -> int:
        """What became of deliveries whose outcome nobody knows (all of the run, or `ids`): they arrived, they
        go out again, or they are given up. Returns how many were decided on."""
        with writing(self._engine) as connection:
            now = self._now()
            first = keys.claim(connection, key, what=f"decided_{decision}", subject=run_id, by=by, at=now)
            if first is not None:
                return int(first["count"])
            run = self._read(connection, run_id, lock=True)
            if decision == "again" and run.state == "cancelled":
                raise NotAllowed(say("run_not_now", state=say("run_cancelled")))
            count = outbox.decide_unknown(connection, run_id, _DECISIONS[decision], now, ids)
            if decision == "again" and count and run.state == "finished":
                run_steps.reopen(connection, run_id, run.campaign_id)
            self._told(connection, run, by=by, what=f"unknown_{decision}", now=now, note=str(count))
            keys.keep(connection, key, {"count": count})
            return count

    def correct(self, run_id: str, drafting: Drafting, *, title: str, by: str, key: str) -> str:
        """A draft that goes to exactly those who received this run, to be written, tested and approved like
        any other. Returns the campaign's id."""
        with writing(self._engine) as connection:
            now = self._now()
            first = keys.claim(connection, key, what="corrected", subject=run_id, by=by, at=now)
            if first is not None:
                return str(first["campaign_id"])
            run = self._read(connection, run_id)
            whom = dict(run.audience) | {"exclude_recent_h": 0}
            when = run.schedule.as_json() | {"first_at": None, "recurrence": None, "ends_on": None}
            made = drafting.add(
                connection, title=title[:_TITLE], content=run.message.as_json(), audience=whom, schedule=when,
                by=by, copied_from=run.campaign_id,
            )  # fmt: skip
            connection.execute(update(campaigns).where(campaigns.c.id == made.id).values(corrects=run_id))
            keys.keep(connection, key, {"campaign_id": made.id})
            return made.id

    def _ends_at(self, run: Run, left: Mapping[str, int]) -> datetime:
        """At four fifths of each channel's rate, or the run's own; channels go side by side."""
        needs = [0.0]
        for channel, number in left.items():
            sender = self._senders.get(channel)
            if sender is not None:
                needs.append(number / (sender.capabilities.per_second * rates.FOR_BROADCASTS))
        if run.schedule.per_second is not None:
            needs.append(sum(left.values()) / run.schedule.per_second)
        return run.schedule.done_after(self._now(), max(needs))

    def _move_all(
        self, connection: Connection, campaign_id: str, *, before: Collection[str], state: str, **values: Any
    ) -> None:
        connection.execute(
            update(runs)
            .where(runs.c.campaign_id == campaign_id, runs.c.state.in_(list(before)))
            .values(state=state, **values)
        )

    def _read(self, connection: Connection, run_id: str, *, lock: bool = False) -> Run:
        row = run_steps.read(connection, run_id, lock=lock)
        if row is None:
            raise UnknownCampaign(say("run_missing", id=str(run_id)[:40]))
        return run_from(row)

    def _step(
        self,
        what: str,
        run_id: str,
        *,
        by: str,
        key: str,
        step: Callable[[Connection, Run, datetime], None],
        note: str | None = None,
    ) -> Run:
        with writing(self._engine) as connection:
            now = self._now()
            if keys.claim(connection, key, what=what, subject=run_id, by=by, at=now) is not None:
                return self._read(connection, run_id)
            run = self._read(connection, run_id, lock=True)
            step(connection, run, now)
            self._told(connection, run, by=by, what=what, now=now, note=note)
            return self._read(connection, run_id)

    def _told(
        self, connection: Connection, run: Run, *, by: str, what: str, now: datetime, note: str | None
    ) -> None:
        run_steps.note_down(connection, run.campaign_id, at=now, by=by, what=what, note=note)
        after = {"state": self._read(connection, run.id).state} | ({"note": note} if note else {})
        self._journal.record(
            connection, by=by, what=what, kind="run", subject=run.id, before={"state": run.state}, after=after
        )
