"""The dashboard's lists: what waits for somebody, the questions asked most, fresh gaps."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from nicegui import ui

from api.accounts.roles import Actor, Right
from api.console.insights.elements import draw_trend
from api.console.parts import empty, when
from api.desk.insights import ENDING_DAYS, Waiting
from api.insights.figures import Top
from api.insights.model import Group

_SHOWN = 3


def draw_waiting(actor: Actor, waiting: Waiting) -> None:
    """One line a kind of thing, and the first few of what ends soon."""
    with _card("等我处理", narrow=True):
        rows = 0
        for icon, text, count, target, late in (
            ("event_repeat", "定时发布没有成功", len(waiting.unpublished), "/publishing", True),
            ("gpp_maybe", "紧急撤回等我复核", len(waiting.withdrawals), "/emergency", True),
            ("fact_check", "草稿等我审核", len(waiting.to_review), "/review", False),
            ("publish", "已通过，等发布", len(waiting.to_publish), "/publishing", False),
            ("bookmarks", "黄金题改动等我审核", len(waiting.golden), "/golden?show=proposed", False),
            ("edit_note", "我的草稿", len(waiting.mine), "/entries?show=drafted", False),
            ("support_agent", _tickets(waiting), len(waiting.tickets), "/inbox", bool(waiting.overdue)),
        ):
            if count:
                _line(icon, text, count, target, late=late)
                rows += 1
        for ending in waiting.ending[:_SHOWN]:
            days = "今天到期" if ending.days_left == 0 else f"{ending.days_left} 天后到期"
            _line("event_busy", f"{ending.title}", days, _place(ending.kind, ending.id))
            rows += 1
        if len(waiting.ending) > _SHOWN:
            _line(
                "event_busy", f"{ENDING_DAYS} 天内到期的内容", len(waiting.ending), "/entries?show=expiring"
            )
        if not rows:
            empty("没有等您处理的事。", icon="task_alt")
        if not actor.may(Right.edit):
            ui.label("您的账号可以查看；处理工单和草稿需要编辑权限。").classes("dim")


def draw_top(top: Sequence[Top]) -> None:
    """The approved questions that were the answer most often."""
    with _card("热门问题"):
        if not top:
            empty("这段时间还没有答上的问题。", icon="quiz")
        most = max((each.asked for each in top), default=1)
        with ui.column().classes("insights-list").props("role=list"):
            for number, each in enumerate(top, 1):
                with ui.link(target=f"/entries/{quote(each.entry)}").classes("insights-item"):
                    ui.label(str(number)).classes("insights-rank")
                    with ui.element("div").classes("insights-item-text"):
                        ui.label(each.question)
                        with ui.element("div").classes("insights-meter").props("aria-hidden=true"):
                            ui.element("div").style(f"width: {100 * each.asked / most:.0f}%")
                    ui.label(f"{each.asked} 次").classes("insights-item-count")


def draw_gaps(groups: Sequence[Group]) -> None:
    """Groups that grow this week."""
    with _card("新出现的缺口"):
        if not groups:
            empty("近 7 天没有变多的缺口。", icon="task_alt")
        with ui.column().classes("insights-list"):
            for group in groups:
                with ui.link(target=f"/questions?group={group.id}").classes("insights-item"):
                    ui.icon("help_outline", size="20px")
                    with ui.element("div").classes("insights-item-text"):
                        ui.label(group.question)
                        draw_trend(group.this_week, group.week_before)
                    ui.label(f"{group.count} 次").classes("insights-item-count")
        ui.link("查看全部缺口", "/questions").classes("dim")


def _card(title: str, *, narrow: bool = False) -> ui.card:
    card = ui.card().classes("console-card insights-chart" + (" narrow" if narrow else ""))
    card.props(f'role=region aria-label="{title}"')
    with card:
        ui.label(title).classes("insights-chart-title").props("role=heading aria-level=2")
    return card


def _line(icon: str, text: str, count: int | str, target: str, *, late: bool = False) -> None:
    with ui.link(target=target).classes("insights-item" + (" late" if late else "")):
        ui.icon(icon, size="20px")
        ui.label(text).classes("insights-item-text" + (" insights-late" if late else ""))
        ui.label(f"{count} 件" if isinstance(count, int) else count).classes("insights-item-count")


def _tickets(waiting: Waiting) -> str:
    if waiting.overdue:
        return f"居民转来的问题，{len(waiting.overdue)} 件已超时"
    if waiting.tickets:
        return f"居民转来的问题，最早 {when(waiting.tickets[0].expected_at)} 前答复"
    return ""


def _place(kind: str, name: str) -> str:
    pages = {"entry": "/entries/", "programme": "/programmes/", "document": "/documents/"}
    return f"{pages.get(kind, '/entries?')}{quote(name)}"
