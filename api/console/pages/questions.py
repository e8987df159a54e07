"""Questions that were not answered well, by group: filtered, counted, and one step away from a draft."""

from __future__ import annotations

from nicegui import ui

from api.accounts.roles import Right
from api.console.frame import console_page
from api.console.insights.elements import load_insights
from api.console.insights.group_card import GroupCard
from api.console.parts import empty, failures_said, heading, in_thread
from api.console.visit import Visit
from api.desk.insights import InsightsDesk
from api.insights.missed import WHYS
from api.insights.model import STATES, Group
from api.insights.words import words

PAGE = 20
ALL = "all"


@console_page("/questions", title="问题缺口", group="居民", icon="help_center", right=Right.read, order=50)
async def questions_page(visit: Visit, group: str = "", state: str = "") -> None:
    """`group` opens one group at once; both are for links from elsewhere."""
    load_insights()
    heading("问题缺口", "没答上、只能反问、被评没用的问题，按意思归成组；一组问题可以直接起草成一条问答。")
    board = _Board(visit, opened=group, state=state if state in STATES else "")
    await board.draw()


class _Board:
    """The page's state: the filters, and how many groups are shown."""

    def __init__(self, visit: Visit, *, opened: str, state: str) -> None:
        self._visit, self._desk = visit, InsightsDesk(visit.services, visit.actor)
        self._opened, self._first_state = opened, state or (ALL if opened else "open")
        self._found: list[Group] = []
        self._shown = 0
        self._asked = 0

    async def draw(self) -> None:
        states = {state: words("states")[state] for state in STATES} | {ALL: "全部"}
        with ui.card().classes("console-card"), ui.row().classes("insights-bar"):
            self._state = ui.toggle(states, value=self._first_state).props(
                'no-caps unelevated aria-label="状态"'
            )
            self._why = ui.select({ALL: "全部原因"} | {why: words("whys")[why] for why in WHYS}, value=ALL)
            self._why.props('outlined dense options-dense aria-label="原因"').style("min-width: 130px")
            self._text = ui.input("搜索问法").props("outlined dense clearable debounce=300")
            self._outside = ui.checkbox("含与本库无关的")
        for field in (self._state, self._why, self._text, self._outside):
            field.on_value_change(self.reload)
        with ui.row().classes("w-full items-center justify-between"):
            self._count = ui.label().classes("dim")
            ui.button("导出", icon="download", on_click=self._export).props("flat dense")
        self._list = ui.column().classes("w-full gap-3")
        self._more = ui.button("再看一些", on_click=self._show_more).props("flat").classes("self-center")
        await self.reload()

    async def reload(self) -> None:
        """Of several at once, the last one asked for is drawn."""
        self._asked += 1
        asked = self._asked
        with failures_said():
            groups = await in_thread(self._desk.groups)
            if asked != self._asked:
                return
            self._found = [group for group in groups if self._wanted(group)]
            self._shown = 0
            self._count.text = (
                f"{len(self._found):,} 组，共 {sum(group.count for group in self._found):,} 次提问"
            )
            self._list.clear()
            with self._list:
                if not groups:
                    empty("还没有这样的问题。居民问了没答上的，会按意思归到这里。", icon="task_alt")
                elif not self._found:
                    empty("没有符合条件的问题。", icon="filter_alt_off")
            await self._show_more()

    async def _show_more(self) -> None:
        some = self._found[self._shown : self._shown + PAGE]
        self._shown += len(some)
        with self._list:
            for group in some:
                card = GroupCard(self._desk, self._visit.actor, group, changed=self.reload)
                if self._is_opened(group):
                    await card.open()
        self._more.set_visibility(self._shown < len(self._found))

    def _wanted(self, group: Group) -> bool:
        if self._is_opened(group):
            return True
        if self._state.value not in (ALL, group.state):
            return False
        if self._why.value != ALL and not group.counts[self._why.value]:
            return False
        if group.out_of_scope and not self._outside.value:
            return False
        sought = (self._text.value or "").strip()
        return not sought or any(sought in wording.text for wording in group.wordings)

    def _is_opened(self, group: Group) -> bool:
        wanted = self._opened
        return bool(wanted) and (group.id == wanted or any(each.key == wanted for each in group.wordings))

    async def _export(self) -> None:
        with failures_said():
            file = await in_thread(self._desk.groups_file, {group.id for group in self._found})
            ui.download.content(file, "questions.csv", "text/csv")
