"""From the id of a reply to what stood behind it, and a correction to everybody who got the same."""

from __future__ import annotations

from nicegui import ui

from api.accounts.roles import Right
from api.console.parts import confirm, done, empty, failures_said, in_thread, when
from api.console.publishing.elements import KINDS, RELEASES, REPLIES, person
from api.console.visit import Visit
from api.desk.publishing import EmergencyDesk
from api.publishing.provenance import Approval, Trace

_WORDS = 500


class Tracing:
    def __init__(self, visit: Visit) -> None:
        self._desk = EmergencyDesk(visit.services, visit.actor)
        self._may = visit.actor.may(Right.withdraw)

    async def draw(self, message: str) -> None:
        with ui.card().classes("console-card"):
            ui.label("追溯一条回复").classes("pub-title")
            ui.label(
                "居民反映答错时，凭回复编号查清：说了什么、出自哪个版本、依据什么、谁批准的、多少人看到过。"
            ).classes("dim")
            with ui.row().classes("pub-actions"):
                self._id = ui.input("回复编号", value=message).props("outlined dense clearable")
                self._id.classes("pub-grow").on("keydown.enter", self._look)
                ui.button("查询", icon="search", on_click=self._look).props("no-caps outline")
            self._body = ui.column().style("width: 100%; gap: 14px")
        self._sent = ui.card().classes("console-card")
        await self._load_sent()
        if message:
            await self._look()

    async def _look(self) -> None:
        self._body.clear()
        if not (self._id.value or "").strip():
            return
        with failures_said():
            trace = await in_thread(self._desk.trace, self._id.value)
            with self._body:
                self._draw_trace(trace)

    def _draw_trace(self, trace: Trace) -> None:
        ui.label(trace.said).classes("pub-said")
        with ui.element("div").classes("pub-fields"):
            self._field("问题", trace.asked or "（没有留下）")
            self._field("时间", when(trace.at, year=True))
            self._field("回复", REPLIES.get(trace.kind, trace.kind))
            self._field("版本", trace.snapshot or "（没有）")
            if trace.release is not None:
                release = trace.release
                by = person(release.published_by or release.by)
                named = RELEASES.get(release.kind, release.kind)
                self._field(
                    "这一版的上线", f"{when(release.committed_at, year=True)} {by}（{named}）{release.reason}"
                )
            self._field("经由问答", trace.entry or "（直接引用原文）")
            if trace.probability is not None:
                self._field("把握", f"{trace.probability:.0%}")
            self._field("看到的次数", f"这一版 {trace.told} 次，所有版本 {trace.told_ever} 次")
        if trace.citations:
            ui.label("依据").classes("pub-row-title")
            for cited in trace.citations:
                with ui.column().style("gap: 2px"):
                    ui.label(f"{cited.title} {cited.label}（{cited.clause_id}）").classes("dim")
                    ui.label(cited.quote).classes("pub-quote")
        if trace.approvals:
            ui.label("谁批准的").classes("pub-row-title")
            for approval in trace.approvals:
                ui.label(_approved(approval))
        if self._may and (trace.entry or trace.clause):
            self._draw_correcting(trace)

    def _field(self, key: str, value: str) -> None:
        ui.label(key).classes("key")
        ui.label(value)

    def _draw_correcting(self, trace: Trace) -> None:
        ui.label("发送更正").classes("pub-row-title")
        words = ui.textarea("更正说明").props(f"outlined autogrow counter maxlength={_WORDS}")
        words.style("width: 100%")
        only = ui.checkbox("只发给在这一版看到的人", value=True)

        async def send() -> None:
            with failures_said():
                count = await in_thread(self._desk.reachable, trace, only_snapshot=bool(only.value))
                detail = f"会出现在 {count} 个仍保存着的会话里，每个会话最多一次。"
                if not await confirm("发送更正？", detail=detail, action="发送"):
                    return
                correction = await in_thread(
                    self._desk.correct, trace, text=words.value or "", only_snapshot=bool(only.value)
                )
                done(f"已发到 {correction.reached} 个会话")
                await self._load_sent()

        with ui.row().classes("pub-actions"):
            ui.button("发送更正", icon="campaign", on_click=send).props("no-caps").bind_enabled_from(
                words, "value", backward=lambda value: bool((value or "").strip())
            )

    async def _load_sent(self) -> None:
        with failures_said():
            sent = await in_thread(self._desk.corrections)
            self._sent.clear()
            with self._sent:
                ui.label("发出的更正").classes("pub-title")
                with ui.column().classes("pub-list"):
                    for item in sent:
                        with ui.element("div").classes("pub-row"), ui.element("div").classes("pub-row-text"):
                            ui.label(item.text).classes("pub-row-title")
                            told = f"看到过 {item.known} 次，送达 {item.reached} 个会话"
                            ui.label(f"{when(item.at, year=True)} {person(item.by)} · {told}").classes("dim")
                if not sent:
                    empty("没有发过更正。", icon="mark_chat_read")


def _approved(approval: Approval) -> str:
    what = f"{KINDS.get(approval.kind, approval.kind)}“{approval.title}”"
    if approval.shipped:
        return f"{what}：随程序提供，本地没有改动过"
    reviewer = f"，{person(approval.reviewer)} 审核" if approval.reviewer else ""
    published = f"{person(approval.by)} 发布（{when(approval.at, year=True)}）"
    return f"{what}：{person(approval.author)} 编写{reviewer}，{published}"
