"""The runs of one campaign, each with how far it has come, live while it is under way."""

from __future__ import annotations

from nicegui import ui

from api.console.campaigning.elements import badge, moment_said
from api.console.campaigning.progress import Bar
from api.console.parts import empty, failures_said, in_thread
from api.desk.runs import RunDesk
from campaigns.delivery.model import OPEN_STATES, Run

EVERY_S = 2.0


class RunList:
    def __init__(self, desk: RunDesk, campaign_id: str) -> None:
        self._desk, self._campaign_id = desk, campaign_id
        self._column = ui.column().classes("full-width")
        self._bars: dict[str, Bar] = {}
        self._timer = ui.timer(EVERY_S, self._tell, active=False)

    async def show(self) -> None:
        runs = await in_thread(self._desk.of_campaign, self._campaign_id)
        self._bars = {}
        self._column.clear()
        with self._column:
            if not runs:
                empty("还没有发过。批准以后点“定时”或“开始”，到时间就会列出名单、逐个发出。", icon="send")
                self._timer.deactivate()
                return
            with ui.row().classes("writing-row"):
                ui.space()
                ui.link("比较各次的数据", f"/campaign-figures?campaign={self._campaign_id}")
            for run in runs:
                await self._draw(run)
        self._timer.active = bool(self._bars)

    async def _draw(self, run: Run) -> None:
        with ui.card().classes("console-card"):
            with ui.row().classes("writing-row"):
                link = ui.link(moment_said(run.due_at), f"/campaigns/runs/{run.id}")
                link.classes("text-weight-medium")
                badge(run.state, "run")
                ui.space()
                ui.label(f"{run.recipients:,} 人").classes("tabular")
            if run.held_for:
                ui.label(run.held_for).classes("camp-banner")
            bar = Bar()
            bar.show(await in_thread(self._desk.progress, run.id))
            if run.state in OPEN_STATES:
                self._bars[run.id] = bar

    async def _tell(self) -> None:
        with failures_said():
            for run_id, bar in list(self._bars.items()):
                progress = await in_thread(self._desk.progress, run_id)
                bar.show(progress)
                if progress.state not in OPEN_STATES:
                    del self._bars[run_id]
            self._timer.active = bool(self._bars)
