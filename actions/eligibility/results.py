"""What comes of a calculation, as data: each amount with its rule, its dates and what was not checked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from knowledge.model import Quote
from knowledge.rules import Condition

State = Literal["met", "missed", "open", "unsure"]
Standing = Literal["due", "missed", "open", "not_yet", "ended"]


@dataclass(frozen=True, slots=True)
class Check:
    """One condition held against what was told: `told` is the fact's value, None where it was not.

    `line` is where the card says it; "unsure" is what the resident could not tell, "open" what is still to be
    asked.
    """

    condition: Condition
    state: State
    line: Quote
    told: object = None


@dataclass(frozen=True, slots=True)
class Entitlement:
    """One rule held against the facts.

    `amount` is what is due, in yuan to the fen and never above `cap`; None unless `standing` is "due" and
    the card says what the rate is taken of (`base`) and the price is known. `product` is the exact product
    of price and rate. `line` is the card's line with the amount. `chosen` is False for another way that the
    resident did not ask for; `largest` marks the larger of several that exclude each other. `needs` are the
    facts still to be told, those not told at all first.
    """

    programme_id: str
    title: str
    kind: str
    rule_id: str
    what: str
    standing: Standing
    rate: Decimal | None
    cap: Decimal | None
    unit: str | None
    valid_from: date | None
    valid_to: date | None
    line: Quote
    amount: Decimal | None = None
    price: Decimal | None = None
    product: Decimal | None = None
    cap_reached: bool = False
    formula: str | None = None
    base: Quote | None = None
    per: str | None = None
    limit: Quote | None = None
    dated_by: Quote | None = None
    checks: tuple[Check, ...] = ()
    unchecked: tuple[str, ...] = ()
    lacking: tuple[str, ...] = ()
    exclusive_group: str | None = None
    exclusive_line: Quote | None = None
    chosen: bool = True
    largest: bool = False
    needs: tuple[str, ...] = ()

    def in_state(self, state: State) -> tuple[Check, ...]:
        return tuple(check for check in self.checks if check.state == state)


@dataclass(frozen=True, slots=True)
class Assessment:
    """Everything that concerns the case on `day`, in the programmes' order; `needs` is what to ask next."""

    day: date
    entitlements: tuple[Entitlement, ...]
    needs: str | None = None

    @property
    def due(self) -> tuple[Entitlement, ...]:
        return tuple(item for item in self.entitlements if item.standing == "due")
