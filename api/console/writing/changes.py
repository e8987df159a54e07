"""Draws what changed between two versions, in words."""

from __future__ import annotations

from collections.abc import Iterable

from nicegui import ui
from nicegui.elements.mixins.text_element import TextElement

from api.console.writing.differences import FieldDifference, LineChange, difference
from api.console.writing.words import word
from knowledge.editing.model import FieldChange

_HIDDEN = frozenset({"id"})
_SHOWN = 60
"""Lines of one field that are drawn; of more only the number is told."""


def show_changes(changes: Iterable[FieldChange], *, nothing: str = "没有改动。") -> None:
    """Each changed field with its label and the lines that went and came."""
    shown = [change for change in changes if change.field not in _HIDDEN and not _only_begun(change)]
    if not shown:
        ui.label(nothing).classes("dim")
        return
    with ui.column().classes("writing-changes"):
        for change in shown:
            found = difference(change.field, change.before, change.after)
            with ui.row().classes("writing-change"):
                ui.label(change.label).classes("writing-change-label")
                with ui.column().classes("writing-change-lines"):
                    _field(found)


def _only_begun(change: FieldChange) -> bool:
    """That something new is to be published goes without saying."""
    return change.field == "state" and change.before is None


def _field(found: FieldDifference) -> None:
    if found.moved:
        ui.label(word("change", "moved")).classes("dim")
    for change in found.changes[:_SHOWN]:
        _line(change)
    if len(found.changes) > _SHOWN:
        ui.label(f"还有{len(found.changes) - _SHOWN}处改动没有列出").classes("dim")
    if found.same and not found.moved:
        ui.label(word("change", "same").format(count=found.same)).classes("dim")


def _line(change: LineChange) -> None:
    kinds = {piece.kind for piece in change.pieces}
    sign = {frozenset({"gone"}): "−", frozenset({"new"}): "＋"}.get(frozenset(kinds), "改")
    with ui.element("div").classes("writing-line"):
        ui.label(sign).classes("writing-line-sign").props(f'aria-label="{_SPOKEN[sign]}"')
        with ui.element("div").classes("writing-line-text"):
            for piece in change.pieces:
                TextElement(tag=_TAGS[piece.kind], text=piece.text)


_TAGS = {"gone": "del", "new": "ins", "same": "span"}
_SPOKEN = {"−": "删去", "＋": "新增", "改": "修改"}
