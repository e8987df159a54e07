"""The golden questions: what every publication is asked before it goes live, and how each did last."""

from __future__ import annotations

from collections import Counter

from nicegui import ui

from api.accounts.roles import Right
from api.console.frame import console_page
from api.console.parts import empty, failures_said, heading, in_thread, when
from api.console.publishing.elements import load_publishing
from api.console.trials.elements import load_trials
from api.console.trials.golden_dialog import GoldenDialog
from api.console.trials.golden_list import ORIGINS, GoldenLines
from api.console.visit import Visit
from api.desk.golden import GoldenBoard, GoldenDesk, GoldenLine, Result

_PAGE = 30
_SHOWS = {"all": "全部", "wrong": "答错", "unasked": "还没问过", "proposed": "待审改动", "retired": "已停用"}


@console_page("/golden", title="黄金题", group="知识", icon="bookmarks", right=Right.read, order=55)
async def golden_page(visit: Visit, show: str = "all", words: str = "") -> None:
    """`show` and `words` are for links from elsewhere."""
    load_trials()
    load_publishing()
    heading("黄金题", "每次发布前逐个问一遍：应当找到什么、不应当回答什么。改动要另一位审核人同意。")
    await _Golden(visit, show if show in _SHOWS else "all", words[:80]).draw()


class _Golden:
    def __init__(self, visit: Visit, show: str, words: str) -> None:
        self._visit, self._desk = visit, GoldenDesk(visit.services, visit.actor)
        self._first, self._sought = show, words
        self._board: GoldenBoard | None = None
        self._number = 1

    async def draw(self) -> None:
        with ui.card().classes("console-card"):
            with ui.row().classes("trials-actions"):
                self._run = ui.label().classes("dim trials-grow").props("role=status")
                ask = ui.button("现在问一遍线上版本", icon="play_arrow", on_click=self._ask)
                self._asking = ask.props("outline no-caps")
            with ui.row().classes("trials-actions"):
                self._words = ui.input("查找问题、备注或条款", value=self._sought)
                self._words.props("outlined dense clearable debounce=300").classes("trials-search")
                self._origin = ui.select(ORIGINS, label="来源", clearable=True)
                self._origin.props("outlined dense options-dense").style("min-width: 170px")
                if self._visit.actor.may(Right.edit):
                    ui.button(
                        "新增黄金题", icon="add", on_click=GoldenDialog(self._desk, None, self.load).open
                    )
            self._show = ui.toggle(_SHOWS, value=self._first).props('no-caps unelevated aria-label="看哪些"')
            self._show.classes("trials-filter")
        self._shown = ui.column().classes("full-width")
        for field in (self._words, self._origin, self._show):
            field.on_value_change(lambda: self._draw(1))
        await self.load()

    async def load(self) -> None:
        with failures_said():
            self._board = await in_thread(self._desk.board)
            self._draw(self._number)

    async def _ask(self) -> None:
        self._asking.props("loading")
        try:
            with failures_said():
                self._board = await in_thread(self._desk.ask_now)
                self._draw(1)
        finally:
            self._asking.props(remove="loading")

    def _draw(self, number: int) -> None:
        board = self._board
        if board is None:
            return
        self._number = number
        counts = Counter[Result](line.result for line in board.lines)
        proposed = len(board.fresh) + sum(line.proposal is not None for line in board.lines)
        self._run.text = _said(board, counts)
        self._show.set_options(
            {
                "all": f"全部 {len(board.lines)}",
                "wrong": f"答错 {counts['wrong']}",
                "unasked": f"还没问过 {counts['unasked']}",
                "proposed": f"待审改动 {proposed}",
                "retired": f"已停用 {counts['retired']}",
            }
        )
        lines = [line for line in board.lines if self._wanted(line)]
        drawing = GoldenLines(self._desk, self._visit.actor, board.names, self.load)
        self._shown.clear()
        with self._shown:
            if self._show.value in ("all", "proposed"):
                for proposal in board.fresh:
                    drawing.proposal(proposal, None)
            if not lines and not (board.fresh and self._show.value == "proposed"):
                empty("没有这样的黄金题。", icon="search_off")
            pages = max(1, -(-len(lines) // _PAGE))
            number = min(number, pages)
            if lines:
                ui.label(f"共 {len(lines)} 道").classes("dim").props("role=status")
                with ui.element("div").classes("trials-lines").props('role=list aria-label="黄金题"'):
                    for line in lines[(number - 1) * _PAGE : number * _PAGE]:
                        drawing.line(line)
            if pages > 1:
                turned = ui.pagination(1, pages, direction_links=True, value=number).props("max-pages=6")
                turned.classes("self-center").on_value_change(lambda e: self._draw(int(e.value)))

    def _wanted(self, line: GoldenLine) -> bool:
        show, question = self._show.value, line.question
        if show == "proposed" and line.proposal is None:
            return False
        if show in ("wrong", "unasked", "retired") and line.result != show:
            return False
        if self._origin.value and question.origin != self._origin.value:
            return False
        names = self._board.names if self._board is not None else {}
        expected = [f"{name} {names.get(name, '')}" for name in question.expects or ()]
        return (self._words.value or "").strip() in "\n".join((question.text, question.note, *expected))


def _said(board: GoldenBoard, counts: Counter[Result]) -> str:
    if board.run_at is None:
        return "还没有发布时问过的记录。可以现在问一遍线上版本。"
    asked = counts["right"] + counts["wrong"]
    share = f"（{counts['right'] / asked:.1%}）" if asked else ""
    return f"{when(board.run_at, year=True)} 问版本 {board.snapshot}：答对 {counts['right']} / {asked}{share}"
