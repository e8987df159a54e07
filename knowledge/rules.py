"""What a programme's amounts depend on, in a form that can be worked out: rules and their conditions.

This module owns the shape of rules and the facts they may ask about. A rule names an amount by its words and
never repeats its figures; what a rule rests on is given as words of the card. It must not know how a
resident says a fact, nor how an amount is reckoned.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

TASKS = ("car", "appliance", "digital", "vehicle_tax")
PER = ("vehicle", "item")
CHOICES: Mapping[str, tuple[str, ...]] = {
    "way": ("scrap", "replace", "neither"),
    "new_energy": ("nev", "fuel"),
    "old_energy": ("petrol", "diesel", "other", "nev"),
}
"""The facts with a closed set of values. `old_energy` "other" is a fuel that is neither petrol nor diesel."""

FACTS = (
    "way", "new_energy", "goods", "displacement", "old_registered", "old_energy", "level", "price",
)  # fmt: skip
"""Every fact that a rule may ask about, in the order in which people are best asked: what decides most
first, the price last, because it is only needed where something is due at all."""

KINDS: Mapping[str, Literal["one_of", "at_most", "by"]] = {
    "way": "one_of",
    "new_energy": "one_of",
    "old_energy": "one_of",
    "goods": "one_of",
    "level": "one_of",
    "displacement": "at_most",
    "price": "at_most",
    "old_registered": "by",
}
"""How each fact is limited: one of some values, a decimal number at most, a day at the latest."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Holds where `fact` is one of `one_of`."""

    fact: str
    one_of: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Condition:
    """What must be so: exactly one of `one_of`, `at_most` (decimal text) and `by` (that day included).

    `line` are words of the card, verbatim, that say so; None where the amount's own line says it. With
    `given` the condition concerns only whom that choice fits: petrol cars have a day of their own.
    """

    fact: str
    line: str | None = None
    one_of: tuple[str, ...] = ()
    at_most: str | None = None
    by: date | None = None
    given: Choice | None = None


@dataclass(frozen=True, slots=True)
class Exclusive:
    """Of all rules of one `group` only one can be used; `line` are the card's words for that."""

    group: str
    line: str


@dataclass(frozen=True, slots=True)
class Rule:
    """When one amount of a programme is due; without `amount` it limits the rules that name it in `also`.

    `amount` is the amount's `what`. `applies` are the resident's own choices that select the rule,
    `conditions` what must be so besides. `base` are the card's words for what the rate is taken of: None
    where the card doesn't say, and then nothing is reckoned. `limit` are its words for how often one gets
    it. `also` are programmes whose limiting rules hold here, too. `dated_by` are its words for the day that
    counts as the day of purchase. `unchecked` are told to people as what was not checked.
    """

    id: str
    tasks: tuple[str, ...] = ()
    amount: str | None = None
    applies: tuple[Choice, ...] = ()
    conditions: tuple[Condition, ...] = ()
    base: str | None = None
    per: str | None = None
    limit: str | None = None
    exclusive: Exclusive | None = None
    also: tuple[str, ...] = ()
    dated_by: str | None = None
    unchecked: tuple[str, ...] = ()


def rule_from_json(raw: Mapping[str, Any]) -> Rule:
    """A rule from what `dataclasses.asdict` and JSON made of it."""
    values: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in raw.items()
    }
    values["applies"] = tuple(_choice(item) for item in raw.get("applies") or ())
    values["conditions"] = tuple(_condition(item) for item in raw.get("conditions") or ())
    if raw.get("exclusive"):
        values["exclusive"] = Exclusive(**raw["exclusive"])
    return Rule(**values)


def _choice(raw: Mapping[str, Any]) -> Choice:
    return Choice(raw["fact"], tuple(raw["one_of"]))


def _condition(raw: Mapping[str, Any]) -> Condition:
    values = {**raw, "one_of": tuple(raw.get("one_of") or ())}
    if isinstance(raw.get("by"), str):
        values["by"] = date.fromisoformat(raw["by"])
    if raw.get("given"):
        values["given"] = _choice(raw["given"])
    return Condition(**values)
