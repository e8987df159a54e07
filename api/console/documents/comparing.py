"""A document beside the text that it takes the place of: clause by clause, with the entries on it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from nicegui import ui

from api.console.documents.elements import chip, table, word
from api.console.parts import done, empty, failures_said, figure_card, in_thread, when
from api.desk.document_changes import Compared
from knowledge.versions import ClauseChange, Resting

if TYPE_CHECKING:
    from api.console.documents.page import DocumentPage

_AT_ONCE = 40
_COLOURS = {"changed": "amber", "added": "green", "removed": "red", "moved": "", "unchanged": "grey"}
_FATES = {"stands": "green", "moved": "", "changed": "amber", "gone": "red"}


async def draw_comparison(page: DocumentPage) -> Callable[[], None]:
    compared = await in_thread(page.changes.compared, page.document_id)
    return lambda: _Comparison(page, compared).draw()


class _Comparison:
    def __init__(self, page: DocumentPage, compared: Compared | None) -> None:
        self._page, self._compared = page, compared
        self._shown = _AT_ONCE

    def draw(self) -> None:
        self._versions()
        self._body = ui.column().classes("w-full gap-3")
        self._draw_body()

    def _versions(self) -> None:
        versions = self._page.opened.versions
        if not versions:
            return
        with ui.row().classes("w-full items-center gap-3"):
            options: dict[int, str] = {0: "取代的版本"} | {
                version.number: f"第 {version.number} 版（{when(version.published_at, year=True)} 发布）"
                for version in versions
            }
            choice = ui.select(options, value=0, label="和哪一版对照").props("outlined dense")
            choice.classes("min-w-64")
            choice.on_value_change(lambda event: self._against(int(event.value)))

    async def _against(self, number: int) -> None:
        with self._page.root, failures_said():
            self._compared = await in_thread(
                self._page.changes.compared, self._page.document_id, version=number or None
            )
            self._shown = _AT_ONCE
            self._draw_body()

    def _draw_body(self) -> None:
        self._body.clear()
        with self._body:
            compared = self._compared
            if compared is None:
                empty("这是一份全新的文件，没有可以对照的旧版。", icon="compare_arrows")
                return
            ui.label(f"对照对象：{compared.against}").classes("dim")
            with ui.row().classes("w-full gap-3"):
                for kind, label in table("changes").items():
                    figure_card(label, str(compared.comparison.counts.get(kind, 0)))  # type: ignore[call-overload]
            self._entries(compared)
            self._changes(compared)

    def _entries(self, compared: Compared) -> None:
        touched = [item for item in compared.resting if item.on_changed or not item.stands]
        with ui.card().classes("console-card"):
            ui.label(f"受影响的问答（{len(touched)}）").classes("text-weight-medium")
            if not touched:
                ui.label("没有问答依据改动过的条款。").classes("dim")
            moved = [item for item in touched if _only_moved(item)]
            if moved and self._page.editable:
                ui.button(
                    f"把 {len(moved)} 条问答的引文移到新条款", icon="move_down", on_click=self._carry_over
                ).props("outline")
            for item in touched[: self._shown]:
                with ui.element("div").classes("doc-rest"):
                    ui.link(item.entry.question, f"/entries/{item.entry.id}")
                    for standing in item.standings:
                        chip(word("fates", standing.fate), _FATES[standing.fate])
                        if standing.now is not None and standing.fate == "moved":
                            ui.label(f"现在在 {standing.now.clause_id}").classes("dim")
                        if standing.nearest is not None:
                            ui.label(f"新文最接近的一句：{standing.nearest.text}").classes("dim")

    async def _carry_over(self) -> None:
        with self._page.root, failures_said():
            moved = await in_thread(self._page.changes.carry_over, self._page.document_id)
            await self._page.reload()
            done(f"已为 {len(moved)} 条问答建立草稿。")

    def _changes(self, compared: Compared) -> None:
        changed = [change for change in compared.comparison.changes if change.kind != "unchanged"]
        if not changed:
            empty("两版文字完全一样。", icon="check_circle")
            return
        for change in changed[: self._shown]:
            _draw_change(change)
        if len(changed) > self._shown:
            ui.button(
                f"再看 {_AT_ONCE} 处（还有 {len(changed) - self._shown} 处）", on_click=self._more
            ).props("flat").classes("self-center")

    def _more(self) -> None:
        self._shown += _AT_ONCE
        self._draw_body()


def _draw_change(change: ClauseChange) -> None:
    with ui.element("div").classes("doc-diff"):
        with ui.row().classes("items-center gap-2"):
            chip(word("changes", change.kind), _COLOURS[change.kind])
            ui.label(change.clause.label).classes("text-weight-medium")
            if change.moved and change.before is not None and change.after is not None:
                chip(f"{change.before.path} → {change.after.path}")
        if change.kind == "changed":
            with ui.element("div").classes("doc-runs"):
                for run in change.runs:
                    ui.label(run.text).classes(run.kind)
        elif change.kind != "moved":
            with ui.element("div").classes("doc-runs"):
                ui.label(change.clause.text).classes(change.kind)


def _only_moved(item: Resting) -> bool:
    fates = {standing.fate for standing in item.standings}
    return "moved" in fates and not fates - {"moved", "stands"}
