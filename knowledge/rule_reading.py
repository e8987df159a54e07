"""The `rules` of a programme's file as data. Owns how they are written; `rule_checks` says if they fit."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields
from datetime import date
from typing import Any

from knowledge.errors import InvalidContent
from knowledge.messages import say
from knowledge.rules import Choice, Condition, Exclusive, Rule

_RULE = frozenset(item.name for item in fields(Rule))
_CONDITION = frozenset(item.name for item in fields(Condition))
_EXCLUSIVE = frozenset(item.name for item in fields(Exclusive))


def read_rule(raw: object, *, day: Callable[[object], date | None]) -> Rule:
    """One item of `rules`; `day` reads a date. Raises InvalidContent for a key that no rule has, KeyError for
    one that is lacking."""
    rule = _table(raw, _RULE)
    conditions = rule.get("conditions") or ()
    exclusive = rule.get("exclusive")
    return Rule(
        id=str(rule["id"]),
        tasks=_texts(rule, "tasks"),
        amount=rule.get("amount"),
        applies=_choices(rule.get("applies") or {}),
        conditions=tuple(_condition(item, day) for item in _listed(conditions, "conditions")),
        base=rule.get("base"),
        per=rule.get("per"),
        limit=rule.get("limit"),
        exclusive=Exclusive(**_table(exclusive, _EXCLUSIVE)) if exclusive else None,
        also=_texts(rule, "also"),
        dated_by=rule.get("dated_by"),
        unchecked=_texts(rule, "unchecked"),
    )


def _condition(raw: object, day: Callable[[object], date | None]) -> Condition:
    condition = _table(raw, _CONDITION)
    given = _choices(condition.get("given") or {})
    if len(given) > 1:
        raise InvalidContent(say("rule.given", count=len(given)))
    at_most = condition.get("at_most")
    if at_most is not None and not isinstance(at_most, str):
        raise InvalidContent(say("rule.number", value=at_most))
    return Condition(
        fact=str(condition["fact"]),
        line=condition.get("line"),
        one_of=_texts(condition, "one_of"),
        at_most=at_most,
        by=day(condition.get("by")),
        given=given[0] if given else None,
    )


def _choices(raw: object) -> tuple[Choice, ...]:
    if not isinstance(raw, Mapping):
        raise InvalidContent(say("rule.table", value=raw))
    return tuple(Choice(str(fact), tuple(map(str, _listed(values, fact)))) for fact, values in raw.items())


def _texts(raw: Mapping[str, Any], name: str) -> tuple[str, ...]:
    return tuple(map(str, _listed(raw.get(name) or (), name)))


def _listed(raw: object, name: object) -> Iterable[Any]:
    if isinstance(raw, str) or not isinstance(raw, Iterable):
        raise InvalidContent(say("rule.list", name=name, value=raw))
    return raw


def _table(raw: object, known: frozenset[str]) -> Mapping[str, Any]:
    if not isinstance(raw, Mapping):
        raise InvalidContent(say("rule.table", value=raw))
    for name in raw:
        if name not in known:
            raise InvalidContent(say("rule.key", name=name, known="、".join(sorted(known))))
    return raw
