"""A programme's figures as people read them: percentages and thousands, never through a float."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation


def percent(rate: str | None) -> str:
    """`"0.12"` as `12%`; words that are no number stay as they are."""
    value = _number(rate)
    return (rate or "") if value is None else f"{(value * 100).normalize():f}%"


def money(cap: str | None, unit: str | None) -> str:
    """`"20000"` and `"元/辆"` as `20,000 元/辆`; a range such as `100-300` stays a range."""
    if not cap:
        return ""
    value = _number(cap)
    figure = cap if value is None else f"{value:,f}"
    return f"{figure} {unit}" if unit else figure


def _number(text: str | None) -> Decimal | None:
    try:
        return Decimal(text) if text else None
    except InvalidOperation:
        return None
