"""Taking back at once: an answer, a clause, a document or a whole subject; its review; where an answer came
from; and a correction to those who got it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import cast

from nicegui import ui

from api.accounts.roles import Right
from api.console.frame import console_page
from api.console.parts import confirm, done, empty, failures_said, heading, in_thread, when
from api.console.publishing.elements import TARGETS, ask_reason, load_publishing, person
from api.console.publishing.tracing import Tracing
from api.console.publishing.withdrawing import ask_withdrawal, draw_entries
from api.console.visit import Visit
from api.desk.publishing import EmergencyDesk, Found
from knowledge.publishing.model import TargetKind, Withdrawal

_STATES = {
    "open": ("待复核", "warning"),
    "confirmed": ("已确认", "primary"),
    "reversed": ("已恢复", "grey-8"),
}
_LEADS = {
    "entry": "这条问答立即不再使用；它引用的原文仍可能被直接引用。",
    "clause": "这一条（连同下级）立即不再被引用，依据它的问答也一起停用。",
    "document": "整份文件立即不再被引用，依据它的问答也一起停用。",
    "programme": "这个项目立即不再展示，依据它的问答也一起停用。",
    "tag": "面向这类对象的问答全部立即停用。",
    "item": "凡是问到这种物品的问题立即不再回答，提到它的句子不再引用。",
}
_LISTED = 12


@console_page("/emergency", title="紧急撤回", group="知识", icon="gpp_maybe", right=Right.read, order=65)
async def emergency_page(visit: Visit, message: str = "") -> None:
    load_publishing()
    heading("紧急撤回", "发现答错了：先撤回，下一个问题就不会再用到它；事后由另一位审核人复核。")
    page = _Emergency(visit)
    await page.draw()
    await Tracing(visit).draw(message)


def _way_back(item: Withdrawal) -> str:
    """Whether it is kept out of answers now, and how it comes back."""
    if item.state == "reversed":
        return "已恢复使用。"
    if not item.active:
        return "改正后已重新发布，不再停用。"
    if item.target.kind in ("clause", "tag", "item"):
        return "停用中：由另一位审核人点“恢复”才会再用。"
    return "停用中：由另一位审核人点“恢复”，或复核后改正、重新发布，才会再用。"


class _Emergency:
    def __init__(self, visit: Visit) -> None:
        self._desk = EmergencyDesk(visit.services, visit.actor)
        self._name = visit.actor.name
        self._may = visit.actor.may(Right.withdraw)

    async def draw(self) -> None:
        if self._may:
            with ui.card().classes("console-card pub-danger"):
                ui.label("撤回").classes("pub-title")
                with ui.element("div").classes("pub-form"):
                    self._kind = ui.select(TARGETS, value="entry", label="撤回什么", on_change=self._search)
                    self._kind.props("outlined dense options-dense")
                    self._words = ui.input("按名称或编号查找").props("outlined dense clearable debounce=300")
                    self._words.on_value_change(self._search)
                self._lead = ui.label(_LEADS["entry"]).classes("dim")
                self._found = ui.column().classes("pub-list")
        self._reviews = ui.card().classes("console-card")
        await self._load()
        if self._may:
            await self._search()

    async def _search(self) -> None:
        kind = cast(TargetKind, self._kind.value)
        self._lead.text = _LEADS[kind]
        words = (self._words.value or "").strip()
        self._found.clear()
        if kind not in ("document", "tag") and not words:
            return
        with failures_said():
            found = await in_thread(self._desk.find, kind, words)
            self._found.clear()
            with self._found:
                for one in found[:_LISTED]:
                    self._draw_found(one)
                if not found:
                    empty("线上没有找到。已经撤回的请看下面的记录。", icon="search_off")
                elif len(found) > _LISTED:
                    ui.label("结果太多，只列出前面的，请再写几个字。").classes("dim")

    def _draw_found(self, one: Found) -> None:
        with ui.element("div").classes("pub-row"):
            with ui.element("div").classes("pub-row-text"):
                ui.label(one.title).classes("pub-row-title")
                beside = f" · 涉及问答 {one.entries} 条" if one.target.kind != "entry" else ""
                ui.label(f"{one.detail}{beside}").classes("dim")
            ui.button("立即撤回", icon="block", on_click=self._withdrawing(one)).props(
                "color=negative outline dense no-caps"
            )

    def _withdrawing(self, one: Found) -> Callable[[], Awaitable[None]]:
        async def withdraw() -> None:
            reason: str | None = None
            with failures_said():
                entries = await in_thread(self._desk.would_silence, one.target)
                reason = await ask_withdrawal(one.title, _LEADS[one.target.kind], entries)
            if reason is None:
                return
            with failures_said():
                await in_thread(self._desk.withdraw, one.target, reason=reason)
                done("已撤回，从下一个问题起生效。")
                await self._load()
                await self._search()
                await in_thread(self._desk.settle)

        return withdraw

    async def _load(self) -> None:
        with failures_said():
            withdrawals = await in_thread(self._desk.withdrawals)
            self._reviews.clear()
            with self._reviews:
                waiting = sum(item.state == "open" for item in withdrawals)
                silent = sum(item.active for item in withdrawals)
                with ui.row().classes("pub-actions"):
                    ui.label("撤回记录").classes("pub-title")
                    if waiting:
                        ui.badge(f"{waiting} 项待复核", color="warning").classes("console-badge")
                    if silent:
                        ui.badge(f"{silent} 项停用中", color="negative").classes("console-badge")
                with ui.column().classes("pub-list"):
                    held = [item for item in withdrawals if item.active or item.state == "open"]
                    over = [item for item in withdrawals if item not in held]
                    for item in [*held, *over[:_LISTED]]:
                        self._draw_withdrawal(item)
                if not withdrawals:
                    empty("没有紧急撤回过。", icon="verified")

    def _draw_withdrawal(self, item: Withdrawal) -> None:
        said, colour = _STATES[item.state]
        with ui.element("div").classes("pub-row"):
            with ui.element("div").classes("pub-row-text"):
                with ui.row().classes("pub-side-head"):
                    ui.badge(said, color=colour).classes("console-badge")
                    ui.label(TARGETS[item.target.kind])
                    ui.label(f"{when(item.at, year=True)} {person(item.by)}").classes("tabular")
                ui.label(item.title).classes("pub-row-title")
                ui.label(f"原因：{item.reason}").classes("dim")
                if item.reviewed_by:
                    note = f"：{item.review_note}" if item.review_note else ""
                    ui.label(f"{when(item.reviewed_at)} {person(item.reviewed_by)} 复核{note}").classes("dim")
                ui.label(_way_back(item)).classes("dim")
                if item.active:
                    self._draw_silenced(item)
            if not self._may or item.state == "reversed":
                return
            if item.by == self._name:
                waits = "等另一位审核人复核" if item.state == "open" else "要恢复，请另一位审核人操作"
                ui.label(waits if item.active else "").classes("dim")
                return
            if item.state == "open":
                ui.button("确认撤回", on_click=self._reviewing(item, True)).props("dense no-caps")
            if item.active:
                ui.button("恢复", on_click=self._reviewing(item, False)).props("outline dense no-caps")

    def _draw_silenced(self, item: Withdrawal) -> None:
        """What it keeps silent, looked up when it is opened."""
        with ui.expansion("停用了哪些问答").props("dense dense-toggle").classes("full-width") as opened:
            shown = ui.column().classes("full-width")

        async def show() -> None:
            if not opened.value or list(shown):
                return
            with failures_said():
                entries = await in_thread(self._desk.silenced_by, item)
                with shown:
                    if entries:
                        draw_entries(entries)
                    else:
                        ui.label("没有问答因此停用。").classes("dim")

        opened.on_value_change(show)

    def _reviewing(self, item: Withdrawal, yes: bool) -> Callable[[], Awaitable[None]]:
        async def review() -> None:
            if yes:
                detail = "改正之后重新发布，居民才会再得到它。"
                note = "" if await confirm(f"确认撤回“{item.title}”？", detail=detail) else None
            else:
                note = await ask_reason(
                    f"恢复“{item.title}”？", detail="几秒后重新用于回答，请写明理由。", action="恢复"
                )
            if note is None:
                return
            with failures_said():
                await in_thread(self._desk.review, item.id, confirm=yes, note=note)
                done("已确认" if yes else "已恢复")
                await self._load()
                await in_thread(self._desk.settle)

        return review
