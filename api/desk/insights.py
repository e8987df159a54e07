"""The staff's side of what residents ask: figures, groups of missed questions, what waits for somebody."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from api.accounts.roles import Actor, Right
from api.desk.golden import GoldenDesk
from api.insights.drafting import Drafted
from api.insights.export import figures_csv, groups_csv
from api.insights.figures import Overview, Period
from api.insights.model import Group
from api.insights.suggesting import Suggested, Tried
from api.services import Services
from api.tickets.model import Ticket
from knowledge.editing.model import Draft, Ending
from knowledge.model import Entry
from knowledge.publishing.due import Overdue
from knowledge.publishing.golden_proposals import GoldenProposal
from knowledge.publishing.model import Withdrawal

ENDING_DAYS = 30
FRESH_DAYS = 7


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits for the person who looks; empty where they may not do it. `overdue` are tickets past the
    moment that residents were told; `unpublished` are scheduled drafts that were not published in time,
    `withdrawals` what others took back at once and nobody has reviewed."""

    to_review: tuple[Draft, ...] = ()
    to_publish: tuple[Draft, ...] = ()
    mine: tuple[Draft, ...] = ()
    tickets: tuple[Ticket, ...] = ()
    overdue: tuple[Ticket, ...] = ()
    ending: tuple[Ending, ...] = ()
    golden: tuple[GoldenProposal, ...] = ()
    unpublished: tuple[Overdue, ...] = ()
    withdrawals: tuple[Withdrawal, ...] = ()


@dataclass(frozen=True, slots=True)
class Library:
    """What can be answered from at this moment."""

    documents: int
    entries: int
    programmes: int


class InsightsDesk:
    def __init__(self, services: Services, actor: Actor) -> None:
        self._services, self._actor, self._insights = services, actor, services.insights

    # ---- figures

    def asked_anything(self) -> bool:
        """Whether anybody has asked anything since the installation."""
        self._actor.require(Right.read)
        return self._insights.figures.any()

    def library(self) -> Library:
        self._actor.require(Right.read)
        if self._services.library.snapshot is None:
            return Library(0, 0, 0)
        known = self._services.library.knowledge
        return Library(len(known.documents), len(known.entries), len(known.programmes))

    def last_days(self, number: int) -> Period:
        self._actor.require(Right.read)
        return self._insights.figures.last_days(number)

    def overview(self, first: date, last: date) -> Overview:
        """Raises WrongPeriod."""
        self._actor.require(Right.read)
        return self._insights.figures.over(Period(first, last))

    def figures_file(self, first: date, last: date) -> bytes:
        """The figures of a period as CSV for a spreadsheet. Raises WrongPeriod."""
        self._actor.require(Right.read)
        return figures_csv(self._insights.figures.over(Period(first, last), top=1000))

    def waiting(self) -> Waiting:
        self._actor.require(Right.read)
        name, now = self._actor.name, self._services.clock.now()
        drafts = self._services.editing.drafts()
        review, edit = self._actor.may(Right.review), self._actor.may(Right.edit)
        tickets = self._services.tickets.listed(["open", "taken"]) if edit else []
        publishing, withdraw = self._services.publishing, self._actor.may(Right.withdraw)
        taken = publishing.publisher.withdrawals(only_open=True) if publishing and withdraw else []
        due = [ticket for ticket in tickets if ticket.held_by in (None, name)]
        return Waiting(
            to_review=tuple(
                draft
                for draft in drafts
                if review and draft.state == "in_review" and name not in (draft.author, draft.edited_by)
            ),
            to_publish=tuple(draft for draft in drafts if review and draft.state == "approved"),
            mine=tuple(draft for draft in drafts if edit and draft.state == "draft" and draft.author == name),
            tickets=tuple(due),
            overdue=tuple(ticket for ticket in due if ticket.expected_at < now),
            ending=tuple(self._services.editing.ending(self._services.clock.today(), days=ENDING_DAYS)),
            unpublished=tuple(publishing.publisher.overdue()) if publishing and edit else (),
            withdrawals=tuple(item for item in taken if item.by != name),
            golden=tuple(GoldenDesk(self._services, self._actor).waiting()),
        )

    # ---- groups of missed questions

    def groups(self) -> list[Group]:
        """All, the most missed this week first. Drafted ones are looked after on the way."""
        self._actor.require(Right.read)
        self._insights.gaps.settle()
        return self._insights.gaps.groups()

    def fresh(self, most: int = 5) -> list[Group]:
        """Open groups on the library's subjects that were missed more often this week than before."""
        self._actor.require(Right.read)
        return [
            group
            for group in self._insights.gaps.groups()
            if group.state == "open" and not group.out_of_scope and group.this_week > group.week_before
        ][:most]

    def group(self, group_id: str) -> Group:
        """Raises UnknownGroup."""
        self._actor.require(Right.read)
        return self._insights.gaps.group(group_id)

    def suggested(self, group_id: str) -> list[Suggested]:
        self._actor.require(Right.read)
        return self._insights.gaps.suggested(group_id)

    def tried(self, group_id: str) -> list[Tried]:
        """What the group's wordings get from the live snapshot now."""
        self._actor.require(Right.read)
        return self._insights.gaps.tried(group_id)

    def draft(
        self, group_id: str, *, revision: int, keys: Collection[str] | None = None, clause: str | None = None
    ) -> Drafted:
        """Raises UnknownGroup, GroupChanged, NothingToDraft and what editing raises."""
        self._actor.require(Right.edit)
        return self._insights.gaps.draft(
            group_id, by=self._actor.name, revision=revision, keys=keys, clause=clause
        )

    def answering(self, group_id: str, words: str = "") -> list[Entry]:
        """Published entries that the group's wordings may be added to; see `Gaps.answering`."""
        self._actor.require(Right.read)
        return self._insights.gaps.answering(group_id, words)

    def extend(
        self, group_id: str, entry: str, *, revision: int, keys: Collection[str] | None = None
    ) -> Drafted:
        """Raises what `Gaps.extend` raises."""
        self._actor.require(Right.edit)
        return self._insights.gaps.extend(group_id, entry, by=self._actor.name, revision=revision, keys=keys)

    def set_aside(self, group_id: str, *, revision: int) -> Group:
        self._actor.require(Right.edit)
        return self._insights.gaps.set_aside(group_id, by=self._actor.name, revision=revision)

    def reopen(self, group_id: str, *, revision: int) -> Group:
        self._actor.require(Right.edit)
        return self._insights.gaps.reopen(group_id, by=self._actor.name, revision=revision)

    def solve(self, group_id: str, *, revision: int) -> Group:
        """Raises InsightError where the questions are not answered yet."""
        self._actor.require(Right.edit)
        return self._insights.gaps.solve(group_id, by=self._actor.name, revision=revision)

    def groups_file(self, group_ids: Collection[str]) -> bytes:
        """The groups as CSV for a spreadsheet, residents' masked wordings with them."""
        self._actor.require(Right.read)
        return groups_csv([group for group in self._insights.gaps.groups() if group.id in group_ids])

    def now(self) -> datetime:
        """The moment that figures and marks of being late are told for."""
        self._actor.require(Right.read)
        return self._services.clock.now()
