"""The lexicon: what residents say and what the texts call it, line by line."""

from __future__ import annotations

from nicegui import ui

from api.accounts.roles import Right
from api.console.frame import console_page
from api.console.parts import confirm, done, empty, failures_said, heading, in_thread, state_badge
from api.console.trials.elements import load_trials
from api.console.trials.lexicon_dialog import LexiconDialog
from api.console.visit import Visit
from api.desk.lexicon import LexiconDesk, Line
from index.lexicon_checks import said
from knowledge.model import LEXICON_TABLES

_PAGE = 30
_LEADS = {
    "synonyms": "居民说的词 → 文件里的词。只用来多找一找，不会替换居民的话。方言也写在这里。",
    "items": "一样东西的各种叫法，用来判断问的和条文讲的是不是同一样东西。",
    "districts": "区县和开发区的名称与简称。",
    "audiences": "文件涉及的人群，和居民怎样称呼自己。问答用这些名称标注对象。",
}


@console_page("/lexicon", title="词表", group="知识", icon="translate", right=Right.read, order=50)
async def lexicon_page(visit: Visit, section: str = "synonyms", words: str = "") -> None:
    load_trials()
    heading("词表", "同义词、方言、物品、区县和人群的叫法。改动先存为改稿，审核发布后生效。")
    await _Lexicon(visit, section if section in LEXICON_TABLES else "synonyms", words[:40]).draw()


class _Lexicon:
    def __init__(self, visit: Visit, section: str, words: str) -> None:
        self._visit, self._desk = visit, LexiconDesk(visit.services, visit.actor)
        self._may_edit = visit.actor.may(Right.edit)
        self._section, self._sought, self._page, self._drafts_only = section, words, 1, False

    async def draw(self) -> None:
        counts = await in_thread(self._desk.counts)
        tabs = ui.tabs().props("dense no-caps align=left inline-label outside-arrows")
        with tabs.classes("trials-tabs"):
            for name in LEXICON_TABLES:
                ui.tab(name, label=f"{said(f'section.{name}')} {counts[name]}")
        tabs.set_value(self._section)
        tabs.on_value_change(lambda e: self._change(section=str(e.value), page=1))
        self._lead = ui.label(_LEADS[self._section]).classes("dim")
        with ui.row().classes("trials-actions"):
            search = ui.input("查找词", value=self._sought)
            search.props('outlined dense clearable debounce=300 aria-label="查找词"').classes("trials-search")
            search.on_value_change(lambda e: self._change(sought=e.value or "", page=1))
            ui.switch("只看有改稿的", on_change=lambda e: self._change(drafts_only=bool(e.value), page=1))
            if self._may_edit:
                ui.button("新增一行", icon="add", on_click=lambda: self._edit(None))
        self._shown = ui.column().classes("full-width")
        self._dialogs = ui.element("div")
        await self.show()

    async def _change(self, **fields: object) -> None:
        for name, value in fields.items():
            setattr(self, f"_{name}", value)
        self._lead.text = _LEADS[self._section]
        await self.show()

    async def show(self) -> None:
        with failures_said():
            lines = await in_thread(
                self._desk.lines, self._section, self._sought, drafts_only=self._drafts_only
            )
            self._shown.clear()
            with self._shown:
                self._draw_lines(lines)

    def _draw_lines(self, lines: list[Line]) -> None:
        if not lines:
            empty("没有有改稿的词。" if self._drafts_only else "没有找到这样的词。", icon="search_off")
            return
        pages = -(-len(lines) // _PAGE)
        page = min(self._page, pages)
        ui.label(f"共 {len(lines)} 行").classes("dim").props("role=status")
        with ui.element("div").classes("trials-lines").props('role=list aria-label="词表"'):
            for line in lines[(page - 1) * _PAGE : page * _PAGE]:
                self._draw_line(line)
        if pages > 1:
            turned = ui.pagination(1, pages, direction_links=True, value=page).props("max-pages=6")
            turned.classes("self-center").on_value_change(lambda e: self._change(page=int(e.value)))

    def _draw_line(self, line: Line) -> None:
        with ui.element("div").classes("trials-entry").props("role=listitem"):
            ui.label(line.name).classes("trials-entry-name")
            with ui.element("div").classes("trials-entry-words"):
                _draw_words(line)
            with ui.row().classes("items-center gap-1 no-wrap"):
                if line.draft is not None:
                    if line.draft.withdraws:
                        ui.badge("要删除", color="negative").props("outline").classes("console-badge")
                    state_badge(line.draft.state)
                if self._may_edit:
                    self._draw_tools(line)

    def _draw_tools(self, line: Line) -> None:
        draft = line.draft
        if draft is None or not draft.withdraws:
            edit = ui.button(icon="edit", on_click=lambda: self._edit(line)).props("flat dense round")
            edit.props(f'aria-label="修改{line.name}"')
        with ui.button(icon="more_vert").props(f'flat dense round aria-label="更多：{line.name}"'), ui.menu():
            if draft is not None and draft.state == "draft":
                ui.menu_item("提交审核", lambda: self._submit(line))
            if draft is not None:
                ui.menu_item("放弃改稿", lambda: self._discard(line))
            if draft is None or not draft.withdraws:
                ui.menu_item("删除这一行", lambda: self._edit(line, taking_away=True))
            ui.menu_item("在试验台试一试", lambda: ui.navigate.to(f"/test-bench?ask={line.name}"))

    def _edit(self, line: Line | None, *, taking_away: bool = False) -> None:
        with self._dialogs:
            LexiconDialog(
                self._visit, self._desk, self._section, line, self.show, taking_away=taking_away
            ).open()

    async def _submit(self, line: Line) -> None:
        with failures_said():
            if line.draft is not None:
                await in_thread(self._desk.submit, line.draft)
                done("已提交审核")
        await self.show()

    async def _discard(self, line: Line) -> None:
        with failures_said():
            if line.draft is not None and await confirm(f"放弃“{line.name}”的改稿？", danger=True):
                await in_thread(self._desk.discard, line.draft)
                done("已放弃，词表保持原样")
        await self.show()


def _draw_words(line: Line) -> None:
    """The words as they are, and in colour what the draft adds and takes away."""
    published, proposed = line.words or (), line.proposed
    if line.draft is not None and line.draft.withdraws:
        proposed = ()
    for word in dict.fromkeys((*published, *(proposed or ()))):
        kind = ""
        if proposed is not None:
            kind = " gone" if word not in proposed else " fresh" if word not in published else ""
        ui.label(word).classes(f"trials-word{kind}")
    if not published and not proposed:
        ui.label("没有别的叫法").classes("dim")
