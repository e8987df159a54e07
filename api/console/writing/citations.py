"""The citations of an entry: what they say and where, the best first, and how further ones are marked."""

from __future__ import annotations

from typing import Any

from nicegui import ui

from api.console.parts import empty, failures_said, in_thread
from api.console.writing.form import Form
from api.console.writing.picking import pick
from api.desk.writing import CitedPlace, WritingDesk


class Citations:
    def __init__(self, form: Form, desk: WritingDesk, *, near: str | None = None) -> None:
        """`near` is the clause at which picking begins while nothing is quoted."""
        self._form, self._desk, self._near = form, desk, near
        self._drawn: object = None
        with ui.card().classes("console-card"):
            with ui.row().classes("writing-row"):
                ui.label("引文").classes("writing-section")
                ui.space()
                self._pick = ui.button("从条款里选取", icon="format_quote", on_click=self.add)
            ui.label("逐字引自条款；排在最前的一条就是居民看到的依据。").classes("dim")
            self._list = ui.column().classes("writing-quotes")
        form.watch(self._show, delay_s=0.0)

    @property
    def _quotes(self) -> list[dict[str, Any]]:
        quotes: list[dict[str, Any]] = self._form.content.setdefault("quotes", [])
        return quotes

    async def add(self) -> None:
        near = self._quotes[-1]["clause"] if self._quotes else self._near
        picked = await pick(self._desk, quoted=self._quotes, near=near)
        if picked is None:
            return
        if any((q["clause"], q["text"]) == (picked["clause"], picked["text"]) for q in self._quotes):
            ui.notify("这句话已经引用过了。", type="warning")
            return
        self._quotes.append(picked)
        self._form.touch()
        await self._show()

    async def _show(self) -> None:
        state = (self._form.editable, [(q["clause"], q["text"]) for q in self._quotes])
        if state == self._drawn:
            return
        self._drawn = state
        with failures_said():
            places: list[CitedPlace] = await in_thread(self._desk.places, list(self._quotes))
            self._list.clear()
            self._pick.set_visibility(self._form.editable)
            with self._list:
                if not places:
                    empty("还没有引文。没有引文的问答不能提交。", icon="format_quote")
                for number, (quote, place) in enumerate(zip(self._quotes, places, strict=True)):
                    self._row(number, quote, place)

    def _row(self, number: int, quote: dict[str, Any], place: CitedPlace) -> None:
        with ui.row().classes("writing-quote"):
            with ui.column().classes("writing-quote-words"):
                with ui.row().classes("writing-row"):
                    ui.badge("最佳依据" if number == 0 else f"依据 {number + 1}").props(
                        "" if number == 0 else "outline"
                    )
                    ui.label(" ".join(filter(None, (place.document_title, place.label)))).classes("dim")
                ui.label(quote["text"]).classes("writing-quoted")
                if not place.stands:
                    ui.label("条款里已经没有这句话，请重新选取。").classes("writing-note")
            if self._form.editable:
                with ui.row().classes("writing-tools"):
                    self._tool(
                        "arrow_upward", f"把依据{number + 1}上移", lambda: self._swap(number - 1), number > 0
                    )
                    last = number == len(self._quotes) - 1
                    self._tool(
                        "arrow_downward", f"把依据{number + 1}下移", lambda: self._swap(number), not last
                    )
                    self._tool("close", f"删去依据{number + 1}", lambda: self._remove(number), True)

    def _tool(self, icon: str, label: str, act: Any, enabled: bool) -> None:
        button = ui.button(icon=icon, on_click=act).props(
            f'flat round dense color=grey-8 aria-label="{label}"'
        )
        button.set_enabled(enabled)

    async def _swap(self, upper: int) -> None:
        quotes = self._quotes
        quotes[upper], quotes[upper + 1] = quotes[upper + 1], quotes[upper]
        self._form.touch()
        await self._show()

    async def _remove(self, number: int) -> None:
        del self._quotes[number]
        self._form.touch()
        await self._show()
