"""The dialog before something is taken back at once: what falls silent with it, and why it is done."""

from __future__ import annotations

from collections.abc import Sequence

from nicegui import ui

from knowledge.model import Entry

_LISTED = 200


async def ask_withdrawal(title: str, lead: str, entries: Sequence[Entry]) -> str | None:
    """Name the entries that fall silent, ask for a typed reason; None if it is closed without one."""
    with ui.dialog() as dialog, ui.card().classes("console-dialog pub-withdrawing"):
        ui.label(f"立即撤回“{title}”？").classes("console-dialog-title")
        ui.label(lead).classes("dim")
        if entries:
            ui.label(f"会停用 {len(entries)} 条问答：").classes("text-weight-medium")
            draw_entries(entries)
        else:
            ui.label("没有问答会因此停用。").classes("text-weight-medium")
        reason = ui.textarea("理由").props("outlined autogrow maxlength=500").classes("full-width")
        with ui.row().classes("console-actions"):
            ui.button("取消", on_click=lambda: dialog.submit(None)).props("flat")
            sure = ui.button("立即撤回", on_click=lambda: dialog.submit(reason.value.strip()))
            sure.props("color=negative").bind_enabled_from(
                reason, "value", backward=lambda value: bool((value or "").strip())
            )
    try:
        return await dialog or None
    finally:
        dialog.delete()


def draw_entries(entries: Sequence[Entry]) -> None:
    """Entries with links to where they are written."""
    with ui.column().classes("pub-silenced").props('role=list aria-label="停用的问答" tabindex=0'):
        for entry in entries[:_LISTED]:
            with ui.row().classes("pub-silenced-line").props("role=listitem"):
                ui.link(entry.question, f"/entries/{entry.id}", new_tab=True)
                ui.label(entry.id).classes("dim")
        if len(entries) > _LISTED:
            ui.label(f"另有 {len(entries) - _LISTED} 条没有列出。").classes("dim")
