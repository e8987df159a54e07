"""The rules of a programme as form rows: what each amount is due for, and the card's words that say so.

A rule rests on words of the card, so most fields are chosen from its lines. Whether all fits is checked by
`knowledge.rule_checks` when the draft is submitted and in the try-out beside the form.
"""

from __future__ import annotations

from typing import Any

from nicegui import ui

from api.console.writing.blocks import Blocks, Fields, Item
from api.console.writing.form import Form
from api.console.writing.readable import rule_line
from api.console.writing.words import table, word
from knowledge.rules import CHOICES, FACTS, KINDS, PER, TASKS


class Rules:
    def __init__(self, form: Form, programmes: dict[str, str]) -> None:
        """`programmes` are titles by id: rules may rest on another programme's limits."""
        self._form, self._programmes = form, programmes
        self._blocks = Blocks(
            form,
            "rules",
            title="规则",
            lead="写清什么情况下给哪一笔金额，计算器和“我能领多少”按它来算。没有把握就不写。",
            add="添加规则",
            blank=lambda: {"id": f"rule-{len(self._blocks.items) + 1}"},
            draw=self._draw,
        )

    def _draw(self, rule: Item, number: int) -> None:
        said = ui.label(rule_line(rule)).classes("text-weight-medium")
        with ui.expansion("修改这条规则", value=len(rule) <= 1).props("dense").classes("full-width"):
            fields = Fields(self._form, rule)
            with ui.element("div").classes("writing-fields"):
                self._main(rule, fields)
            self._applies(rule)
            _Conditions(self._form, rule, self._card_lines())
            with ui.element("div").classes("writing-fields"):
                self._limits(rule, fields)

        async def follow() -> None:
            said.set_text(rule_line(rule))

        self._form.watch(follow, delay_s=0.3, owner=said)

    def _main(self, rule: Item, fields: Fields) -> None:
        fields.text("id", "规则编号")
        amounts = [str(a.get("what")) for a in self._form.content.get("amounts") or () if a.get("what")]
        fields.select("amount", "对应的金额（不选则只作限制）", {name: name for name in amounts}, wide=True)
        fields.select("tasks", "用在哪些办理事项", {t: word("task", t) for t in TASKS}, multiple=True)
        fields.select("per", "每", {p: word("per", p) for p in PER})

    def _applies(self, rule: Item) -> None:
        ui.label("适用情形（由居民自己选择的）").classes("dim")
        applies: dict[str, Any] = dict(rule.get("applies") or {})

        def put(fact: str, values: list[str]) -> None:
            if values:
                applies[fact] = values
            else:
                applies.pop(fact, None)
            Fields(self._form, rule).put("applies", dict(applies))

        with ui.element("div").classes("writing-fields"):
            for fact in CHOICES:
                _values(fact, applies.get(fact) or [], lambda v, fact=fact: put(fact, v), self._form.editable)

    def _limits(self, rule: Item, fields: Fields) -> None:
        lines = self._card_lines()
        fields.select("base", "比例按什么算（卡片原话）", lines, free=True, wide=True)
        fields.select("limit", "次数限制（卡片原话）", lines, free=True, wide=True)
        fields.select("dated_by", "以哪天为购置日（卡片原话）", lines, free=True, wide=True)
        others = {
            name: title for name, title in self._programmes.items() if name != self._form.content.get("id")
        }
        fields.select("also", "还受哪些项目的限制", others, multiple=True, wide=True)
        exclusive: Item = dict(rule.get("exclusive") or {})
        kept = Fields(self._form, exclusive)
        group = ui.input("只能选一种的组别", value=exclusive.get("group") or "").props(
            'outlined dense aria-label="只能选一种的组别"'
        )
        line = ui.select(
            {**lines, **({exclusive["line"]: exclusive["line"]} if exclusive.get("line") else {})},
            label="“只能选一种”的卡片原话",
            value=exclusive.get("line"),
            clearable=True,
        ).props('outlined dense aria-label="只能选一种的卡片原话"')

        def choose() -> None:
            kept.put("group", group.value)
            kept.put("line", line.value)
            fields.put("exclusive", dict(exclusive))

        for box in (group, line):
            box.on_value_change(choose)
            box.set_enabled(self._form.editable)
        fields.lines("unchecked", "不核对、要告诉居民的事项（一行一条）")

    def _card_lines(self) -> dict[str, str]:
        """The card's own words that a rule may rest on."""
        content = self._form.content
        lines = [*(content.get("conditions") or ()), content.get("how_to_apply"), content.get("summary")]
        return {line: line for line in lines if line}


