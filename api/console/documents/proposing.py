"""The entries proposed from a text: an editor accepts, edits or strikes out each of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from nicegui import ui

from api.console.documents.elements import answer_of, chip, table, word
from api.console.parts import done, empty, failures_said, in_thread
from knowledge.proposing.kept import KeptProposal

if TYPE_CHECKING:
    from api.console.documents.page import DocumentPage

_AT_ONCE = 15


async def draw_proposals(page: DocumentPage) -> Callable[[], None]:
    kept = await in_thread(page.changes.proposals, page.document_id)
    return lambda: _Proposals(page, kept).draw()


class _Proposals:
    def __init__(self, page: DocumentPage, kept: list[KeptProposal]) -> None:
        self._page, self._kept = page, kept
        self._state, self._fact, self._number = "open", "", 1
        self._labels = {clause.id: clause.label for clause in page.opened.item.clauses}

    def draw(self) -> None:
        with ui.row().classes("w-full items-center gap-3"):
            facts = {"": "全部种类"} | {
                name: label
                for name, label in table("facts").items()
                if any(item.fact == name for item in self._kept)
            }
            self._choice = ui.toggle(self._counted(), value="open", on_change=self._filtered)
            self._choice.props("no-caps unelevated toggle-color=primary")
            kind = ui.select(facts, value="", label="种类", on_change=self._filtered)
            kind.props("outlined dense").classes("min-w-32")
            self._kind = kind
            ui.space()
            if self._page.editable:
                ui.button(
                    "重新生成建议" if self._kept else "生成建议", icon="auto_awesome", on_click=self._propose
                )
        self._list = ui.column().classes("w-full gap-3")
        self._draw_list()

    def _counted(self) -> dict[str, str]:
        return {
            state: f"{label} {sum(item.state == state for item in self._kept)}"
            for state, label in table("proposal_states").items()
        }

    def _filtered(self) -> None:
        self._state, self._fact, self._number = str(self._choice.value), str(self._kind.value or ""), 1
        self._draw_list()

    async def _propose(self) -> None:
        with self._page.root, failures_said():
            note = ui.notification("正在从条款里找问题……", spinner=True, timeout=None)
            try:
                self._kept = await in_thread(self._page.changes.propose, self._page.document_id)
            finally:
                note.dismiss()
            await self._page.reload()

    def _draw_list(self) -> None:
        self._choice.set_options(self._counted(), value=self._state)
        self._list.clear()
        found = [item for item in self._kept if item.state == self._state and self._fact in ("", item.fact)]
        start = (self._number - 1) * _AT_ONCE
        with self._list:
            if not self._kept:
                empty(
                    "还没有建议。点“生成建议”，从新增和改动的条款里找出居民会问的问题。", icon="auto_awesome"
                )
            elif not found:
                empty("这里没有了。", icon="done_all")
            for item in found[start : start + _AT_ONCE]:
                self._card(item)
            pages = -(-len(found) // _AT_ONCE)
            if pages > 1:
                turn = ui.pagination(1, pages, direction_links=True, value=self._number).props("max-pages=6")
                turn.classes("self-center").on_value_change(lambda event: self._turn(int(event.value)))

    def _turn(self, number: int) -> None:
        self._number = number
        self._draw_list()

    def _card(self, item: KeptProposal) -> None:
        entry = item.entry
        with ui.card().classes("console-card gap-2").props('role=group aria-label="问答建议"'):
            with ui.row().classes("w-full items-center gap-2"):
                chip(word("facts", item.fact), "green")
                if word("forces", str(entry["force"])) != word("facts", item.fact):
                    chip(word("forces", str(entry["force"])))
                for tag in entry["tags"]:
                    chip(tag, "grey")
                ui.space()
                if item.updates:
                    chip(f"更新问答 {item.updates}", "amber")
            ui.label(entry["question"]).classes("doc-question")
            ui.label(item.quote).classes("doc-quote")
            ui.label(f"{self._labels.get(item.clause_id, item.clause_id)}").classes("dim")
            for change in item.figures:
                before, after = "、".join(change["before"]) or "没有", "、".join(change["after"]) or "没有"
                chip(f"数字变了：{before} → {after}", "red")
            if item.asked:
                asked = "；".join(f"{question['text']}（{question['count']} 次）" for question in item.asked)
                ui.label(f"居民问过没答上的：{asked}").classes("dim")
            if entry["variants"]:
                with ui.expansion(f"其他问法（{len(entry['variants'])}）").props("dense").classes("w-full"):
                    for variant in entry["variants"]:
                        ui.label(variant)
            if item.departments:
                ui.label("责任部门：" + "、".join(item.departments[:6])).classes("dim")
            if item.state == "accepted" and item.entry_id:
                ui.link(f"打开问答草稿 {item.entry_id}", f"/entries/{item.entry_id}")
            elif self._page.may_edit:
                self._buttons(item)

    def _buttons(self, item: KeptProposal) -> None:
        with ui.row().classes("console-actions"):
            if item.state == "struck":
                ui.button("放回待处理", on_click=lambda: self._take_back(item)).props("flat")
                return
            ui.button("删去", on_click=lambda: self._strike(item)).props("flat color=negative")
            ui.button("修改后采纳", on_click=lambda: self._edit(item)).props("outline")
            ui.button("采纳", on_click=lambda: self._accept(item, {}))

    async def _accept(self, item: KeptProposal, changes: Mapping[str, Any]) -> None:
        with self._page.root, failures_said():
            entry_id = await in_thread(self._page.changes.accept, item.id, changes=changes)
            done(f"已建立问答草稿 {entry_id}。")
        await self._again()

    async def _strike(self, item: KeptProposal) -> None:
        with self._page.root, failures_said():
            await in_thread(self._page.changes.strike, item.id)
        await self._again()

    async def _take_back(self, item: KeptProposal) -> None:
        with self._page.root, failures_said():
            await in_thread(self._page.changes.take_back, item.id)
        await self._again()

    async def _again(self) -> None:
        self._kept = await in_thread(self._page.changes.proposals, self._page.document_id)
        self._draw_list()

    async def _edit(self, item: KeptProposal) -> None:
        entry = item.entry
        with self._page.root, ui.dialog() as dialog, ui.card().classes("console-dialog"):
            ui.label("修改后采纳").classes("console-dialog-title")
            ui.label(item.quote).classes("doc-quote")
            question = ui.input("问题", value=entry["question"]).props("outlined dense").classes("w-full")
            variants = ui.textarea("其他问法，一行一个", value="\n".join(entry["variants"]))
            variants.props("outlined autogrow").classes("w-full")
            plain = ui.textarea("通俗说法（可不填，不能多说引文没说的）", value=entry["plain"] or "")
            plain.props("outlined autogrow").classes("w-full")
            force = ui.select(table("forces"), label="约束力", value=entry["force"])
            force.props("outlined dense").classes("w-full")

            def save() -> None:
                lines = [line.strip() for line in (variants.value or "").split("\n")]
                changes = {
                    "question": (question.value or "").strip(),
                    "variants": [line for line in dict.fromkeys(lines) if line],
                    "plain": (plain.value or "").strip() or None,
                    "force": force.value,
                }
                dialog.submit(changes)

            with ui.row().classes("console-actions"):
                ui.button("取消", on_click=dialog.close).props("flat")
                ui.button("采纳", on_click=save)
        changes = await answer_of(dialog)
        if changes is not None:
            await self._accept(item, changes)
