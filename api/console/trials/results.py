"""The lines of a run: each question with what every source says, differences marked, evidence at hand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from nicegui import ui

from api.accounts.roles import Right
from api.console.parts import empty, failures_said, in_thread
from api.console.trials.elements import clause_address, golden_badge, outside_link, verdict_badge
from api.console.trials.evidence import draw_evidence
from api.console.trials.keeping import keep_golden
from api.console.visit import Visit
from api.desk.bench import BenchDesk, clause_name
from api.trials.sources import Opened
from index.comparing import Line, Told, tally

PAGE = 20


class Results:
    """Draws the lines of one run; more may come while it goes on."""

    def __init__(self, visit: Visit, desk: BenchDesk, opened: Sequence[Opened], on: date) -> None:
        self._may_keep = visit.actor.may(Right.edit)
        self._desk, self._opened, self._on = desk, opened, on
        self.lines: list[Line] = []
        self._only_different, self._page = False, 1
        with ui.column().classes("full-width"):
            with ui.row().classes("trials-summary"):
                self._summary = ui.label().props("role=status")
                ui.space()
                if len(opened) > 1:
                    switch = ui.switch("只看不同的", on_change=lambda e: self._filter(bool(e.value)))
                    switch.props("dense")
            self._shown = ui.column().classes("full-width trials-results")
            self._pages = ui.row().classes("full-width justify-center")

    @property
    def labels(self) -> list[str]:
        return [one.label for one in self._opened]

    def add(self, line: Line) -> None:
        self.lines.append(line)
        self._summarise()
        chosen = self._chosen()
        if self._page == 1 and line in chosen[-1:] and len(chosen) <= PAGE:
            with self._shown:
                self._draw(line)

    def finish(self) -> None:
        """All lines are there: pages to turn, and one question's evidence at once."""
        self._turn()

    def _chosen(self) -> list[Line]:
        return [line for line in self.lines if line.differs or not self._only_different]

    def _filter(self, only_different: bool) -> None:
        self._only_different, self._page = only_different, 1
        self._turn()

    def _turn(self, page: int | None = None) -> None:
        self._page = page or self._page
        chosen = self._chosen()
        self._shown.clear()
        with self._shown:
            if not chosen:
                empty("没有不同的回答。", icon="task_alt")
            for line in chosen[(self._page - 1) * PAGE : self._page * PAGE]:
                self._draw(line, opened=len(self.lines) == 1)
        self._pages.clear()
        pages = -(-len(chosen) // PAGE)
        if pages > 1:
            with self._pages:
                turned = ui.pagination(1, pages, direction_links=True, value=self._page).props("max-pages=6")
                turned.on_value_change(lambda e: self._turn(int(e.value)))

    def _summarise(self) -> None:
        said = [f"共 {len(self.lines)} 个问题"]
        if len(self._opened) > 1:
            said.append(f"{sum(line.differs for line in self.lines)} 个回答不同")
        counts = tally(self.lines, len(self._opened))
        if counts and counts[0][1]:
            said.append(
                "黄金题答对："
                + "，".join(
                    f"{label} {right}/{of}" for label, (right, of) in zip(self.labels, counts, strict=True)
                )
            )
        self._summary.text = "；".join(said)

    def _draw(self, line: Line, *, opened: bool = False) -> None:
        with ui.card().classes("console-card trials-result" + (" differs" if line.differs else "")):
            with ui.row().classes("trials-head"):
                ui.label(line.question).classes("trials-question")
                if line.differs:
                    ui.badge("不同", color="warning").classes("console-badge")
                ui.space()
                if self._may_keep:
                    ui.button("加入黄金题", icon="bookmark_add", on_click=lambda: self._keep(line)).props(
                        "flat dense"
                    )
            with ui.element("div").classes("trials-sides"):
                for source, told in zip(self._opened, line.told, strict=True):
                    _Side(self._desk, line, source, told, self._on).draw(opened=opened)

    async def _keep(self, line: Line) -> None:
        with failures_said():
            explained = await in_thread(self._desk.explain, line.question, self._opened[0], self._on)
            choices = {told.clause_id: told.clause_name for told in line.told if told.clause_id}
            knowledge = self._opened[0].searcher.knowledge
            for candidate in explained.candidates:
                clause_id = candidate.candidate.passage.clause_id
                choices.setdefault(clause_id, clause_name(knowledge, clause_id))
            told = next((one.clause_id for one in line.told if one.verdict == "answer"), "")
            keep_golden(self._desk, line.question, choices, told)


class _Side:
    """What one source says; its evidence is worked out when somebody opens it."""

    def __init__(self, desk: BenchDesk, line: Line, source: Opened, told: Told, on: date) -> None:
        self._desk, self._line, self._source, self._told, self._on = desk, line, source, told, on
        self._where = f"{source.label}，{line.question}"
        self._evidence: ui.column | None = None

    def draw(self, *, opened: bool) -> None:
        told, differing = self._told, self._line.differing
        with ui.column().classes("trials-side").props(f'role=group aria-label="{self._source.label}"'):
            with ui.row().classes("trials-line"):
                ui.label(self._source.label).classes("trials-source")
                verdict_badge(told.verdict).classes("trials-different" if "verdict" in differing else "")
                ui.label(f"概率 {told.probability:.2f}").classes(
                    "tabular dim" + (" trials-different" if "probability" in differing else "")
                )
                golden_badge(told.expected)
            if told.clause_id:
                outside_link(told.clause_name, clause_address(told.clause_id)).classes(
                    "trials-different" if "clause" in differing else ""
                )
                ui.label(told.quote).classes(
                    "trials-quote" + (" trials-different" if "quote" in differing else "")
                )
            with ui.expansion("居民读到的回复", value=opened and not told.clause_id).props(
                "dense dense-toggle"
            ) as reply:
                reply.classes("full-width" + (" trials-different" if "text" in differing else ""))
                ui.label(told.text).classes("trials-text")
            with ui.expansion("判断依据").props("dense dense-toggle").classes("full-width") as evidence:
                self._evidence = ui.column().classes("full-width")
            evidence.on_value_change(lambda e: self._explain() if e.value else None)
            if opened:
                evidence.open()

    async def _explain(self) -> None:
        column, self._evidence = self._evidence, None
        if column is None:
            return
        with failures_said():
            explained = await in_thread(self._desk.explain, self._line.question, self._source, self._on)
            with column:
                draw_evidence(explained, self._told, self._source.searcher.knowledge, of=self._where)
