"""Questions that residents handed over to a person: by due time, kept fresh while somebody looks."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import quote

from nicegui import ui

from api.accounts.roles import Right
from api.console.frame import console_page
from api.console.insights.elements import load_insights
from api.console.insights.ticket_view import TicketView
from api.console.parts import empty, failures_said, heading, in_thread, state_badge, when
from api.console.visit import Visit
from api.desk.inbox import InboxDesk
from api.tickets.model import State, Ticket

LOOK_EVERY_S = 3.0
_SHOWN: dict[str, tuple[State, ...]] = {
    "waiting": ("open", "taken"),
    "answered": ("answered",),
    "closed": ("closed",),
}
_NAMES = {"waiting": "待答复", "answered": "已回复", "closed": "已关闭"}


@console_page("/inbox", title="转人工", group="居民", icon="support_agent", right=Right.edit, order=51)
async def inbox_page(visit: Visit) -> None:
    load_insights()
    heading("转人工", "居民请工作人员回答的问题，最早到期的在前；回复会出现在居民的对话里。")
    box = _List(visit)
    await box.draw()


@console_page(
    "/inbox/{ticket_id}", title="工单", group="居民", icon="support_agent", right=Right.edit, menu=False
)
async def ticket_page(visit: Visit, ticket_id: str) -> None:
    load_insights()
    view = TicketView(InboxDesk(visit.services, visit.actor), visit.actor, ticket_id)
    await view.draw()
    ui.timer(LOOK_EVERY_S, view.look, immediate=False)


class _List:
    def __init__(self, visit: Visit) -> None:
        self._desk, self._me = InboxDesk(visit.services, visit.actor), visit.actor.name
        self._stamp: object = None
        self._asked = 0

    async def draw(self) -> None:
        with ui.row().classes("insights-bar"):
            self._state = ui.toggle(_NAMES, value="waiting").props('no-caps unelevated aria-label="状态"')
        self._state.on_value_change(self.reload)
        with ui.card().classes("console-card").props('role=region aria-label="工单"'):
            self._lines = ui.column().classes("insights-list").props("aria-live=polite")
        await self.reload()
        ui.timer(LOOK_EVERY_S, self._look, immediate=False)

    async def reload(self) -> None:
        """Of several at once, the last one asked for is drawn."""
        self._asked += 1
        asked = self._asked
        with failures_said():
            stamp = await in_thread(self._desk.stamp)
            tickets = await in_thread(self._desk.listed, _SHOWN[self._state.value])
            now = await in_thread(self._desk.now)
            if asked != self._asked:
                return
            self._stamp = stamp
            self._lines.clear()
            with self._lines:
                if not tickets:
                    empty("没有这样的工单。", icon="inbox")
                for ticket in tickets:
                    self._line(ticket, now)

    async def _look(self) -> None:
        """Draw anew only where something happened."""
        if await in_thread(self._desk.stamp) != self._stamp:
            await self.reload()

    def _line(self, ticket: Ticket, now: datetime) -> None:
        late = ticket.state in ("open", "taken") and ticket.expected_at < now
        with ui.link(target=f"/inbox/{quote(ticket.id)}").classes(
            "insights-item" + (" late" if late else "")
        ):
            ui.icon("alarm" if late else "chat_bubble_outline", size="22px")
            with ui.element("div").classes("insights-item-text"):
                ui.label(ticket.question or "（原文已按保存期限删除）").classes("text-weight-medium")
                with ui.element("div").classes("insights-facts"):
                    ui.label(f"编号 {ticket.id}")
                    if ticket.state in ("open", "taken"):
                        due = (
                            f"已超时，应在 {when(ticket.expected_at)} 前答复"
                            if late
                            else (f"{when(ticket.expected_at)} 前答复")
                        )
                        ui.label(due).classes("insights-late" if late else "")
                    else:
                        ui.label(f"{when(ticket.closed_at or ticket.answered_at)}")
                    if ticket.held_by:
                        ui.label("由我处理" if ticket.held_by == self._me else f"由 {ticket.held_by} 处理")
                    if ticket.district:
                        ui.label(ticket.district)
                    if ticket.has_contact:
                        ui.label("留有联系方式")
            state_badge(ticket.state)
