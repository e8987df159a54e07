"""A question tried while writing: what residents get now, and what they would get with this draft."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nicegui import ui

from api.console.parts import failures_said, in_thread
from api.console.writing.form import Form
from api.console.writing.words import word
from api.desk.trying import Seen, SeenCandidate, Tried

_COLOURS = {"answer": "primary", "clarify": "warning", "abstain": "grey-7"}


Ask = Callable[[str, dict[str, Any]], Tried]


class Trying:
    def __init__(
        self,
        form: Form,
        ask: Ask,
        *,
        lacking: str = "草稿还没有问题或引文，试不了。",
        own: str = "这一条",
        again_after_s: float = 0.8,
    ) -> None:
        """`ask` tries a question with the form's content, `lacking` says what a draft lacks that can't be
        tried, `own` is what it is called."""
        self._form, self._try, self._lacking, self._own = form, ask, lacking, own
        self._asked = ""
        ui.label("换一种问法试试，看现在和改后各找到什么。").classes("dim")
        with ui.row().classes("writing-row full-width"):
            self._question = ui.input(placeholder="输入一个问题").props(
                'outlined dense clearable aria-label="试问"'
            )
            self._question.classes("writing-grow").on("keydown.enter", self.ask)
            self._button = ui.button("试问", on_click=self.ask)
        self._found = ui.column().classes("writing-tried").props("aria-live=polite")
        form.watch(self._again, delay_s=again_after_s)

    async def ask(self) -> None:
        self._asked = (self._question.value or "").strip()
        if self._asked:
            await self._show()

    async def _again(self) -> None:
        """The draft changed: the same question once more."""
        if self._asked:
            await self._show()

    async def _show(self) -> None:
        with failures_said():
            tried: Tried = await in_thread(self._try, self._asked, dict(self._form.content))
            self._found.clear()
            with self._found:
                self._side("用这份草稿", tried.draft, tried)
                self._side("现在线上", tried.live, tried)

    def _side(self, title: str, seen: Seen | None, tried: Tried) -> None:
        with ui.column().classes("writing-seen"):
            with ui.row().classes("writing-row full-width"):
                ui.label(title).classes("text-weight-medium")
                ui.space()
                if seen is not None:
                    ui.badge(word("verdict", seen.verdict), color=_COLOURS[seen.verdict])
            if seen is None:
                ui.label(self._lacking).classes("dim")
                return
            _likelihood(seen, tried)
            for number, candidate in enumerate(seen.candidates, 1):
                _candidate(number, candidate, self._own)
            if not seen.candidates:
                ui.label("没有找到相关内容。").classes("dim")


def _likelihood(seen: Seen, tried: Tried) -> None:
    said = f"{word('why', seen.why)}；把握 {seen.probability:.0%}"
    bars = f"（{tried.answer_at:.0%} 以上直接回答，{tried.clarify_at:.0%} 以上请对方选择）"
    ui.linear_progress(round(seen.probability, 4), show_value=False, size="6px").props(
        f'rounded color={_COLOURS[seen.verdict]} aria-label="把握 {seen.probability:.0%}"'
    )
    ui.label(f"{said}{bars}").classes("dim")


def _candidate(number: int, candidate: SeenCandidate, own: str) -> None:
    with ui.column().classes("writing-candidate" + (" own" if candidate.own else "")):
        mine = f"（{own}）" if candidate.own else ""
        ui.label(f"{number}. {candidate.question or '原文'}{mine}").classes("text-weight-medium")
        ui.label(f"{candidate.label}：{candidate.quote}").classes("dim writing-two-lines")
