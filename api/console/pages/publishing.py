"""Publishing: what is approved, what would change, one button, and the way back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from nicegui import ui

from api.accounts.roles import Right
from api.console.frame import console_page
from api.console.parts import (
    confirm,
    done,
    empty,
    failures_said,
    figure_card,
    heading,
    in_thread,
    when,
)
from api.console.publishing.elements import (
    ask_reason,
    draw_change,
    draw_overdue,
    draw_release,
    draw_rows,
    kind_badge,
    load_publishing,
    person,
)
from api.console.visit import Visit
from api.desk.publishing import PublishingDesk
from knowledge.editing.model import Draft
from knowledge.publishing.model import Release

_CHANGES_SHOWN = 50
_TOLD_EVERY_S = 0.2


@console_page(
    "/publishing", title="发布", group="知识", icon="published_with_changes", right=Right.read, order=60
)
async def publishing_page(visit: Visit) -> None:
    load_publishing()
    heading("发布", "审核通过的内容先预览：检查、生成新版本、逐个问黄金题，看清楚哪些回答会变，再一键切换。")
    await _Publishing(visit).draw()


@dataclass(slots=True)
class _Told:
    """What the preview in another thread says of itself."""

    what: str = ""
    share: float = 0.0


class _Publishing:
    def __init__(self, visit: Visit) -> None:
        self._desk = PublishingDesk(visit.services, visit.actor)
        self._may = visit.actor.may(Right.review)
        self._chosen: set[int] = set()
        self._previewed: Release | None = None
        self._told = _Told()

    async def draw(self) -> None:
        self._strip = ui.row().classes("pub-strip")
        self._late = ui.column().style("width: 100%")
        self._approved = ui.card().classes("console-card")
        with ui.card().classes("console-card") as self._progress:
            self._bar = ui.linear_progress(show_value=False).props('rounded size=10px aria-label="进度"')
            self._step = ui.label().classes("dim").props("role=status")
        self._progress.set_visibility(False)
        self._preview = ui.column().style("width: 100%")
        self._history = ui.card().classes("console-card")
        self._teller = ui.timer(_TOLD_EVERY_S, self._tell, active=False)
        await self._load()
        if self._may:
            ui.timer(0.5, lambda: in_thread(self._desk.warm), once=True)

    async def _load(self) -> None:
        with failures_said():
            drafts = await in_thread(self._desk.approved)
            late = await in_thread(self._desk.overdue)
            history = await in_thread(self._desk.history)
            waiting = await in_thread(self._desk.waiting)
            at_work = await in_thread(self._desk.at_work)
            snapshot = await in_thread(self._desk.live_snapshot)
            self._chosen &= {draft.id for draft in drafts}
            if self._previewed is None or self._previewed.id not in {item.id for item in waiting}:
                self._previewed = waiting[0] if waiting else None
            self._draw_strip(snapshot, history, at_work)
            self._late.clear()
            with self._late:
                draw_overdue(late)
            self._draw_approved(drafts)
            self._draw_preview()
            self._draw_history(history)

    def _draw_strip(self, snapshot: str | None, history: list[Release], at_work: str | None) -> None:
        self._strip.clear()
        with self._strip:
            ui.icon("public", size="26px")
            with ui.column().classes("pub-grow"):
                ui.label(f"线上版本 {snapshot or '（还没有）'}").classes("pub-title tabular")
                if history:
                    since = when(history[0].committed_at, year=True)
                    by = person(history[0].published_by or history[0].by)
                    ui.label(f"{since} 起，由{by}上线").classes("dim")
            if at_work and person(at_work) == at_work:
                ui.badge(f"{person(at_work)} 正在发布", color="warning").classes("console-badge")
            ui.button("刷新", icon="refresh", on_click=self._load).props("flat no-caps")

    def _draw_approved(self, drafts: list[Draft]) -> None:
        self._approved.clear()
        with self._approved:
            ui.label("审核通过、等待发布").classes("pub-title")
            if not drafts:
                empty("没有等待发布的内容。草稿经另一位审核人通过后会出现在这里。", icon="task_alt")
                return
            with ui.column().classes("pub-list"):
                for draft in drafts:
                    self._draw_draft(draft)
            if not self._may:
                ui.label("预览和发布需要审核权限。").classes("dim")
                return
            with ui.row().classes("pub-actions"):
                ui.button("全选", on_click=lambda: self._choose(drafts)).props("flat no-caps")
                self._start = ui.button("预览所选", icon="preview", on_click=self._run).props("no-caps")
                self._count = ui.label().classes("dim")
            self._say_count()

    def _draw_draft(self, draft: Draft) -> None:
        with ui.element("div").classes("pub-row"):
            if self._may:
                box = ui.checkbox(value=draft.id in self._chosen)
                box.props(f'aria-label="选择 {draft.row_id}"')
                box.on_value_change(lambda event, id=draft.id: self._mark(id, event.value))
            with ui.element("div").classes("pub-row-text"):
                ui.label(draft.title).classes("pub-row-title")
                said = f"{person(draft.author)} 编写，{person(draft.reviewer)} 通过"
                ui.label(f"{said} · {when(draft.updated_at)}").classes("dim")
            if draft.publish_at is not None:
                ui.badge(f"定于 {when(draft.publish_at)} 发布", color="teal-9").classes("console-badge")
            if draft.withdraws:
                ui.badge("撤回", color="grey-7").classes("console-badge")
            kind_badge(draft.kind)

    def _mark(self, draft_id: int, on: bool) -> None:
        (self._chosen.add if on else self._chosen.discard)(draft_id)
        self._say_count()

    async def _choose(self, drafts: list[Draft]) -> None:
        self._chosen = {draft.id for draft in drafts}
        self._draw_approved(drafts)

    def _say_count(self) -> None:
        self._count.text = f"已选 {len(self._chosen)} 项"
        self._start.set_enabled(bool(self._chosen))

    async def _run(self) -> None:
        chosen, self._told = sorted(self._chosen), _Told("开始")
        told = self._told

        def tell(what: str, share: float) -> None:
            told.what, told.share = what, share

        self._start.set_enabled(False)
        self._progress.set_visibility(True)
        self._teller.activate()
        try:
            with failures_said():
                self._previewed = await in_thread(self._desk.preview, chosen, progress=tell)
        finally:
            self._teller.deactivate()
            self._progress.set_visibility(False)
            self._start.set_enabled(True)
        await self._load()

    def _tell(self) -> None:
        self._bar.value, self._step.text = self._told.share, self._told.what

    def _draw_preview(self) -> None:
        self._preview.clear()
        release = self._previewed
        if release is None or release.comparison is None:
            return
        compared = release.comparison
        with self._preview, ui.card().classes("console-card"):
            ui.label("预览结果").classes("pub-title")
            draw_rows(release.rows)
            with ui.element("div").classes("pub-scores"):
                figure_card("黄金题", str(compared.asked))
                figure_card("线上答对", str(compared.right_before))
                figure_card("发布后答对", str(compared.right_after), note=f"{compared.share:.1%}")
                figure_card("回答会变", str(len(compared.changed)), note=f"其中由对变错 {compared.broken}")
            ui.link("这些黄金题在哪里改", "/golden").classes("dim")
            if not compared.changed:
                ui.label("黄金题的回答都不变。").classes("dim")
            for change in compared.changed[:_CHANGES_SHOWN]:
                draw_change(change)
            if (more := len(compared.changed) - _CHANGES_SHOWN) > 0:
                ui.label(f"另有 {more} 个回答会变，没有列出。").classes("dim")
            if release.needs_reason:
                with ui.column().classes("pub-why").props("role=alert"):
                    for why in release.needs_reason:
                        ui.label(why)
            if self._may:
                with ui.row().classes("pub-actions"):
                    ui.button("发布", icon="rocket_launch", on_click=self._publish).props("no-caps")
                    ui.label("切换只需一瞬间，随时可以从发布记录回退。").classes("dim")

    async def _publish(self) -> None:
        release = self._previewed
        if release is None:
            return
        reason: str | None = ""
        if release.needs_reason:
            reason = await ask_reason(
                "仍要发布？", detail="".join(release.needs_reason) + "请写明理由，会留在发布记录里。",
                action="发布", danger=True,
            )  # fmt: skip
        elif not await confirm(
            "发布这些内容？", detail=f"共 {len(release.rows)} 项，发布后立即生效。", action="确认发布"
        ):
            return
        if reason is None:
            return
        with failures_said():
            published = await in_thread(self._desk.publish, release.id, reason=reason)
            self._previewed = None
            done(f"已发布，线上版本 {published.snapshot}")
        await self._load()

    def _draw_history(self, history: list[Release]) -> None:
        self._history.clear()
        with self._history:
            ui.label("发布记录").classes("pub-title")
            with ui.column().classes("pub-list"):
                for number, release in enumerate(history):
                    back = self._back(release) if number and self._may else None
                    draw_release(release, live=number == 0, back=back)
            if not history:
                empty("还没有发布过。", icon="history")

    def _back(self, release: Release) -> Callable[[], Awaitable[None]]:
        async def go_back() -> None:
            reason = await ask_reason(
                "回到这一版？",
                detail="这一版之后发布的内容会恢复成当时的样子，立即生效；之后另有改动或紧急撤回的内容保持原样。",
                action="回退", danger=True,
            )  # fmt: skip
            if reason is None:
                return
            with failures_said():
                went = await in_thread(self._desk.roll_back, release.id, reason=reason)
                done(f"已回退，线上版本 {went.snapshot}")
            await self._load()

        return go_back
