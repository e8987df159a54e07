"""A list of tables in a form (amounts, sources, rules), a block each: added, moved, taken out."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

from nicegui import ui

from api.console.writing.days import day_input
from api.console.writing.form import Form

Item = dict[str, Any]
DrawItem = Callable[[Item, int], None]


class Blocks:
    def __init__(
        self,
        form: Form,
        field: str,
        *,
        title: str,
        lead: str,
        add: str,
        blank: Callable[[], Item],
        draw: DrawItem,
    ) -> None:
        """`draw` draws the fields of one item into the block."""
        self._form, self._field, self._blank, self._draw_item = form, field, blank, draw
        self._title = title
        with ui.card().classes("console-card"):
            ui.label(title).classes("writing-section")
            if lead:
                ui.label(lead).classes("dim")
            self._column = ui.column().classes("writing-quotes")
            self._add = ui.button(add, icon="add", on_click=self._append).props("outline dense")
        form.on_redraw(self.draw)
        self.draw()

    @property
    def items(self) -> list[Item]:
        items: list[Item] = self._form.content.setdefault(self._field, [])
        return items

    def draw(self) -> None:
        self._column.clear()
        self._add.set_visibility(self._form.editable)
        with self._column:
            if not self.items:
                ui.label("还没有。").classes("dim")
            for number, item in enumerate(self.items):
                with ui.element("div").classes("writing-block"):
                    self._block(number, item)

    def _block(self, number: int, item: Item) -> None:
        with ui.row().classes("writing-row"):
            ui.label(f"{self._title} {number + 1}").classes("dim")
            ui.space()
            if self._form.editable:
                name = f"{self._title}{number + 1}"
                self._tool("arrow_upward", f"把{name}上移", lambda: self._swap(number - 1), number > 0)
                last = number == len(self.items) - 1
                self._tool("arrow_downward", f"把{name}下移", lambda: self._swap(number), not last)
                self._tool("close", f"删去{name}", lambda: self._remove(number), True)
        self._draw_item(item, number)

    def _tool(self, icon: str, label: str, act: Callable[[], None], enabled: bool) -> None:
        button = ui.button(icon=icon, on_click=act).props(
            f'flat round dense color=grey-8 aria-label="{label}"'
        )
        button.set_enabled(enabled)

    def _append(self) -> None:
        self.items.append(deepcopy(self._blank()))
        self._changed()

    def _remove(self, number: int) -> None:
        del self.items[number]
        self._changed()

    def _swap(self, upper: int) -> None:
        items = self.items
        items[upper], items[upper + 1] = items[upper + 1], items[upper]
        self._changed()

    def _changed(self) -> None:
        self._form.touch()
        self.draw()


class Fields:
    """Draws inputs that write into one table of the form."""

    def __init__(self, form: Form, item: Item) -> None:
        self._form, self._item = form, item

    def put(self, name: str, value: Any) -> None:
        """An empty value takes the field out, as the plain form of a rule has it."""
        if value in (None, "", [], {}):
            if name in self._item:
                del self._item[name]
                self._form.touch()
        elif self._item.get(name) != value:
            self._item[name] = value
            self._form.touch()

    def text(self, name: str, label: str, *, wide: bool = False, hint: str = "", empty: Any = "") -> ui.input:
        """`empty` is what the form keeps where nothing is written."""
        box = ui.input(label, value=self._item.get(name) or "")
        box.props(f'outlined dense aria-label="{label}"' + (f' hint="{hint}"' if hint else ""))
        box.classes("wide" if wide else "")
        box.on_value_change(lambda e: self.keep(name, e.value or empty))
        box.set_enabled(self._form.editable)
        return box

    def day(self, name: str, label: str) -> ui.input:
        box = day_input(label, value=self._item.get(name), on_day=lambda day: self.keep(name, day))
        box.set_enabled(self._form.editable)
        return box

    def lines(self, name: str, label: str) -> ui.textarea:
        """A list of texts, a line each."""
        box = ui.textarea(label, value="\n".join(self._item.get(name) or []))
        box.props(f'outlined dense autogrow aria-label="{label}"').classes("wide")
        box.on_value_change(lambda e: self.keep(name, _lines(e.value)))
        box.set_enabled(self._form.editable)
        return box

    def select(
        self,
        name: str,
        label: str,
        options: dict[str, str],
        *,
        multiple: bool = False,
        free: bool = False,
        wide: bool = False,
        optional: bool = True,
    ) -> ui.select:
        """A choice; a value that is no option is shown all the same. `free` lets one write another."""
        value: Any = self._item.get(name) or ([] if multiple else None)
        missing = [v for v in (value if multiple else [value]) if v and v not in options]
        box = ui.select(
            {**options, **{v: str(v) for v in missing}},
            label=label,
            value=list(value) if multiple else value,
            multiple=multiple,
            clearable=optional and not multiple,
            with_input=free,
            new_value_mode="add-unique" if free else None,
            key_generator=str if free else None,
        )
        box.props(f'outlined dense options-dense aria-label="{label}"' + (" use-chips" if multiple else ""))
        box.classes("wide" if wide else "")
        box.on_value_change(lambda e: self.put(name, list(e.value or []) if multiple else e.value))
        box.set_enabled(self._form.editable)
        return box

    def keep(self, name: str, value: Any) -> None:
        if self._item.get(name) != value:
            self._item[name] = value
            self._form.touch()


def _lines(text: str | None) -> list[str]:
    return [line.strip() for line in (text or "").splitlines() if line.strip()]
