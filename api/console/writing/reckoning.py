"""The calculator tried while a programme is written: facts of a case, and what residents would be told."""

from __future__ import annotations

from typing import Any

from nicegui import ui

from api.console.parts import in_thread
from api.console.writing.days import day_input
from api.console.writing.form import Form
from api.console.writing.words import table, word
from api.desk.programmes import ProgrammeDesk
from knowledge.errors import KnowledgeError
from knowledge.rules import CHOICES, FACTS, TASKS


class Reckoning:
    def __init__(self, form: Form, desk: ProgrammeDesk) -> None:
        self._form, self._desk = form, desk
        self._told: dict[str, Any] = {}
        ui.label("填一个人的情况，看按现在写的规则会怎么说。").classes("dim")
        with ui.element("div").classes("writing-fields"):
            self._select("task", "办什么", {task: word("task", task) for task in TASKS})
            for fact in FACTS:
                if fact in CHOICES:
                    self._select(fact, word("fact", fact), table("choice")[fact])
                else:
                    self._text(fact, word("fact", fact), day=fact == "old_registered")
            self._text("bought_on", "购置日期", day=True)
        ui.button("算一算", icon="calculate", on_click=self.reckon)
        self._result = ui.column().classes("writing-tried").props("aria-live=polite")

    def _select(self, fact: str, label: str, options: dict[str, str]) -> None:
        box = ui.select(options, label=label, clearable=True)
        box.props(f'outlined dense options-dense aria-label="{label}"')
        box.on_value_change(lambda e: self._tell(fact, e.value))

    def _text(self, fact: str, label: str, *, day: bool = False) -> None:
        if day:
            day_input(label, value=None, on_day=lambda value: self._tell(fact, value))
            return
        box = ui.input(label).props(f'outlined dense aria-label="{label}"')
        box.on_value_change(lambda e: self._tell(fact, (e.value or "").strip()))

    def _tell(self, fact: str, value: str | None) -> None:
        if value:
            self._told[fact] = value
        else:
            self._told.pop(fact, None)

    async def reckon(self) -> None:
        try:
            lines = await in_thread(self._desk.reckon, dict(self._form.content), dict(self._told))
            trouble = False
        except (KnowledgeError, ValueError) as error:
            lines, trouble = str(error).splitlines(), True
        self._result.clear()
        with self._result, ui.column().classes("writing-seen"):
            for line in lines:
                ui.label(line).classes("writing-note" if trouble else "")
