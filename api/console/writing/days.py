"""A day that is typed as 2026-01-31 or picked from a calendar."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from nicegui import ui


def day_input(label: str, *, value: str | None, on_day: Callable[[str | None], None]) -> ui.input:
    """`on_day` hears of whole days and of an emptied field, not of a day half typed."""
    box = ui.input(label, value=value or "", validation={"写作 2026-01-31": _readable})
    box.props(f'outlined dense mask="####-##-##" hide-bottom-space aria-label="{label}"')
    with box.add_slot("append"), ui.button(icon="event").props("flat round dense color=grey-7") as opener:
        opener.props(f'aria-label="{label}：打开日历"')
        with ui.menu() as menu:
            ui.date(on_change=lambda e: (box.set_value(e.value or ""), menu.close()))
    box.on_value_change(lambda e: on_day(e.value or None) if _readable(e.value) else None)
    return box


def _readable(value: str | None) -> bool:
    if not value:
        return True
    try:
        return len(value) == 10 and bool(date.fromisoformat(value))
    except ValueError:
        return False
