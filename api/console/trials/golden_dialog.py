"""The dialog in which a golden question is written: its words, what must answer it or that nothing may."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from nicegui import ui

from api.console.parts import done, failures_said, in_thread
from api.desk.golden import GoldenDesk
from knowledge.publishing.golden import GoldenQuestion
from knowledge.publishing.golden_proposals import GoldenProposal

_ANSWERED, _NOT = "answered", "not"


class GoldenDialog:
    """`question` None: a new one. `seen` is one's own proposal that is written anew. `saved` is awaited."""

    def __init__(
        self,
        desk: GoldenDesk,
        question: GoldenQuestion | None,
        saved: Callable[[], Awaitable[None]],
        *,
        seen: GoldenProposal | None = None,
    ) -> None:
        self._desk, self._question, self._saved, self._seen = desk, question, saved, seen
        self._expected: dict[str, str] = {}

    async def open(self) -> None:
        wanted = self._seen.wanted if self._seen is not None else self._question
        if wanted is not None:
            self._expected = await in_thread(self._desk.names, wanted.expects or ())
        with (
            ui.dialog().props("persistent") as self._dialog,
            ui.card().classes("console-dialog trials-dialog"),
        ):
            ui.label("修改黄金题" if self._question else "新增黄金题").classes("console-dialog-title")
            ui.label("每次发布前都会问一遍，答得不对会提醒。改动由另一位审核人同意后生效。").classes("dim")
            self._text = ui.input("居民会怎么问", value=wanted.text if wanted else "")
            self._text.props("outlined dense maxlength=300").classes("full-width")
            self._how = ui.radio(
                {_ANSWERED: "应当回答，下面任何一条答出来都算对", _NOT: "库里没有答案，不应当回答"},
                value=_NOT if wanted is not None and wanted.expects is None else _ANSWERED,
            )
            with ui.column().classes("full-width") as picking:
                self._picked = ui.row().classes("trials-picked")
                self._words = ui.input("按名称、编号或原文找条款和项目").props(
                    "outlined dense clearable debounce=300"
                )
                self._words.classes("full-width").on_value_change(self._search)
                self._found = ui.column().classes("full-width trials-scroll")
            picking.bind_visibility_from(self._how, "value", value=_ANSWERED)
            self._note = ui.input("备注（可不填）", value=wanted.note if wanted else "")
            self._note.props("outlined dense maxlength=200").classes("full-width")
            with ui.row().classes("console-actions"):
                ui.button("取消", on_click=self._dialog.close).props("flat")
                ui.button("提交审核", on_click=self._save)
        self._draw_picked()
        self._dialog.on_value_change(lambda e: None if e.value else self._dialog.delete())
        self._dialog.open()

    def _draw_picked(self) -> None:
        self._picked.clear()
        with self._picked:
            for clause, name in self._expected.items():
                chip = ui.chip(name, removable=True, color="green-1", text_color="green-10")
                chip.tooltip(clause).on_value_change(lambda e, clause=clause: self._unpick(clause, e.value))
            if not self._expected:
                ui.label("还没有选条款或项目。").classes("dim")

    def _unpick(self, clause: str, kept: bool) -> None:
        if not kept:
            self._expected.pop(clause, None)
            self._draw_picked()

    async def _search(self) -> None:
        words = self._words.value or ""
        with failures_said():
            found = await in_thread(self._desk.expectable, words)
            if words != (self._words.value or ""):
                return
            self._found.clear()
            with self._found:
                if words.strip() and not found:
                    ui.label("已发布的条款和项目里没有找到。").classes("dim")
                for one in found:
                    with ui.row().classes("trials-pick"):
                        with ui.column().classes("trials-grow trials-weight-name"):
                            ui.label(one.name).classes("text-weight-medium")
                            ui.label(one.text).classes("dim trials-two-lines")
                        pick = ui.button("选上", on_click=lambda one=one: self._pick(one.id, one.name))
                        pick.props(f'flat dense aria-label="选上 {one.name}"')

    def _pick(self, clause: str, name: str) -> None:
        self._expected[clause] = name
        self._draw_picked()

    async def _save(self) -> None:
        with failures_said():
            answered = self._how.value == _ANSWERED
            if answered and not self._expected:
                raise ValueError("请选上应当回答它的条款或项目，或改选“不应当回答”。")
            await in_thread(
                self._desk.propose,
                text=self._text.value or "",
                expects=list(self._expected) if answered else None,
                question_id=self._question.id if self._question is not None else None,
                note=self._note.value or "",
                active=self._question.active if self._question is not None else True,
                seen=self._seen,
            )
            done("已提交，等另一位审核人同意")
            await self._saved()
            self._dialog.close()
