"""The list of entries: searched, filtered and paged on the server."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from nicegui import ui

from api.accounts.roles import Right
from api.console.frame import console_page
from api.console.parts import empty, failures_said, heading, in_thread, state_badge, when
from api.console.visit import Visit
from api.console.writing.elements import load_writing
from api.console.writing.words import table, word
from api.desk.entry_list import Line, Page, Special, Wanted
from api.desk.writing import WritingDesk

_STATES = ("published", "draft", "in_review", "approved", "withdrawn")
_SORTS = {"id": "编号", "updated": "最近改动", "expiring": "最先到期", "used": "最常用到"}


@console_page("/entries", title="问答条目", group="知识", icon="quiz", right=Right.read, order=20)
async def entries(visit: Visit, show: str = "", state: str = "", document: str = "", words: str = "") -> None:
    """`show` is one of the special lists; the query parameters let other pages link to a filtered list."""
    load_writing()
    special: Any = show if show in table("special") else None
    wanted = Wanted(
        words=words[:100],
        state=state if state in _STATES else None,
        document=document or None,
        special=special,
    )
    with ui.row().classes("writing-head"):
        heading("问答条目", "居民的问法、引自条款的答案，和它们的有效期。")
        ui.space()
        if visit.actor.may(Right.edit):
            ui.button("新建问答", icon="add", on_click=lambda: ui.navigate.to("/entries/new"))
    shown = _List(WritingDesk(visit.services, visit.actor), wanted)
    await shown.draw()


class _List:
    def __init__(self, desk: WritingDesk, wanted: Wanted) -> None:
        self._desk, self._wanted = desk, wanted
        self._titles: dict[str, str] = {}

    async def draw(self) -> None:
        sources = await in_thread(self._desk.citable)
        self._titles = {item.id: item.title for item in sources}
        audiences = await in_thread(self._desk.audiences)
        wanted = self._wanted
        with ui.card().classes("console-card"), ui.element("div").classes("writing-filters"):
            search = ui.input("搜索问题、问法、引文或编号", value=wanted.words)
            search.props('outlined dense clearable debounce=300 aria-label="搜索"').classes("wide")
            search.on_value_change(lambda e: self._change(words=e.value or ""))
            titles = {**self._titles}
            if wanted.document and wanted.document not in titles:
                titles[wanted.document] = wanted.document
            self._select("所引文件或项目", titles, "document", wanted.document)
            self._select("状态", {name: word("state", name) for name in _STATES}, "state", wanted.state)
            self._select("约束力", table("force"), "force", wanted.force)
            self._select("适用对象", {name: name for name in audiences}, "tag", wanted.tag)
            self._select("特别关注", table("special"), "special", wanted.special)
            self._select("排序", _SORTS, "sort", wanted.sort, clearable=False)
        self._lines = ui.column().classes("full-width")
        await self._show()

    def _select(
        self, label: str, options: dict[str, str], field: str, value: str | None, *, clearable: bool = True
    ) -> None:
        select = ui.select(options, label=label, value=value, clearable=clearable)
        select.props(f'outlined dense options-dense aria-label="{label}"')
        select.on_value_change(lambda e: self._change(**{field: e.value}))

    async def _change(self, **fields: Any) -> None:
        self._wanted = replace(self._wanted, **{"page": 1, **fields})
        await self._show()

    async def _show(self) -> None:
        with failures_said():
            wanted = self._wanted
            page = await in_thread(self._desk.lines, wanted)
            if page is None or wanted is not self._wanted:  # a newer question is on its way
                return
            self._lines.clear()
            with self._lines:
                self._page(page)

    def _page(self, page: Page) -> None:
        ui.label(f"共 {page.total} 条").classes("dim").props("role=status")
        if not page.lines:
            empty(_nothing(self._wanted))
            return
        with ui.element("div").classes("writing-lines").props('role=list aria-label="问答"'):
            for line in page.lines:
                self._line(line)
        if page.pages > 1:
            with ui.row().classes("writing-pages"):
                ui.label(f"第 {page.page} / {page.pages} 页").classes("dim")
                turned = ui.pagination(1, page.pages, direction_links=True, value=page.page)
                turned.props("max-pages=6")
                turned.on_value_change(lambda e: self._change(page=int(e.value)))

    def _line(self, line: Line) -> None:
        with (
            ui.element("div").props("role=listitem"),
            ui.link(target=f"/entries/{line.id}").classes("writing-item"),
        ):
            with ui.column().classes("writing-candidate"):
                ui.label(line.question or "（还没有写问题）").classes("writing-item-question")
                with ui.element("div").classes("writing-item-facts"):
                    for fact in self._facts(line):
                        ui.label(fact)
            with ui.element("div").classes("writing-item-badges"):
                if line.state:
                    state_badge(line.state)
                if line.draft:
                    state_badge(line.draft)

    def _facts(self, line: Line) -> list[str]:
        title = self._titles.get(line.document_id or "", line.document_id or "没有引文")
        facts = [line.id, title, f"{line.wordings} 种问法"]
        if line.force:
            facts.append(word("force", line.force))
        if line.ends_on:
            facts.append(f"有效期到 {line.ends_on.isoformat()}")
        if line.uses:
            facts.append(f"近90天用到 {line.uses} 次")
        if line.author:
            facts.append(f"草稿：{line.author}")
        facts.append(f"{line.updated_by} 改于 {when(line.updated_at)}" if line.edited else "随系统发布")
        return facts


def _nothing(wanted: Wanted) -> str:
    sayings: dict[Special, str] = {
        "expiring": "30 天内没有到期的问答。",
        "ageing": "没有久未更新又常被问到的问答。",
        "edited": "还没有在这里改过问答。",
        "drafted": "没有进行中的草稿。",
    }
    filtered = wanted.words or wanted.document or wanted.state or wanted.force or wanted.tag
    if wanted.special and not filtered:
        return sayings[wanted.special]
    return "没有符合条件的问答，换个条件试试。"
