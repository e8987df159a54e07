"""The conflict list: what in the published knowledge does not go together, with both texts side by side."""

from __future__ import annotations

from nicegui import ui

from api.accounts.roles import Right
from api.console.frame import console_page
from api.console.parts import confirm, done, empty, failures_said, heading, in_thread, when
from api.console.trials.elements import clause_address, load_trials, marked_text, outside_link
from api.console.visit import Visit
from api.desk.conflicts import ConflictsDesk, Listed
from knowledge.conflicts import KINDS, Finding, SetAside, Side

_TITLES = {
    "contradiction": "互相矛盾",
    "newer": "与新文件不符",
    "gone": "引文不在了",
    "ended": "依据已失效",
    "duplicate": "问法重复",
}
_LEADS = {
    "contradiction": "两条问答问的是同一件事，数字却不同。",
    "newer": "更新的文件里有很接近的话，数字或日期不同。",
    "gone": "引用的文字已经改了或没有了，居民得不到这条回答。",
    "ended": "引用的文件或项目已过期、被取代或撤回。",
    "duplicate": "两条问答里有几乎一样的问法，居民问到时可能答非所问。",
}
_ASIDE = "aside"
_PAGE = 10
_LOOK_AGAIN_S = 2.0


@console_page("/conflicts", title="冲突清单", group="知识", icon="compare_arrows", right=Right.read, order=70)
async def conflicts_page(visit: Visit) -> None:
    load_trials()
    heading("冲突清单", "已发布的内容里对不上的地方。每次发布后自动检查；确实没有问题的可以写明理由搁置。")
    await _Conflicts(visit).draw()


