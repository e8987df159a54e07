"""What a resident told of their own case; everything may be left out.

Owns the facts' shapes and their plain form for a dialogue's slots. It must not know what they are needed for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from typing import Any

from knowledge.rules import CHOICES, FACTS, TASKS

_LARGEST = 15
"""The highest power of ten of a number: exact arithmetic needs a digit for each."""

FIELDS = ("task", *FACTS, "bought_on")


@dataclass(frozen=True, slots=True)
class DateSpan:
    """The days between which something happened, both included: one day, or as much as was told."""

    first: date
    last: date

    def __post_init__(self) -> None:
        if self.first > self.last:
            raise ValueError(f"a span from {self.first} to {self.last} holds no day; swap the two.")

    @property
    def exact(self) -> bool:
        return self.first == self.last

    @property
    def plain(self) -> str:
        return f"{self.first.isoformat()}/{self.last.isoformat()}"


@dataclass(frozen=True, slots=True)
class Facts:
    """None is what was not told yet; `unsure` names the facts that the resident cannot tell.

    A choice holds every value that is possible: 油车 as the old car is petrol, diesel or another fuel, and
    who has not decided between scrapping and selling has told both. `price` is in yuan, `displacement` in
    litres, `level` a figure as text. Raises ValueError for a value that no resident can have.
    """

    task: str | None = None
    way: frozenset[str] | None = None
    new_energy: frozenset[str] | None = None
    goods: str | None = None
    displacement: Decimal | None = None
    old_registered: DateSpan | None = None
    old_energy: frozenset[str] | None = None
    level: str | None = None
    price: Decimal | None = None
    bought_on: DateSpan | None = None
    unsure: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        if self.task is not None and self.task not in TASKS:
            raise ValueError(f"task is {self.task!r}; use one of {', '.join(TASKS)}.")
        for fact, known in CHOICES.items():
            told = getattr(self, fact)
            if told is not None and not (told and told <= set(known)):
                raise ValueError(f"{fact} is {set(told)!r}; use some of {', '.join(known)}.")
        for fact in ("displacement", "price"):
            number = getattr(self, fact)
            if number is not None and not (
                number.is_finite() and number > 0 and number.adjusted() <= _LARGEST
            ):
                raise ValueError(
                    f"{fact} is {number}; give a positive number of {_LARGEST + 1} digits at most."
                )
        unknown = self.unsure - set(FIELDS)
        if unknown:
            raise ValueError(f"unsure names {', '.join(sorted(unknown))}; use some of {', '.join(FIELDS)}.")

    @classmethod
    def from_plain(cls, raw: Mapping[str, object]) -> Facts:
        """Facts from the plain values of slots; names that are no fact and None are passed over."""
        values: dict[str, Any] = {
            name: _value(name, raw[name]) for name in _NAMES if raw.get(name) is not None
        }
        return cls(**values)

    def to_plain(self) -> dict[str, str | list[str]]:
        """What was told, as JSON values."""
        told = {name: getattr(self, name) for name in _NAMES}
        return {
            name: plain(value) for name, value in told.items() if value is not None and value != frozenset()
        }


_NAMES = tuple(item.name for item in fields(Facts))


def plain(value: str | Decimal | DateSpan | frozenset[str]) -> str | list[str]:
    """One value of a fact as a JSON value, as `Facts.from_plain` reads it."""
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, DateSpan):
        return value.plain
    return f"{value:f}" if isinstance(value, Decimal) else value


def _value(name: str, raw: object) -> object:
    if name in CHOICES or name == "unsure":
        return frozenset([raw] if isinstance(raw, str) else raw)  # type: ignore[call-overload]
    text = str(raw)
    if name in ("displacement", "price"):
        return Decimal(text)
    if name in ("old_registered", "bought_on"):
        first, _, last = text.partition("/")
        return DateSpan(date.fromisoformat(first), date.fromisoformat(last or first))
    return text
