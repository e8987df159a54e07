"""Picking a citation: a document or card, one of its clauses, and words marked in the clause's text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from nicegui import ui

from api.console.parts import empty, failures_said, in_thread
from api.console.writing.elements import ClauseText, Marked
from api.console.writing.words import word
from api.desk.writing import WritingDesk
from knowledge.model import Clause
from knowledge.store.citing import Citable

_LISTED = 120
"""Clauses listed at a time; of more, words narrow the choice."""


async def pick(
    desk: WritingDesk, *, quoted: Sequence[Mapping[str, Any]], near: str | None = None
) -> dict[str, Any] | None:
    """A quote in plain form, None if the dialog is closed. It opens at the clause `near`; `quoted` is set off
    in the texts."""
    with ui.dialog().props("persistent") as dialog, ui.card().classes("console-dialog writing-picker"):
        picker = _Picker(desk, quoted, dialog)
    picked: dict[str, Any] | None = None
    with failures_said():
        await picker.open(near)
        picked = await dialog
    dialog.delete()
    return picked


class _Picker:
    def __init__(self, desk: WritingDesk, quoted: Sequence[Mapping[str, Any]], dialog: ui.dialog) -> None:
        self._desk, self._quoted, self._dialog = desk, quoted, dialog
        self._clauses: list[Clause] = []
        self._sources: dict[str, Citable] = {}
        self._wanted: str | None = None
        self._current: str | None = None
        self._items: dict[str, ui.button] = {}
        self._marked: Marked | None = None
        with ui.row().classes("writing-row full-width"):
            ui.label("从条款里选取引文").classes("console-dialog-title")
            ui.space()
            ui.button(icon="close", on_click=lambda: dialog.submit(None)).props(
                'flat round dense aria-label="关闭"'
            )
        with ui.element("div").classes("writing-picker-body"):
            with ui.column().classes("writing-picker-left"):
                self._source = ui.select({}, label="文件或项目", on_change=lambda e: self._choose(e.value))
                self._source.props('outlined dense options-dense aria-label="文件或项目"').classes(
                    "full-width"
                )
                self._words = ui.input("条款里的字", on_change=lambda: self._list()).props(
                    'outlined dense clearable debounce=200 aria-label="查找条款"'
                )
                self._words.classes("full-width")
                self._listing = ui.column().classes("writing-clauses").props('role=list aria-label="条款"')
            with ui.column().classes("writing-picker-right"):
                self._label = ui.label().classes("text-weight-medium")
                ui.label("用鼠标或手指划出要引用的话；也可以按 Tab 移到一句，按回车选中。").classes("dim")
                self._text = ClauseText(label="条款正文", on_marked=self._on_marked)
                self._chosen = ui.label().classes("writing-chosen").props("aria-live=polite")
                with ui.row().classes("writing-row"):
                    self._take = ui.button("引用所选文字", icon="format_quote", on_click=self._cite)
                    self._take.disable()
                    ui.space()
                with ui.expansion("或者粘贴原文里的一句话").props("dense").classes("full-width"):
                    self._pasted = ui.input("原文里的话").props('outlined dense aria-label="原文里的话"')
                    self._pasted.classes("full-width")
                    ui.button("引用这句话", on_click=self._find).props("outline dense")

    async def open(self, near: str | None) -> None:
        sources: list[Citable] = await in_thread(self._desk.citable)
        self._sources = {item.id: item for item in sources}
        self._source.set_options({item.id: _name(item) for item in sources})
        start = (near or "").partition("#")[0]
        first = start if start in self._sources else next(iter(self._sources), None)
        self._dialog.open()
        if first is None:
            with self._listing:
                empty("还没有文件。请先导入文件。")
            return
        self._source.value = first
        await self._load(first, near)

    async def _choose(self, source: str | None) -> None:
        if source and source != self._loaded:
            with failures_said():
                await self._load(source, None)

    _loaded: str | None = None

    async def _load(self, source: str, near: str | None) -> None:
        self._loaded = source
        self._clauses, self._wanted = [], None
        if not self._sources[source].programme:
            self._clauses = await in_thread(self._desk.clauses, source)
        self._list()
        names = [clause.id for clause in self._clauses] or [source]
        await self._show(near if near in names else self._first(names))

    def _first(self, names: list[str]) -> str:
        """The first clause that says something, where none was asked for."""
        told = (clause.id for clause in self._clauses if clause.kind not in ("notice", "title"))
        return next(told, names[0])

    def _list(self) -> None:
        wanted = (self._words.value or "").strip()
        found = [c for c in self._clauses if not wanted or wanted in c.text or wanted in c.label]
        self._listing.clear()
        self._items = {}
        with self._listing:
            for clause in found[:_LISTED]:
                self._draw(clause)
            if len(found) > _LISTED:
                ui.label(f"还有 {len(found) - _LISTED} 条，请输入条款里的字缩小范围").classes("dim")
            if self._clauses and not found:
                ui.label("没有含这些字的条款").classes("dim")

    def _draw(self, clause: Clause) -> None:
        item = ui.button(on_click=lambda: self._show(clause.id)).props("flat no-caps align=left")
        item.classes("writing-clause" + (" current" if clause.id == self._wanted else ""))
        self._items[clause.id] = item
        with item, ui.column().classes("writing-clause-words"):
            ui.label(clause.label).classes("text-weight-medium")
            ui.label(clause.text[:48]).classes("dim ellipsis")

    async def _show(self, clause_id: str) -> None:
        """Of several clauses asked for one after the other, the last one is shown."""
        for name in (self._wanted, clause_id):
            if name in self._items:
                self._items[name].classes(toggle="current")
        self._wanted = clause_id
        quoted = [quote["text"] for quote in self._here(clause_id)]
        with failures_said():
            pieces = await in_thread(self._desk.pieces, clause_id, quoted)
            if self._wanted != clause_id:
                return
            self._current, self._marked = clause_id, None
            self._take.disable()
            self._chosen.set_text("")
            clause = next((c for c in self._clauses if c.id == clause_id), None)
            self._label.set_text(clause.label if clause else self._sources[clause_id].title)
            self._text.show(pieces)

    def _here(self, clause_id: str) -> list[Mapping[str, Any]]:
        return [quote for quote in self._quoted if quote["clause"] == clause_id]

    def _on_marked(self, marked: Marked) -> None:
        self._marked = marked
        self._chosen.set_text(f"已选 {marked.end - marked.start} 字：“{marked.text.strip()}”")
        self._take.enable()

    async def _cite(self) -> None:
        if self._marked is None or self._current is None:
            return
        with failures_said():
            marked = self._marked
            picked = await in_thread(self._desk.cite, self._current, marked.start, marked.end, marked.text)
            self._dialog.submit(picked)

    async def _find(self) -> None:
        if self._current is None:
            return
        with failures_said():
            self._dialog.submit(await in_thread(self._desk.find, self._current, self._pasted.value or ""))


def _name(item: Citable) -> str:
    kind = "项目" if item.programme else "文件"
    state = "" if item.state == "published" else f"（{word('state', item.state)}）"
    return f"{kind}：{item.title}{state}"
