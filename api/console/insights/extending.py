"""The dialog in which a group's wordings are added to an entry that is there already."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from nicegui import ui

from api.console.parts import failures_said, in_thread
from api.desk.insights import InsightsDesk
from api.insights.model import Group
from knowledge.model import Entry


class Extending:
    """`keys` are the wordings to add."""

    def __init__(self, desk: InsightsDesk, group: Group, keys: Sequence[str]) -> None:
        self._desk, self._group, self._keys = desk, group, keys

    async def open(self) -> None:
        with ui.dialog() as self._dialog, ui.card().classes("console-dialog insights-extending"):
            ui.label("加到已有问答").classes("console-dialog-title")
            ui.label(
                f"把选中的 {len(self._keys)} 种问法写进那条问答的草稿；那里已有的不重复加。审核发布后生效。"
            ).classes("dim")
            words = ui.input("按编号、问题或问法找").props("outlined dense clearable debounce=300")
            self._words = words.classes("w-full")
            self._words.on_value_change(self._show)
            self._found = ui.column().classes("w-full gap-0")
            with ui.row().classes("console-actions"):
                ui.button("取消", on_click=self._dialog.close).props("flat")
        self._dialog.on_value_change(lambda e: None if e.value else self._dialog.delete())
        self._dialog.open()
        await self._show()

    async def _show(self) -> None:
        words = self._words.value or ""
        with failures_said():
            found = await in_thread(self._desk.answering, self._group.id, words)
            if words != (self._words.value or ""):
                return
            self._found.clear()
            with self._found:
                if not words.strip() and found:
                    ui.label("这些问法现在最接近的问答").classes("dim")
                elif not found:
                    said = "没有找到这样的问答。" if words.strip() else "还没有接近的问答，请写几个字来找。"
                    ui.label(said).classes("dim")
                for entry in found:
                    self._offer(entry)

    def _offer(self, entry: Entry) -> None:
        with ui.element("div").classes("insights-offer"):
            with ui.element("div").classes("insights-item-text"):
                ui.label(entry.question).classes("text-weight-medium")
                ui.label(entry.plain or entry.quotes[0].text).classes("dim insights-two-lines")
                ui.label(f"{entry.id}，已有 {len(entry.variants)} 种别的问法").classes("dim")
            add = ui.button("加进去", on_click=lambda: self._add(entry)).props("flat dense")
            add.props["aria-label"] = f"加进 {entry.id}"

    async def _add(self, entry: Entry) -> None:
        with failures_said():
            group = self._group
            await in_thread(self._desk.extend, group.id, entry.id, revision=group.revision, keys=self._keys)
            ui.navigate.to(f"/entries/{quote(entry.id)}")
