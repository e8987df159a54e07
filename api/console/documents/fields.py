"""The metadata of a document beside what its text says, each field to be confirmed by a person."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from nicegui import ui

from api.console.documents.elements import chip, table, word
from api.console.parts import failures_said, in_thread, when
from knowledge.importing.confirming import CONFIRMED_FIELDS

if TYPE_CHECKING:
    from api.console.documents.page import DocumentPage

_LISTS = ("issuers", "supersedes")
_DATES = ("issued_on", "effective_from", "effective_to")


async def draw_fields(page: DocumentPage) -> Callable[[], None]:
    listed = await in_thread(page.desk.listed)
    documents = {line.id: f"{line.title}（{line.id}）" for line in listed if line.id != page.document_id}
    return lambda: _Fields(page, documents).draw()


class _Fields:
    def __init__(self, page: DocumentPage, documents: dict[str, str]) -> None:
        self._page, self._documents = page, documents
        self._content = page.opened.content
        self._inputs: dict[str, Any] = {}
        self._ticks: dict[str, ui.checkbox] = {}

    def draw(self) -> None:
        page, missing = self._page, self._page.opened.to_confirm
        if page.opened.draft is not None:
            left = "、".join(word("fields", name) for name in missing)
            ui.label(f"还要核对：{left}。" if missing else "都核对过了。").classes("dim").props("role=status")
        with ui.card().classes("console-card gap-0"):
            for name, label in table("fields").items():
                if name == "superseded_by" and not self._documents:
                    continue
                with ui.element("div").classes("doc-field"):
                    self._input(name, label)
                    self._found(name)
                    self._tick(name)
        if not page.editable:
            return
        with ui.row().classes("w-full justify-end gap-2"):
            ui.button("全部勾选", on_click=self._tick_all).props("flat")
            ui.button("保存并确认勾选的信息", icon="done_all", on_click=self._save)

    def _input(self, name: str, label: str) -> None:
        value: Any = self._content.get(name)
        hint = table("hints").get(name, "")
        field: Any
        if name == "supersedes":
            options = self._documents | {item: item for item in value if item not in self._documents}
            field = ui.select(options, label=label, value=list(value), multiple=True, with_input=True)
            field.props("use-chips")
        elif name == "superseded_by":
            options = self._documents | ({value: value} if value and value not in self._documents else {})
            field = ui.select(options, label=label, value=value, clearable=True, with_input=True)
        else:
            shown = "、".join(value) if name in _LISTS else (value or "")
            field = ui.input(label, value=shown)
            if name in _DATES:
                field.props("placeholder=2026-01-31")
        field.props("outlined dense").classes("w-full")
        if hint:
            field.props(f'hint="{hint}"')
        fixed = name == "id" and self._page.opened.published
        if not self._page.editable or fixed:
            field.props("readonly")
        self._inputs[name] = field

    def _found(self, name: str) -> None:
        """Where the text says it, in its own words."""
        labels = {clause.path: clause.label for clause in self._page.opened.item.clauses}
        with ui.column().classes("doc-found gap-1"):
            found = [item for item in self._page.opened.found if item.field == name]
            if name == "supersedes":
                found = [item for item in self._page.opened.found if item.field == "replaces"]
            for item in found[:3]:
                ui.label(f"原文{labels.get(item.path, '')}：“{item.words[:60]}”")
                written = self._content.get(name)
                shown = "、".join(written) if isinstance(written, list) else (written or "")
                if item.value != shown and name != "supersedes":
                    chip(f"原文读出：{item.value}", "amber")
            if not found and name in ("document_number", "issuers", "issued_on"):
                ui.label("原文里没有找到，请照文件填写。")

    def _tick(self, name: str) -> None:
        if name not in CONFIRMED_FIELDS:
            ui.label()
            return
        said = self._page.opened.confirmed.get(name)
        with ui.column().classes("gap-0"):
            tick = ui.checkbox("已核对", value=said is not None)
            if not self._page.editable:
                tick.props("disable")
            if said is not None:
                ui.label(f"{said.by} {when(said.at)}").classes("dim")
        self._ticks[name] = tick

    def _tick_all(self) -> None:
        for tick in self._ticks.values():
            tick.set_value(True)

    async def _save(self) -> None:
        page = self._page
        values = {name: self._value(name) for name in self._inputs if name != "id"}
        wanted = str(self._inputs["id"].value or "").strip()
        ticked = [name for name, tick in self._ticks.items() if tick.value]
        with page.root, failures_said():
            draft = await in_thread(
                page.desk.set_fields, page.document_id, revision=page.revision, values=values
            )
            renamed = wanted != page.document_id and not page.opened.published
            if renamed:
                draft = await in_thread(
                    page.desk.rename, page.document_id, revision=draft.revision, new_id=wanted
                )
            await in_thread(page.desk.confirm, draft.row_id, revision=draft.revision, names=ticked)
            if renamed:
                ui.navigate.to(f"/documents/{draft.row_id}?tab=fields")
                return
            await page.reload()
            ui.notify("已保存。", type="positive")

    def _value(self, name: str) -> Any:
        value = self._inputs[name].value
        if name == "issuers":
            return [item.strip() for item in str(value or "").replace(",", "、").split("、") if item.strip()]
        if name == "supersedes":
            return list(value or [])
        return (str(value).strip() or None) if value else None
