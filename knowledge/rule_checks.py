"""Whether a programme's rules fit its card: amounts that exist, known facts, words that stand there.

A figure of a condition must stand in the words that it rests on, so that data and card can't drift apart.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator
from datetime import date
from decimal import Decimal, InvalidOperation

from knowledge.messages import say
from knowledge.model import Amount, Programme
from knowledge.rules import CHOICES, FACTS, KINDS, PER, TASKS, Choice, Condition, Rule

_NUMBER = re.compile(r"\d+(?:\.\d+)?")


def check_rules(programme: Programme, programmes: Collection[str] | None = None) -> list[str]:
    """Everything wrong with the rules of a card. `programmes` are the ids that a rule may rest on; None where
    they are not known."""
    counts = Counter(rule.id for rule in programme.rules)
    where = say("where.programme", id=programme.id)
    problems = [say("rule.twice", where=where, rule=name) for name, count in counts.items() if count > 1]
    for rule in programme.rules:
        problems += _rule(programme, rule, programmes)
    return problems


def _rule(programme: Programme, rule: Rule, programmes: Collection[str] | None) -> Iterator[str]:
    where = say("where.rule", id=programme.id, rule=rule.id)
    amount = None
    if rule.amount is not None:
        named = [item for item in programme.amounts if item.what == rule.amount]
        if len(named) != 1:
            yield say("rule.amount", where=where, amount=rule.amount, count=len(named))
            return
        amount = named[0]
        yield from _amount_rule(rule, amount, where)
    elif not rule.conditions and rule.exclusive is None:
        yield say("rule.empty", where=where)
    lines = [rule.base, rule.limit, rule.dated_by, rule.exclusive.line if rule.exclusive else None]
    for line in lines:
        yield from _line(programme, line, where)
    for choice in rule.applies:
        yield from _choice(choice, where)
    for condition in rule.conditions:
        yield from _condition(programme, condition, amount, where)
    for name in rule.also:
        if name == programme.id or (programmes is not None and name not in programmes):
            yield say("rule.also", where=where, programme=name)


def _amount_rule(rule: Rule, amount: Amount, where: str) -> Iterator[str]:
    unknown = [task for task in rule.tasks if task not in TASKS]
    if unknown or not rule.tasks:
        yield say("rule.task", where=where, task="、".join(unknown), known="、".join(TASKS))
    if rule.per is not None and rule.per not in PER:
        yield say("rule.per", where=where, per=rule.per, known="、".join(PER))
    if rule.base is not None and amount.rate is None:
        yield say("rule.base", where=where)


def _condition(programme: Programme, item: Condition, amount: Amount | None, where: str) -> Iterator[str]:
    if item.fact not in FACTS:
        yield say("rule.fact", where=where, fact=item.fact, known="、".join(FACTS))
        return
    kind = KINDS[item.fact]
    stated = {"one_of": bool(item.one_of), "at_most": item.at_most is not None, "by": item.by is not None}
    if [name for name, there in stated.items() if there] != [kind]:
        yield say("rule.limit", where=where, fact=item.fact, kind=kind)
        return
    words = item.line if item.line is not None else amount.what if amount else None
    if words is None:
        yield say("rule.no_line", where=where, fact=item.fact)
        return
    yield from _line(programme, item.line, where)
    yield from _figures(item, words, where)
    if kind == "one_of":
        yield from _choice(Choice(item.fact, item.one_of), where)
    if item.given is not None:
        yield from _choice(item.given, where)


def _choice(choice: Choice, where: str) -> Iterator[str]:
    if KINDS.get(choice.fact) != "one_of":
        yield say("rule.fact", where=where, fact=choice.fact, known="、".join(CHOICES))
        return
    known = CHOICES.get(choice.fact)
    unknown = [value for value in choice.one_of if known is not None and value not in known]
    if unknown or not choice.one_of:
        yield say(
            "rule.value",
            where=where,
            fact=choice.fact,
            value="、".join(unknown),
            known="、".join(known or ()),
        )


def _line(programme: Programme, words: str | None, where: str) -> Iterator[str]:
    if words is not None and (not words or words not in programme.text):
        yield say("rule.line", where=where, words=words)


def _figures(item: Condition, words: str, where: str) -> Iterator[str]:
    """What the condition states must stand in its words."""
    if item.at_most is not None:
        try:
            limit = Decimal(item.at_most)
        except InvalidOperation:
            yield say("rule.number", value=item.at_most)
            return
        if not limit.is_finite() or limit <= 0:
            yield say("rule.number", value=item.at_most)
        elif limit not in {Decimal(found) for found in _NUMBER.findall(words)}:
            yield say("rule.not_said", where=where, value=item.at_most, words=words)
    elif item.by is not None and not _says_day(words, item.by):
        yield say("rule.not_said", where=where, value=item.by, words=words)
    elif item.fact in ("goods", "level"):
        for value in item.one_of:
            if value not in words:
                yield say("rule.not_said", where=where, value=value, words=words)


def _says_day(words: str, day: date) -> bool:
    return day.isoformat() in words or f"{day.year}年{day.month}月{day.day}日" in words
