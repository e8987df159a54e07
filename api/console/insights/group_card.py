"""One group of questions: counts and trend, its wordings, the likeliest clause, and what to do."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from urllib.parse import quote

from nicegui import ui

from api.accounts.roles import Actor, Right
from api.console.insights.elements import draw_trend
from api.console.insights.extending import Extending
from api.console.parts import confirm, done, failures_said, in_thread, when
from api.desk.insights import InsightsDesk
from api.insights.missed import WHYS
from api.insights.model import Group
from api.insights.suggesting import Suggested, Tried
from api.insights.words import words

_COLOURS = {"open": "warning", "drafted": "teal-9", "solved": "primary", "set_aside": "grey-8"}
_WHY_COLOURS = {"unanswered": "deep-orange-10", "clarified": "warning", "disliked": "red-8"}
_WORDINGS = 30


class GroupCard:
    """Reads what it needs when it is opened. `changed` is awaited after every decision."""

    def __init__(
        self, desk: InsightsDesk, actor: Actor, group: Group, *, changed: Callable[[], Awaitable[None]]
    ) -> None:
        self._desk, self._group, self._changed = desk, group, changed
        self._may_edit = actor.may(Right.edit)
        self._drawn = False
        self._taken: dict[str, ui.checkbox] = {}
        self._clause: ui.radio | None = None
        with ui.card().classes("console-card insights-group").props("role=region") as card:
            card.props["aria-label"] = group.question
            self._head()
            self._facts()
            with ui.row().classes("w-full items-center gap-2"):
                self._actions()
                ui.space()
                self._toggle = ui.button("问法和条款", icon="expand_more", on_click=self._turn)
                self._toggle.props("flat dense color=secondary aria-expanded=false")
            self._inside = ui.column().classes("w-full gap-3")
            self._inside.set_visibility(False)

    async def open(self) -> None:
        """Show its wordings and the likeliest clauses."""
        self._show(True)
        await self._draw_inside()

    async def _turn(self) -> None:
        if self._inside.visible:
            self._show(False)
        else:
            await self.open()

    def _show(self, shown: bool) -> None:
        self._inside.set_visibility(shown)
        self._toggle.props(f"icon=expand_{'less' if shown else 'more'} aria-expanded={str(shown).lower()}")

    def _head(self) -> None:
        group = self._group
        with ui.element("div").classes("insights-group-head"):
            ui.label(group.question).classes("insights-question")
            ui.badge(words("states")[group.state], color=_COLOURS[group.state]).classes("console-badge")

    def _facts(self) -> None:
        group = self._group
        with ui.element("div").classes("insights-facts"):
            ui.label(f"{group.count} 次，{len(group.wordings)} 种问法").classes("text-weight-medium")
            for why in WHYS:
                if group.counts[why]:
                    label = f"{words('whys')[why]} {group.counts[why]}"
                    ui.badge(label, color=_WHY_COLOURS[why]).props("outline").classes("console-badge")
            draw_trend(group.this_week, group.week_before)
            ui.label(f"最近 {when(group.last_at)}")
            if group.districts:
                ui.label("、".join(group.districts[:3]))
            if group.out_of_scope:
                ui.label(words("reasons")["out_of_scope"])
        if group.decision is not None and group.state != "open":
            self._decided()

    def _decided(self) -> None:
        decision = self._group.decision
        assert decision is not None
        by = "系统" if decision.by == "app" else decision.by
        with ui.element("div").classes("insights-facts"):
            ui.label(f"{by} {when(decision.at)}：{words('states')[decision.state]}")
            if decision.entry:
                ui.link("打开这条问答", f"/entries/{quote(decision.entry)}")
            if self._group.state == "solved" and self._group.since_decided:
                ui.label(f"解决以后又有 {self._group.since_decided} 次没答好").classes("insights-late")

    def _actions(self) -> None:
        if not self._may_edit:
            return
        state = self._group.state
        if state == "open":
            ui.button("起草问答", icon="edit_note", on_click=self._draft).props(
                "unelevated dense padding='5px 14px'"
            )
            ui.button("加到已有问答", icon="playlist_add", on_click=self._extend).props("flat dense")
            ui.button("已经能答了", icon="task_alt", on_click=self._solve).props("flat dense")
            ui.button("搁置", icon="do_not_disturb_on", on_click=self._set_aside).props("flat dense")
        else:
            ui.button("重新打开", icon="undo", on_click=self._reopen).props("flat dense")

    async def _draw_inside(self) -> None:
        if self._drawn:
            return
        self._drawn = True
        with failures_said():
            suggested = await in_thread(self._desk.suggested, self._group.id)
            tried = {each.text: each for each in await in_thread(self._desk.tried, self._group.id)}
            with self._inside:
                self._draw_suggested(suggested)
                self._draw_wordings(tried)

    def _draw_suggested(self, suggested: list[Suggested]) -> None:
        ui.label("最可能的条款").classes("text-weight-medium")
        if not suggested:
            ui.label("索引没有找到接近的条款，可能要先导入新的文件。").classes("dim")
            return
        options = {each.clause: f"《{each.title}》{each.label}" for each in suggested}
        choosing = len(options) > 1 and self._may_edit and self._group.state == "open"
        texts = {each.clause: each.text for each in suggested}
        if choosing:
            self._clause = ui.radio(options, value=suggested[0].clause)
        else:
            ui.label(options[suggested[0].clause])
        quoted = ui.label(suggested[0].text).classes("insights-says")
        if self._clause is not None:
            self._clause.on_value_change(lambda event: quoted.set_text(texts[event.value]))
        if suggested[0].probability is not None:
            ui.label(f"能回答这组问题的把握：{100 * suggested[0].probability:.0f}%").classes("dim")

    def _draw_wordings(self, tried: dict[str, Tried]) -> None:
        group = self._group
        choosing = self._may_edit and group.state == "open"
        ui.label("问法" + ("（勾选的会写进草稿，或加到已有问答）" if choosing else "")).classes(
            "text-weight-medium"
        )
        with ui.column().classes("w-full gap-0"):
            for wording in group.wordings[:_WORDINGS]:
                with ui.element("div").classes("insights-wording"):
                    if choosing:
                        box = ui.checkbox(value=True).props("dense")
                        box.props["aria-label"] = wording.text
                        self._taken[wording.key] = box
                    ui.label(wording.text).classes("insights-wording-text")
                    if wording.text in tried:
                        ui.label(words("verdicts")[tried[wording.text].verdict]).classes("dim")
                    ui.label(f"{len(wording.misses)} 次").classes("insights-item-count")
        if len(group.wordings) > _WORDINGS:
            ui.label(f"另有 {len(group.wordings) - _WORDINGS} 种问法没有列出。").classes("dim")

    def _keys(self) -> list[str]:
        """The wordings that are ticked; before the card was opened, all."""
        left_out = {key for key, box in self._taken.items() if not box.value}
        return [wording.key for wording in self._group.wordings if wording.key not in left_out]

    async def _extend(self) -> None:
        await Extending(self._desk, self._group, self._keys()).open()

    async def _draft(self) -> None:
        with failures_said():
            group = self._group
            drafted = await in_thread(
                self._desk.draft,
                group.id,
                revision=group.revision,
                keys=self._keys(),
                clause=str(self._clause.value) if self._clause is not None else None,
            )
            ui.navigate.to(f"/entries/{quote(drafted.entry)}")

    async def _solve(self) -> None:
        with failures_said():
            await in_thread(self._desk.solve, self._group.id, revision=self._group.revision)
            done("已标为解决，这些问法以后每次发布都会检查。")
            await self._changed()

    async def _set_aside(self) -> None:
        if not await confirm("搁置这组问题？", detail="以后问到同样意思的，也会归到这里。", action="搁置"):
            return
        with failures_said():
            await in_thread(self._desk.set_aside, self._group.id, revision=self._group.revision)
            done("已搁置")
            await self._changed()

    async def _reopen(self) -> None:
        with failures_said():
            await in_thread(self._desk.reopen, self._group.id, revision=self._group.revision)
            done("已重新打开")
            await self._changed()
