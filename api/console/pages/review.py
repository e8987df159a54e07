"""What waits for somebody else's eyes: each draft with its changes, how it will look, and the decision."""

from __future__ import annotations

from datetime import datetime

from nicegui import ui

from api.accounts.roles import Right
from api.clock import LOCAL
from api.console.frame import console_page
from api.console.parts import done, empty, failures_said, heading, in_thread, state_badge, when
from api.console.publishing.elements import OPENED
from api.console.visit import Visit
from api.console.writing.changes import show_changes
from api.console.writing.elements import Card, load_writing
from api.console.writing.talk import Comments
from api.console.writing.words import word
from api.desk.entries import EntryDesk
from api.desk.programmes import ProgrammeDesk
from api.desk.writing import WritingDesk
from knowledge.editing.model import Draft
from knowledge.errors import KnowledgeError


@console_page("/review", title="审核", group="知识", icon="fact_check", right=Right.read, order=40)
async def review(visit: Visit, kind: str = "", row: str = "") -> None:
    """`kind` and `row` open one draft at once, for links from elsewhere."""
    load_writing()
    heading("审核", "别人写好的改动在这里过目；自己写的要请另一位同事审核。")
    board = _Board(visit, opened=f"{kind}/{row}" if row else "")
    await board.show()


class _Board:
    def __init__(self, visit: Visit, *, opened: str) -> None:
        self._visit, self._opened = visit, opened
        self._desk = EntryDesk(visit.services, visit.actor)
        self._writing = WritingDesk(visit.services, visit.actor)
        self._cards = ProgrammeDesk(visit.services, visit.actor)
        self._lists = ui.column().classes("full-width")

    async def show(self) -> None:
        with failures_said():
            waiting: list[Draft] = await in_thread(self._desk.drafts, state="in_review")
            approved: list[Draft] = await in_thread(self._desk.drafts, state="approved")
            self._lists.clear()
            with self._lists:
                ui.label(f"待审核 {len(waiting)} 件").classes("writing-section")
                if not waiting:
                    empty("没有等待审核的改动。", icon="task_alt")
                for draft in waiting:
                    self._item(draft)
                if approved:
                    ui.label(f"已通过、还没发布 {len(approved)} 件").classes("writing-section")
                    for draft in approved:
                        self._item(draft)

    def _item(self, draft: Draft) -> None:
        with ui.card().classes("console-card").props("role=region") as card:
            card.props["aria-label"] = f"{word('kind', draft.kind)}改动：{draft.title}"
            with ui.element("div").classes("writing-head"):
                ui.badge(word("kind", draft.kind)).props("outline")
                ui.label(draft.title).classes("writing-item-question writing-grow")
                state_badge(draft.state)
            facts = [f"编号 {draft.row_id}", f"{draft.author} 起草"]
            if draft.edited_by != draft.author:
                facts.append(f"{draft.edited_by} 最后改过")
            facts.append(f"{when(draft.updated_at, year=True)} {draft.updated_by} 更新")
            if draft.publish_at:
                late = draft.publish_at <= self._visit.services.clock.now()
                facts.append(
                    f"定于 {when(draft.publish_at, year=True)} 发布" + ("，还没有发布" if late else "")
                )
            with ui.element("div").classes("writing-item-facts"):
                for fact in facts:
                    ui.label(fact)
            if draft.note:
                ui.label(f"说明：{draft.note}").classes("writing-pre")
            detail = _Detail(self, draft)
            with ui.expansion("查看改动").classes("full-width") as opened:
                detail.column = ui.column().classes("full-width")
            opened.on_value_change(lambda e: detail.open() if e.value else None)
            if f"{draft.kind}/{draft.row_id}" == self._opened:
                opened.open()

    @property
    def desks(self) -> tuple[EntryDesk, WritingDesk, ProgrammeDesk]:
        return self._desk, self._writing, self._cards

    @property
    def visit(self) -> Visit:
        return self._visit


