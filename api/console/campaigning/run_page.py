"""One run on a page: live progress with the time left, figures that add up to the recipients, reasons in
words, and what only a person can decide."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from nicegui import ui

from api.accounts.roles import Right
from api.console.campaigning import figure_charts
from api.console.campaigning.elements import (
    ask_words,
    badge,
    load_campaigning,
    moment_said,
    new_key,
    section,
)
from api.console.campaigning.figure_charts import COLOURS, states_of
from api.console.campaigning.figure_file import as_file
from api.console.campaigning.progress import Bar
from api.console.campaigning.words import word
from api.console.insights.elements import draw_chart, load_insights
from api.console.parts import confirm, done, failures_said, figure_card, in_thread
from api.console.visit import Visit
from api.desk.campaigns import CampaignDesk
from api.desk.runs import RunDesk
from campaigns.content import Content, Message
from campaigns.delivery.model import OPEN_STATES, Progress, Run
from campaigns.delivery.runs import Decision
from campaigns.figures import Figures
from campaigns.planning.model import Campaign

_EVERY_S = 1.0
_FIGURES_EVERY = 5
"""Progress is asked each time, the figures, which count every row, each so many times."""
_DECISIONS: Mapping[Decision, tuple[str, str]] = {
    "sent": ("算已送达", "不会再发。适合渠道后来确认收下了的。"),
    "again": ("再发一次", "渠道要是上次其实收下了，居民会收到两遍。"),
    "failed": ("算没发成", "不会再发。"),
}
Act = Callable[[str], Awaitable[None]]


class RunPage:
    def __init__(self, visit: Visit, run_id: str) -> None:
        self._desk, self._id = RunDesk(visit.services, visit.actor), run_id
        self._campaigns = CampaignDesk(visit.services, visit.actor)
        self._may = visit.actor.may(Right.campaign)
        self._ticks = 0

    async def open(self) -> None:
        """Raises UnknownCampaign."""
        load_campaigning()
        load_insights()
        self._run = await in_thread(self._desk.read, self._id)
        self._campaign: Campaign = await in_thread(self._campaigns.read, self._run.campaign_id)
        with ui.element("div").classes("writing-head"):
            back = ui.button(icon="arrow_back", on_click=self._back)
            back.props('flat round dense aria-label="回到消息"')
            title = ui.label(self._campaign.title).classes("writing-head-title")
            title.props("role=heading aria-level=1")
            self._badge = ui.row()
        ui.label(f"{moment_said(self._run.due_at)} 的一批").classes("dim")
        self._banner = ui.column().classes("full-width")
        with ui.card().classes("console-card"):
            self._bar = Bar()
            self._steps = ui.row().classes("camp-steps")
        self._figures = ui.column().classes("full-width camp-gap")
        self._unknown = ui.column().classes("full-width")
        self._after = ui.column().classes("full-width camp-gap")
        await self._show()
        self._timer = ui.timer(_EVERY_S, self._tick, active=self._run.state in OPEN_STATES)

    def _back(self) -> None:
        ui.navigate.to(f"/campaigns/{self._run.campaign_id}?tab=runs")

    # ---- live

    async def _tick(self) -> None:
        with failures_said():
            self._ticks += 1
            progress = await in_thread(self._desk.progress, self._id)
            self._bar.show(progress)
            if progress.state != self._run.state or not _goes_on(progress):
                await self._show()
            elif self._ticks % _FIGURES_EVERY == 0 and progress.state in ("running", "cancelled"):
                await self._draw_figures(progress)

    async def _show(self) -> None:
        with failures_said():
            self._run = await in_thread(self._desk.read, self._id)
            progress = await in_thread(self._desk.progress, self._id)
            self._bar.show(progress)
            self._badge.clear()
            with self._badge:
                badge(self._run.state, "run")
            self._draw_banner()
            self._draw_steps()
            await self._draw_figures(progress)
            await self._draw_after()
        if hasattr(self, "_timer"):
            self._timer.active = _goes_on(progress)

    def _draw_banner(self) -> None:
        self._banner.clear()
        with self._banner:
            if self._run.held_for and self._run.state in OPEN_STATES:
                ui.label(self._run.held_for).classes("camp-banner").props("role=alert")
            if self._run.corrects:
                with ui.row().classes("camp-banner calm"):
                    ui.label("这一批是更正，只发给收到上一批的人。")
                    ui.link("看上一批", f"/campaigns/runs/{self._run.corrects}")

    # ---- steps

    def _draw_steps(self) -> None:
        self._steps.clear()
        state = self._run.state
        with self._steps:
            if self._may:
                if state == "running":
                    self._button("暂停", "pause", self._pause)
                if state in ("held", "paused"):
                    self._button("放行" if state == "held" else "继续", "play_arrow", self._let_go)
                if state in OPEN_STATES:
                    self._button("取消这一批", "cancel", self._cancel, flat=True)
                if self._run.written and state in ("finished", "cancelled", "paused"):
                    self._button("发更正", "edit_note", self._correct, flat=True)
            ui.space()
            ui.button("导出表格", icon="download", on_click=self._export).props("flat")

    def _button(self, label: str, icon: str, act: Act, *, flat: bool = False) -> None:
        key = new_key()
        button = ui.button(label, icon=icon).props("outline" if flat else "")

        async def press() -> None:
            button.disable()
            try:
                await act(key)
            finally:
                if not button.is_deleted:
                    button.enable()

        button.on_click(press)

    async def _pause(self, key: str) -> None:
        detail = "正在发的那一小批会发完，其余的停下来。"
        reason = await ask_words(
            "暂停这一批", label="为什么（可不填）", detail=detail, action="暂停", needed=False
        )
        if reason is not None:
            with failures_said():
                await in_thread(self._desk.pause, self._id, key=key, reason=reason)
                done("已暂停")
            await self._show()

    async def _let_go(self, key: str) -> None:
        left = await in_thread(self._desk.progress, self._id)
        number = "名单还没有列，放行以后马上列出来发。"
        if self._run.written:
            number = f"还有 {left.waiting:,} 条没发。"
        if await confirm("让这一批发下去？", detail=number, action="发下去"):
            with failures_said():
                await in_thread(self._desk.let_go, self._id, key=key)
                done("已放行")
            await self._show()

    async def _cancel(self, key: str) -> None:
        detail = "没发出去的以后也不会发，不能撤销；已经发出去的留在数据里。"
        reason = await ask_words(
            "取消这一批",
            label="为什么（可不填）",
            detail=detail,
            action="取消这批",
            needed=False,
            danger=True,
        )
        if reason is not None:
            with failures_said():
                await in_thread(self._desk.cancel, self._id, key=key, reason=reason)
                done("已取消")
            await self._show()

    async def _correct(self, key: str) -> None:
        title = f"更正：{self._campaign.title}"[:120]
        detail = (
            "新开一条草稿，只发给收到这一批的人（说不清收没收到的也算在内）。写好以后照常试发、送审、批准。"
        )
        if await confirm("给收到的人发更正？", detail=detail, action="起草更正"):
            with failures_said():
                made = await in_thread(self._desk.correct, self._id, title=title, key=key)
                ui.navigate.to(f"/campaigns/{made}")

    async def _export(self) -> None:
        with failures_said():
            found = await in_thread(self._desk.figures, self._id)
            ui.download.content(as_file([found]), f"发送数据-{self._run.due_at:%Y%m%d}.csv")

    # ---- figures

    async def _draw_figures(self, progress: Progress) -> None:
        found = await in_thread(self._desk.figures, self._id)
        self._figures.clear()
        with self._figures:
            states = states_of(found)
            with ui.element("div").classes("camp-figures").props('role=group aria-label="收件人去向"'):
                for state, number in states.items():
                    if number or state in ("sent", "failed", "skipped", "unknown"):
                        card = figure_card(word("delivery", state), f"{number:,}")
                        card.style(f"border-top: 3px solid {COLOURS[state]}")
                figure_card("合计", f"{found.counted:,}", note=_sum_said(found))
            reasons = [
                (state, table)
                for state, table in (
                    ("waiting", found.put_off), ("failed", found.failed), ("skipped", found.skipped),
                    ("unknown", found.unknown),
                )
                if table
            ]  # fmt: skip
            if reasons:
                with section("原因"), ui.element("div").classes("camp-reasons"):
                    for state, table in reasons:
                        for reason, number in sorted(table.items(), key=lambda each: -each[1]):
                            _reason(state, reason, number)
        self._draw_unknown(sum(found.unknown.values()), found)

    def _draw_unknown(self, number: int, found: Figures) -> None:
        """What only a person can tell, and only while there is something to tell."""
        self._unknown.clear()
        undecided = number
        if not undecided:
            return
        with (
            self._unknown,
            section(
                f"有 {undecided:,} 条说不清发到没有",
                "渠道没有回话，或者发送时程序断了。系统不会自己再发，免得有人收到两遍，要请人来定：",
            ),
        ):
            if not self._may:
                return
            with ui.row().classes("camp-steps"):
                for decision, (label, detail) in _DECISIONS.items():
                    self._decision(decision, label, detail, undecided)

    def _decision(self, decision: Decision, label: str, detail: str, number: int) -> None:
        async def act(key: str) -> None:
            asked = f"这 {number:,} 条{label}？"
            if await confirm(asked, detail=detail, action=label, danger=decision == "again"):
                with failures_said():
                    decided = await in_thread(self._desk.decide, self._id, decision, key=key)
                    done(f"{decided:,} 条{label}")
                await self._show()

        self._button(label, "rule", act, flat=True)

    async def _draw_after(self) -> None:
        found = await in_thread(self._desk.figures, self._id)
        channels = await in_thread(self._desk.channels, self._id)
        districts = await in_thread(self._desk.districts, self._id)
        pace = await in_thread(self._desk.pace, self._id)
        self._after.clear()
        with self._after:
            _draw_response(self._run, found)
            with ui.element("div").classes("camp-two"):
                if pace:
                    draw_chart(figure_charts.pace(pace), height=220)
                if channels:
                    named = [(word("channel", group.name), group) for group in channels]
                    draw_chart(figure_charts.groups("各渠道", "渠道", named), height=110 + 34 * len(named))
            shown = [(group.name or "全市", group) for group in districts.groups]
            if districts.few is not None:
                shown.append(("人数太少的区县合在一起", districts.few))
            if shown:
                draw_chart(figure_charts.groups("各区县", "区县", shown), height=110 + 26 * len(shown))


def _goes_on(progress: Progress) -> bool:
    """Whether the page will have something new to show; a cancelled run still skips what is left."""
    return progress.state in OPEN_STATES or progress.waiting + progress.under_way > 0


def _sum_said(found: Figures) -> str:
    if found.adds_up:
        return f"等于收件人 {found.recipients:,}"
    return f"和收件人 {found.recipients:,} 对不上，请告诉管理员"


def _reason(state: str, reason: str, number: int) -> None:
    with ui.row().classes("camp-reason"):
        ui.label(word("delivery", state)).classes("camp-reason-state").style(
            f"border-color: {COLOURS[state]}"
        )
        ui.label(word("reason", reason)).classes("writing-grow")
        ui.label(f"{number:,}").classes("tabular text-weight-medium")


def _draw_response(run: Run, found: Figures) -> None:
    """What residents did, in sum."""
    with section("居民的反应", "只数总数，不记是谁。"):
        with ui.element("div").classes("camp-figures").props('role=group aria-label="居民的反应"'):
            figure_card("打开", f"{found.opened:,}")
            figure_card("点链接", f"{sum(found.clicked.values()):,}")
            figure_card("答题", f"{sum(found.quiz.values()):,}")
            figure_card("答应做到", f"{found.pledged:,}")
            figure_card("一天内提问", f"{found.asked:,}")
            figure_card("之后退订", f"{found.unsubscribed:,}")
        content = _shown_first(run.message)
        if content is not None and content.quiz is not None and found.quiz:
            ui.label(f"小测验：{content.quiz.question}").classes("text-weight-medium")
            for at, option in enumerate(content.quiz.options):
                right = "（正确）" if at == content.quiz.right else ""
                _share(f"{option}{right}", found.quiz.get(str(at), 0), sum(found.quiz.values()))
        if found.clicked:
            ui.label("各链接").classes("text-weight-medium")
            links = _links(run.message)
            for which, number in found.clicked.items():
                at = int(which) if which.isdecimal() else -1
                label = links[at] if 0 <= at < len(links) else f"链接 {which}"
                _share(label, number, sum(found.clicked.values()))


def _share(label: str, number: int, whole: int) -> None:
    with ui.row().classes("camp-share"):
        ui.label(label).classes("camp-share-label")
        ui.linear_progress(value=number / whole if whole else 0, show_value=False).props("rounded size=10px")
        ui.label(f"{number:,}").classes("tabular")


def _shown_first(message: Message) -> Content | None:
    """The default version, or else the first: what most of the recipients saw."""
    return message.versions.get("default") or next(iter(message.versions.values()), None)


def _links(message: Message) -> list[str]:
    """The labels of a message's links in the order in which clicks are counted."""
    found: dict[str, str] = {}
    for _, content in sorted(message.versions.items()):
        for link in content.links:
            found.setdefault(link.url, link.label)
    return list(found.values())
