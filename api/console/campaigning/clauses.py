"""Choosing the clause or programme that something rests on: a document, words to look for, and the text."""

from __future__ import annotations

from nicegui import ui

from api.console.parts import empty, failures_said, in_thread
from api.desk.writing import WritingDesk
from knowledge.model import Clause
from knowledge.store.citing import Citable

_LISTED = 120


async def choose_clause(desk: WritingDesk, *, near: str | None = None) -> str | None:
    """The id of a clause or programme; None if the dialog is closed. It opens at `near`."""
    with ui.dialog() as dialog, ui.card().classes("console-dialog writing-picker"):
        chooser = _Chooser(desk, dialog)
    chosen: str | None = None
    with failures_said():
        await chooser.open(near)
        chosen = await dialog
    dialog.delete()
    return chosen


class _Chooser:
    def __init__(self, desk: WritingDesk, dialog: ui.dialog) -> None:
        self._desk, self._dialog = desk, dialog
        self._sources: dict[str, Citable] = {}
        self._clauses: list[Clause] = []
        self._wanted: str | None = None
        with ui.row().classes("writing-row"):
            ui.label("选依据的条款").classes("console-dialog-title")
            ui.space()
            close = ui.button(icon="close", on_click=lambda: dialog.submit(None))
            close.props('flat round dense aria-label="关闭"')
        with ui.element("div").classes("writing-picker-body"):
            with ui.column().classes("writing-picker-left"):
                self._source = ui.select({}, label="文件或项目", on_change=lambda e: self._load(e.value))
                self._source.props('outlined dense options-dense aria-label="文件或项目"').classes(
                    "full-width"
                )
                self._words = ui.input("条款里的字", on_change=self._list)
                self._words.props('outlined dense clearable debounce=200 aria-label="查找条款"')
                self._words.classes("full-width")
                self._listing = ui.column().classes("writing-clauses").props('role=list aria-label="条款"')
            with ui.column().classes("writing-picker-right"):
                self._label = ui.label().classes("text-weight-medium")
                self._text = ui.label().classes("clause-text camp-clause")
                self._take = ui.button("就用这一条", icon="check", on_click=self._submit)
                self._take.disable()

    async def open(self, near: str | None) -> None:
        found = await in_thread(self._desk.citable)
        self._sources = {item.id: item for item in found if item.state == "published"}
        names = {
            item.id: f"{'项目' if item.programme else '文件'}：{item.title}"
            for item in self._sources.values()
        }
        self._dialog.open()
        if not names:
            with self._listing:
                empty("还没有已发布的文件。")
            return
        start = (near or "").partition("#")[0]
        self._wanted = near
        self._source.set_options(names, value=start if start in names else next(iter(names)))

    async def _load(self, source: str | None) -> None:
        if source is None:
            return
        with failures_said():
            programme = self._sources[source].programme
            self._clauses = [] if programme else await in_thread(self._desk.clauses, source)
            if self._source.value != source:  # another one was chosen meanwhile
                return
            self._list()
            ids = [clause.id for clause in self._clauses] or [source]
            told = (clause.id for clause in self._clauses if clause.kind not in ("notice", "title"))
            await self._show(self._wanted if self._wanted in ids else next(told, ids[0]))

    def _list(self) -> None:
        wanted = (self._words.value or "").strip()
        found = [clause for clause in self._clauses if wanted in clause.text or wanted in clause.label]
        self._listing.clear()
        with self._listing:
            for clause in found[:_LISTED]:
                item = ui.button(on_click=lambda _, id=clause.id: self._show(id))
                item.props("flat no-caps align=left").classes("writing-clause")
                with item, ui.column().classes("writing-clause-words"):
                    ui.label(clause.label).classes("text-weight-medium")
                    ui.label(clause.text[:48]).classes("dim ellipsis")
            if len(found) > _LISTED:
                ui.label(f"还有 {len(found) - _LISTED} 条，请输入条款里的字缩小范围。").classes("dim")
            if self._clauses and not found:
                ui.label("没有含这些字的条款。").classes("dim")

    async def _show(self, clause_id: str) -> None:
        with failures_said():
            pieces = await in_thread(self._desk.pieces, clause_id)
            clause = next((each for each in self._clauses if each.id == clause_id), None)
            self._wanted = clause_id
            self._label.text = clause.label if clause else self._sources[clause_id].title
            self._text.text = "".join(words for _, words, _ in pieces)
            self._take.enable()

    def _submit(self) -> None:
        self._dialog.submit(self._wanted)
