"""The history of a campaign: who did what, when, and with which words."""

from __future__ import annotations

from collections.abc import Sequence

from nicegui import ui

from api.console.campaigning.elements import badge
from api.console.campaigning.words import table, word
from api.console.parts import empty, when
from campaigns.planning.model import Event

_SYSTEM = {"system": "系统"}


def draw_history(column: ui.column, events: Sequence[Event]) -> None:
    """The newest first."""
    column.clear()
    with column:
        if not events:
            empty("还没有历史。", icon="history")
            return
        with ui.column().classes("writing-history").props('role=list aria-label="历史"'):
            for event in reversed(events):
                with ui.row().classes("camp-event").props("role=listitem"):
                    ui.label(when(event.at, year=True)).classes("dim tabular")
                    ui.label(_SYSTEM.get(event.by, event.by)).classes("text-weight-medium")
                    ui.label(word("event", event.what))
                    badge(event.state)
                    if event.note:
                        ui.label(_note(event)).classes("dim writing-grow")


def _note(event: Event) -> str:
    note = event.note or ""
    if event.what == "created":
        return "由另一条复制或更正而来"
    if event.what == "tested":
        return f"试发到{word('channel', note)}"
    if event.what.startswith("unknown_"):
        return f"{note} 条"
    known = table("finding")
    parts = ("、".join(known.get(code, code) for code in part.split("、")) for part in note.split("；"))
    confirmed = any(code in known for part in note.split("；") for code in part.split("、"))
    return ("确认过：" if confirmed else "") + "；".join(parts)
