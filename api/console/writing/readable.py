"""Fields of a plain form as lines that people read. Pure; owns no comparison and no drawing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from api.console.writing.words import table, word


def lines_of(field: str, value: Any) -> list[str]:
    """A field's value, a line each; no line where it is empty."""
    if value is None or value == "" or value == [] or value == {}:
        return []
    if isinstance(value, str):
        return _text(field, value)
    if isinstance(value, list):
        said = _ITEMS.get(field, str)
        return [said(item) for item in value]
    return [str(value)]


def amount_line(amount: Mapping[str, Any]) -> str:
    """报废旧车购新能源乘用车：12%，最多20000元/辆（2026-01-01至2026-12-31）"""
    parts = []
    if amount.get("rate"):
        parts.append(percent(amount["rate"]))
    if amount.get("cap"):
        parts.append(f"最多{amount['cap']}{amount.get('unit') or ''}")
    said = f"：{'，'.join(parts)}" if parts else ""
    return f"{amount.get('what') or '（没有名目）'}{said}{period(amount)}"


def percent(rate: str) -> str:
    """12% for 0.12; a rate that is no number stays as it was typed."""
    try:
        number = Decimal(rate) * 100
    except InvalidOperation:
        return rate
    text = f"{number:f}"
    return f"{text.rstrip('0').rstrip('.') if '.' in text else text}%"


def period(item: Mapping[str, Any]) -> str:
    """（2026-01-01至2026-12-31）, or as much of it as there is."""
    start, end = item.get("valid_from"), item.get("valid_to")
    if start and end:
        return f"（{start}至{end}）"
    if start:
        return f"（{start}起）"
    return f"（到{end}为止）" if end else ""


def rule_line(rule: Mapping[str, Any]) -> str:
    """A rule as one sentence: for whom, what, on which conditions."""
    parts = []
    if rule.get("tasks"):
        parts.append("、".join(word("task", task) for task in rule["tasks"]))
    if rule.get("applies"):
        parts.append("适用：" + "，".join(_choice(*item) for item in rule["applies"].items()))
    parts += [f"条件：{condition_line(item)}" for item in rule.get("conditions") or ()]
    for name, label in _SAID.items():
        if rule.get(name):
            parts.append(f"{label}“{rule[name]}”")
    if rule.get("per"):
        parts.append(word("per", rule["per"]))
    if rule.get("exclusive"):
        exclusive = rule["exclusive"]
        parts.append(f"同组（{exclusive.get('group')}）只能选一种：“{exclusive.get('line')}”")
    if rule.get("also"):
        parts.append(f"还受限于 {'、'.join(rule['also'])}")
    if rule.get("unchecked"):
        parts.append(f"不核对：{'；'.join(rule['unchecked'])}")
    head = f"{rule.get('id')}"
    if rule.get("amount"):
        head += f"（{rule['amount']}）"
    return f"{head}：{'；'.join(parts)}" if parts else head


def condition_line(condition: Mapping[str, Any]) -> str:
    """新车排量（升）不超过2.0，依据“…”"""
    fact = str(condition.get("fact"))
    said = word("fact", fact)
    if condition.get("one_of"):
        said = _choice(fact, condition["one_of"])
    elif condition.get("at_most"):
        said += f"不超过{condition['at_most']}"
    elif condition.get("by"):
        said += f"不晚于{condition['by']}"
    given = condition.get("given") or {}
    if given:
        said = f"{'，'.join(_choice(*item) for item in given.items())}时，{said}"
    return f"{said}，依据“{condition['line']}”" if condition.get("line") else said


def value_word(fact: str, value: str) -> str:
    """What people call a value of a fact."""
    return str(table("choice").get(fact, {}).get(value, value))


_SAID = {"base": "按什么算：", "limit": "次数：", "dated_by": "以哪天为准："}


def _choice(fact: str, values: list[str]) -> str:
    return f"{word('fact', fact)}是{'或'.join(value_word(fact, value) for value in values)}"


def _text(field: str, value: str) -> list[str]:
    tables = {"force": "force", "state": "state", "kind": "programme_kind", "confidence": "confidence"}
    if field in tables:
        return [word(tables[field], value)]
    return value.splitlines() or [value]


def _quote(quote: Mapping[str, Any]) -> str:
    return f"{quote.get('clause')}：“{quote.get('text')}”"


def _source(source: Mapping[str, Any]) -> str:
    where = f"（{source.get('publisher')}）" if source.get("publisher") else ""
    said = f"：“{source.get('quote')}”" if source.get("quote") else ""
    url = f" {source['url']}" if source.get("url") else ""
    return f"{source.get('title')}{where}{said}{url}"


def _clause(clause: Mapping[str, Any]) -> str:
    return f"{clause.get('label') or clause.get('path')}：{clause.get('text')}"


_ITEMS: dict[str, Callable[[Any], str]] = {
    "quotes": _quote,
    "also": _quote,
    "amounts": amount_line,
    "rules": rule_line,
    "sources": _source,
    "checked_against": _source,
    "clauses": _clause,
}
