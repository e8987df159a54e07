"""The list of documents: state, number, dates, what supersedes what."""

from __future__ import annotations

from nicegui import ui

from api.accounts.roles import Right
from api.console.documents.elements import chip, load_styles
from api.console.frame import console_page
from api.console.parts import empty, heading, in_thread, state_badge, when
from api.console.visit import Visit
from api.desk.documents import DocumentLine, DocumentsDesk
from knowledge.store.seeding import SHIPPED_BY

_STATES = {
    "": "全部状态",
    "draft": "草稿",
    "in_review": "待审核",
    "approved": "已通过",
    "published": "已发布",
    "withdrawn": "已撤回",
}


@console_page("/documents", title="政策文件", group="知识", icon="description", right=Right.read, order=10)
async def documents_page(visit: Visit) -> None:
    load_styles()
    lines = await in_thread(DocumentsDesk(visit.services, visit.actor).listed)
    with ui.element("div").classes("doc-head"):
        with ui.column().classes("grow gap-0"):
            heading("政策文件", "导入的文件先是草稿，审核、发布以后才会用来回答居民。")
        if visit.actor.may(Right.edit):
            ui.button("导入文件", icon="upload_file", on_click=lambda: ui.navigate.to("/documents/import"))
    shown = ui.element("div").classes("doc-list")
    words = {"text": "", "state": ""}

    def draw() -> None:
        shown.clear()
        found = [line for line in lines if _matches(line, words["text"], words["state"])]
        with shown:
            if not found:
                empty("没有符合条件的文件。" if lines else "还没有文件，请先导入一份。", icon="description")
            for line in found:
                _draw_line(line)

    with ui.row().classes("w-full items-center gap-3") as filters:
        search = ui.input("查找标题、文号或编号").props("outlined dense clearable debounce=200")
        search.classes("grow min-w-48")
        state = ui.select(_STATES, value="", label="状态").props("outlined dense").classes("min-w-36")

    def changed() -> None:
        words["text"], words["state"] = (search.value or "").strip(), state.value or ""
        draw()

    search.on_value_change(changed)
    state.on_value_change(changed)
    filters.move(target_index=1)
    draw()


def _matches(line: DocumentLine, text: str, state: str) -> bool:
    held = f"{line.id} {line.title} {line.document_number or ''}".casefold()
    return text.casefold() in held and state in ("", line.state, line.draft_state)


def _draw_line(line: DocumentLine) -> None:
    with ui.link(target=f"/documents/{line.id}").classes("doc-item"):
        with ui.row().classes("items-center gap-2"):
            ui.label(line.title or "（没有标题）").classes("doc-item-title")
            if line.state is not None:
                state_badge(line.state)
            if line.draft_state is not None:
                state_badge(line.draft_state)
        with ui.element("div").classes("doc-facts"):
            if line.document_number:
                ui.label(line.document_number)
            ui.label(f"编号 {line.id}")
            if line.issued_on:
                ui.label(f"印发 {line.issued_on}")
            if line.effective_from:
                ui.label(f"施行 {line.effective_from}")
            ui.label(f"有效期至 {line.effective_to}" if line.effective_to else "未写有效期")
            if line.superseded_by:
                chip(f"已被 {line.superseded_by} 取代", "red")
            for name in line.supersedes:
                chip(f"取代 {name}", "green")
            if line.versions:
                chip(f"留档 {line.versions} 版")
            who = "随软件提供" if line.updated_by == SHIPPED_BY else f"{line.updated_by} 改动"
            ui.label(f"{when(line.updated_at)} {who}")