class _Conflicts:
    def __init__(self, visit: Visit) -> None:
        self._desk = ConflictsDesk(visit.services, visit.actor)
        self._may_decide = visit.actor.may(Right.edit)
        self._shown_kind: str | None = None
        self._page = 1
        self._listed: Listed | None = None

    async def draw(self) -> None:
        with ui.row().classes("trials-actions"):
            self._state = ui.label().classes("dim trials-grow").props("role=status")
            self._spinner = ui.spinner(size="20px")
            ui.button("重新检查", icon="refresh", on_click=self._again).props("flat")
        self._body = ui.column().classes("full-width")
        self._dialogs = ui.element("div")
        self._waiting = ui.timer(_LOOK_AGAIN_S, self._look, active=False)
        await self._look()

    async def _look(self) -> None:
        with failures_said():
            listed = await in_thread(self._desk.listed)
            changed = listed != self._listed
            self._listed = listed
            self._say(listed)
            if listed.current or listed.failed:
                self._waiting.deactivate()
            else:
                self._waiting.activate()
            if changed:
                self._show()

    async def _again(self) -> None:
        with failures_said():
            await in_thread(self._desk.check_again)
            await self._look()

    def _say(self, listed: Listed) -> None:
        working = not listed.current and not listed.failed
        self._spinner.set_visibility(working)
        if listed.failed:
            said = "检查没有完成：内部出错，已经记录下来。请稍后重新检查。"
        elif working:
            said = "正在检查现在发布的内容…" + ("下面是上一次的结果。" if listed.findings is not None else "")
        else:
            said = f"{when(listed.checked_at, year=True)} 检查过，之后内容没有再发布。"
        if listed.without_encoder:
            said += "没有加载编码器，“与新文件不符”这一类没有检查。"
        self._state.text = said

    def _show(self) -> None:
        listed = self._listed
        self._body.clear()
        if listed is None or listed.findings is None:
            return
        counts = listed.counts
        kinds = [kind for kind in KINDS if counts[kind]]
        tabs = [*kinds, *([_ASIDE] if listed.aside else [])]
        with self._body:
            if not tabs:
                empty("没有发现对不上的地方。", icon="task_alt")
                return
            shown = self._shown_kind = self._shown_kind if self._shown_kind in tabs else tabs[0]
            chosen = ui.tabs().props("dense no-caps align=left outside-arrows")
            with chosen.classes("trials-tabs"):
                for kind in kinds:
                    ui.tab(kind, label=f"{_TITLES[kind]} {counts[kind]}")
                if listed.aside:
                    ui.tab(_ASIDE, label=f"已搁置 {len(listed.aside)}")
            chosen.set_value(shown)
            chosen.on_value_change(lambda e: self._turn(str(e.value), 1))
            if shown == _ASIDE:
                self._draw_some([(one, decision) for one, decision in listed.aside])
            else:
                ui.label(_LEADS[shown]).classes("dim")
                self._draw_some([(one, None) for one in listed.findings if one.kind == shown])

    def _turn(self, kind: str | None, page: int) -> None:
        self._shown_kind, self._page = kind, page
        self._show()

    def _draw_some(self, findings: list[tuple[Finding, SetAside | None]]) -> None:
        pages = -(-len(findings) // _PAGE)
        page = min(self._page, pages)
        for finding, decision in findings[(page - 1) * _PAGE : page * _PAGE]:
            self._draw(finding, decision)
        if pages > 1:
            turned = ui.pagination(1, pages, direction_links=True, value=page).props("max-pages=6")
            turned.classes("self-center")
            turned.on_value_change(lambda e: self._turn(self._shown_kind, int(e.value)))

    def _draw(self, finding: Finding, decision: SetAside | None) -> None:
        card = ui.card().classes("console-card trials-finding").props("role=article")
        with card:
            with ui.row().classes("trials-line"):
                if decision is not None:
                    ui.badge(_TITLES[finding.kind], color="grey-7").props("outline").classes("console-badge")
                ui.label(finding.said).classes("trials-grow text-weight-medium")
            with ui.element("div").classes("trials-pair"):
                _draw_side(finding.first)
                if finding.second is not None:
                    _draw_side(finding.second)
            if decision is not None:
                ui.label(
                    f"{decision.by} 于 {when(decision.at, year=True)} 搁置，理由：{decision.reason}"
                ).classes("dim")
            if self._may_decide:
                with ui.row().classes("console-actions"):
                    if decision is None:
                        ui.button("搁置", icon="visibility_off", on_click=lambda: self._ask(finding)).props(
                            "flat"
                        )
                    else:
                        ui.button("恢复", icon="undo", on_click=lambda: self._take_back(finding)).props(
                            "flat"
                        )

    def _ask(self, finding: Finding) -> None:
        with self._dialogs, ui.dialog() as dialog, ui.card().classes("console-dialog"):
            ui.label("搁置这一条").classes("console-dialog-title")
            ui.label("搁置以后不再提醒，直到其中一边的文字改变。理由会记入操作记录。").classes("dim")
            reason = ui.textarea("理由").props("outlined autogrow maxlength=500").classes("full-width")

            async def keep() -> None:
                with failures_said():
                    await in_thread(self._desk.set_aside, finding.key, reason=reason.value or "")
                    dialog.close()
                    done("已搁置")
                    await self._look()

            with ui.row().classes("console-actions"):
                ui.button("取消", on_click=dialog.close).props("flat")
                ui.button("搁置", on_click=keep)
        dialog.open()

    async def _take_back(self, finding: Finding) -> None:
        with failures_said():
            if await confirm("恢复这一条？它会重新出现在清单里。"):
                await in_thread(self._desk.take_back, finding.key)
                done("已恢复")
                await self._look()


def _draw_side(side: Side) -> None:
    with ui.column().classes("trials-pane"):
        with ui.row().classes("trials-line"):
            if side.kind == "entry":
                ui.badge("问答").props("outline").classes("console-badge")
                ui.link(side.title, f"/entries/{side.id}").classes("trials-grow")
            else:
                ui.badge("条款" if side.kind == "clause" else "项目").props("outline").classes(
                    "console-badge"
                )
                outside_link(side.title, clause_address(side.id)).classes("trials-grow")
        with ui.element("div").classes("trials-scroll").props("tabindex=0"):
            marked_text(side.text, side.marked)
        ui.label(side.id).classes("dim trials-small")
