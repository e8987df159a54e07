"""What came of campaigns: days and messages compared, as charts, tables and a file."""

from __future__ import annotations

from collections.abc import Sequence

from nicegui import ui

from api.accounts.roles import Right
from api.console.campaigning import figure_charts
from api.console.campaigning.elements import badge, load_campaigning, moment_said, named
from api.console.campaigning.figure_file import as_file
from api.console.frame import console_page
from api.console.insights.charts import percent
from api.console.insights.elements import draw_chart, load_insights
from api.console.parts import empty, failures_said, figure_card, heading, in_thread
from api.console.visit import Visit
from api.desk.campaigns import CampaignDesk, WeekDesk
from api.desk.runs import MOST_COMPARED, RunDesk
from campaigns.figures import Figures

_ALL = ""


@console_page(
    "/campaign-figures", title="宣传数据", group="宣传", icon="bar_chart", right=Right.read, order=30
)
async def figures_page(visit: Visit, week: str = "", campaign: str = "") -> None:
    """`week` or `campaign` narrows it to one."""
    load_campaigning()
    load_insights()
    heading("宣传数据", "发了多少、到了多少、居民怎么回应；只有总数，没有个人。")
    await _Compared(visit).draw(week, campaign)


class _Compared:
    def __init__(self, visit: Visit) -> None:
        self._desk = RunDesk(visit.services, visit.actor)
        self._weeks, self._campaigns = (
            WeekDesk(visit.services, visit.actor),
            CampaignDesk(visit.services, visit.actor),
        )
        self._shown: Sequence[Figures] = ()

    async def draw(self, week_id: str, campaign_id: str) -> None:
        weeks = await in_thread(self._weeks.list)
        options = {_ALL: f"最近 {MOST_COMPARED} 次发送"}
        options |= {f"w:{week.id}": f"活动周：{week.title}（{week.starts_on}）" for week in weeks}
        chosen = f"w:{week_id}" if f"w:{week_id}" in options else _ALL
        if campaign_id:
            with failures_said():
                campaign = await in_thread(self._campaigns.read, campaign_id)
                chosen = f"c:{campaign.id}"
                options[chosen] = f"消息：{campaign.title}"
        with ui.row().classes("writing-row"):
            self._what = ui.select(options, value=chosen, label="看哪些", on_change=self._show)
            named(self._what.props("outlined dense options-dense"), "看哪些").classes("camp-what")
            ui.space()
            self._export = ui.button("导出表格", icon="download", on_click=self._download).props("outline")
        self._body = ui.column().classes("full-width camp-gap")
        await self._show()

    async def _show(self) -> None:
        kind, _, wanted = (self._what.value or _ALL).partition(":")
        with failures_said():
            self._shown = await in_thread(
                self._desk.compared,
                week_id=wanted if kind == "w" else None,
                campaign_id=wanted if kind == "c" else None,
            )
            self._export.set_enabled(bool(self._shown))
            self._body.clear()
            with self._body:
                self._draw(self._shown)

    def _draw(self, found: Sequence[Figures]) -> None:
        if not found:
            empty("这里还没有发送过。", icon="bar_chart")
            return
        sent, recipients = sum(each.sent for each in found), sum(each.recipients for each in found)
        opened = sum(each.opened for each in found)
        with ui.element("div").classes("camp-figures").props('role=group aria-label="合计"'):
            figure_card("发送", f"{len(found)} 次")
            figure_card("收件人次", f"{recipients:,}")
            figure_card("已送达", f"{sent:,}", note=percent(sent, recipients))
            figure_card("打开", f"{opened:,}", note=percent(opened, sent))
            figure_card("答题", f"{sum(sum(each.quiz.values()) for each in found):,}")
            figure_card("之后退订", f"{sum(each.unsubscribed for each in found):,}")
        draw_chart(figure_charts.days_compared(found))
        draw_chart(figure_charts.campaigns_compared(found), height=90 + 34 * min(len(found), 14))
        with ui.element("div").classes("writing-lines").props('role=list aria-label="各次发送"'):
            for each in reversed(found):
                _line(each)

    def _download(self) -> None:
        ui.download.content(as_file(self._shown), "宣传数据.csv")


def _line(each: Figures) -> None:
    with (
        ui.element("div").props("role=listitem"),
        ui.link(target=f"/campaigns/runs/{each.run_id}").classes("writing-item"),
    ):
        with ui.column().classes("writing-candidate"):
            ui.label(each.title).classes("writing-item-question")
            with ui.element("div").classes("writing-item-facts"):
                ui.label(moment_said(each.due_at))
                ui.label(f"送达 {each.sent:,} / {each.recipients:,}")
                ui.label(f"打开 {each.opened:,}")
        with ui.element("div").classes("writing-item-badges"):
            badge(each.state, "run")
