"""The dialogue in which an editor says what a line of the source is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nicegui import ui

from api.console.documents.elements import answer_of, table
from api.console.parts import failures_said
from knowledge.parsing import Mending, Piece
from knowledge.parsing.mending import MendingKind
from knowledge.parsing.numbering import marker_of

if TYPE_CHECKING:
    from api.console.documents.page import DocumentPage


async def mend(page: DocumentPage, piece: Piece) -> None:
    """Opens it for one place of the source, and mends what was said there."""
    found = marker_of(piece.text.strip(), piece.text)
    with page.root, ui.dialog() as dialog, ui.card().classes("console-dialog"):
        ui.label(f"修正第 {piece.line + 1} 行").classes("console-dialog-title")
        ui.label(piece.text.strip()[:300]).classes("doc-quote")
        what = ui.radio(table("mendings"), value="begin" if found else "plain").classes("doc-choice")
        with ui.row().classes("w-full items-center gap-2") as numbering:
            styles = table("styles")
            style = ui.select(
                styles, label="编号样式", value=found.style.name.lower() if found else "section"
            )
            style.props("outlined dense").classes("min-w-32")
            number = ui.number("第几号", value=found.number if found else 1, min=1, max=9999, precision=0)
            number.props("outlined dense").classes("w-28")
        numbering.bind_visibility_from(what, "value", value="begin")
        before = ui.input("在这几个字之前断开").props("outlined dense").classes("w-full")
        before.bind_visibility_from(what, "value", value="split")
        text = ui.textarea("改成", value=piece.text.strip()).props("outlined autogrow").classes("w-full")
        text.bind_visibility_from(what, "value", value="edit")
        note = ui.input("说明（改文字时必填）").props("outlined dense").classes("w-full")

        def save() -> None:
            with failures_said():
                mendings = _mendings(
                    piece,
                    str(what.value),
                    style=str(style.value),
                    number=int(number.value or 0),
                    before=before.value or "",
                    text=text.value or "",
                    note=note.value or "",
                )
                dialog.submit(mendings)

        with ui.row().classes("console-actions"):
            ui.button("取消", on_click=dialog.close).props("flat")
            ui.button("保存修正", on_click=save)
    mendings = await answer_of(dialog)
    if mendings:
        await page.change(
            lambda: page.desk.mend(page.document_id, revision=page.revision, mendings=mendings),
            "已修正，条款重新识别过了。",
        )


def _mendings(
    piece: Piece, what: str, *, style: str, number: int, before: str, text: str, note: str
) -> list[Mending]:
    """What an editor said, as mendings. Raises InvalidContent and ValueError in words."""
    kind: MendingKind = what  # type: ignore[assignment]
    if what == "split":
        place = piece.source.find(before) if before else -1
        if place <= 0:
            raise ValueError(f"第 {piece.line + 1} 行里没有找到“{before}”，请照原文填写断开处后面的几个字。")
        return [Mending("split", piece.line, piece.column + place, note=note)]
    if what == "begin":
        return [Mending("begin", piece.line, piece.column, style=style, number=number, note=note)]
    if what == "edit":
        return [Mending("edit", piece.line, piece.column, text=text.strip(), note=note)]
    return [Mending(kind, piece.line, piece.column, note=note)]
