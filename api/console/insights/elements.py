"""Drawn pieces of the dashboard and of groups: a chart with its table, a trend, a person's next step."""

from __future__ import annotations

from typing import Literal

from nicegui import ui

from api.console.guard import PREFIX
from api.console.insights.charts import Chart
from api.insights.words import words


def load_insights() -> None:
    """Let the page in use draw these pieces; call it once in a page."""
    ui.add_head_html(f'<link rel="stylesheet" href="{PREFIX}/static/insights.css">')


def draw_chart(chart: Chart, *, height: int = 280, span: Literal["", "wide", "narrow"] = "") -> None:
    """A card with the chart, and below it the same numbers as a table; `span` on a wide screen."""
    card = ui.card().classes(f"console-card insights-chart {span}")
    with card.props(f'role=region aria-label="{chart.title}"'):
        ui.label(chart.title).classes("insights-chart-title").props("role=heading aria-level=2")
        with ui.element("div").props("role=img").classes("w-full") as picture:
            picture.props["aria-label"] = chart.told
            if chart.rows:
                ui.echart(chart.options, renderer="svg").style(f"height: {height}px").classes("w-full")
            else:
                ui.label(words("charts")["nothing"]).classes("insights-nothing").style(f"height: {height}px")
        with ui.expansion(words("charts")["as_table"]).props("dense").classes("insights-numbers"):
            draw_table(chart)


def draw_table(chart: Chart) -> None:
    columns = [
        {"name": str(number), "label": label, "field": str(number), "align": "right" if number else "left"}
        for number, label in enumerate(chart.columns)
    ]
    rows = [{"id": row[0], **{str(n): cell for n, cell in enumerate(row)}} for row in chart.rows]
    table = ui.table(columns=columns, rows=rows, row_key="id", pagination=0)
    table.props(f'flat dense hide-pagination wrap-cells aria-label="{chart.title}"')
    table.classes("insights-table w-full")


def draw_trend(now: int, before: int) -> None:
    """This week beside the week before: a number, an arrow, and the same in words."""
    change = now - before
    icon, colour = ("trending_up", "negative") if change > 0 else ("trending_down", "positive")
    told = words("gaps")["trend"].format(now=now, before=before)
    with ui.row().classes("insights-trend items-center").props(f'title="{told}"'):
        ui.label(told).classes("tabular")
        if change:
            ui.icon(icon, color=colour, size="18px").props("aria-hidden=true")
