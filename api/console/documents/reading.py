"""The source beside the tree that was read from it, with the parser's remarks at their places, and mending.

A long document is shown a stretch of lines at a time: some thousand lines would stall a browser.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nicegui import ui

from api.console.documents.elements import chip, table, word
from api.console.documents.mending import mend
from api.console.parts import empty
from knowledge.model import Clause
from knowledge.parsing import LeftOut, Mending, Piece, Remark

if TYPE_CHECKING:
    from api.console.documents.page import DocumentPage

STRETCH = 120


@dataclass(frozen=True, slots=True)
class _Marks:
    """What is known of the places of a text."""

    remarks: Mapping[int, Remark]
    left_out: Mapping[tuple[int, int], LeftOut]
    owners: Mapping[int, str]
    """The clause that a line is in, the innermost."""
    first: Mapping[int, Sequence[Clause]]
    """The clauses that begin on a line."""


class ReadingTab:
    """Where in the text the reader is stays the same over a mending."""

    def __init__(self, page: DocumentPage) -> None:
        self._page = page
        self._start = 0
        self._at: int | None = None
        self._pane = "source"

    async def prepare(self) -> Callable[[], None]:
        return self._draw

    def _draw(self) -> None:
        opened = self._page.opened
        self._marks = _marks(self._page)
        self._pieces = [piece for piece in opened.pieces if piece.text.strip() or piece.source.strip()]
        if self._start >= len(self._pieces):
            self._start = 0
        self._remarks()
        self._mended()
        if not self._page.editable and self._page.may_edit:
            ui.label("要修正正文，请先点右上角“开始修改”。").classes("dim")
        switch = ui.toggle({"source": "原文", "tree": "条款"}, value=self._pane).classes("doc-switch")
        switch.props("no-caps spread unelevated toggle-color=primary")
        self._stretch_choice()
        with ui.element("div").classes(f"doc-split show-{self._pane}") as split:
            with ui.element("div").classes("doc-pane doc-source"):
                ui.label("原文（点一行可以修正）" if self._page.editable else "原文").classes("doc-pane-head")
                self._source = _pane("原文")
            with ui.element("div").classes("doc-pane doc-tree"):
                ui.label(f"条款（共 {len(opened.item.clauses)} 条）").classes("doc-pane-head")
                self._tree = _pane("条款")

        def switched() -> None:
            split.classes(remove=f"show-{self._pane}")
            self._pane = str(switch.value)
            split.classes(add=f"show-{self._pane}")

        switch.on_value_change(switched)
        self._fill()

    def _remarks(self) -> None:
        remarks, left = self._page.opened.parsed.remarks, self._page.opened.left_out
        own = [text for text in self._page.opened.item.document.warnings if text not in self._known()]
        with ui.card().classes("console-card"):
            with ui.row().classes("items-center gap-2"):
                ui.label(f"需要核对的地方（{len(remarks) + len(own)}）").classes("text-weight-medium")
            if not remarks and not own:
                ui.label("识别没有发现问题。").classes("dim")
            with ui.element("div").classes("doc-warnings").props('role=list aria-label="需要核对的地方"'):
                for text in own:
                    with ui.element("div").classes("doc-warning").props("role=listitem"):
                        chip(word("remarks", "read"), "amber")
                        ui.label(text).classes("grow")
                for remark in remarks[:100]:
                    with ui.element("div").classes("doc-warning").props("role=listitem"):
                        chip(word("remarks", remark.kind), "amber")
                        ui.label(remark.text).classes("grow")
                        if remark.line is not None:
                            line = remark.line
                            ui.button("跳到原文", on_click=lambda line=line: self.jump(line)).props(
                                "flat dense"
                            )
            if len(remarks) > 100:
                ui.label(f"另有 {len(remarks) - 100} 处，改好前面的再看。").classes("dim")
            if left:
                with ui.expansion(f"不在任何条款里的文字（{len(left)}）").classes("w-full"):
                    for item in left[:200]:
                        with ui.row().classes("w-full items-baseline gap-2"):
                            chip(word("left_out", item.why), "red" if item.why == "lost" else "grey")
                            ui.label(f"第 {item.line + 1} 行：{item.text}").classes("dim")
                            if item.instead:
                                ui.label(f"改为：{item.instead}")
                            if item.note:
                                ui.label(f"（{item.note}）").classes("dim")

    def _known(self) -> set[str]:
        return {remark.text for remark in self._page.opened.parsed.remarks} | set(
            self._page.opened.parsed.warnings
        )

    def _mended(self) -> None:
        mendings = self._page.opened.item.mendings
        if not mendings:
            return
        with ui.expansion(f"手工修正（{len(mendings)}）").classes("w-full"):
            for number, mending in enumerate(mendings):
                with ui.row().classes("w-full items-center gap-2"):
                    ui.label(_told(mending))
                    ui.label(f"{mending.by} {mending.at[:16].replace('T', ' ')}").classes("dim")
                    if self._page.editable:
                        ui.button("撤销", on_click=lambda number=number: self._undo(number)).props(
                            "flat dense"
                        )

    async def _undo(self, number: int) -> None:
        page = self._page
        await page.change(
            lambda: page.desk.undo(page.document_id, revision=page.revision, number=number),
            "已撤销这处修正。",
        )

    def _stretch_choice(self) -> None:
        count = -(-len(self._pieces) // STRETCH)
        if count <= 1:
            return
        with ui.row().classes("w-full items-center justify-between"):
            first, last = self._start + 1, min(self._start + STRETCH, len(self._pieces))
            self._where = ui.label(f"第 {first}–{last} 段，共 {len(self._pieces)} 段").classes("dim")
            self._turn = ui.pagination(1, count, direction_links=True, value=self._start // STRETCH + 1)
            self._turn.props("max-pages=6 boundary-numbers")
            self._turn.on_value_change(lambda event: self._show((int(event.value) - 1) * STRETCH))

    def _show(self, start: int) -> None:
        if start == self._start:
            return
        self._start = start
        last = min(start + STRETCH, len(self._pieces))
        self._where.set_text(f"第 {start + 1}–{last} 段，共 {len(self._pieces)} 段")
        self._turn.set_value(start // STRETCH + 1)
        self._fill()

    def jump(self, line: int) -> None:
        """Shows the stretch that a line is in, and both panes at it."""
        place = next((i for i, piece in enumerate(self._pieces) if piece.line >= line), 0)
        self._at = line
        start = place // STRETCH * STRETCH
        if start != self._start:
            self._show(start)
        self._mark(line)

    def _mark(self, line: int) -> None:
        path = self._marks.owners.get(line, "")
        ui.run_javascript(
            "document.querySelectorAll('.doc-line.at,.doc-clause.at').forEach(e => e.classList.remove('at'));"
            f'for (const e of document.querySelectorAll(\'[data-line="{line}"],[data-path="{path}"]\')) {{'
            "e.classList.add('at'); const box = e.closest('.doc-pane-body');"
            "box.scrollTop = e.offsetTop - box.clientHeight / 3;}"
        )

    def _fill(self) -> None:
        shown = self._pieces[self._start : self._start + STRETCH]
        self._source.clear()
        with self._source:
            if not shown:
                empty("没有文字。")
            for piece in shown:
                self._line(piece)
        self._tree.clear()
        lines = {piece.line for piece in shown}
        with self._tree:
            clauses = [clause for line in sorted(lines) for clause in self._marks.first.get(line, ())]
            if not clauses:
                empty("这一段里没有新的条款。", icon="subject")
            for clause in clauses:
                self._clause(clause)

    def _line(self, piece: Piece) -> None:
        out = self._marks.left_out.get((piece.line, piece.column))
        kind = "" if out is None else (" edited" if out.why == "edited" else " out")
        if piece.line in self._marks.first:
            kind += " begins"
        remark = self._marks.remarks.get(piece.line)
        if remark is not None:
            kind += " warned"
        with ui.element("div").classes(f"doc-line{kind}").props(f"data-line={piece.line}") as row:
            if self._page.editable:
                row.props(f'role=button tabindex=0 aria-label="第{piece.line + 1}行，点开修正"')
            ui.label(str(piece.line + 1)).classes("doc-line-number")
            ui.label(piece.text.strip("\n")).classes("doc-line-text")
        if remark is not None:
            row.tooltip(remark.text)
        if self._page.editable:
            row.on("click", lambda: mend(self._page, piece))
            row.on("keydown.enter", lambda: mend(self._page, piece))
        else:
            row.on("click", lambda: self._mark(piece.line))

    def _clause(self, clause: Clause) -> None:
        depth = clause.path.count(".") if clause.kind not in ("title", "notice", "preamble") else 0
        lines = self._page.opened.parsed.lines.get(clause.path) or (0,)
        row = ui.element("div").classes("doc-clause").props(f'data-path="{clause.path}"')
        row.style(f"margin-left:{depth * 18}px").on("click", lambda: self._mark(lines[0]))
        with row:
            ui.label(clause.label).classes("doc-clause-label")
            ui.label(clause.text).classes("doc-clause-text")
            with ui.element("div").classes("doc-clause-facts"):
                ui.label(clause.id)
                if clause.departments:
                    ui.label("责任部门：" + "、".join(clause.departments[:4]))
                if clause.incomplete:
                    chip("表格中断", "amber")


def _marks(page: DocumentPage) -> _Marks:
    opened = page.opened
    owners: dict[int, str] = {}
    first: dict[int, list[Clause]] = {}
    for clause in opened.item.clauses:
        lines = opened.parsed.lines.get(clause.path, ())
        for line in lines:
            owners[line] = clause.path
        if lines:
            first.setdefault(min(lines), []).append(clause)
    return _Marks(
        {remark.line: remark for remark in opened.parsed.remarks if remark.line is not None},
        {(item.line, item.column): item for item in opened.left_out},
        owners,
        first,
    )


def _told(mending: Mending) -> str:
    """One mending in a sentence."""
    what = word("mendings", mending.what)
    style = f"（{table('styles')[mending.style]} 第 {mending.number} 号）" if mending.style else ""
    text = f"：{mending.text}" if mending.text else ""
    note = f"（{mending.note}）" if mending.note else ""
    return f"第 {mending.line + 1} 行　{what}{style}{text}{note}"


def _pane(label: str) -> ui.element:
    """A part of the page that scrolls by itself, by keyboard too."""
    pane = ui.element("div").classes("doc-pane-body")
    return pane.props(f'role=region tabindex=0 aria-label="{label}"')
