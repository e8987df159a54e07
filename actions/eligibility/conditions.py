"""Conditions held against what was told, where much may be known only in part.

A fact may be untold, told in part (only the year, 油车) or whole. A rule is missed only if it is missed
whatever the untold turns out to be, and a fact is needed only if the outcome depends on it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import product

from actions.eligibility.facts import Facts
from actions.eligibility.results import State
from knowledge.rules import CHOICES, FACTS, KINDS, Choice, Condition


@dataclass(frozen=True, slots=True)
class Outcome:
    """`states` beside the conditions, None for one that does not concern the case; `needs` are the facts on
    which it depends, untold ones first, without those the resident cannot tell."""

    missed: bool
    states: tuple[State | None, ...]
    needs: tuple[str, ...] = ()


def judge(conditions: Sequence[Condition], facts: Facts) -> Outcome:
    """All conditions together, in every case that what was told leaves possible."""
    results = [tuple(_state_in(item, case) for item in conditions) for case in _cases(conditions, facts)]
    live = [result for result in results if "missed" not in result]
    if not live:
        return Outcome(True, tuple(_merged(states, final=True) for states in zip(*results, strict=True)))
    still_open = {
        frozenset(c.fact for c, state in zip(conditions, r, strict=True) if state == "open") for r in live
    }
    needed = set().union(*still_open)
    if len(live) < len(results) or len(still_open) > 1:
        needed |= _varying(conditions, facts)
    merged = tuple(_merged(states, final=False) for states in zip(*results, strict=True))
    states = tuple(
        "unsure" if state == "open" and _settled_unsure(item, facts) else state
        for item, state in zip(conditions, merged, strict=True)
    )
    return Outcome(False, states, in_order(needed - facts.unsure, facts))


def applies(choices: Sequence[Choice], facts: Facts) -> tuple[bool, tuple[str, ...]]:
    """Whether a resident's own choices allow a rule, and the choices that still have to be told."""
    needed: set[str] = set()
    for choice in choices:
        told = _told(choice.fact, facts)
        if told is None:
            needed.add(choice.fact)
        elif told.isdisjoint(choice.one_of):
            return False, ()
    return True, in_order(needed - facts.unsure, facts)


def in_order(needed: set[str], facts: Facts) -> tuple[str, ...]:
    """The facts to ask: those not told at all, those told too roughly, and the price last."""

    def place(fact: str) -> tuple[bool, bool, int]:
        return fact == "price", getattr(facts, fact) is not None, FACTS.index(fact)

    return tuple(sorted(needed, key=place))


def _cases(conditions: Sequence[Condition], facts: Facts) -> Iterator[Facts]:
    """The facts with each choice that conditions ask about settled, in every possible way."""
    open_choices = sorted(_varying(conditions, facts))
    possible = [sorted(_possible(fact, facts)) for fact in open_choices]
    for values in product(*possible):
        settled = {fact: frozenset([value]) for fact, value in zip(open_choices, values, strict=True)}
        yield replace(facts, **settled)  # type: ignore[arg-type]


def _varying(conditions: Sequence[Condition], facts: Facts) -> set[str]:
    asked = {item.fact for item in conditions} | {item.given.fact for item in conditions if item.given}
    return {fact for fact in asked if fact in CHOICES and len(_possible(fact, facts)) > 1}


def _possible(fact: str, facts: Facts) -> frozenset[str]:
    told: frozenset[str] | None = getattr(facts, fact)
    return frozenset(CHOICES[fact]) if told is None else told


def _told(fact: str, facts: Facts) -> frozenset[str] | None:
    value = getattr(facts, fact)
    return frozenset([value]) if isinstance(value, str) else value


def _state_in(item: Condition, case: Facts) -> State | None:
    """The condition in a case whose choices are settled."""
    if item.given is not None:
        given = _told(item.given.fact, case)
        if given is not None and given.isdisjoint(item.given.one_of):
            return None
    value = getattr(case, item.fact)
    if value is None:
        return "open"
    if KINDS[item.fact] == "one_of":
        told = _told(item.fact, case)
        return "missed" if told is None or told.isdisjoint(item.one_of) else "met"
    if item.by is not None:
        if value.last <= item.by:
            return "met"
        return "missed" if value.first > item.by else "open"
    return "met" if item.at_most is not None and value <= Decimal(item.at_most) else "missed"


def _merged(states: Sequence[State | None], *, final: bool) -> State | None:
    """One condition over all cases. `final` where every case is missed: then all that is missed is said."""
    present = {state for state in states if state is not None}
    if not present:
        return None
    if final:
        return next(state for state in ("missed", "open", "met") if state in present)
    if len(present) > 1:
        return "open"
    (only,) = present
    return "open" if only == "missed" and len(states) > 1 else only


def _settled_unsure(item: Condition, facts: Facts) -> bool:
    """Whether nothing more can be asked that would settle the condition."""
    return item.fact in facts.unsure or (item.given is not None and item.given.fact in facts.unsure)
