"""Seven days of campaigns: what goes out on each, when, to how many, and how far it has come."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from nicegui import ui

from api.clock import LOCAL
from api.console.campaigning.elements import WEEKDAYS, badge
from api.console.parts import in_thread
from api.desk.campaigns import CampaignDesk, WeekDesk
from api.desk.messages import MessageDesk
from api.desk.runs import RunDesk
from campaigns.delivery.model import Run
from campaigns.planning.model import Campaign
from campaigns.planning.week import Day

DAYS = 7
_OVER = ("finished", "cancelled")


@dataclass(frozen=True, slots=True)
class Entry:
    """A campaign at one moment of the calendar; `recipients` where its run is written, else None."""

    campaign: Campaign
    at: datetime
    recipients: int | None


@dataclass(frozen=True, slots=True)
class Laid:
    """`undated` are those that somebody starts by hand."""

    days: Mapping[date, Sequence[Entry]]
    marked: Mapping[date, Sequence[Day]]
    undated: Sequence[Campaign]


class Calendar:
    def __init__(
        self, campaigns: CampaignDesk, weeks: WeekDesk, messages: MessageDesk, runs: RunDesk
    ) -> None:
        self._campaigns, self._weeks, self._messages, self._runs = campaigns, weeks, messages, runs
        self._grid = ui.column().classes("full-width")
        self._counts: dict[str, list[ui.label]] = {}

    async def show(self, first: date, today: date) -> None:
        laid = await in_thread(self._lay, first)
        self._counts = {}
        self._grid.clear()
        with self._grid:
            with ui.element("div").classes("camp-week").props('role=list aria-label="一周"'):
                for day, entries in laid.days.items():
                    self._day(day, entries, laid.marked.get(day, ()), today)
            if laid.undated:
                ui.label("批准后手动开始的").classes("writing-section")
                with ui.element("div").classes("camp-undated"):
                    for campaign in laid.undated:
                        self._card(campaign, None, None)
        ui.timer(0.05, self._count, once=True)

    def _lay(self, first: date) -> Laid:
        since = datetime.combine(first, time(0), LOCAL).astimezone(UTC)
        until = since + timedelta(days=DAYS)
        days: dict[date, list[Entry]] = {first + timedelta(days=at): [] for at in range(DAYS)}
        undated = []
        for campaign in self._campaigns.list():
            runs = self._runs.of_campaign(campaign.id) if campaign.state not in ("draft", "in_review") else ()
            for at, run in self._moments(campaign, runs, since, until):
                known = run.recipients if run is not None and run.written else None
                days[at.astimezone(LOCAL).date()].append(Entry(campaign, at, known))
            if campaign.schedule.first_at is None and not runs and campaign.state not in _OVER:
                undated.append(campaign)
        marked: dict[date, list[Day]] = {}
        for each in self._weeks.days(since=first):
            for day in days:
                if each.starts_on <= day <= each.ends_on:
                    marked.setdefault(day, []).append(each)
        ordered = {
            day: sorted(entries, key=lambda entry: (entry.at, entry.campaign.created_at))
            for day, entries in days.items()
        }
        return Laid(ordered, marked, undated)

    def _moments(
        self, campaign: Campaign, runs: Sequence[Run], since: datetime, until: datetime
    ) -> list[tuple[datetime, Run | None]]:
        """When it went out, and when it will: a due time with a run is the run's."""
        found: dict[datetime, Run | None] = {run.due_at: run for run in runs if since <= run.due_at < until}
        if campaign.state not in _OVER:
            start = since - timedelta(microseconds=1)
            for due in self._messages.dues(campaign.schedule, start, until):
                found.setdefault(due, None)
        elif campaign.state == "cancelled" and campaign.schedule.first_at is not None:
            at = campaign.schedule.first_at
            if since <= at < until:
                found.setdefault(at, None)
        return list(found.items())

    def _day(self, day: date, entries: Sequence[Entry], marked: Sequence[Day], today: date) -> None:
        with ui.column().classes("camp-day" + (" today" if day == today else "")) as column:
            column.props(f'role=listitem aria-label="{day.month}月{day.day}日"')
            with ui.row().classes("camp-day-head"):
                ui.label(f"{day.month}/{day.day}").classes("camp-day-number tabular")
                ui.label(f"周{WEEKDAYS[day.weekday()]}").classes("dim")
                if day == today:
                    ui.label("今天").classes("camp-today")
            for each in marked:
                ui.label(each.name).classes("camp-mark").props(f'title="来源：{_quiet(each.source)}"')
            for entry in entries:
                self._card(entry.campaign, entry.at, entry.recipients)
            if not entries and not marked:
                ui.label("没有安排").classes("camp-none")

    def _card(self, campaign: Campaign, at: datetime | None, recipients: int | None) -> None:
        with ui.link(target=f"/campaigns/{campaign.id}").classes(f"camp-card {campaign.state}"):
            with ui.row().classes("camp-card-head"):
                ui.label(f"{at.astimezone(LOCAL):%H:%M}" if at else "手动").classes("tabular")
                badge(campaign.state)
            ui.label(_short(campaign.title)).classes("camp-card-title").props(
                f'title="{_quiet(campaign.title)}"'
            )
            with ui.row().classes("camp-card-foot"):
                ui.icon("groups", size="16px")
                people = ui.label("…" if recipients is None else f"{recipients:,} 人").classes("tabular")
                if campaign.schedule.recurrence:
                    ui.icon("repeat", size="16px").props('aria-label="重复"')
        if recipients is None and campaign.state not in _OVER:
            self._counts.setdefault(campaign.id, []).append(people)
        elif recipients is None:
            people.text = "没有发过"

    async def _count(self) -> None:
        """Whom each would reach now, one after the other: the page is there before the counts are."""
        for campaign_id, labels in list(self._counts.items()):
            people = await in_thread(self._messages.people, campaign_id)
            for label in labels:
                if not label.is_deleted:
                    label.text = f"{sum(people.values()):,} 人"


def _short(title: str) -> str:
    """A week's messages all begin with the week's name: what follows tells them apart."""
    return title.rpartition(" · ")[2] or title


def _quiet(text: str) -> str:
    """For an attribute."""
    return text.replace('"', "”").replace("\n", " ")
