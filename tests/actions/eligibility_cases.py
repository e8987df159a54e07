"""Cases of the calculator over the shipped cards."""

from __future__ import annotations

from datetime import date

from actions.eligibility import Facts, entitlements
from actions.eligibility.results import Entitlement
from knowledge.content_loader import load_shipped
from knowledge.model import Programme

KNOWN = load_shipped()
PROGRAMMES = KNOWN.programmes
DAY = date(2026, 11, 21)


def facts(**told: object) -> Facts:
    return Facts.from_plain(told)


def held(
    told: Facts, day: date = DAY, programmes: tuple[Programme, ...] = PROGRAMMES
) -> dict[str, Entitlement]:
    """Each entitlement by its rule."""
    return {item.rule_id: item for item in entitlements(programmes, told, day).entitlements}


def car(way: str = "scrap", energy: str = "nev", **told: object) -> Facts:
    case: dict[str, object] = {"task": "car", "way": way, "new_energy": energy, "old_energy": "petrol"}
    case |= {"old_registered": "2012-01-01", "displacement": "1.5", "price": "100000"}
    return facts(**{**case, **told})
