"""One document's page: its state and what can be done with it, over four tabs that are drawn when opened."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, cast

from nicegui import ui

from api.accounts.roles import Right
from api.console.documents.comparing import draw_comparison
from api.console.documents.elements import chip
from api.console.documents.fields import draw_fields
from api.console.documents.proposing import draw_proposals
from api.console.documents.reading import ReadingTab
from api.console.parts import confirm, done, failures_said, heading, in_thread, state_badge, when
from api.console.visit import Visit
from api.desk.document_changes import DocumentChangesDesk
from api.desk.documents import DocumentsDesk, OpenedDocument

TABS = {"text": "正文与条款", "fields": "文件信息", "changes": "与旧版对照", "proposals": "问答建议"}


class DocumentPage:
    """The page's state: the document as it was last read, and which tab is open."""

    def __init__(self, visit: Visit, document_id: str, tab: str) -> None:
        self.document_id = document_id
        self.desk = DocumentsDesk(visit.services, visit.actor)
        self.changes = DocumentChangesDesk(visit.services, visit.actor)
        self.may_edit = visit.actor.may(Right.edit)
        self._tab = tab if tab in TABS else "text"
        self._reading = ReadingTab(self)
        self._drawing = 0
        self.opened: OpenedDocument
        self.root: ui.element

    @property
    def editable(self) -> bool:
        """Whether what is shown can be changed: a draft, by somebody who may."""
        return self.may_edit and self.opened.draft is not None

    @property
    def revision(self) -> int:
        assert self.opened.draft is not None
        return self.opened.draft.revision

    async def draw(self) -> None:
        self.opened = await in_thread(self.desk.opened, self.document_id)
        self.root = ui.element("div").classes(
            "hidden"
        )  # lasts as long as the page: what is said and asked belongs to it
        self._head = ui.element("div").classes("doc-head")
        with ui.tabs(value=cast(Any, self._tab)).classes("doc-tabs") as tabs:
            tabs.props("align=left active-color=primary no-caps dense mobile-arrows")
            for name, label in TABS.items():
                ui.tab(name, label=label)
        self._body = ui.column().classes("w-full gap-4")
        tabs.on_value_change(lambda event: self._open(str(event.value)))
        self._draw_head()
        await self._draw_tab()

    async def change(self, step: Callable[[], object], said: str = "") -> bool:
        """Does something in a thread, says what went wrong, and shows the document as it is then."""
        worked = False
        with self.root:
            with failures_said():
                await in_thread(step)
                worked = True
            await self.reload()
            if worked and said:
                done(said)
        return worked

    async def reload(self) -> None:
        with self.root, failures_said():
            self.opened = await in_thread(self.desk.opened, self.document_id)
            self._draw_head()
            await self._draw_tab()

    async def _open(self, tab: str) -> None:
        self._tab = tab if tab in TABS else "text"
        ui.run_javascript(f"history.replaceState(null, '', '?tab={self._tab}')")
        with self.root, failures_said():
            await self._draw_tab()

    async def _draw_tab(self) -> None:
        """Only the latest call draws: what was slow and is no longer asked for is dropped."""
        self._drawing += 1
        number = self._drawing
        drawers: dict[str, Callable[[DocumentPage], Awaitable[Callable[[], None]]]] = {
            "text": lambda page: self._reading.prepare(),
            "fields": draw_fields,
            "changes": draw_comparison,
            "proposals": draw_proposals,
        }
        draw = await drawers[self._tab](self)
        if number == self._drawing:
            self._body.clear()
            with self._body:
                draw()

    def _draw_head(self) -> None:
        self._head.clear()
        opened, document = self.opened, self.opened.item.document
        with self._head:
            with ui.column().classes("grow gap-1"):
                ui.link("← 全部文件", "/documents").classes("dim")
                heading(document.title or "（没有标题）")
                with ui.element("div").classes("doc-facts"):
                    if opened.published:
                        state_badge("published" if opened.draft is not None else opened.item.state)
                    if opened.draft is not None:
                        state_badge(opened.draft.state)
                    if document.document_number:
                        ui.label(document.document_number)
                    ui.label(f"编号 {document.id}")
                    if document.superseded_by:
                        chip(f"已被 {document.superseded_by} 取代", "red")
                    for name in document.supersedes:
                        chip(f"取代 {name}", "green")
                    if opened.draft is not None:
                        draft = opened.draft
                        ui.label(f"{draft.updated_by} {when(draft.updated_at)} 改动")
            if self.may_edit:
                with ui.element("div").classes("doc-actions"):
                    self._actions()

    def _actions(self) -> None:
        draft = self.opened.draft
        if draft is None:
            ui.button("开始修改", icon="edit", on_click=self._begin)
            return
        ui.button("放弃草稿", on_click=self._discard).props("flat color=negative")
        if draft.state == "draft":
            ui.button("提交审核", icon="send", on_click=self._submit)

    async def _begin(self) -> None:
        await self.change(lambda: self.desk.begin(self.document_id), "已经建立草稿，发布前居民看到的不变。")

    async def _discard(self) -> None:
        with self.root:
            sure = await confirm(
                "放弃这份草稿？",
                detail="修正、核对和没有采纳的建议都会丢掉；已发布的内容不变。",
                action="放弃",
                danger=True,
            )
        if not sure:
            return
        with self.root, failures_said():
            await in_thread(self.desk.discard, self.document_id, revision=self.revision)
            ui.navigate.to("/documents")

    async def _submit(self) -> None:
        with self.root, failures_said():
            kept_back = await in_thread(self.desk.submit, self.document_id, revision=self.revision)
            await self.reload()
            done("已提交审核，采纳的问答也一并提交了。" if not kept_back else "文件已提交审核。")
            for problem in kept_back:
                ui.notify(problem, type="warning", multi_line=True, close_button=True, timeout=10000)
