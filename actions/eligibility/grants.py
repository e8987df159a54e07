"""The amounts that a task may come to, each with everything that limits it, whichever programmes say so."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from actions.catalogue import LIVE
from actions.eligibility.facts import Facts
from actions.eligibility.lines import words_in
from knowledge.model import Amount, Programme, Quote
from knowledge.rules import Condition, Rule


@dataclass(frozen=True, slots=True)
class Grant:
    """One amount with its rule; `conditions` stand beside the words that say them, `lacking` are programmes
    that limit it but do not hold or are not published."""

    programme: Programme
    rule: Rule
    amount: Amount
    conditions: tuple[tuple[Condition, Quote], ...]
    unchecked: tuple[str, ...]
    lacking: tuple[str, ...]
    group: str | None
    group_line: Quote | None

    @property
    def period(self) -> tuple[date | None, date | None]:
        own, card = self.amount, self.programme
        return own.valid_from or card.valid_from, own.valid_to or card.valid_to


def grants(programmes: Iterable[Programme], facts: Facts, day: date) -> list[Grant]:
    """What the programmes give for the task that the facts speak of, each in the programmes' order. Another
    programme's limits count where it holds on `day`; else it is named in `lacking`."""
    known = tuple(programmes)
    by_id = {programme.id: programme for programme in known}
    return [
        _grant(programme, rule, by_id, day)
        for programme in known
        for rule in programme.rules
        if rule.amount is not None and _concerns(rule, facts)
    ]


def _concerns(rule: Rule, facts: Facts) -> bool:
    """Whether a rule belongs to the task; a thing told tells its task, too."""
    if facts.task is not None:
        return facts.task in rule.tasks
    return any(item.fact == "goods" and facts.goods in item.one_of for item in rule.conditions)


def _grant(programme: Programme, rule: Rule, by_id: dict[str, Programme], day: date) -> Grant:
    amount = next(item for item in programme.amounts if item.what == rule.amount)
    conditions = [(c, words_in(programme, c.line or amount.what)) for c in rule.conditions]
    unchecked, lacking = list(rule.unchecked), []
    group = rule.exclusive.group if rule.exclusive else None
    group_line = words_in(programme, rule.exclusive.line) if rule.exclusive else None
    for name in rule.also:
        other = by_id.get(name)
        if other is None or other.status_on(day) not in LIVE:
            lacking.append(name)
            continue
        for limiting in (item for item in other.rules if item.amount is None):
            conditions += [(c, words_in(other, c.line or "")) for c in limiting.conditions]
            unchecked += limiting.unchecked
            if limiting.exclusive:
                group, group_line = limiting.exclusive.group, words_in(other, limiting.exclusive.line)
    return Grant(
        programme, rule, amount, tuple(conditions), tuple(unchecked), tuple(lacking), group, group_line
    )
