"""The dialog that proposes a question as a golden one: what must answer it, or that nothing may."""

from __future__ import annotations

from collections.abc import Mapping

from nicegui import ui

from api.console.parts import done, failures_said, in_thread
from api.desk.bench import BenchDesk

_ANSWERED, _NOT = "answered", "not"


def keep_golden(desk: BenchDesk, question: str, choices: Mapping[str, str], told: str) -> None:
    """`choices` are likely clauses by id, the likeliest first; `told` the one that answers now, if any."""
    with ui.dialog() as dialog, ui.card().classes("console-dialog trials-dialog"):
        ui.label("提议为黄金题").classes("console-dialog-title")
        ui.label("每次发布前都会问一遍黄金题，答得不对会提醒。提议由另一位审核人在“黄金题”页同意。").classes(
            "dim"
        )
        ui.label(question).classes("text-weight-medium")
        how = ui.radio(
            {_ANSWERED: "应当回答，依据是：", _NOT: "库里没有答案，不应当回答"},
            value=_ANSWERED if told or choices else _NOT,
        )
        clauses = ui.select(
            dict(choices),
            value=[told] if told in choices else [],
            label="任何一条回答都算对（也可以写条款编号，按回车）",
            multiple=True,
            new_value_mode="add-unique",
            key_generator=lambda written: written.strip(),
        )
        clauses.props('outlined use-chips aria-label="依据的条款"').classes("full-width")
        clauses.bind_visibility_from(how, "value", value=_ANSWERED)
        note = ui.input("备注（可不填）").props("outlined dense maxlength=200").classes("full-width")

        async def save() -> None:
            with failures_said():
                if how.value == _ANSWERED and not clauses.value:
                    raise ValueError("请选上应当回答它的条款，或改选“不应当回答”。")
                expects = list(clauses.value) if how.value == _ANSWERED else None
                await in_thread(desk.keep, question, expects, note=note.value or "")
                done("已提议，另一位审核人同意后成为黄金题")
                dialog.close()

        with ui.row().classes("console-actions"):
            ui.button("取消", on_click=dialog.close).props("flat")
            ui.button("提议", on_click=save)
    dialog.on_value_change(lambda e: None if e.value else dialog.delete())
    dialog.open()
