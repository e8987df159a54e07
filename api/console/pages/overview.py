"""The console's first page: what residents ask, how well it is answered, and what waits for whoever looks."""

from __future__ import annotations

from datetime import date

from nicegui import ui

from api.accounts.roles import Right
from api.console.frame import console_page
from api.console.insights import charts
from api.console.insights.charts import milliseconds, percent
from api.console.insights.elements import draw_chart, load_insights
from api.console.insights.first_steps import draw_first_steps
from api.console.insights.lists import draw_gaps, draw_top, draw_waiting
from api.console.parts import failures_said, figure_card, heading, in_thread
from api.console.visit import Visit
from api.desk.insights import InsightsDesk
from api.insights.figures import Counts, Overview

PERIODS = {7: "近7天", 30: "近30天", 90: "近90天", 0: "自选"}


@console_page("/", title="总览", group="总览", icon="dashboard", right=Right.read, order=0)
async def overview_page(visit: Visit) -> None:
    load_insights()
    board = _Board(visit)
    await board.draw()


class _Board:
    """The page's state: the period, and where its figures are drawn."""

    def __init__(self, visit: Visit) -> None:
        self._visit, self._desk = visit, InsightsDesk(visit.services, visit.actor)
        self._asked = 0

    async def draw(self) -> None:
        heading("总览", "居民在问什么、答得怎么样，以及等您处理的事。")
        if not await in_thread(self._desk.asked_anything):
            draw_first_steps(self._visit.actor, await in_thread(self._desk.library))
            with ui.element("div").classes("insights-grid"):
                draw_waiting(self._visit.actor, await in_thread(self._desk.waiting))
            return
        period = await in_thread(self._desk.last_days, 30)
        with ui.row().classes("insights-bar"):
            self._period = ui.toggle(PERIODS, value=30).props('no-caps unelevated aria-label="时间段"')
            with ui.row().classes("items-center gap-2") as own:
                self._first = _day("从", period.first)
                self._last = _day("到", period.last)
            own.bind_visibility_from(self._period, "value", value=0)
            ui.space()
            ui.button("导出数据", icon="download", on_click=self._export).props("flat")
        self._figures = ui.column().classes("w-full gap-4")
        for field in (self._period, self._first, self._last):
            field.on_value_change(self.reload)
        await self.reload()

    async def reload(self) -> None:
        """Of several at once, the last one asked for is drawn."""
        self._asked += 1
        asked = self._asked
        with failures_said():
            first, last = await self._chosen()
            overview = await in_thread(self._desk.overview, first, last)
            waiting = await in_thread(self._desk.waiting)
            fresh = await in_thread(self._desk.fresh)
            if asked != self._asked:
                return
            self._figures.clear()
            with self._figures:
                _figures(overview)
                with ui.element("div").classes("insights-grid"):
                    draw_chart(charts.by_day(overview), span="wide")
                    draw_waiting(self._visit.actor, waiting)
                    draw_chart(charts.by_topic(overview), height=360)
                    draw_chart(charts.by_district(overview), height=360)
                    draw_top(overview.top)
                    draw_gaps(fresh)
                    draw_chart(charts.outcomes(overview), height=240, span="narrow")
                    draw_chart(charts.times(overview), height=240, span="narrow")
                    draw_chart(charts.ratings(overview), height=240, span="narrow")

    async def _chosen(self) -> tuple[date, date]:
        """The days of the period; raises ValueError, in words, for what are no days."""
        if self._period.value:
            period = await in_thread(self._desk.last_days, int(self._period.value))
            return period.first, period.last
        return _read(self._first), _read(self._last)

    async def _export(self) -> None:
        with failures_said():
            first, last = await self._chosen()
            file = await in_thread(self._desk.figures_file, first, last)
            ui.download.content(file, f"figures-{first}-{last}.csv", "text/csv")


def _figures(overview: Overview) -> None:
    now, before = overview.total, overview.before
    with ui.element("div").classes("insights-figures"):
        figure_card("提问", f"{now.questions:,}", note=_change(now.questions, before.questions), icon="forum")
        figure_card(
            "答上率",
            percent(now.answered, now.questions),
            note=_points(now.answered, now.questions, before.answered, before.questions),
            icon="task_alt",
        )
        figure_card("评价有用", percent(now.useful, now.rated), note=_rated(now), icon="thumb_up")
        figure_card("响应 P95", milliseconds(now.p95), note=f"中位数 {milliseconds(now.p50)}", icon="speed")
        figure_card(
            "新会话",
            f"{now.conversations:,}",
            note=_change(now.conversations, before.conversations),
            icon="groups",
        )


def _change(now: int, before: int) -> str:
    if not before:
        return "上一时段没有"
    share = 100 * (now - before) / before
    return (
        "与上一时段持平" if abs(share) < 0.5 else f"比上一时段{'多' if share > 0 else '少'} {abs(share):.0f}%"
    )


def _points(part: int, whole: int, part_before: int, whole_before: int) -> str:
    if not whole or not whole_before:
        return "上一时段没有"
    points = 100 * part / whole - 100 * part_before / whole_before
    if abs(points) < 0.05:
        return "与上一时段持平"
    return f"比上一时段{'高' if points > 0 else '低'} {abs(points):.1f} 个百分点"


def _rated(counts: Counts) -> str:
    return f"共 {counts.rated:,} 次评价" if counts.rated else "还没有评价"


def _day(label: str, day: date) -> ui.date_input:
    field = ui.date_input(label, value=day.isoformat())
    field.props("outlined dense mask=####-##-## debounce=400").style("max-width: 170px")
    return field


def _read(field: ui.date_input) -> date:
    try:
        return date.fromisoformat(field.value or "")
    except ValueError:
        raise ValueError(f"“{field.value or ''}”不是日期，请写成 2026-11-21 这样。") from None
