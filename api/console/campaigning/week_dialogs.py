"""Beginning a campaign week, from the preset or as last year's, and typing when a day is: with its source,
since nothing here reckons a date."""

from __future__ import annotations

from collections.abc import Sequence

from nicegui import ui

from api.console.campaigning.elements import named, new_key
from api.console.parts import failures_said, in_thread
from api.console.writing.days import day_input
from api.desk.campaigns import WeekDesk
from campaigns.planning.preset import KnownDay, Preset
from campaigns.planning.week import Day, Week

_FULL, _SHORT = "full", "short"


async def begin_week(desk: WeekDesk, preset: Preset, earlier: Sequence[Week]) -> Week | None:
    """Ask how a week begins and lay it out; None if the dialog is closed."""
    key = new_key()
    with ui.dialog() as dialog, ui.card().classes("console-dialog"):
        ui.label("新建活动周").classes("console-dialog-title")
        sources = {"": f"从样板：{preset.title}"}
        sources |= {week.id: f"照搬：{week.title}（{week.starts_on}）" for week in earlier}
        source_week = ui.select(sources, value="", label="从哪里来").props("outlined dense")
        named(source_week, "从哪里来").classes("full-width")
        about = ui.label(preset.about).classes("dim")
        form = ui.radio({_FULL: "七天，每天一条，另有一份汇总", _SHORT: "只发三条"}, value=_FULL)
        form.props("dense")
        days = " → ".join(f"{each.name}{'（我们加的）' if each.ours else ''}" for each in preset.days)
        order = ui.label(days).classes("camp-order")
        for element in (about, form, order):
            element.bind_visibility_from(source_week, "value", backward=lambda value: not value)
        title = ui.input("名称", value=preset.title).props("outlined dense maxlength=100")
        named(title, "名称").classes("full-width")
        typed: dict[str, str | None] = {"day": None}
        day_input("第一天", value=None, on_day=lambda day: typed.update(day=day)).classes("full-width")
        source = _source_input()

        async def make() -> None:
            with failures_said():
                if typed["day"] is None:
                    raise ValueError("请填写第一天是哪天。日期由人来定，系统不推算。")
                said = source.value or ""
                if source_week.value:
                    week = await in_thread(
                        desk.copy, source_week.value, starts_on=typed["day"], source=said, key=key,
                        title=title.value or None,
                    )  # fmt: skip
                else:
                    week = await in_thread(
                        desk.create, starts_on=typed["day"], source=said, key=key,
                        title=title.value or None, short_only=form.value == _SHORT,
                    )  # fmt: skip
                dialog.submit(week)

        with ui.row().classes("console-actions"):
            ui.button("返回", on_click=lambda: dialog.submit(None)).props("flat")
            ui.button("排出一周", icon="event", on_click=make)
    try:
        made: Week | None = await dialog
        return made
    finally:
        dialog.delete()


async def type_day(desk: WeekDesk, known: Sequence[KnownDay]) -> Day | None:
    """Ask when a day is, this year; None if the dialog is closed."""
    key = new_key()
    with ui.dialog() as dialog, ui.card().classes("console-dialog"):
        ui.label("记下一个可以挂靠的日子").classes("console-dialog-title")
        name = ui.select(
            [each.name for each in known], label="哪个日子", with_input=True, new_value_mode="add-unique"
        )
        named(name.props("outlined dense"), "哪个日子").classes("full-width")
        hint = ui.label().classes("dim")
        hints = {each.name: each.hint for each in known}
        name.on_value_change(lambda event: hint.set_text(hints.get(event.value or "", "")))
        typed: dict[str, str | None] = {"first": None, "last": None}
        with ui.row().classes("camp-pair"):
            day_input("从哪天", value=None, on_day=lambda day: typed.update(first=day))
            day_input("到哪天（一天就不填）", value=None, on_day=lambda day: typed.update(last=day))
        source = _source_input()

        async def keep() -> None:
            with failures_said():
                if typed["first"] is None:
                    raise ValueError("请填写从哪天开始。日期由人来定，系统不推算。")
                day = await in_thread(
                    desk.type_day, name=name.value or "", starts_on=typed["first"], ends_on=typed["last"],
                    source=source.value or "", key=key,
                )  # fmt: skip
                dialog.submit(day)

        with ui.row().classes("console-actions"):
            ui.button("返回", on_click=lambda: dialog.submit(None)).props("flat")
            ui.button("记下", icon="bookmark_add", on_click=keep)
    try:
        made: Day | None = await dialog
        return made
    finally:
        dialog.delete()


def _source_input() -> ui.input:
    label = "日期的来源（通知的名称、文号或网址）"
    box = ui.input(label).props("outlined dense maxlength=500")
    named(box, "日期的来源").classes("full-width")
    return box
