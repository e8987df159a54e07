"""The fields of a programme's card: what it is, its amounts, who checked it against what."""

from __future__ import annotations

from typing import Any

from nicegui import ui

from api.console.writing.blocks import Blocks, Fields, Item
from api.console.writing.form import Form
from api.console.writing.readable import amount_line
from api.console.writing.words import table


class Basics:
    def __init__(self, form: Form, *, new: bool) -> None:
        """A new programme's id is chosen by hand: it stands in addresses and never changes."""
        self._form, self._new = form, new
        with ui.card().classes("console-card"):
            ui.label("项目").classes("writing-section")
            self._grid = ui.element("div").classes("writing-fields")
        with ui.card().classes("console-card"):
            ui.label("条件与办理").classes("writing-section")
            self._how = ui.element("div").classes("writing-fields")
        with ui.card().classes("console-card"):
            ui.label("出处与有效期").classes("writing-section")
            self._facts = ui.element("div").classes("writing-fields")
        form.on_redraw(self._draw)
        self._draw()

    def _draw(self) -> None:
        fields = Fields(self._form, self._form.content)
        for grid in (self._grid, self._how, self._facts):
            grid.clear()
        with self._grid:
            if self._new:
                fields.text("id", "编号", hint="小写字母、数字和连字符，如 cq-car-2027；以后不能改")
            fields.text("title", "标题", wide=not self._new)
            _choice(fields, self._form, "kind", "类别", table("programme_kind"))
            _choice(fields, self._form, "force", "约束力", table("force"))
            summary = fields.text("summary", "摘要（回答里的第一句）", wide=True)
            summary.props("type=textarea autogrow")
        with self._how:
            fields.lines("conditions", "条件（一行一条）")
            fields.text("how_to_apply", "如何办理", wide=True).props("type=textarea autogrow")
        with self._facts:
            fields.text("region", "地区")
            fields.text("issuer", "发布单位")
            fields.text("document_number", "文号", empty=None)
            fields.day("valid_from", "生效日期")
            fields.day("valid_to", "失效日期")
            fields.day("checked_on", "核实日期")
            _choice(fields, self._form, "confidence", "可信程度", table("confidence"))
            fields.text("note", "编辑备注（居民看不到）", wide=True).props("type=textarea autogrow")


def _choice(fields: Fields, form: Form, name: str, label: str, options: dict[str, str]) -> None:
    """A choice that the plain form always holds."""
    value = form.content.get(name) or None
    shown = dict(options) if value is None or value in options else {**options, value: str(value)}
    box = ui.select(shown, label=label, value=value).props(
        f'outlined dense options-dense aria-label="{label}"'
    )
    box.on_value_change(lambda e: fields.keep(name, e.value or ""))
    box.set_enabled(form.editable)


class Amounts:
    def __init__(self, form: Form) -> None:
        self._form = form
        Blocks(
            form,
            "amounts",
            title="金额",
            lead="比例写成小数（12% 写 0.12），上限只写数字；没有金额的项目可以不填。",
            add="添加金额",
            blank=lambda: {name: "" if name == "what" else None for name in _AMOUNT},
            draw=self._draw,
        )

    def _draw(self, item: Item, number: int) -> None:
        fields = Fields(self._form, item)
        with ui.element("div").classes("writing-fields"):
            fields.text("what", "名目", wide=True)
            fields.text("rate", "比例", empty=None)
            fields.text("cap", "上限", empty=None)
            fields.text("unit", "单位", hint="如 元/辆、元/件", empty=None)
            fields.day("valid_from", "金额的生效日期")
            fields.day("valid_to", "金额的失效日期")
        said = ui.label(amount_line(item)).classes("dim")

        async def follow() -> None:
            said.set_text(amount_line(item))

        self._form.watch(follow, delay_s=0.3, owner=said)


_AMOUNT = ("what", "rate", "cap", "unit", "valid_from", "valid_to")


class Sources:
    """Openable sources, which residents see, and what else it was checked against, which they don't."""

    def __init__(self, form: Form) -> None:
        self._form = form
        Blocks(
            form,
            "sources",
            title="来源",
            lead="居民能打开的网页，写上能证明金额或条件的原话。",
            add="添加来源",
            blank=lambda: {"title": "", "publisher": "", "url": None, "quote": ""},
            draw=self._source,
        )
        Blocks(
            form,
            "checked_against",
            title="核对资料",
            lead="只给编辑看：打不开的、转载的，或者内部核对用的。",
            add="添加核对资料",
            blank=lambda: {"title": "", "publisher": "", "url": None, "quote": "", "link_ok": False},
            draw=self._checked,
        )

    def _source(self, item: Item, number: int) -> None:
        fields = Fields(self._form, item)
        with ui.element("div").classes("writing-fields"):
            fields.text("title", "标题")
            fields.text("publisher", "媒体或单位")
            fields.text("url", "网址", wide=True, empty=None)
            fields.text("quote", "原话", wide=True)

    def _checked(self, item: Item, number: int) -> None:
        self._source(item, number)
        box = ui.checkbox("网址可以打开", value=bool(item.get("link_ok")))
        box.on_value_change(lambda e: Fields(self._form, item).keep("link_ok", bool(e.value)))
        box.set_enabled(self._form.editable)


def without_blanks(content: dict[str, Any]) -> dict[str, Any]:
    """The content as it is saved: rules without empty fields."""
    rules = [
        {name: value for name, value in rule.items() if value not in (None, "", [], {})}
        for rule in content.get("rules") or ()
    ]
    return {**content, "rules": rules}