class _Conditions:
    def __init__(self, form: Form, rule: Item, lines: dict[str, str]) -> None:
        self._form, self._rule, self._lines = form, rule, lines
        ui.label("条件（按居民说的情况核对）").classes("dim")
        self._column = ui.column().classes("writing-quotes")
        if form.editable:
            ui.button("添加条件", icon="add", on_click=self._append).props("flat dense")
        self._draw()

    @property
    def _items(self) -> list[Item]:
        items: list[Item] = self._rule.setdefault("conditions", [])
        return items

    def _append(self) -> None:
        self._items.append({"fact": FACTS[0]})
        self._changed()

    def _remove(self, item: Item) -> None:
        self._items.remove(item)
        self._changed()

    def _changed(self) -> None:
        self._form.touch()
        self._draw()

    def _draw(self) -> None:
        self._column.clear()
        with self._column:
            for item in self._rule.get("conditions") or ():
                with ui.element("div").classes("writing-block"):
                    self._condition(item)

    def _condition(self, item: Item) -> None:
        fields = Fields(self._form, item)
        with ui.element("div").classes("writing-fields"):
            fact = ui.select({f: word("fact", f) for f in FACTS}, label="核对什么", value=item.get("fact"))
            fact.props('outlined dense aria-label="核对什么"').set_enabled(self._form.editable)
            fact.on_value_change(lambda e: self._of_fact(item, str(e.value)))
            self._limit(item, fields)
            fields.select("line", "依据（卡片原话；不选则是金额的名目）", self._lines, free=True, wide=True)
            self._given(item, fields)
        if self._form.editable:
            ui.button("删去条件", icon="close", on_click=lambda: self._remove(item)).props(
                "flat dense color=grey-8"
            )

    def _of_fact(self, item: Item, fact: str) -> None:
        for name in ("one_of", "at_most", "by"):
            item.pop(name, None)
        item["fact"] = fact
        self._changed()

    def _limit(self, item: Item, fields: Fields) -> None:
        fact = str(item.get("fact"))
        kind = KINDS.get(fact)
        if kind == "at_most":
            fields.text("at_most", "最多（数字）", empty=None)
        elif kind == "by":
            fields.day("by", "最晚到哪天")
        else:
            _values(fact, item.get("one_of") or [], lambda v: fields.put("one_of", v), self._form.editable)

    def _given(self, item: Item, fields: Fields) -> None:
        """Whom the condition concerns: one choice at most."""
        given: dict[str, list[str]] = dict(item.get("given") or {})
        options = {
            f"{fact}={value}": f"{word('fact', fact)}是{said}"
            for fact, values in table("choice").items()
            for value, said in values.items()
        }
        chosen = [f"{fact}={value}" for fact, values in given.items() for value in values]
        box = ui.select(options, label="只对这些人（不选则对所有人）", value=chosen, multiple=True)
        box.props('outlined dense use-chips aria-label="只对这些人"').classes("wide")
        box.set_enabled(self._form.editable)

        def choose(values: list[str]) -> None:
            found: dict[str, list[str]] = {}
            for pair in values:
                fact, _, value = pair.partition("=")
                found.setdefault(fact, []).append(value)
            fields.put("given", found)

        box.on_value_change(lambda e: choose(list(e.value or [])))


def _values(fact: str, chosen: list[str], put: Any, editable: bool) -> None:
    """Values of a fact: of a closed set, or free words (kinds of goods, levels)."""
    known = table("choice").get(fact)
    label = word("fact", fact)
    options = dict(known) if known else {}
    options |= {value: value for value in chosen if value not in options}
    if known:
        box = ui.select(options, label=label, value=list(chosen), multiple=True)
    else:
        box = ui.select(
            options,
            label=f"{label}（输入后回车）",
            value=list(chosen),
            multiple=True,
            with_input=True,
            new_value_mode="add-unique",
            key_generator=str,
        )
    box.props(f'outlined dense use-chips aria-label="{label}"')
    box.on_value_change(lambda e: put(list(e.value or [])))
    box.set_enabled(editable)
