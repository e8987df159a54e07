"""The frame of an editor's page for one row: state, saving, submitting, comments and history.

What is written and how it looks is put into `main`, `preview` and `trial` by the page.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

from nicegui import ui

from api.accounts.roles import Right
from api.console.parts import confirm, done, failures_said, in_thread, state_badge, when
from api.console.visit import Visit
from api.console.writing.changes import show_changes
from api.console.writing.elements import Leaving, load_writing
from api.console.writing.form import Form
from api.console.writing.presence import Presence
from api.console.writing.saving import SAVE_AFTER_S, Saver
from api.console.writing.talk import Comments, History
from api.console.writing.words import word
from api.desk.entries import EntryDesk
from knowledge.editing.differences import changes
from knowledge.editing.errors import RowChanged
from knowledge.editing.model import Draft, Kind
from knowledge.errors import InvalidContent, KnowledgeError

Content = dict[str, Any]


class Editor:
    new_id: Callable[[Content], str]

    def __init__(
        self,
        visit: Visit,
        desk: EntryDesk,
        kind: Kind,
        row_id: str | None,
        *,
        blank: Content | None = None,
        prepare: Callable[[Content], Content] = dict,
        trial_label: str = "试问",
    ) -> None:
        """`row_id` is None for a new row, which begins with `blank`. `prepare` gives what is saved of the
        form's content."""
        self.visit, self.desk, self.kind, self.row_id = visit, desk, kind, row_id
        self._blank, self._prepare, self._trial_label = blank, prepare, trial_label
        self.current: Content | None = None
        self._may_edit = visit.actor.may(Right.edit)

    async def open(self) -> bool:
        """Reads the row and its draft and draws the frame; False where there is nothing to show."""
        load_writing()
        draft: Draft | None = None
        if self.row_id is not None:
            self.current = await in_thread(self.desk.current, self.kind, self.row_id)
            draft = await in_thread(self.desk.draft_of, self.kind, self.row_id)
        source = draft.content if draft else self.current or self._blank
        if source is None:
            self._missing()
            return False
        self.form = Form(deepcopy(dict(source)))
        self.form.editable = self._may_edit and (
            draft is None or (draft.state == "draft" and not draft.withdraws)
        )
        self._head()
        if self.row_id is not None:
            Presence(f"{self.kind}/{self.row_id}", self.visit.shown_name)
        self._banner = ui.column().classes("full-width")
        with Leaving() as leaving:
            leaving.classes("writing-guard")
            with ui.element("div").classes("writing-bar"):
                self.saver = Saver(
                    self.form, self._save, draft=draft, leaving=leaving, on_saved=self._on_saved
                )
                self._buttons = ui.row()
            self._problems = ui.column().classes("writing-problems").props("role=alert")
            self._problems.set_visibility(False)
            with ui.element("div").classes("writing-editor"):
                self.main = ui.element("div").classes("writing-main")
                with ui.element("div").classes("writing-side-panel"):
                    self._side()
        return True

    async def start(self) -> None:
        """Everything is in its place: show it, and begin to save."""
        self._refresh()
        await self.comments.show()
        self.form.watch(self._save_later, delay_s=SAVE_AFTER_S, shows=False)
        self.form.start()

    # ---- drawing

    def _missing(self) -> None:
        with ui.column().classes("console-message"):
            ui.icon("search_off", size="48px")
            ui.label(f"没有编号为 {self.row_id} 的{word('kind', self.kind)}").classes("console-title")
            ui.link("回到列表", f"/{_FOLDER[self.kind]}")

    def _head(self) -> None:
        with ui.element("div").classes("writing-head"):
            back = ui.button(icon="arrow_back", on_click=lambda: ui.navigate.to(f"/{_FOLDER[self.kind]}"))
            back.props('flat round dense aria-label="回到列表"')
            title = self.form.content.get("question") or self.form.content.get("title")
            self._title = (
                ui.label(title or f"新建{word('kind', self.kind)}")
                .classes("writing-head-title")
                .props("role=heading aria-level=1")
            )
            self._badges = ui.row()
        self._id = ui.label().classes("dim")

    def _side(self) -> None:
        with ui.tabs().props("dense no-caps align=left active-color=primary") as tabs:
            ui.tab("preview", label="居民看到的")
            ui.tab("trial", label=self._trial_label)
            ui.tab("changes", label="改动")
            ui.tab("talk", label="评论")
            ui.tab("history", label="历史")
        with ui.tab_panels(tabs, value="preview", animated=False, keep_alive=True).classes("full-width"):
            self.preview = ui.tab_panel("preview")
            self.trial = ui.tab_panel("trial")
            with ui.tab_panel("changes"):
                self._changes = ui.column().classes("full-width")
            with ui.tab_panel("talk"):
                self.comments = Comments(self.desk, self.kind, self.row_id, writable=self._may_edit)
            with ui.tab_panel("history"):
                self._history = ui.column().classes("full-width")
        tabs.on_value_change(lambda e: self._opened(str(e.value)))

    async def _opened(self, tab: str) -> None:
        with failures_said():
            if tab == "changes":
                self._show_changes()
            elif tab == "history" and self.row_id is not None:
                self._history.clear()
                with self._history:
                    history = History(self.desk, self.kind, self.row_id)
                await history.show()

    def _show_changes(self) -> None:
        self._changes.clear()
        with self._changes:
            if self.current is None:
                ui.label("这是新的内容，还没有发布过。").classes("dim")
            show_changes(changes(self.kind, self.current, self._prepare(self.form.content)))

    def _refresh(self) -> None:
        """State, banner and buttons, by how the draft stands now."""
        draft = self.saver.draft
        title = self.form.content.get("question") or self.form.content.get("title")
        self._title.set_text(title or f"新建{word('kind', self.kind)}")
        self._id.set_text(f"编号 {self.row_id}" if self.row_id else "保存时会自动编号")
        self._badges.clear()
        with self._badges:
            if self.current:
                state_badge(str(self.current["state"]))
            if draft:
                state_badge(draft.state)
        self._banner.clear()
        with self._banner:
            self._tell(draft)
        self._banner.set_visibility(any(True for _ in self._banner))
        self._buttons.clear()
        with self._buttons:
            self._draw_buttons(draft)
        self.form.redraw()

    def _tell(self, draft: Draft | None) -> None:
        if draft is None:
            if self.current and self._may_edit:
                _banner("改动会另存为草稿，经另一位同事审核、发布后居民才看得到。", calm=True)
            return
        who = f"{draft.updated_by}，{when(draft.updated_at)}"
        if draft.withdraws:
            _banner(f"这份草稿提议撤回这条内容（{who}）。原因：{draft.note}")
        elif draft.state == "in_review":
            _banner(f"已提交审核（{who}）。要再改，先点“继续修改”，改完重新提交。")
        elif draft.state == "approved":
            at = f"，定于 {when(draft.publish_at, year=True)} 发布" if draft.publish_at else "，等待发布"
            _banner(f"已由 {draft.reviewer} 审核通过{at}。要再改，先点“继续修改”，改完重新提交。")
        elif draft.updated_by != self.visit.actor.name:
            _banner(f"{draft.updated_by} 在 {when(draft.updated_at)} 动过这份草稿。", calm=True)

    def _draw_buttons(self, draft: Draft | None) -> None:
        if not self._may_edit:
            ui.label("只能查看").classes("dim")
            return
        if draft and draft.state != "draft":
            ui.button("继续修改", icon="edit", on_click=self._reopen).props("outline")
            ui.button("去审核页", icon="fact_check", on_click=lambda: ui.navigate.to("/review")).props("flat")
            return
        if draft:
            ui.button("丢弃草稿", icon="delete_outline", on_click=self._discard).props("flat color=negative")
        elif self.current and self.current["state"] == "published":
            ui.button("提议撤回", icon="block", on_click=self._propose_withdrawal).props(
                "flat color=negative"
            )
        self._submitting = ui.button("提交审核", icon="send", on_click=self._submit)

    # ---- acting

    def _save(self, content: Content, revision: int | None) -> Draft:
        """Runs beside the event loop. A new row gets its id here."""
        content = self._prepare(content)
        if self.row_id is None:
            content["id"] = self.new_id(content)
        row_id = self.row_id or str(content["id"])
        return self.desk.save(kind=self.kind, row_id=row_id, content=content, revision=revision)

    def _on_saved(self, draft: Draft) -> None:
        fresh = self.row_id is None
        if fresh:
            self.row_id = self.comments.row_id = draft.row_id
            self.form.content["id"] = draft.row_id
            ui.navigate.history.replace(f"/console/{_FOLDER[self.kind]}/{draft.row_id}")
        self._problems.set_visibility(False)
        if fresh or draft.revision == 1:
            self._refresh_head(draft)

    def _refresh_head(self, draft: Draft) -> None:
        """The first save: there is a draft now. Fields are left alone, somebody is typing in them."""
        redraw, self.form.redraw = self.form.redraw, lambda: None  # type: ignore[method-assign]
        try:
            self._refresh()
        finally:
            self.form.redraw = redraw  # type: ignore[method-assign]

    async def _save_later(self) -> None:
        title = self.form.content.get("question") or self.form.content.get("title")
        if title:
            self._title.set_text(str(title))
        if self.row_id is None and not (title or "").strip():
            return
        if self.form.editable:
            await self.saver.save()

    async def _submit(self) -> None:
        if not await self.saver.save():
            return
        draft = self.saver.draft
        if draft is None:
            ui.notify("还没有改动，不用提交。", type="warning")
            return
        self._submitting.props("loading")
        try:
            self.saver.seen(await in_thread(self.desk.submit, draft.id, revision=draft.revision))
        except InvalidContent as error:
            self._show_problems(str(error).splitlines())
            return
        except RowChanged as error:
            if await confirm("已发布的内容在这期间又变了", detail=str(error), action="仍以草稿为准"):
                self.saver.seen(await in_thread(self.desk.rebase, draft.id, revision=draft.revision))
                await self._submit()
            return
        except (KnowledgeError, PermissionError) as error:
            ui.notify(str(error), type="negative", close_button=True, multi_line=True)
            return
        finally:
            self._submitting.props(remove="loading")
        self.form.editable = False
        self._problems.set_visibility(False)
        self._refresh()
        done("已提交，等另一位同事审核")

    def _show_problems(self, problems: list[str]) -> None:
        self._problems.clear()
        with self._problems:
            ui.label("提交之前还要改好：").classes("text-weight-medium")
            for problem in problems:
                ui.label(f"· {problem}")
        self._problems.set_visibility(True)
        self._problems.run_method("scrollIntoView", {"block": "center"})

    async def _reopen(self) -> None:
        """Back to a draft that can be written in; the next save says so to everybody."""
        if await confirm(
            "继续修改这份草稿？", detail="它会退回草稿，改完要重新提交审核。", action="继续修改"
        ):
            self.form.editable = True
            self.form.touch()
            if await self.saver.save():
                self._refresh()

    async def _discard(self) -> None:
        draft = self.saver.draft
        sure = "已发布的内容不受影响；草稿里写的会丢掉。" if self.current else "写下的内容会丢掉。"
        if draft is None or not await confirm("丢弃这份草稿？", detail=sure, action="丢弃", danger=True):
            return
        with failures_said():
            await in_thread(self.desk.discard, draft.id, revision=draft.revision)
            target = f"/{_FOLDER[self.kind]}" + (f"/{self.row_id}" if self.current else "")
            ui.navigate.to(target)

    async def _propose_withdrawal(self) -> None:
        with ui.dialog() as dialog, ui.card().classes("console-dialog"):
            ui.label("提议撤回").classes("console-dialog-title")
            ui.label("审核并发布后，居民不再得到这条回答。").classes("dim")
            reason = ui.textarea("为什么撤回").props('outlined autogrow aria-label="为什么撤回"')
            reason.classes("full-width")
            with ui.row().classes("console-actions"):
                ui.button("取消", on_click=lambda: dialog.submit(None)).props("flat")
                ui.button("提议撤回", on_click=lambda: dialog.submit(reason.value or "")).props(
                    "color=negative"
                )
        given = await dialog
        dialog.delete()
        if given is None or self.row_id is None:
            return
        with failures_said():
            await in_thread(self.desk.propose_withdrawal, kind=self.kind, row_id=self.row_id, note=str(given))
            ui.navigate.reload()


def _banner(text: str, *, calm: bool = False) -> None:
    with ui.row().classes("writing-banner" + (" calm" if calm else "")):
        ui.icon("info_outline", size="20px")
        ui.label(text).classes("writing-grow")


_FOLDER: dict[Kind, str] = {"entry": "entries", "programme": "programmes"}
