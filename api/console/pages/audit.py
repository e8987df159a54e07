"""The audit log: filters, the newest lines first, what changed, and the way to a file."""

from __future__ import annotations

import json
from datetime import date
from typing import Any
from urllib.parse import urlencode

from nicegui import ui

from api.accounts.audit import AuditLine, Sought
from api.accounts.roles import Right
from api.console.audit_export import between
from api.console.frame import console_page
from api.console.guard import PREFIX
from api.console.parts import empty, failures_said, heading, in_thread, when
from api.console.visit import Visit
from api.console.words import words
from api.desk.accounts import AuditDesk

PAGE = 50


@console_page(
    "/audit", title="操作记录", group="管理", icon="receipt_long", right=Right.administer, order=910
)
async def audit_page(visit: Visit) -> None:
    heading("操作记录", "谁在什么时候改了什么。只能追加，任何人都不能修改或删除。")
    log = _Log(AuditDesk(visit.services, visit.actor))
    await log.draw()


class _Log:
    """The page's state: the filters, and how far down was read."""

    def __init__(self, desk: AuditDesk) -> None:
        self._desk = desk
        self._last: int | None = None

    async def draw(self) -> None:
        choices = await in_thread(self._desk.choices)
        with ui.card().classes("console-card"), ui.element("div").classes("console-filters"):
            self._by = _select("操作人", {name: name for name in choices["by"]}, self.reload)
            self._what = _select("操作", {what: said(what) for what in choices["what"]}, self.reload)
            self._kind = _select("对象类型", {kind: said_kind(kind) for kind in choices["kind"]}, self.reload)
            self._text = ui.input("对象包含").props("outlined dense clearable debounce=400")
            self._text.on_value_change(self.reload)
            self._since = _day("从", self.reload)
            self._until = _day("到", self.reload)
        with ui.row().classes("w-full items-center justify-between"):
            self._count = ui.label().classes("dim")
            with ui.row().classes("gap-1"):
                for form, label in (("csv", "导出表格"), ("jsonl", "导出 JSON")):
                    ui.button(label, icon="download", on_click=lambda form=form: self._export(form)).props(
                        "flat dense"
                    )
        self._lines = ui.column().classes("w-full gap-2")
        self._more = ui.button("更早的记录", on_click=self._read_on).props("flat").classes("self-center")
        await self.reload()

    async def reload(self) -> None:
        with failures_said():
            sought = self._sought()
            self._last = None
            count = await in_thread(self._desk.count, sought)
            self._count.text = f"共 {count:,} 条"
            self._lines.clear()
            if not count:
                with self._lines:
                    empty("没有符合条件的记录", icon="receipt_long")
            await self._read_on()

    async def _read_on(self) -> None:
        with failures_said():
            lines = await in_thread(self._desk.lines, self._sought(), below=self._last, limit=PAGE)
            with self._lines:
                for line in lines:
                    _draw(line)
            self._last = lines[-1].position if lines else self._last
            self._more.set_visibility(len(lines) == PAGE)

    def _fields(self) -> dict[str, str]:
        return {
            "by": self._by.value or "",
            "what": self._what.value or "",
            "kind": self._kind.value or "",
            "text": (self._text.value or "").strip(),
        }

    def _sought(self) -> Sought:
        since, until = between(_parsed(self._since), _parsed(self._until))
        return Sought(**self._fields(), since=since, until=until)

    def _export(self, form: str) -> None:
        days = {"since": self._since.value, "until": self._until.value}
        query = {name: value for name, value in {**self._fields(), **days, "format": form}.items() if value}
        ui.run_javascript(f"location.assign({json.dumps(f'{PREFIX}/audit/export?{urlencode(query)}')})")


def said(what: str) -> str:
    """A verb of the log in words; one that has none as it is."""
    return str(words("audit")["what"].get(what, what))


def said_kind(kind: str) -> str:
    return str(words("audit")["kind"].get(kind, kind))


def _draw(line: AuditLine) -> None:
    changed = {**(line.before or {}), **(line.after or {})}
    with ui.element("details" if changed else "div").classes("console-line"):
        with ui.element("summary" if changed else "div").classes("console-summary"):
            ui.label(when(line.at, year=True)).classes("dim tabular")
            ui.label(line.by).classes("text-weight-medium")
            ui.label(said(line.what))
            ui.label(f"{said_kind(line.kind)} {line.subject}").classes("dim console-summary-rest")
            if changed:
                ui.icon("expand_more", size="20px").classes("console-summary-mark")
        for field in changed:
            _difference(field, (line.before or {}).get(field), (line.after or {}).get(field))


def _difference(field: str, before: Any, after: Any) -> None:
    with ui.row().classes("w-full gap-2 items-baseline"):
        ui.label(str(words("audit")["fields"].get(field, field))).classes("console-field")
        if before is not None and before != after:
            ui.label(_shown(before)).classes("console-before")
        ui.label(_shown(after)).classes("console-after")


def _shown(value: Any) -> str:
    if value is None:
        return "（无）"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _select(label: str, options: dict[str, str], changed: Any) -> ui.select:
    select = ui.select(options, label=label, clearable=True, with_input=len(options) > 8)
    select.props("outlined dense options-dense").style("min-width: 150px")
    select.on_value_change(changed)
    return select


def _day(label: str, changed: Any) -> ui.date_input:
    field = ui.date_input(label)
    field.props("outlined dense clearable mask=####-##-## debounce=400").style("max-width: 170px")
    field.on_value_change(changed)
    return field


def _parsed(field: ui.date_input) -> date | None:
    """Raises ValueError, in words, for what is no day."""
    if not field.value:
        return None
    try:
        return date.fromisoformat(field.value)
    except ValueError:
        raise ValueError(f"“{field.value}”不是日期，请写成 2026-11-21 这样。") from None
