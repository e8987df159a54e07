"""The test bench: one question or a list of them asked of several snapshots, side by side."""

from __future__ import annotations

from datetime import date

from nicegui import ui

from api.accounts.roles import Right
from api.console.frame import console_page
from api.console.parts import failures_said, heading, in_thread
from api.console.trials.elements import load_trials
from api.console.trials.export import Form, exported
from api.console.trials.results import Results
from api.console.visit import Visit
from api.desk.bench import BenchDesk
from api.trials.sources import Source
from index.comparing import questions_of
from knowledge.editing.model import Draft

_LONGEST = 60_000


@console_page("/test-bench", title="试验台", group="知识", icon="science", right=Right.read, order=55)
async def bench_page(visit: Visit, ask: str = "") -> None:
    """`ask` is a question to begin with, for links from elsewhere."""
    load_trials()
    heading(
        "试验台",
        "同一个问题，现在怎么答、改稿发布后怎么答、以前怎么答，放在一起看。这里的提问不会记入居民的记录。",
    )
    await _Bench(visit).draw(ask[:1000])


class _Bench:
    """The page's state: what is chosen, the run that goes on, and its lines."""

    def __init__(self, visit: Visit) -> None:
        self._visit, self._desk = visit, BenchDesk(visit.services, visit.actor)
        self._results: Results | None = None
        self._cancelled = False
        self._on = date.min

    async def draw(self, ask: str) -> None:
        today = await in_thread(self._desk.today)
        drafts = await in_thread(self._desk.drafts)
        snapshots = await in_thread(self._desk.snapshots)
        with ui.card().classes("console-card"):
            self._asked = ui.textarea("问题（一行一个，最多 500 个）", value=ask)
            self._asked.props(f"outlined autogrow maxlength={_LONGEST}").classes("full-width trials-asked")
            with ui.element("div").classes("trials-choices"):
                self._choose_sources(drafts, snapshots)
                self._day = ui.input("问的日期", value=today.isoformat())
                self._day.props("outlined dense type=date stack-label")
            with ui.row().classes("trials-actions"):
                self._start = ui.button("试一试", icon="play_arrow", on_click=self._run)
                self._stop = ui.button("停止", icon="stop", on_click=self._cancel).props("outline")
                self._stop.set_visibility(False)
                ui.button("填入黄金题", icon="bookmarks", on_click=self._fill).props("flat")
            self._doing = ui.label().classes("dim").props("role=status")
            self._progress = ui.linear_progress(0, show_value=False).props('rounded aria-label="进度"')
            self._progress.set_visibility(False)
        with ui.row().classes("trials-actions") as self._exports:
            ui.button("导出表格（CSV）", icon="download", on_click=lambda: self._export("csv")).props(
                "flat dense"
            )
            ui.button("导出 Excel", icon="download", on_click=lambda: self._export("xlsx")).props(
                "flat dense"
            )
        self._exports.set_visibility(False)
        self._shown = ui.column().classes("full-width")
        if ask:
            ui.timer(0.1, self._run, once=True)

    def _choose_sources(self, drafts: list[Draft], snapshots: list[tuple[str, str]]) -> None:
        self._live = ui.switch("现在的回答", value=True).props("dense")
        with ui.column().classes("trials-choice"):
            self._drafted = ui.switch(f"改稿发布后（{len(drafts)} 处改动）", value=bool(drafts)).props(
                "dense"
            )
            self._drafted.set_enabled(bool(drafts))
            titles = {draft.id: f"{draft.title[:24]}（{draft.row_id}）" for draft in drafts}
            self._drafts = ui.select(titles, label="只看这些改稿（不选就是全部）", multiple=True, value=[])
            self._drafts.props("outlined dense use-chips options-dense").classes("full-width")
            self._drafts.bind_visibility_from(self._drafted, "value")
        with ui.column().classes("trials-choice"):
            self._earlier = ui.select(
                dict(snapshots), label="以前的快照" if snapshots else "还没有以前的快照", clearable=True
            )
            self._earlier.props("outlined dense options-dense").classes("full-width")
            self._earlier.set_enabled(bool(snapshots))

    def _sources(self) -> list[Source]:
        sources = [Source("live")] if self._live.value else []
        if self._drafted.value:
            chosen = tuple(self._drafts.value or ())
            sources.append(Source("draft", drafts=chosen or None))
        if self._earlier.value:
            sources.append(Source("snapshot", self._earlier.value))
        if not sources:
            raise ValueError("请至少选一个：现在的回答、改稿，或以前的快照。")
        return sources

    async def _fill(self) -> None:
        with failures_said():
            golden = await in_thread(self._desk.golden)
            if not golden:
                raise ValueError("还没有黄金题。试过的问题可以“加入黄金题”。")
            texts = [item.text for item in golden.values()][:500]
            self._asked.value = "\n".join(texts)

    def _cancel(self) -> None:
        self._cancelled = True

    async def _run(self) -> None:
        with failures_said():
            questions, sources = questions_of(self._asked.value or ""), self._sources()
            try:
                self._on = date.fromisoformat(self._day.value or "")
            except ValueError:
                raise ValueError("请选上问的日期。") from None
            self._cancelled = False
            self._busy(True)
            try:
                await self._ask(questions, sources)
            finally:
                self._busy(False)

    async def _ask(self, questions: list[str], sources: list[Source]) -> None:
        self._say("正在准备快照…", 0.0)
        opened = await in_thread(self._desk.open, sources)
        golden = await in_thread(self._desk.golden)
        self._shown.clear()
        with self._shown:
            results = self._results = Results(self._visit, self._desk, opened, self._on)
        for number, question in enumerate(questions, 1):
            if self._cancelled:
                break
            results.add(await in_thread(self._desk.ask, question, opened, self._on, golden))
            self._say(f"已问 {number} / {len(questions)}", number / len(questions))
        results.finish()
        if self._cancelled:
            self._say(f"已停止，问了 {len(results.lines)} / {len(questions)} 个", 1.0)
        self._exports.set_visibility(bool(results.lines))

    def _busy(self, busy: bool) -> None:
        self._start.set_enabled(not busy)
        self._stop.set_visibility(busy)
        self._progress.set_visibility(busy)

    def _say(self, text: str, share: float) -> None:
        self._doing.text = text
        self._progress.value = share

    async def _export(self, form: Form) -> None:
        if self._results is not None:
            content, name = await in_thread(
                exported, self._results.lines, self._results.labels, self._on, form
            )
            ui.download.content(content, name)
