"""Figures as charts: what ECharts is told, and the same numbers as a table for who can't see it. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from api.insights.figures import Counts, Overview, Share
from api.insights.topics import NOWHERE
from api.insights.words import words

ANSWERED, CLARIFIED, MISSED = "#2f8f63", "#e3b23c", "#c9573f"
BLUE, PALE = "#3b7ea1", "#b9d6c6"
_INK, _LINE = "#56675e", "#e4ebe7"
_BARS = 12
"""Topics and districts that a chart shows; its table has all of them."""
_FONT = "PingFang SC, Microsoft YaHei, Noto Sans CJK SC, Noto Sans SC, sans-serif"

Options = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Chart:
    """`told` is what it says in one sentence; `columns` and `rows` are its numbers."""

    title: str
    told: str
    options: Options
    columns: tuple[str, ...]
    rows: tuple[tuple[str | int, ...], ...]


def by_day(overview: Overview) -> Chart:
    names = words("charts")
    series = [
        _bars(names["answered"], ANSWERED, [counts.answered for counts in overview.days.values()]),
        _bars(names["clarified"], CLARIFIED, [counts.clarified for counts in overview.days.values()]),
        _bars(names["abstained"], MISSED, [counts.abstained for counts in overview.days.values()]),
    ]
    total = overview.total
    return Chart(
        title=names["by_day"],
        told=names["by_day_told"].format(
            days=len(overview.days), asked=total.questions, answered=total.answered
        ),
        options=_over_days(overview, series),
        columns=(names["day"], names["asked"], names["answered"], names["clarified"], names["abstained"]),
        rows=_day_rows(
            overview, lambda counts: (counts.questions, counts.answered, counts.clarified, counts.abstained)
        ),
    )


def outcomes(overview: Overview) -> Chart:
    names, total = words("charts"), overview.total
    parts = {
        names["answered"]: (total.answered, ANSWERED),
        names["clarified"]: (total.clarified, CLARIFIED),
        names["abstained"]: (total.abstained, MISSED),
    }
    data = [
        {"name": name, "value": count, "itemStyle": {"color": colour}}
        for name, (count, colour) in parts.items()
    ]
    options = {
        **_base(),
        "tooltip": {"trigger": "item", "formatter": "{b}：{c}（{d}%）"},
        "legend": {"bottom": 0, "icon": "circle", "itemWidth": 10, "textStyle": {"color": _INK}},
        "title": {
            "text": percent(total.answered, total.questions),
            "subtext": names["answered_share"],
            "left": "center",
            "top": "33%",
            "textStyle": {"fontSize": 26, "fontWeight": 650, "color": "#16241d"},
            "subtextStyle": {"fontSize": 13, "color": _INK},
        },
        "series": [
            {
                "type": "pie",
                "radius": ["58%", "82%"],
                "center": ["50%", "43%"],
                "label": {"show": False},
                "itemStyle": {"borderColor": "#fff", "borderWidth": 2, "borderRadius": 4},
                "data": data,
            }
        ],
    }
    rows = tuple((name, count, percent(count, total.questions)) for name, (count, _) in parts.items())
    return Chart(
        title=names["outcomes"],
        told="；".join(f"{name} {count}（{share}）" for name, count, share in rows),
        options=options,
        columns=(names["outcome"], names["asked"], names["share"]),
        rows=rows,
    )


def by_topic(overview: Overview) -> Chart:
    """What led to no text has no topic: it is in the table alone."""
    placed = [share for share in overview.topics if share.name != NOWHERE]
    return _shares(overview.topics, words("charts")["by_topic"], words("charts")["topic"], drawn=placed)


def by_district(overview: Overview) -> Chart:
    return _shares(overview.districts, words("charts")["by_district"], words("charts")["district"])


def ratings(overview: Overview) -> Chart:
    names, total = words("charts"), overview.total
    series = [
        _bars(names["useful"], ANSWERED, [counts.useful for counts in overview.days.values()]),
        _bars(names["useless"], MISSED, [counts.useless for counts in overview.days.values()]),
    ]
    return Chart(
        title=names["ratings"],
        told=names["ratings_told"].format(rated=total.rated, useful=total.useful, useless=total.useless),
        options=_over_days(overview, series),
        columns=(names["day"], names["useful"], names["useless"]),
        rows=_day_rows(overview, lambda counts: (counts.useful, counts.useless)),
    )


def times(overview: Overview) -> Chart:
    names, total = words("charts"), overview.total
    series = [
        _line(names["p50"], ANSWERED, [counts.p50 for counts in overview.days.values()], area=True),
        _line(names["p95"], BLUE, [counts.p95 for counts in overview.days.values()]),
    ]
    options = _over_days(overview, series)
    options["yAxis"]["name"] = names["ms"]
    options["yAxis"]["nameTextStyle"] = {"color": _INK, "align": "left"}
    return Chart(
        title=names["times"],
        told=names["times_told"].format(p50=milliseconds(total.p50), p95=milliseconds(total.p95)),
        options=options,
        columns=(names["day"], names["p50"], names["p95"]),
        rows=_day_rows(overview, lambda counts: (milliseconds(counts.p50), milliseconds(counts.p95))),
    )


def percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f}%" if whole else "—"


def milliseconds(ms: int | None) -> str:
    if ms is None:
        return "—"
    return f"{ms} 毫秒" if ms < 1000 else f"{ms / 1000:.1f} 秒"


def _shares(
    shares: Sequence[Share], title: str, column: str, *, drawn: Sequence[Share] | None = None
) -> Chart:
    names = words("charts")
    bars = shares if drawn is None else drawn
    shown = list(reversed(bars[:_BARS]))  # ECharts draws the first at the bottom
    series = [
        _bars(names["answered"], ANSWERED, [share.answered for share in shown]),
        _bars(names["not_answered"], PALE, [share.asked - share.answered for share in shown]),
    ]
    options = {
        **_base(),
        "tooltip": {"trigger": "axis", "axisPointer": {"type": "shadow"}},
        "legend": _legend(),
        "grid": {"left": 8, "right": 24, "top": 34, "bottom": 4, "containLabel": True},
        "xAxis": {"type": "value", "minInterval": 1, "splitLine": {"lineStyle": {"color": _LINE}}},
        "yAxis": {
            "type": "category",
            "data": [share.name for share in shown],
            "axisTick": {"show": False},
            "axisLine": {"show": False},
            "axisLabel": {"width": 128, "overflow": "truncate", "color": "#16241d"},
        },
        "series": series,
    }
    first = bars[0] if bars else None
    return Chart(
        title=title,
        told=names["shares_told"].format(name=first.name, asked=first.asked) if first else names["nothing"],
        options=options,
        columns=(column, names["asked"], names["answered"], names["share"]),
        rows=tuple(
            (share.name, share.asked, share.answered, percent(share.answered, share.asked))
            for share in shares
        ),
    )


def _over_days(overview: Overview, series: list[Options]) -> Options:
    return {
        **_base(),
        "tooltip": {"trigger": "axis", "axisPointer": {"type": "shadow"}},
        "legend": _legend(),
        "grid": {"left": 8, "right": 12, "top": 38, "bottom": 4, "containLabel": True},
        "xAxis": {
            "type": "category",
            "data": [_short(day) for day in overview.days],
            "axisTick": {"show": False},
            "axisLine": {"lineStyle": {"color": _LINE}},
            "axisLabel": {"color": _INK, "hideOverlap": True},
        },
        "yAxis": {
            "type": "value",
            "minInterval": 1,
            "axisLabel": {"color": _INK},
            "splitLine": {"lineStyle": {"color": _LINE}},
        },
        "series": series,
    }


def _base() -> Options:
    return {"textStyle": {"fontFamily": _FONT}, "animationDuration": 400, "aria": {"enabled": False}}


def _legend() -> Options:
    legend = {"top": 0, "right": 0, "icon": "roundRect", "itemWidth": 12, "itemHeight": 10}
    return {**legend, "textStyle": {"color": _INK}}


def _bars(name: str, colour: str, data: Sequence[int]) -> Options:
    return {
        "name": name,
        "type": "bar",
        "stack": "all",
        "barMaxWidth": 22,
        "itemStyle": {"color": colour},
        "data": list(data),
    }


def _line(name: str, colour: str, data: Sequence[int | None], *, area: bool = False) -> Options:
    line: Options = {
        "name": name,
        "type": "line",
        "smooth": 0.3,
        "symbolSize": 5,
        "connectNulls": True,
        "lineStyle": {"width": 2.5, "color": colour},
        "itemStyle": {"color": colour},
        "data": list(data),
    }
    return {**line, "areaStyle": {"color": colour, "opacity": 0.1}} if area else line


def _day_rows(
    overview: Overview, of: Callable[[Counts], tuple[str | int, ...]]
) -> tuple[tuple[str | int, ...], ...]:
    """The newest day first: what somebody who reads a table looks for."""
    days: Mapping[date, Counts] = overview.days
    return tuple((day.isoformat(), *of(days[day])) for day in sorted(days, reverse=True))


def _short(day: date) -> str:
    return f"{day.month}-{day.day}"
