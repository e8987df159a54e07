"""Two people changed one draft: both texts side by side, field by field, and the choice to the person."""

from __future__ import annotations

from copy import deepcopy
from typing import Any, Literal

from nicegui import ui

from api.console.parts import words_of
from api.console.writing.readable import lines_of
from knowledge.editing.errors import DraftConflict
from knowledge.fields import field_label

Side = Literal["mine", "theirs"]


def proposed(base: dict[str, Any], mine: dict[str, Any], theirs: dict[str, Any]) -> dict[str, Side | None]:
    """The fields in which the two differ, with whose word stands where only one of them changed it; None
    where both did and a person must decide."""
    fields = [name for name in {**theirs, **mine} if (mine.get(name) or None) != (theirs.get(name) or None)]
    sides: dict[str, Side | None] = {}
    for name in fields:
        was = base.get(name) or None
        if (theirs.get(name) or None) == was:
            sides[name] = "mine"
        elif (mine.get(name) or None) == was:
            sides[name] = "theirs"
        else:
            sides[name] = None
    return sides


async def settle(
    conflict: DraftConflict, *, base: dict[str, Any], mine: dict[str, Any]
) -> dict[str, Any] | None:
    """The content that the person decided for; None while they have not. Where the draft is gone, their own
    text begins another."""
    theirs = dict(conflict.draft.content) if conflict.draft else None
    with ui.dialog().props("persistent") as dialog, ui.card().classes("console-dialog writing-conflict"):
        ui.label("有人先改了这份草稿").classes("console-dialog-title")
        ui.label(words_of(conflict))
        if theirs is None:
            ui.label("你写的文字还在这一页上，可以另存为一份新草稿。").classes("dim")
            chosen: dict[str, Any] = {}
        else:
            chosen = _sides(base, mine, theirs)
        with ui.row().classes("console-actions"):
            ui.button("先不处理", on_click=lambda: dialog.submit(None)).props("flat")
            if theirs is not None:
                ui.button("全部用对方的", on_click=lambda: dialog.submit(deepcopy(theirs))).props("outline")
            save = ui.button("另存为新草稿" if theirs is None else "按所选合并并保存")

            def submit() -> None:
                if any(side is None for side in chosen.values()):
                    ui.notify("还有没选的项：双方都改过的要选定用谁的。", type="warning")
                    return
                dialog.submit(_merged(mine, theirs, chosen))

            save.on_click(submit)
    try:
        outcome: dict[str, Any] | None = await dialog
        return outcome
    finally:
        dialog.delete()


def _merged(
    mine: dict[str, Any], theirs: dict[str, Any] | None, chosen: dict[str, Side | None]
) -> dict[str, Any]:
    merged = deepcopy(mine)
    for name, side in chosen.items():
        if side == "theirs" and theirs is not None:
            merged[name] = deepcopy(theirs.get(name))
    return merged


def _sides(base: dict[str, Any], mine: dict[str, Any], theirs: dict[str, Any]) -> dict[str, Side | None]:
    """Draws both texts of every field that differs; the person's choices go into what is returned."""
    chosen = proposed(base, mine, theirs)
    ui.label("没有覆盖任何内容。逐项选定保留谁的文字：").classes("dim")
    with ui.scroll_area().classes("writing-conflict-fields"):
        for name in chosen:
            _field(name, mine.get(name), theirs.get(name), chosen)
    return chosen


def _field(name: str, mine: Any, theirs: Any, chosen: dict[str, Side | None]) -> None:
    label = field_label(name)
    with ui.column().classes("writing-conflict-field"):
        ui.label(label).classes("text-weight-medium")

        def choose(side: Side) -> None:
            chosen[name] = side

        ui.radio(
            {"mine": f"{label}：用我的", "theirs": f"{label}：用对方的"},
            value=chosen[name],
            on_change=lambda event: choose(event.value),
        ).props("inline dense")
        with ui.row().classes("writing-sides"):
            for title, value in (("我的", mine), ("对方的", theirs)):
                with ui.column().classes("writing-side"):
                    ui.label(title).classes("dim")
                    for line in lines_of(name, value) or ["（空）"]:
                        ui.label(line)
