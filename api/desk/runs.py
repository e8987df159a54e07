"""The staff's side of runs: how far each has come, what came of it, pausing, deciding, correcting."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from api.accounts.roles import Actor, Right
from api.services import Services
from campaigns import figures
from campaigns.delivery.model import Progress, Run
from campaigns.delivery.runs import Decision
from campaigns.figures import Figures, Group
from campaigns.store.delivery_tables import runs

SMALLEST_GROUP = 10
"""Fewer recipients of a district could point at somebody: they are shown together."""
MOST_COMPARED = 60


@dataclass(frozen=True, slots=True)
class Districts:
    """`groups` are large enough to be shown; `few` are all the others together, None where there are none."""

    groups: Sequence[Group]
    few: Group | None


class RunDesk:
    def __init__(self, services: Services, actor: Actor) -> None:
        self._actor, self._services = actor, services

    def of_campaign(self, campaign_id: str) -> Sequence[Run]:
        """The latest first."""
        self._actor.require(Right.read)
        return self._services.campaigning.runs.of_campaign(campaign_id)

    def waiting_for_staff(self) -> Sequence[Run]:
        """Held or paused, each with why."""
        self._actor.require(Right.read)
        return self._services.campaigning.runs.waiting_for_staff()

    def read(self, run_id: str) -> Run:
        self._actor.require(Right.read)
        return self._services.campaigning.runs.read(run_id)

    def progress(self, run_id: str) -> Progress:
        """Cheap enough to ask every second while it runs."""
        self._actor.require(Right.read)
        return self._services.campaigning.runs.progress(run_id)

    def figures(self, run_id: str) -> Figures:
        """Raises UnknownCampaign."""
        self._actor.require(Right.read)
        self._services.campaigning.runs.read(run_id)
        with self._services.engine.connect() as connection:
            (found,) = figures.of_runs(connection, [run_id])
        return found

    def compared(self, *, week_id: str | None = None, campaign_id: str | None = None) -> Sequence[Figures]:
        """The runs of a week, of a campaign, or else the latest of all; the first one first."""
        self._actor.require(Right.read)
        latest = select(runs.c.id).order_by(runs.c.due_at.desc(), runs.c.id).limit(MOST_COMPARED)
        with self._services.engine.connect() as connection:
            if week_id is not None:
                return figures.of_week(connection, week_id)
            if campaign_id is not None:
                return figures.of_campaign(connection, campaign_id)
            return figures.of_runs(connection, connection.scalars(latest).all())

    def channels(self, run_id: str) -> Sequence[Group]:
        self._actor.require(Right.read)
        with self._services.engine.connect() as connection:
            return figures.by_channel(connection, run_id)

    def districts(self, run_id: str) -> Districts:
        """The largest first; those with too few recipients to be told apart come together."""
        self._actor.require(Right.read)
        with self._services.engine.connect() as connection:
            return _with_floor(figures.by_district(connection, run_id))

    def pace(self, run_id: str) -> Sequence[tuple[datetime, int]]:
        """How many went out in each minute; for a long run in each quarter of an hour."""
        self._actor.require(Right.read)
        run = self._services.campaigning.runs.read(run_id)
        lasted = (run.finished_at or self._services.clock.now()) - (run.started_at or run.due_at)
        minutes = 1 if lasted.total_seconds() < 3 * 3600 else 15
        with self._services.engine.connect() as connection:
            return figures.pace(connection, run_id, minutes)

    def pause(self, run_id: str, *, key: str, reason: str = "") -> Run:
        self._actor.require(Right.campaign)
        return self._services.campaigning.runs.pause(run_id, by=self._actor.name, key=key, reason=reason)

    def let_go(self, run_id: str, *, key: str) -> Run:
        """Let a held or paused run go on."""
        self._actor.require(Right.campaign)
        return self._services.campaigning.runs.let_go(run_id, by=self._actor.name, key=key)

    def cancel(self, run_id: str, *, key: str, reason: str = "") -> Run:
        self._actor.require(Right.campaign)
        return self._services.campaigning.runs.cancel(run_id, by=self._actor.name, key=key, reason=reason)

    def decide(self, run_id: str, decision: Decision, *, key: str) -> int:
        """What became of all deliveries of the run that nobody knows of; how many they were."""
        self._actor.require(Right.campaign)
        return self._services.campaigning.runs.decide(run_id, decision, by=self._actor.name, key=key)

    def correct(self, run_id: str, *, title: str, key: str) -> str:
        """A draft to exactly those who received the run; its id."""
        self._actor.require(Right.campaign)
        campaigning = self._services.campaigning
        return campaigning.runs.correct(
            run_id, campaigning.campaigns, title=title, by=self._actor.name, key=key
        )


def _with_floor(groups: Sequence[Group]) -> Districts:
    """One small group alone would be told by subtraction: the smallest of the others joins it."""
    large = [group for group in groups if group.recipients >= SMALLEST_GROUP]
    small = [group for group in groups if group.recipients < SMALLEST_GROUP]
    if small and sum(group.recipients for group in small) < SMALLEST_GROUP and large:
        small.append(large.pop())
    together: Counter[str] = Counter()
    for group in small:
        together.update(group.states)
    return Districts(large, Group(None, dict(sorted(together.items()))) if small else None)
