"""Activities: what is on, as a list; what residents are told of stands first."""

from __future__ import annotations

from collections.abc import Sequence

from nicegui import ui

from api.accounts.roles import Right
from api.clock import LOCAL
from api.console.campaigning.activity_page import ActivityPage
from api.console.campaigning.elements import badge, day_said, load_campaigning
from api.console.campaigning.words import table
from api.console.frame import console_page
from api.console.parts import empty, failures_said, heading, in_thread
from api.console.visit import Visit
from api.desk.activities import ActivityDesk
from campaigns.activities import Activity


@console_page("/activities", title="线下活动", group="宣传", icon="celebration", right=Right.read, order=20)
async def activities_page(visit: Visit) -> None:
    load_campaigning()
    with ui.row().classes("writing-head"):
        heading("线下活动", "在哪里、什么时候、谁来办、适合谁；批准以后居民问得到，办完自动不再提。")
        ui.space()
        if visit.actor.may(Right.campaign):
            ui.button("新建活动", icon="add", on_click=lambda: ui.navigate.to("/activities/new"))
    await _Activities(visit).draw()


@console_page(
    "/activities/new", title="新建活动", group="宣传", icon="celebration", right=Right.campaign, menu=False,
    order=21,
)  # fmt: skip
async def new_activity(visit: Visit) -> None:
    await ActivityPage(visit, None).open()


@console_page(
    "/activities/{activity_id}", title="活动", group="宣传", icon="celebration", right=Right.read,
    menu=False, order=22,
)  # fmt: skip
async def one_activity(visit: Visit, activity_id: str) -> None:
    await ActivityPage(visit, activity_id).open()


class _Activities:
    def __init__(self, visit: Visit) -> None:
        self._desk, self._clock = ActivityDesk(visit.services, visit.actor), visit.services.clock

    async def draw(self) -> None:
        with ui.row().classes("writing-row"):
            states = {"": "全部状态", **table("activity_state")}
            self._state = ui.select(states, value="", label="状态", on_change=self._show)
            self._state.props("outlined dense options-dense").classes("camp-jump")
            self._over = ui.switch("也看办完了的", value=False, on_change=self._show)
        self._list = ui.column().classes("full-width")
        await self._show()

    async def _show(self) -> None:
        with failures_said():
            states = [self._state.value] if self._state.value else None
            found = await in_thread(self._desk.list, states=states, over=bool(self._over.value))
            self._list.clear()
            with self._list:
                self._draw(sorted(found, key=lambda each: each.starts_at))

    def _draw(self, found: Sequence[Activity]) -> None:
        if not found:
            empty("没有活动。把要办的活动写在这里，批准以后居民就问得到。", icon="celebration")
            return
        now = self._clock.now()
        with ui.element("div").classes("writing-lines").props('role=list aria-label="活动"'):
            for each in found:
                with ui.link(target=f"/activities/{each.id}").classes("writing-item").props("role=listitem"):
                    with ui.column().classes("writing-candidate"):
                        ui.label(each.title).classes("writing-item-question")
                        with ui.element("div").classes("writing-item-facts"):
                            ui.label(hours_said(each))
                            ui.label(f"{each.district or '全市'} · {each.place}")
                            ui.label(each.organiser)
                            if each.settings:
                                ui.label("适合" + "、".join(each.settings))
                    with ui.element("div").classes("writing-item-badges"):
                        if each.ends_at <= now:
                            ui.badge("办完了", color="grey-8").classes("console-badge")
                        badge(each.state, "activity_state")


def hours_said(each: Activity) -> str:
    starts, ends = each.starts_at.astimezone(LOCAL), each.ends_at.astimezone(LOCAL)
    last = f"{ends:%H:%M}" if ends.date() == starts.date() else f"{day_said(ends.date())} {ends:%H:%M}"
    return f"{day_said(starts.date())} {starts:%H:%M} – {last}"
