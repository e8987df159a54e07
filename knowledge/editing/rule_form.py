"""A programme's rule as plain fields, written as in the YAML of a programme."""

from __future__ import annotations

from dataclasses import fields as dataclass_fields
from typing import Any

from knowledge.errors import InvalidContent
from knowledge.fields import Fields, day, text
from knowledge.messages import say
from knowledge.rule_reading import read_rule
from knowledge.rules import Choice, Condition, Exclusive, Rule

_RULE = tuple(item.name for item in dataclass_fields(Rule))
_CONDITION = tuple(item.name for item in dataclass_fields(Condition))
_EXCLUSIVE = tuple(item.name for item in dataclass_fields(Exclusive))


def rule_to_plain(rule: Rule) -> dict[str, Any]:
    """The rule's fields; those of no content are left out."""
    return _kept(
        {
            "id": rule.id,
            "tasks": list(rule.tasks),
            "amount": rule.amount,
            "applies": _choices(rule.applies),
            "conditions": [_condition(item) for item in rule.conditions],
            "base": rule.base,
            "per": rule.per,
            "limit": rule.limit,
            "exclusive": (
                {"group": rule.exclusive.group, "line": rule.exclusive.line} if rule.exclusive else None
            ),
            "also": list(rule.also),
            "dated_by": rule.dated_by,
            "unchecked": list(rule.unchecked),
        }
    )


def rule_from_plain(raw: object) -> Rule:
    """Raises InvalidContent."""
    table = Fields(raw, _RULE, "rules")
    table.text("id")
    for name in ("amount", "base", "per", "limit", "dated_by"):
        table.optional_text(name)
    for name in ("tasks", "also", "unchecked"):
        table.texts(name)
    table.each("conditions", _check_condition)
    _check_choices(table.raw("applies"))
    if table.raw("exclusive"):
        exclusive = Fields(table.raw("exclusive"), _EXCLUSIVE, "exclusive")
        for name in _EXCLUSIVE:
            exclusive.text(name)
    return read_rule(raw, day=lambda value: day(value, "by"))


def _check_condition(raw: object) -> None:
    table = Fields(raw, _CONDITION, "conditions")
    table.text("fact")
    table.optional_text("line")
    table.texts("one_of")
    _check_choices(table.raw("given"))


def _check_choices(raw: object) -> None:
    if not raw:
        return
    if not isinstance(raw, dict):
        raise InvalidContent(say("rule.table", value=raw))
    for fact, values in raw.items():
        text(fact, "fact")
        for value in values if isinstance(values, list) else ():
            text(value, "one_of")


def _condition(item: Condition) -> dict[str, Any]:
    return _kept(
        {
            "fact": item.fact,
            "one_of": list(item.one_of),
            "at_most": item.at_most,
            "by": item.by.isoformat() if item.by else None,
            "given": _choices((item.given,)) if item.given else None,
            "line": item.line,
        }
    )


def _choices(choices: tuple[Choice, ...]) -> dict[str, list[str]]:
    return {choice.fact: list(choice.one_of) for choice in choices}


def _kept(raw: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in raw.items() if value not in (None, [], {})}
