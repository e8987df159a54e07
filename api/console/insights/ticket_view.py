"""One ticket: the talk around it, who holds it, the contact on request, and the reply being written."""

from __future__ import annotations

from nicegui import ui

from api.accounts.roles import Actor
from api.console.parts import confirm, done, failures_said, in_thread, state_badge, when
from api.desk.inbox import InboxDesk, Opened
from api.insights.words import words
from api.tickets.model import outcome_of
from api.tickets.service import LONGEST_REPLY


class TicketView:
    """The reply field is drawn once: what others do meanwhile never takes away what is being written."""

    def __init__(self, desk: InboxDesk, actor: Actor, ticket_id: str) -> None:
        self._desk, self._me, self._id = desk, actor.name, ticket_id
        self._stamp: object = None
        self._opened: Opened | None = None

    async def draw(self) -> None:
        """Raises InboxRefusal where there is no such ticket."""
        opened = await in_thread(self._desk.open, self._id)
        ui.link("返回列表", "/inbox").classes("dim")
        self._head = ui.column().classes("w-full gap-2")
        with ui.card().classes("console-card").props('role=region aria-label="对话"'):
            ui.label("对话（个人号码已遮盖）").classes("insights-chart-title")
            self._talk = ui.column().classes("inbox-talk").props("role=log aria-live=polite tabindex=0")
        with (
            ui.card().classes("console-card").props('role=region aria-label="联系方式"') as self._contact_card
        ):
            ui.label("联系方式").classes("insights-chart-title")
            self._contact = ui.column().classes("w-full gap-2")
        with ui.card().classes("console-card").props('role=region aria-label="答复"') as self._answering:
            self._note = ui.label().classes("dim")
            self._text = ui.textarea("写给居民的答复").props(
                f"outlined autogrow counter maxlength={LONGEST_REPLY}"
            )
            self._text.classes("w-full")
            with ui.row().classes("w-full gap-2"):
                self._send = ui.button("发送答复", icon="send", on_click=self._reply)
                self._take = ui.button("接手", icon="pan_tool", on_click=self._hold).props("outline")
                ui.space()
                ui.button("关闭工单", icon="done_all", on_click=self._close).props("flat color=negative")
        with ui.card().classes("console-card").props('role=region aria-label="经过"'):
            ui.label("经过").classes("insights-chart-title")
            self._events = ui.column().classes("w-full gap-1")
        self._draw_contact(opened)
        await self._show(opened)

    async def look(self) -> None:
        """Draw anew only where something happened."""
        if await in_thread(self._desk.stamp) != self._stamp:
            with failures_said():
                await self.reload()

    async def reload(self) -> None:
        await self._show(await in_thread(self._desk.open, self._id))

    async def _show(self, opened: Opened) -> None:
        self._stamp = await in_thread(self._desk.stamp)
        before, self._opened = self._opened, opened
        ticket = opened.ticket
        mine, free = ticket.held_by == self._me, ticket.state == "open"
        self._draw_head(opened)
        if before is None or before.lines != opened.lines:
            self._draw_talk(opened)
        self._draw_events(opened)
        if before is not None and before.ticket.has_contact and not ticket.has_contact:
            self._draw_contact(opened)
        self._answering.set_visibility(ticket.state != "closed")
        self._send.set_enabled((mine or free) and ticket.conversation_id is not None)
        self._take.set_visibility(not mine)
        self._take.text = "接手" if free or not ticket.held_by else f"从 {ticket.held_by} 接手"
        self._note.text = self._told(opened, mine=mine, free=free)

    def _told(self, opened: Opened, *, mine: bool, free: bool) -> str:
        said, ticket = words("inbox"), opened.ticket
        if ticket.conversation_id is None:
            return str(said["gone"])
        if not mine and not free:
            return str(said["held"]).format(who=ticket.held_by)
        return str(said["here"] if opened.reachable else said["elsewhere"])

    def _draw_head(self, opened: Opened) -> None:
        ticket = opened.ticket
        self._head.clear()
        with self._head:
            with ui.element("div").classes("insights-group-head"):
                question = ui.label(ticket.question or words("inbox")["no_question"])
                question.classes("insights-question").props("role=heading aria-level=1")
                state_badge(ticket.state)
            with ui.element("div").classes("insights-facts"):
                ui.label(f"编号 {ticket.id}")
                ui.label(f"{when(ticket.created_at)} 提出")
                if ticket.state in ("open", "taken"):
                    due = when(ticket.expected_at)
                    ui.label(f"已超时，应在 {due} 前答复" if opened.late else f"{due} 前答复").classes(
                        "insights-late" if opened.late else ""
                    )
                if ticket.held_by:
                    ui.label("由我处理" if ticket.held_by == self._me else f"由 {ticket.held_by} 处理")
                if ticket.district:
                    ui.label(ticket.district)
                if (outcome := outcome_of(opened.events)) is not None:
                    ui.label(words("inbox")[outcome])
                elif ticket.state == "answered":
                    ui.label(words("inbox")["on_its_way"])

    def _draw_talk(self, opened: Opened) -> None:
        self._talk.clear()
        with self._talk:
            if not opened.lines:
                ui.label(words("inbox")["no_talk"]).classes("dim")
            for line in opened.lines:
                resident = line.role == "resident"
                with ui.column().classes("inbox-line" + (" resident" if resident else "")):
                    ui.label(line.text).classes("inbox-line-text")
                    ui.label(f"{'居民' if resident else '绿小渝'} · {when(line.at)}").classes("dim")

    def _draw_contact(self, opened: Opened) -> None:
        self._contact_card.set_visibility(opened.ticket.has_contact)
        self._contact.clear()
        if opened.ticket.has_contact:
            with self._contact:
                ui.label(words("inbox")["contact_lead"]).classes("dim")
                ui.button("查看联系方式", icon="visibility", on_click=self._show_contact).props("outline")

    def _draw_events(self, opened: Opened) -> None:
        names = words("inbox")["events"]
        whos = words("inbox")["whos"]
        self._events.clear()
        with self._events:
            for event in opened.events:
                with ui.element("div").classes("insights-facts"):
                    ui.label(when(event.at)).classes("tabular")
                    ui.label(f"{whos.get(event.by, event.by)} {names.get(event.what, event.what)}")

    async def _show_contact(self) -> None:
        said = words("inbox")
        if not await confirm(said["contact_ask"], detail=said["contact_detail"], action="查看"):
            return
        with failures_said():
            contact = await in_thread(self._desk.contact, self._id)
            self._contact.clear()
            with self._contact:
                ui.label(contact or said["contact_none"]).classes("inbox-contact")
            await self.reload()

    async def _hold(self) -> None:
        with failures_said():
            ticket = self._opened.ticket if self._opened else None
            holder = ticket.held_by if ticket is not None and ticket.state != "open" else None
            if holder is not None and not await confirm(f"从 {holder} 接手这张工单？", action="接手"):
                return
            await in_thread(self._desk.take, self._id, instead_of=holder)
            done("已由您处理")
            await self.reload()

    async def _reply(self) -> None:
        with failures_said():
            await in_thread(self._desk.reply, self._id, self._text.value or "")
            self._text.value = ""
            outcome = await in_thread(self._desk.outcome, self._id)
            if outcome == "delivered":
                done("答复已送到居民的对话里")
            else:
                said = words("inbox")["kept_long" if outcome == "kept" else "undelivered_long"]
                ui.notify(said, type="warning", multi_line=True)
            await self.reload()

    async def _close(self) -> None:
        said = words("inbox")
        if not await confirm("关闭这张工单？", detail=said["close_detail"], action="关闭工单", danger=True):
            return
        with failures_said():
            await in_thread(self._desk.close, self._id)
            done("工单已关闭")
            await self.reload()
