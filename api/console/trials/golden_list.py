"""The lines of the golden questions' page: a question with its result, a proposal with its decision."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

from nicegui import ui

from api.accounts.roles import Actor, Right
from api.console.parts import confirm, done, failures_said, in_thread, when
from api.console.publishing.elements import REPLIES, ask_reason
from api.console.trials.elements import clause_address, outside_link
from api.console.trials.golden_dialog import GoldenDialog
from api.desk.golden import GoldenDesk, GoldenLine
from knowledge.publishing.golden import GoldenQuestion
from knowledge.publishing.golden_proposals import GoldenProposal

RESULTS = {
    "right": ("答对", "positive"),
    "wrong": ("答错", "negative"),
    "unasked": ("还没问过", "grey-7"),
    "retired": ("已停用", "grey-7"),
}
ORIGINS = {"shipped": "随程序提供", "editor": "编辑添加", "solved_group": "来自解决的问题组"}


class GoldenLines:
    """Draws lines; `names` are those of the clauses that they name, `changed` is awaited after a decision."""

    def __init__(
        self, desk: GoldenDesk, actor: Actor, names: dict[str, str], changed: Callable[[], Awaitable[None]]
    ) -> None:
        self._desk, self._actor, self._names, self._changed = desk, actor, names, changed
        self._may_edit = actor.may(Right.edit)

    def line(self, line: GoldenLine) -> None:
        question = line.question
        with ui.element("div").classes("golden-line").props("role=listitem"):
            with ui.row().classes("trials-head"):
                ui.label(question.text).classes("text-weight-medium trials-grow")
                said, colour = RESULTS[line.result]
                badge = ui.badge(said, color=colour).classes("console-badge")
                if line.result in ("unasked", "retired"):
                    badge.props("outline")
                if self._may_edit and line.proposal is None:
                    self._tools(question)
            self._expects(question)
            if line.given is not None:
                self._given(line)
            facts = [ORIGINS[question.origin], *([question.note] if question.note else [])]
            ui.label(" · ".join(facts)).classes("dim trials-small")
            if line.proposal is not None:
                self.proposal(line.proposal, question)

    def proposal(self, proposal: GoldenProposal, question: GoldenQuestion | None) -> None:
        """`question` is the one it would change, None for a new one."""
        wanted = proposal.wanted
        with ui.column().classes("golden-proposal").props('role=group aria-label="待审的改动"'):
            with ui.row().classes("trials-head"):
                ui.label(_asks(wanted, question)).classes("text-weight-medium")
                if proposal.state == "sent_back":
                    ui.badge("已退回", color="negative").props("outline").classes("console-badge")
                else:
                    ui.badge("待审核", color="warning").classes("console-badge")
                ui.label(f"{proposal.by} {when(proposal.at)}").classes("dim")
            if question is None or wanted.text != question.text:
                ui.label(wanted.text)
            if question is None or wanted.expects != question.expects:
                self._expects(wanted)
            if question is None or wanted.note != question.note:
                ui.label(f"备注：{wanted.note or '（没有）'}").classes("dim trials-small")
            if proposal.said:
                ui.label(f"退回的原因：{proposal.said}").classes("trials-small")
            with ui.row().classes("trials-actions"):
                self._decision(proposal, question)

    def _decision(self, proposal: GoldenProposal, question: GoldenQuestion | None) -> None:
        if proposal.by == self._actor.name:
            ui.label("等另一位审核人同意" if proposal.state == "open" else "").classes("dim")
            again = GoldenDialog(self._desk, question, self._changed, seen=proposal)
            ui.button("再改", on_click=again.open).props("outline dense")
            ui.button("撤下", on_click=lambda: self._drop(proposal)).props("flat dense")
        elif not self._actor.may(Right.review):
            ui.label("审核要由审核人来做。").classes("dim")
        elif proposal.state == "open":
            ui.button("退回", on_click=lambda: self._send_back(proposal)).props(
                "outline dense color=negative"
            )
            ui.button("同意", on_click=lambda: self._approve(proposal)).props("dense")

    def _tools(self, question: GoldenQuestion) -> None:
        edit = ui.button(icon="edit", on_click=GoldenDialog(self._desk, question, self._changed).open).props(
            "flat dense round"
        )
        edit.props["aria-label"] = f"修改：{question.text}"
        icon, said = ("block", "停用") if question.active else ("undo", "重新启用")
        turn = ui.button(icon=icon, on_click=lambda: self._turn(question, said)).props("flat dense round")
        turn.props["aria-label"] = f"{said}：{question.text}"
        turn.tooltip(said)

    def _expects(self, question: GoldenQuestion) -> None:
        with ui.row().classes("trials-line trials-small"):
            if question.expects is None:
                ui.label("不应当回答").classes("dim")
                return
            ui.label("应当找到").classes("dim")
            for clause in sorted(question.expects):
                outside_link(self._names.get(clause, clause), clause_address(clause))

    def _given(self, line: GoldenLine) -> None:
        assert line.given is not None
        given = line.given
        with ui.row().classes("trials-line trials-small"):
            ui.label(f"实际{REPLIES.get(given.kind, given.kind)}").classes("trials-against")
            if given.clause:
                outside_link(self._names.get(given.clause, given.clause), clause_address(given.clause))
            ui.link("看判断依据", f"/test-bench?ask={line.question.text}")
        if given.quote:
            ui.label(given.quote).classes("trials-quote trials-small")

    async def _turn(self, question: GoldenQuestion, said: str) -> None:
        detail = (
            "停用后发布时不再问它，记录保留，随时可以重新启用。"
            if question.active
            else "以后发布时会再问它。"
        )
        if not await confirm(f"提议{said}“{question.text}”？", detail=detail, action="提交审核"):
            return
        with failures_said():
            turned = replace(question, active=not question.active)
            await in_thread(
                self._desk.propose, text=turned.text, expects=turned.expects, question_id=turned.id,
                note=turned.note, active=turned.active,
            )  # fmt: skip
            done("已提交，等另一位审核人同意")
        await self._changed()

    async def _approve(self, proposal: GoldenProposal) -> None:
        with failures_said():
            await in_thread(self._desk.approve, proposal)
            done("已同意，从下一次发布起照这样检查")
        await self._changed()

    async def _send_back(self, proposal: GoldenProposal) -> None:
        reason = await ask_reason("退回这项改动？", detail="请写明哪里不合适，提出人会看到。", action="退回")
        if reason is None:
            return
        with failures_said():
            await in_thread(self._desk.send_back, proposal, reason=reason)
            done("已退回")
        await self._changed()

    async def _drop(self, proposal: GoldenProposal) -> None:
        if not await confirm("撤下这项改动？", detail="黄金题保持现在的样子。", action="撤下"):
            return
        with failures_said():
            await in_thread(self._desk.drop, proposal)
            done("已撤下")
        await self._changed()


def _asks(wanted: GoldenQuestion, question: GoldenQuestion | None) -> str:
    if question is None:
        return "提议新增"
    if wanted.active != question.active:
        return "提议重新启用" if wanted.active else "提议停用"
    return "提议改为"