class _Detail:
    """One draft, read when it is opened."""

    column: ui.column

    def __init__(self, board: _Board, draft: Draft) -> None:
        self._board, self._draft, self._drawn = board, draft, False

    async def open(self) -> None:
        if self._drawn:
            return
        self._drawn = True
        desk, *_ = self._board.desks
        with failures_said():
            changes = await in_thread(desk.changes, self._draft)
            with self.column:
                if self._draft.withdraws:
                    ui.label("这份草稿提议撤回：发布后居民不再得到它。").classes("writing-note")
                elif all(change.before in (None, [], "") for change in changes):
                    ui.label("新的内容，还没有发布过。").classes("dim")
                show_changes(changes)
                await self._preview()
                with ui.expansion("评论").props("dense").classes("full-width"):
                    may_write = self._board.visit.actor.may(Right.edit)
                    comments = Comments(desk, self._draft.kind, self._draft.row_id, writable=may_write)
                await comments.show()
                await self._check()

    async def _check(self) -> None:
        """What is wrong is looked for in everything published, which takes a moment; then the decision."""
        desk, *_ = self._board.desks
        with ui.row().classes("writing-row") as waiting:
            ui.spinner(size="20px")
            ui.label("正在检查有没有问题……").classes("dim")
        problems = await in_thread(desk.problems, self._draft)
        waiting.delete()
        if problems:
            with ui.column().classes("writing-problems").props("role=alert"):
                ui.label("现在还不能发布：").classes("text-weight-medium")
                for problem in problems:
                    ui.label(f"· {problem}")
        self._decision(bool(problems))

    async def _preview(self) -> None:
        _, writing, cards = self._board.desks
        content = dict(self._draft.content)
        if self._draft.withdraws:
            return
        try:
            if self._draft.kind == "entry":
                reply = await in_thread(writing.entry_card, content)
            elif self._draft.kind == "programme":
                reply = await in_thread(cards.card, content)
            else:
                return
        except KnowledgeError as error:
            ui.label(str(error)).classes("writing-note")
            return
        ui.label("居民会看到").classes("dim")
        Card(reply)

    def _decision(self, broken: bool) -> None:
        actor, draft = self._board.visit.actor, self._draft
        page = OPENED[draft.kind].format(draft.row_id)
        with ui.element("div").classes("writing-head"):
            ui.link("打开这一条", page)
            ui.space()
            if not actor.may(Right.review):
                ui.label("审核要由审核人来做。").classes("dim")
                return
            if actor.name in (draft.author, draft.edited_by):
                ui.label("这是你写的，要请另一位审核人来看。").classes("dim")
                return
            ui.button("退回", icon="undo", on_click=self._send_back).props("outline color=negative")
            if draft.state == "approved":
                ui.button("改发布时间", icon="schedule", on_click=self._schedule).props("outline")
                return
            later = ui.button("定时发布", icon="schedule", on_click=self._schedule).props("outline")
            approve = ui.button("批准", icon="check", on_click=self._approve)
            if broken:
                later.disable()
                approve.disable()

    async def _approve(self) -> None:
        await self._settled(None, "已批准，可以去发布")

    async def _settled(self, publish_at: datetime | None, said: str) -> None:
        desk, *_ = self._board.desks
        draft = self._draft
        with failures_said():
            if draft.state == "approved":
                await in_thread(desk.schedule, draft.id, revision=draft.revision, publish_at=publish_at)
            else:
                await in_thread(desk.approve, draft.id, revision=draft.revision, publish_at=publish_at)
            done(said)
        await self._board.show()

    async def _send_back(self) -> None:
        with ui.dialog() as dialog, ui.card().classes("console-dialog"):
            ui.label("退回给作者").classes("console-dialog-title")
            reason = ui.textarea("哪里要改、为什么").props('outlined autogrow aria-label="退回的原因"')
            reason.classes("full-width")
            with ui.row().classes("console-actions"):
                ui.button("取消", on_click=lambda: dialog.submit(None)).props("flat")
                ui.button("退回", on_click=lambda: dialog.submit(reason.value or "")).props("color=negative")
        given = await dialog
        dialog.delete()
        if given is None:
            return
        desk, *_ = self._board.desks
        with failures_said():
            await in_thread(desk.send_back, self._draft.id, revision=self._draft.revision, reason=str(given))
            done("已退回，原因写进了评论")
            await self._board.show()

    async def _schedule(self) -> None:
        now = self._board.visit.services.clock.now().astimezone(LOCAL)
        begun = self._draft.publish_at.astimezone(LOCAL) if self._draft.publish_at else None
        with ui.dialog() as dialog, ui.card().classes("console-dialog"):
            ui.label("定时发布").classes("console-dialog-title")
            ui.label("到时候自动发布；发布前仍会跑一遍全部检验问题。").classes("dim")
            moment = ui.input("什么时候（北京时间）", value=f"{begun or now:%Y-%m-%dT%H:%M}")
            moment.props('outlined stack-label type=datetime-local aria-label="发布时间"').classes(
                "full-width"
            )
            with ui.row().classes("console-actions"):
                ui.button("取消", on_click=lambda: dialog.submit(None)).props("flat")
                if begun is not None:
                    ui.button("不定时", on_click=lambda: dialog.submit("")).props("outline")
                ui.button("批准并定时", on_click=lambda: dialog.submit(moment.value or ""))
        given = await dialog
        dialog.delete()
        if given is None:
            return
        if not given:
            await self._settled(None, "已取消定时")
            return
        try:
            at = datetime.fromisoformat(str(given)).replace(tzinfo=LOCAL)
        except ValueError:
            ui.notify("请选一个完整的日期和时间。", type="warning")
            return
        await self._settled(at, f"已定于 {when(at, year=True)} 发布")
