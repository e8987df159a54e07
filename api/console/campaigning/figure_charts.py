"""Figures of runs as charts with their tables: what became of the recipients, the pace, days and campaigns
compared. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from api.clock import LOCAL
from api.console.campaigning.words import word
from api.console.insights.charts import Chart, percent
from campaigns.figures import Figures, Group, by_day

COLOURS = {
    "sent": "#2f8f63",
    "waiting": "#b9d6c6",
    "sending": "#3b7ea1",
    "skipped": "#c9cfcb",
    "failed": "#c9573f",
    "unknown": "#e3b23c",
}
_FONT = "PingFang SC, Microsoft YaHei, Noto Sans CJK SC, Noto Sans SC, sans-serif"
_INK, _LINE = "#56675e", "#e4ebe7"
_BARS = 14


def states_of(each: Figures) -> dict[str, int]:
    """Every state with its number; together the recipients."""
    return {
        "sent": each.sent,
        "waiting": each.waiting,
        "sending": each.sending,
        "failed": sum(each.failed.values()),
        "skipped": sum(each.skipped.values()),
        "unknown": sum(each.unknown.values()),
    }


def days_compared(figures: Sequence[Figures]) -> Chart:
    days = by_day(figures)
    names = [f"{day.month}/{day.day}" for day in days]
    rows = tuple(
        (
            day.isoformat(), numbers["recipients"], numbers["sent"], numbers["opened"],
            percent(numbers["opened"], numbers["sent"]), numbers["quiz"], numbers["asked"],
            numbers["unsubscribed"],
        )
        for day, numbers in days.items()
    )  # fmt: skip
    options = _bars(
        names,
        {
            "已送达": ([each["sent"] for each in days.values()], COLOURS["sent"]),
            "打开": ([each["opened"] for each in days.values()], COLOURS["sending"]),
            "答题": ([each["quiz"] for each in days.values()], COLOURS["unknown"]),
        },
    )
    return Chart(
        "各天比较", f"共 {len(days)} 天", options,
        ("日期", "收件人", "已送达", "打开", "打开率", "答题", "一天内提问", "之后退订"), rows,
    )  # fmt: skip


def campaigns_compared(figures: Sequence[Figures]) -> Chart:
    """One line a run, in the order in which they were due; the latest are drawn."""
    rows = tuple(
        (
            f"{each.title}（{_day(each.due_at)}）", each.recipients, each.sent, each.opened,
            percent(each.opened, each.sent), sum(each.clicked.values()), sum(each.quiz.values()),
            each.pledged, each.asked, each.unsubscribed,
        )
        for each in figures
    )  # fmt: skip
    drawn = figures[-_BARS:]
    series = {
        word("delivery", state): ([states_of(each)[state] for each in drawn], colour)
        for state, colour in COLOURS.items()
        if any(states_of(each)[state] for each in drawn)
    }
    names = [each.title.rpartition(" · ")[2] or each.title for each in drawn]
    columns = (
        "消息", "收件人", "已送达", "打开", "打开率", "点链接", "答题", "承诺", "一天内提问", "之后退订",
    )  # fmt: skip
    return Chart(
        "各条比较",
        f"共 {len(figures)} 次发送",
        _bars(names, series, stacked=True, across=True),
        columns,
        rows,
    )


def pace(points: Sequence[tuple[datetime, int]]) -> Chart:
    names = [f"{at.astimezone(LOCAL):%H:%M}" for at, _ in points]
    sent = sum(number for _, number in points)
    options = _bars(names, {"已送达": ([number for _, number in points], COLOURS["sent"])})
    rows = tuple((f"{at.astimezone(LOCAL):%m-%d %H:%M}", number) for at, number in reversed(points))
    return Chart("发送速度", f"共送达 {sent:,} 条", options, ("时间", "已送达"), rows)


def groups(title: str, column: str, found: Sequence[tuple[str, Group]]) -> Chart:
    """What became of each channel's or district's recipients."""
    shown = ("sent", "failed", "skipped", "unknown")
    series = {
        word("delivery", state): ([group.states.get(state, 0) for _, group in found], COLOURS[state])
        for state in shown
        if any(group.states.get(state) for _, group in found)
    }
    rows: list[tuple[str | int, ...]] = [
        (name, group.recipients, *(group.states.get(state, 0) for state in shown)) for name, group in found
    ]
    told = f"共 {sum(group.recipients for _, group in found):,} 人"
    columns = (column, "收件人", *(word("delivery", state) for state in shown))
    options = _bars([name for name, _ in found], series, stacked=True, across=True)
    return Chart(title, told, options, columns, tuple(rows))


def _bars(
    names: Sequence[str],
    series: dict[str, tuple[list[int], str]],
    *,
    stacked: bool = False,
    across: bool = False,
) -> dict[str, Any]:
    """`across`: the names stand at the left, the first one on top."""
    category = {
        "type": "category",
        "data": list(names),
        "inverse": across,
        "axisTick": {"show": False},
        "axisLine": {"lineStyle": {"color": _LINE}},
        "axisLabel": {"color": _INK, "width": 110, "overflow": "truncate", "hideOverlap": not across},
    }
    value = {
        "type": "value",
        "minInterval": 1,
        "axisLabel": {"color": _INK},
        "splitLine": {"lineStyle": {"color": _LINE}},
    }
    return {
        "textStyle": {"fontFamily": _FONT},
        "animationDuration": 300,
        "aria": {"enabled": False},
        "tooltip": {"trigger": "axis", "axisPointer": {"type": "shadow"}},
        "legend": {
            "top": 0, "right": 0, "icon": "roundRect", "itemWidth": 12, "itemHeight": 10,
            "textStyle": {"color": _INK},
        },
        "grid": {"left": 8, "right": 16, "top": 36, "bottom": 4, "containLabel": True},
        "xAxis": value if across else category,
        "yAxis": category if across else value,
        "series": [
            {
                "name": name,
                "type": "bar",
                "barMaxWidth": 22,
                "itemStyle": {"color": colour},
                "data": numbers,
                **({"stack": "all"} if stacked else {}),
            }
            for name, (numbers, colour) in series.items()
        ],
    }  # fmt: skip


def _day(moment: datetime) -> str:
    return f"{moment.astimezone(LOCAL):%m-%d}"
