"""The list of programmes: subsidies, tax reliefs, services and events, with what they rest on."""

from __future__ import annotations

from nicegui import ui

from api.accounts.roles import Right
from api.console.frame import console_page
from api.console.parts import empty, failures_said, heading, in_thread, state_badge
from api.console.visit import Visit
from api.console.writing.elements import load_writing
from api.console.writing.words import table, word
from api.desk.programmes import ProgrammeDesk, ProgrammeLine


@console_page("/programmes", title="补贴与项目", group="知识", icon="savings", right=Right.read, order=30)
async def programmes(visit: Visit) -> None:
    load_writing()
    desk = ProgrammeDesk(visit.services, visit.actor)
    with ui.row().classes("writing-head"):
        heading("补贴与项目", "金额、条件、计算规则和来源；回答里会注明“据公开报道整理”。")
        ui.space()
        if visit.actor.may(Right.edit):
            ui.button("新建项目", icon="add", on_click=lambda: ui.navigate.to("/programmes/new"))
    with failures_said():
        found: list[ProgrammeLine] = await in_thread(desk.lines)
        _List(found)


class _List:
    def __init__(self, found: list[ProgrammeLine]) -> None:
        self._found = found
        with ui.card().classes("console-card"), ui.element("div").classes("writing-filters"):
            self._words = ui.input("搜索标题、摘要或编号", on_change=lambda: self._show())
            self._words.props('outlined dense clearable debounce=200 aria-label="搜索"').classes("wide")
            self._kind = ui.select(table("programme_kind"), label="类别", clearable=True)
            self._kind.props('outlined dense aria-label="类别"').on_value_change(lambda: self._show())
            states = {name: word("state", name) for name in ("published", "draft", "in_review", "withdrawn")}
            self._state = ui.select(states, label="状态", clearable=True)
            self._state.props('outlined dense aria-label="状态"').on_value_change(lambda: self._show())
        self._lines = ui.column().classes("full-width")
        self._show()

    def _show(self) -> None:
        words = (self._words.value or "").strip().casefold()
        shown = [
            line
            for line in self._found
            if (not words or words in f"{line.id}\n{line.title}\n{line.summary}".casefold())
            and (not self._kind.value or line.kind == self._kind.value)
            and (not self._state.value or self._state.value in (line.state, line.draft))
        ]
        self._lines.clear()
        with self._lines:
            ui.label(f"共 {len(shown)} 个").classes("dim").props("role=status")
            if not shown:
                empty("没有符合条件的项目。")
                return
            with ui.element("div").classes("writing-lines").props('role=list aria-label="项目"'):
                for line in shown:
                    _line(line)


def _line(line: ProgrammeLine) -> None:
    with (
        ui.element("div").props("role=listitem"),
        ui.link(target=f"/programmes/{line.id}").classes("writing-item"),
    ):
        with ui.column().classes("writing-candidate"):
            ui.label(line.title or "（没有标题）").classes("writing-item-question")
            ui.label(line.summary).classes("dim writing-two-lines")
            with ui.element("div").classes("writing-item-facts"):
                facts = [line.id, word("programme_kind", line.kind), f"核实于 {line.checked_on}"]
                if line.valid_to:
                    facts.append(f"有效期到 {line.valid_to}" + ("（已过）" if line.ended else ""))
                if line.confidence:
                    facts.append(word("confidence", line.confidence))
                if line.rules:
                    facts.append(f"{line.rules} 条计算规则")
                for fact in facts:
                    ui.label(fact)
        with ui.element("div").classes("writing-item-badges"):
            if line.state:
                state_badge(line.state)
            if line.draft:
                state_badge(line.draft)
