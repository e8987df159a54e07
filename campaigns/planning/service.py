"""Campaigns from draft to the moment a run is due, and back: the one way to change one.

Each step is one transaction with its line in the history and in the journal. An approval is bound to one hash
over content, audience and schedule, and any later edit takes it back. Whoever presses a button sends a key;
the same key gives the first result again. All functions block; the app calls them in a worker thread.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, Engine, insert, select

from campaigns.delivery.senders import Capabilities, Reaching, Way
from campaigns.errors import ChangedMeanwhile, InvalidInput, NotAllowed
from campaigns.finding import Finding
from campaigns.grounds import Grounds
from campaigns.journal import Journal
from campaigns.offer import Offer
from campaigns.planning import keys, rows
from campaigns.planning.checks import Checks
from campaigns.planning.forms import LONGEST_TITLE, checked
from campaigns.planning.model import Campaign, Event, InTheWay, NoRuns, RunSteps, State, frozen
from campaigns.planning.stepping import Stepping, check_revision
from campaigns.store.campaign_tables import campaigns
from campaigns.store.transactions import writing
from campaigns.words import say

EDITABLE: tuple[State, ...] = ("draft", "in_review", "approved", "scheduled", "paused")
_MOST_LISTED = 500


class Campaigns:
    """`capabilities` of the channels there are, by name; `reaching` those that tell beforehand whom they
    reach by which way; `runs` is what carries a campaign out."""

    def __init__(
        self,
        engine: Engine,
        *,
        now: Callable[[], datetime],
        journal: Journal,
        grounds: Grounds,
        offer: Offer,
        capabilities: Mapping[str, Capabilities] | None = None,
        runs: RunSteps | None = None,
        reaching: Mapping[str, Reaching] | None = None,
    ) -> None:
        self._engine, self._now, self._offer = engine, now, offer
        self._checks = Checks(grounds, offer, {} if capabilities is None else capabilities, reaching)
        self._steps = Stepping(engine, now=now, journal=journal, offer=offer, checks=self._checks)
        self._runs: RunSteps = runs or NoRuns()

    def create(
        self,
        *,
        title: str,
        content: object,
        audience: object,
        schedule: object,
        by: str,
        key: str,
        week_id: str | None = None,
        corrects: str | None = None,
    ) -> Campaign:
        """A new draft from the JSON forms. `corrects`: it goes to exactly those whom that run reached,
        whatever `audience` says. Raises InvalidInput naming the field."""
        with writing(self._engine) as connection:
            at = self._now()
            first = keys.claim(connection, key, what="created", subject="campaign", by=by, at=at)
            if first is not None:
                return rows.campaign_from(first, self._offer)
            made = self.add(
                connection, title=title, content=content, audience=audience, schedule=schedule, by=by,
                week_id=week_id, corrects=corrects,
            )  # fmt: skip
            keys.keep(connection, key, made.as_json())
            return made

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
        corrects: str | None = None,
    ) -> Campaign:
        """A new draft within the caller's transaction, as a week adds its own."""
        at, campaign_id = self._now(), uuid4().hex
        values = checked(title, content, audience, schedule, self._offer)
        connection.execute(
            insert(campaigns).values(
                id=campaign_id, week_id=week_id, state="draft", revision=1,
                copied_from=copied_from, corrects=corrects,
                created_by=by, created_at=at, updated_by=by, updated_at=at, **values,
            )
        )  # fmt: skip
        made = rows.read(connection, campaign_id, self._offer)
        self._steps.tell(connection, made, at=at, by=by, what="created", edited=True, note=copied_from)
        return made

    def save(
        self,
        campaign_id: str,
        *,
        revision: int,
        title: str,
        content: object,
        audience: object,
        schedule: object,
        by: str,
        key: str,
    ) -> Campaign:
        """Write it anew; what changed takes an approval back to draft. Raises ChangedMeanwhile where it is no
        longer at `revision`, NotAllowed while something of it is under way."""

        def step(connection: Connection, campaign: Campaign, at: datetime) -> Mapping[str, Any]:
            check_revision(campaign, revision)
            if self._runs.open_runs(connection, campaign_id):
                raise NotAllowed(say("edit_open_run", title=campaign.title))
            values = checked(title, content, audience, schedule, self._offer)
            if values["title"] == campaign.title and values["frozen_hash"] == campaign.frozen_hash:
                return {}
            return values | {
                "state": "draft", "next_due_at": None, "paused_for": None, "updated_by": by, "updated_at": at,
                "approved_hash": None, "approved_by": None, "approved_at": None,
            }  # fmt: skip

        return self._steps.take("saved", EDITABLE, campaign_id, by=by, key=key, step=step, edited=True)

    def submit(
        self, campaign_id: str, *, revision: int, by: str, key: str, confirm: Collection[str] = ()
    ) -> Campaign:
        """Hand it to an approver. Raises InTheWay with what must be mended or confirmed."""

        def step(connection: Connection, campaign: Campaign, at: datetime) -> Mapping[str, Any]:
            check_revision(campaign, revision)
            return {"state": "in_review"}

        return self._steps.take(
            "submitted", ("draft",), campaign_id, by=by, key=key, step=step, confirm=confirm, checks=True
        )

    def tested(self, campaign_id: str, *, hash: str, by: str, key: str, note: str | None = None) -> Campaign:
        """A test send of what stood at `hash` went well. Raises ChangedMeanwhile after an edit."""

        def step(connection: Connection, campaign: Campaign, at: datetime) -> Mapping[str, Any]:
            if hash != campaign.frozen_hash:
                raise ChangedMeanwhile(say("campaign_changed", title=campaign.title))
            return {"tested_hash": hash, "tested_at": at}

        return self._steps.take(
            "tested", ("draft", "in_review"), campaign_id, by=by, key=key, step=step, note=note
        )

    def approve(
        self, campaign_id: str, *, revision: int, by: str, key: str, confirm: Collection[str] = ()
    ) -> Campaign:
        """Freeze content, audience and schedule as they stand at `revision`.

        Raises NotAllowed where `by` wrote any of it since the last approval, where it was not sent as a test
        since its last edit, ChangedMeanwhile where another tab changed it, InTheWay.
        """

        def step(connection: Connection, campaign: Campaign, at: datetime) -> Mapping[str, Any]:
            check_revision(campaign, revision)
            if by in rows.writers(connection, campaign_id):
                raise NotAllowed(say("approve_own", title=campaign.title, by=by))
            if not campaign.tested:
                raise NotAllowed(say("approve_untested", title=campaign.title))
            return {
                "state": "approved", "approved_hash": campaign.frozen_hash,
                "approved_by": by, "approved_at": at,
            }  # fmt: skip

        return self._steps.take(
            "approved", ("in_review",), campaign_id, by=by, key=key, step=step, confirm=confirm, checks=True
        )

    def send_back(self, campaign_id: str, *, by: str, key: str, note: str) -> Campaign:
        """From review to its author, with the reason."""
        if not note.strip():
            raise InvalidInput(say("send_back_note"))

        def step(connection: Connection, campaign: Campaign, at: datetime) -> Mapping[str, Any]:
            return {"state": "draft"}

        return self._steps.take(
            "sent_back", ("in_review",), campaign_id, by=by, key=key, step=step, note=note.strip()
        )

    def schedule(self, campaign_id: str, *, by: str, key: str, confirm: Collection[str] = ()) -> Campaign:
        """Start what is approved: at its first time, or at once where it has none. Raises InTheWay."""

        def step(connection: Connection, campaign: Campaign, at: datetime) -> Mapping[str, Any]:
            now_frozen = frozen(campaign.message, campaign.audience, campaign.schedule)
            if not campaign.approved or now_frozen != campaign.approved_hash:
                raise NotAllowed(say("schedule_unapproved", title=campaign.title))
            due = campaign.schedule.next_due(at) if campaign.schedule.first_at else at
            if due is None:
                raise InTheWay(self._checks.all(connection, campaign, at))
            return {"state": "scheduled", "next_due_at": due}

        return self._steps.take(
            "scheduled", ("approved",), campaign_id, by=by, key=key, step=step, confirm=confirm, checks=True
        )

    def pause(self, campaign_id: str, *, by: str, key: str, reason: str = "") -> Campaign:
        """Nothing further goes out, of its runs neither, until somebody resumes it."""

        def step(connection: Connection, campaign: Campaign, at: datetime) -> Mapping[str, Any]:
            self._runs.pause_all(connection, campaign_id, by=by, at=at)
            return {"state": "paused", "paused_for": reason.strip() or None}

        return self._steps.take(
            "paused",
            ("scheduled", "running"),
            campaign_id,
            by=by,
            key=key,
            step=step,
            note=reason.strip() or None,
        )

    def resume(self, campaign_id: str, *, by: str, key: str) -> Campaign:
        """Go on: with the open run, or waiting for the next due time."""

        def step(connection: Connection, campaign: Campaign, at: datetime) -> Mapping[str, Any]:
            if not campaign.approved:
                raise NotAllowed(say("schedule_unapproved", title=campaign.title))
            if self._runs.open_runs(connection, campaign_id):
                self._runs.resume_all(connection, campaign_id, by=by, at=at)
                return {"state": "running", "paused_for": None}
            return {"state": "scheduled" if campaign.next_due_at else "finished", "paused_for": None}

        return self._steps.take("resumed", ("paused",), campaign_id, by=by, key=key, step=step)

    def cancel(self, campaign_id: str, *, by: str, key: str, reason: str = "") -> Campaign:
        """For good; what has gone out stays in the figures."""

        def step(connection: Connection, campaign: Campaign, at: datetime) -> Mapping[str, Any]:
            self._runs.cancel_all(connection, campaign_id, by=by, at=at)
            return {"state": "cancelled", "next_due_at": None, "paused_for": None}

        states: tuple[State, ...] = (*EDITABLE, "running")
        return self._steps.take(
            "cancelled", states, campaign_id, by=by, key=key, step=step, note=reason.strip() or None
        )

    def copy(self, campaign_id: str, *, by: str, key: str, title: str | None = None) -> Campaign:
        """A new draft with the same words and audience, and no fixed time."""
        with writing(self._engine) as connection:
            at = self._now()
            first = keys.claim(connection, key, what="copied", subject=campaign_id, by=by, at=at)
            if first is not None:
                return rows.campaign_from(first, self._offer)
            source = rows.read(connection, campaign_id, self._offer)
            when = source.schedule.as_json() | {"first_at": None, "recurrence": None, "ends_on": None}
            made = self.add(
                connection, title=title or say("copy_title", title=source.title)[:LONGEST_TITLE],
                content=source.message.as_json(), audience=source.audience.as_json(), schedule=when, by=by,
                week_id=source.week_id, copied_from=source.id,
            )  # fmt: skip
            keys.keep(connection, key, made.as_json())
            return made

    def read(self, campaign_id: str) -> Campaign:
        """Raises UnknownCampaign."""
        with self._engine.connect() as connection:
            return rows.read(connection, campaign_id, self._offer)

    def list(
        self,
        *,
        states: Collection[str] | None = None,
        week_id: str | None = None,
        limit: int = _MOST_LISTED,
    ) -> Sequence[Campaign]:
        """Those touched last first."""
        wanted = select(campaigns).order_by(campaigns.c.updated_at.desc(), campaigns.c.id).limit(limit)
        if states is not None:
            wanted = wanted.where(campaigns.c.state.in_(sorted(states)))
        if week_id is not None:
            wanted = wanted.where(campaigns.c.week_id == week_id)
        with self._engine.connect() as connection:
            return [
                rows.campaign_from(dict(row), self._offer) for row in connection.execute(wanted).mappings()
            ]

    def history(self, campaign_id: str) -> Sequence[Event]:
        """The oldest first. Raises UnknownCampaign."""
        with self._engine.connect() as connection:
            rows.read(connection, campaign_id, self._offer)
            return rows.history(connection, campaign_id)

    def problems(self, campaign: Campaign) -> tuple[Finding, ...]:
        """Everything that must be mended or confirmed before it goes out, as things stand now."""
        with self._engine.connect() as connection:
            return self._checks.all(connection, campaign, self._now())

    def ways(self, campaign: Campaign) -> dict[str, tuple[Way, ...]]:
        """By which way whom it would reach when it begins, and whom not: of the channels that tell."""
        with self._engine.connect() as connection:
            return self._checks.ways(connection, campaign, self._now())

    def sending_s(self, campaign: Campaign, people: Mapping[str, int]) -> float:
        """How many seconds of sending so many people a channel take."""
        return self._checks.sending_s(campaign.schedule, people)

    def forget_old_keys(self) -> int:
        """Meant to run once a day."""
        with self._engine.begin() as connection:
            return keys.forget_old(connection, self._now())
