"""How an entry answers: its plain sentence, what that binds to, whom it concerns, how long it holds, and the
programmes shown beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from nicegui import ui
from nicegui.elements.mixins.disableable_element import DisableableElement

from api.console.writing.days import day_input
from api.console.writing.form import Form
from api.console.writing.words import table


class Answering:
    def __init__(self, form: Form, *, audiences: Sequence[str], programmes: Mapping[str, str]) -> None:
        """`programmes` are titles by id."""
        self._form = form
        with ui.card().classes("console-card"):
            ui.label("怎么回答").classes("writing-section")
            self._plain = ui.textarea("白话（可以不写；只能说引文里有的）")
            self._plain.props('outlined autogrow maxlength=600 counter aria-label="白话"').classes(
                "full-width"
            )
            self._plain.on_value_change(lambda e: form.put("plain", e.value or None))
            self._force = ui.select(table("force"), label="约束力")
            self._force.props('outlined dense aria-label="约束力"').classes("full-width")
            self._force.on_value_change(lambda e: self._chosen(e.value))
            self._help = ui.label().classes("dim")
            self._tags = ui.select(list(audiences), label="适用对象", multiple=True)
            self._tags.props('outlined dense use-chips aria-label="适用对象"').classes("full-width")
            self._tags.on_value_change(lambda e: form.put("tags", list(e.value or [])))
            with ui.row().classes("writing-row full-width"):
                self._days = {
                    name: day_input(label, value=None, on_day=partial(form.put, name)).classes("writing-day")
                    for name, label in (("valid_from", "生效日期"), ("valid_to", "失效日期"))
                }
            ui.label("不填日期，就跟随所引文件或项目的有效期。").classes("dim")
            self._programmes = ui.select(
                dict(programmes), label="旁边展示的项目", multiple=True, with_input=True
            )
            self._programmes.props('outlined dense use-chips aria-label="旁边展示的项目"').classes(
                "full-width"
            )
            self._programmes.on_value_change(lambda e: form.put("programmes", list(e.value or [])))
        form.on_redraw(self._draw)
        self._draw()

    def _chosen(self, force: str | None) -> None:
        self._form.put("force", force)
        self._help.set_text(table("force_help").get(force or "", ""))

    def _draw(self) -> None:
        content = self._form.content
        self._plain.value = content.get("plain") or ""
        self._force.value = content.get("force")
        for select, field in ((self._tags, "tags"), (self._programmes, "programmes")):
            chosen: list[Any] = list(content.get(field) or [])
            missing = [name for name in chosen if name not in select.options]
            if missing and isinstance(select.options, dict):
                select.set_options(
                    {**select.options, **{name: f"{name}（没有这个项目）" for name in missing}}
                )
            elif missing:
                select.set_options([*select.options, *missing])
            select.value = chosen
        for name, day in self._days.items():
            day.value = content.get(name) or ""
        boxes: list[DisableableElement] = [self._plain, self._force, self._tags, self._programmes]
        for box in (*boxes, *self._days.values()):
            box.set_enabled(self._form.editable)
