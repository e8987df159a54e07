"""The words of a programme's card, rendered from its fields: one item a line.

Owns the order and the figures; the wording itself is data (`content/wording.yml`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from knowledge.model import Amount

Wording = Mapping[str, Any]


def render(
    *,
    kind: str,
    summary: str,
    amounts: Sequence[Amount],
    conditions: Sequence[str],
    how_to_apply: str,
    wording: Wording,
) -> str:
    """The card's text: summary, each amount with its dates, conditions, how to apply."""
    lines = [summary]
    lines.extend(_amount(amount, kind, wording) for amount in amounts)
    if conditions:
        headings = wording["conditions"]
        lines.append(headings.get(kind, headings["other"]))
        lines.extend(
            wording["condition"].format(number=number, condition=condition)
            for number, condition in enumerate(conditions, 1)
        )
    if how_to_apply:
        lines.append(wording["how_to_apply"].format(how_to_apply=how_to_apply))
    return "\n".join(lines)


def _amount(amount: Amount, kind: str, wording: Wording) -> str:
    rate = cap = ""
    if amount.rate is not None:
        words = wording["rate"]
        rate = words.get(kind, words["other"]).format(percent=_plain(Decimal(amount.rate) * 100))
    if amount.cap is not None:
        unit, _, thing = (amount.unit or "").partition("/")
        words = wording["cap"]["each" if thing else "total"]
        cap = words.format(cap=_plain(Decimal(amount.cap)), unit=unit, thing=thing)
    period = _period(amount.valid_from, amount.valid_to, wording["period"])
    return str(wording["amount"].format(period=period, what=amount.what, rate=rate, cap=cap))


def _period(start: date | None, end: date | None, words: Mapping[str, str]) -> str:
    if start and end:
        return words["both"].format(start=start.isoformat(), end=end.isoformat())
    if start:
        return words["from"].format(start=start.isoformat())
    return words["until"].format(end=end.isoformat()) if end else ""


def _plain(number: Decimal) -> str:
    """20000.00 -> 20000, 12.50 -> 12.5; never an exponent."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
