"""Campaigns: a week as a calendar, all messages as a list, and the days to hang a campaign on."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import date, timedelta

from nicegui import ui

from api.accounts.roles import Right
from api.console.campaigning.calendar import DAYS, Calendar
from api.console.campaigning.elements import badge, day_said, load_campaigning, moment_said, named, new_key
from api.console.campaigning.week_dialogs import begin_week, type_day
from api.console.campaigning.words import table
from api.console.frame import console_page
from api.console.parts import confirm, done, empty, failures_said, heading, in_thread, when
from api.console.visit import Visit
from api.desk.campaigns import CampaignDesk, WeekDesk
from api.desk.messages import MessageDesk
from api.desk.runs import RunDesk
from campaigns.planning.model import Campaign
from campaigns.planning.week import Week

_TABS = {"week": "一周", "all": "全部消息", "days": "可挂靠的日子"}
Press = Callable[[], Awaitable[None]]
_BLANK_TEXT = "{district}的街坊，"


@console_page("/campaigns", title="宣传活动", group="宣传", icon="campaign", right=Right.read, order=10)
async def campaigns_page(visit: Visit, week: str = "", since: str = "", tab: str = "week") -> None:
    """`week` is a campaign week to open at, `since` a first day."""
    load_campaigning()
    await _Campaigns(visit).draw(week, since, tab if tab in _TABS else "week")


class _Campaigns:
    def __init__(self, visit: Visit) -> None:
        services, actor = visit.services, visit.actor
        self._today = services.clock.today()
        self._may = actor.may(Right.campaign)
        self._desk, self._weeks = CampaignDesk(services, actor), WeekDesk(services, actor)
        self._messages, self._runs = MessageDesk(services, actor), RunDesk(services, actor)
        self._listed: Sequence[Week] = ()
        self._first = self._today - timedelta(days=self._today.weekday())

    async def draw(self, week_id: str, since: str, tab: str) -> None:
        self._listed = await in_thread(self._weeks.list)
        chosen = next((each for each in self._listed if each.id == week_id), None)
        if chosen is not None:
            self._first = chosen.starts_on
        elif since:
            with failures_said():
                self._first = _day(since)
        with ui.row().classes("writing-head"):
            heading("宣传活动", "排一周的活动，写好消息，请人批准，到时间发给订阅了的居民。")
            ui.space()
            if self._may:
                ui.button("单写一条", icon="edit", on_click=self._blank(new_key())).props("outline")
                ui.button("新建活动周", icon="event", on_click=self._begin)
        await self._draw_waiting()
        with ui.tabs().props("no-caps align=left active-color=primary") as tabs:
            for name, label in _TABS.items():
                ui.tab(name, label=label)
        with ui.tab_panels(tabs, value=tab, animated=False).props("keep-alive").classes("camp-panels"):
            with ui.tab_panel("week"):
                await self._draw_week()
            with ui.tab_panel("all"):
                await self._draw_all()
            with ui.tab_panel("days"):
                self._days = ui.column().classes("full-width")
                await self._draw_days()

    async def _draw_waiting(self) -> None:
        """What waits for a person comes first."""
        waiting = await in_thread(self._runs.waiting_for_staff)
        titles = {each.id: each.title for each in await in_thread(self._desk.list)}
        for run in waiting:
            with ui.row().classes("camp-banner"):
                ui.icon("pan_tool", size="20px")
                ui.label(f"{titles.get(run.campaign_id, '')}：{run.held_for or '已暂停'}").classes(
                    "writing-grow"
                )
                ui.link("去处理", f"/campaigns/runs/{run.id}")

    # ---- the calendar

    async def _draw_week(self) -> None:
        with ui.row().classes("camp-week-bar"):
            self._tool("chevron_left", "前一周", lambda: self._move(-DAYS))
            self._range = ui.label().classes("camp-range tabular").props("role=status")
            self._tool("chevron_right", "后一周", lambda: self._move(DAYS))
            ui.button("今天", on_click=self._now).props("flat dense")
            ui.space()
            self._select = ui.select({}, label="跳到活动周", on_change=lambda event: self._jump(event.value))
            named(self._select.props("outlined dense options-dense"), "跳到活动周").classes("camp-jump")
        self._about = ui.label().classes("dim")
        self._calendar = Calendar(self._desk, self._weeks, self._messages, self._runs)
        await self._show_week()

    def _tool(self, icon: str, label: str, act: Press) -> None:
        ui.button(icon=icon, on_click=act).props(f'flat round dense aria-label="{label}"')

    async def _show_week(self) -> None:
        last = self._first + timedelta(days=DAYS - 1)
        self._range.text = f"{self._first.year}年{day_said(self._first)} – {day_said(last)}"
        here = next((week for week in self._listed if week.starts_on == self._first), None)
        self._select.set_visibility(bool(self._listed))
        names = {week.id: f"{week.title}（{week.starts_on}）" for week in self._listed}
        self._select.set_options(names, value=here.id if here else None)
        self._about.text = f"{here.title}，日期来源：{here.source}" if here else ""
        self._about.set_visibility(here is not None)
        with failures_said():
            await self._calendar.show(self._first, self._today)

    async def _move(self, days: int) -> None:
        self._first += timedelta(days=days)
        await self._show_week()

    async def _now(self) -> None:
        self._first = self._today - timedelta(days=self._today.weekday())
        await self._show_week()

    async def _jump(self, week_id: str | None) -> None:
        week = next((each for each in self._listed if each.id == week_id), None)
        if week is not None and week.starts_on != self._first:
            self._first = week.starts_on
            await self._show_week()

    async def _begin(self) -> None:
        preset = await in_thread(self._weeks.preset)
        week = await begin_week(self._weeks, preset, self._listed)
        if week is not None:
            ui.navigate.to(f"/campaigns?week={week.id}")

    def _blank(self, key: str) -> Press:
        """What a press of the button does: one draft, however often it is pressed."""

        async def make() -> None:
            with failures_said():
                offer = await in_thread(self._desk.offer)
                made = await in_thread(
                    self._desk.create,
                    title="新的宣传消息",
                    content={"versions": {"default": {"text": _BLANK_TEXT}}},
                    audience={"topics": [offer.topics.names[0]]},
                    schedule={},
                    key=key,
                )
                ui.navigate.to(f"/campaigns/{made.id}")

        return make

    # ---- the list

    async def _draw_all(self) -> None:
        with ui.row().classes("writing-row"):
            states = {"": "全部状态", **table("state")}
            self._state = ui.select(states, value="", label="状态", on_change=self._show_list)
            self._state.props("outlined dense options-dense").classes("camp-jump")
            self._words = ui.input("标题里的字", on_change=self._show_list)
            named(self._words.props("outlined dense clearable debounce=300"), "标题里的字")
            ui.space()
            ui.link("比较各条的数据", "/campaign-figures")
        self._list = ui.column().classes("full-width")
        await self._show_list()

    async def _show_list(self) -> None:
        with failures_said():
            states = [self._state.value] if self._state.value else None
            found = await in_thread(self._desk.list, states=states)
            wanted = (self._words.value or "").strip()
            shown = [each for each in found if wanted in each.title]
            self._list.clear()
            with self._list:
                if not shown:
                    empty("没有符合条件的消息。" if found or states else "还没有宣传消息。", icon="campaign")
                    return
                with ui.element("div").classes("writing-lines").props('role=list aria-label="宣传消息"'):
                    for campaign in shown:
                        _line(campaign)

    # ---- days

    async def _draw_days(self) -> None:
        days = await in_thread(self._weeks.days)
        self._days.clear()
        with self._days:
            with ui.row().classes("writing-row"):
                ui.label("这些日子每年由主管部门公布，由人照通知填写，系统不推算。").classes(
                    "dim writing-grow"
                )
                if self._may:
                    ui.button("记一个日子", icon="bookmark_add", on_click=self._type_day).props("outline")
            if not days:
                empty(
                    "还没有记下日子。收到通知以后，把日期和出处记在这里，日历上就看得到。", icon="event_note"
                )
                return
            with ui.element("div").classes("writing-lines").props('role=list aria-label="可挂靠的日子"'):
                for day in days:
                    with ui.element("div").classes("writing-item").props("role=listitem"):
                        with ui.column().classes("camp-tight"):
                            ui.label(day.name).classes("text-weight-medium")
                            last = "" if day.ends_on == day.starts_on else f" – {day_said(day.ends_on)}"
                            ui.label(f"{day.starts_on.year}年{day_said(day.starts_on)}{last}")
                            ui.label(f"来源：{day.source}（{day.typed_by} 填）").classes("dim")
                        if self._may:
                            drop = ui.button(icon="delete_outline", on_click=self._drop(day.id, day.name))
                            drop.props(f'flat round dense color=grey-7 aria-label="删去{day.name}"')

    async def _type_day(self) -> None:
        known = await in_thread(self._weeks.known_days)
        day = await type_day(self._weeks, known)
        if day is not None:
            done(f"已记下{day.name}")
            await self._draw_days()
            await self._show_week()

    def _drop(self, day_id: str, name: str) -> Press:
        async def drop() -> None:
            if await confirm(f"删去“{name}”？", action="删去", danger=True):
                with failures_said():
                    await in_thread(self._weeks.remove_day, day_id)
                await self._draw_days()
                await self._show_week()

        return drop


def _line(campaign: Campaign) -> None:
    with (
        ui.element("div").props("role=listitem"),
        ui.link(target=f"/campaigns/{campaign.id}").classes("writing-item"),
    ):
        with ui.column().classes("writing-candidate"):
            ui.label(campaign.title).classes("writing-item-question")
            with ui.element("div").classes("writing-item-facts"):
                if campaign.next_due_at is not None:
                    ui.label(f"下一次 {moment_said(campaign.next_due_at)}")
                elif campaign.schedule.first_at is not None:
                    ui.label(moment_said(campaign.schedule.first_at))
                ui.label(f"{campaign.updated_by} {when(campaign.updated_at)} 改过")
        with ui.element("div").classes("writing-item-badges"):
            badge(campaign.state)


def _day(text: str) -> date:
    """Raises ValueError, in words, for what is no day."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"“{text[:20]}”不是日期，请写成 2026-11-21 这样。") from None
