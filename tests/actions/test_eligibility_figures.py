"""For any price: never above the cap, never inexact; and no figure of a card stands in the code."""

from __future__ import annotations

import io
import tokenize
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

import actions.eligibility
from actions.eligibility import Facts
from tests.actions.eligibility_cases import PROGRAMMES, car, facts, held

PRICES = st.decimals(min_value="0.01", max_value="999999999999.99", places=2)
CASES = st.sampled_from(
    [
        (car(), "scrap-nev"), (car("scrap", "fuel"), "scrap-fuel"), (car("replace"), "replace-nev"),
        (car("replace", "fuel"), "replace-fuel"), (facts(task="appliance", goods="电视", level="1"), "appliance"),
    ]
)  # fmt: skip


@given(CASES, PRICES)
def test_no_price_gives_more_than_the_cap_or_less_than_exact(case: tuple[Facts, str], price: Decimal) -> None:
    item = held(replace(case[0], price=price))[case[1]]
    assert item.amount is not None
    assert item.cap is not None
    assert item.rate is not None
    assert 0 <= item.amount <= item.cap
    numerator, denominator = item.rate.as_integer_ratio()
    exact_fen = (price * 100).as_integer_ratio()
    assert item.product is not None
    product = item.product.as_integer_ratio()
    assert product[0] * denominator * exact_fen[1] * 100 == numerator * exact_fen[0] * product[1]
    assert item.amount == item.cap or abs(item.amount - item.product) <= Decimal("0.005")
    assert item.cap_reached == (item.product >= item.cap)


@given(CASES, PRICES, PRICES)
def test_a_higher_price_never_gives_less(case: tuple[Facts, str], one: Decimal, other: Decimal) -> None:
    low, high = sorted((one, other))
    less, more = (held(replace(case[0], price=price))[case[1]].amount for price in (low, high))
    assert less is not None
    assert more is not None
    assert less <= more


def _figures() -> set[Decimal]:
    """Every rate, cap and limit of the cards that is told apart from a mere count."""
    amounts = [amount for programme in PROGRAMMES for amount in programme.amounts]
    conditions = [c for programme in PROGRAMMES for rule in programme.rules for c in rule.conditions]
    texts = [a.rate for a in amounts] + [a.cap for a in amounts] + [c.at_most for c in conditions]
    found = {Decimal(text) for text in texts if text is not None}
    return found - {Decimal(1), Decimal(2)}


def test_no_figure_of_a_programme_stands_in_the_code() -> None:
    figures = _figures()
    assert {Decimal("0.12"), Decimal(20000), Decimal(6000), Decimal("0.5")} <= figures
    percents = {f"{figure * 100:f}".rstrip("0").rstrip(".") + "%" for figure in figures if figure < 1}
    assert {"12%", "50%"} <= percents
    days = {c.by for p in PROGRAMMES for rule in p.rules for c in rule.conditions if c.by}
    assert len(days) == 3
    files = list(Path(actions.eligibility.__file__).parent.glob("*.py"))
    assert len(files) > 8
    for file in files:
        text = file.read_text(encoding="utf-8")
        for day in days:
            assert day.isoformat() not in text
        assert not [percent for percent in percents if percent in text]
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type == tokenize.NUMBER:
                assert Decimal(token.string.replace("_", "")) not in figures, (file.name, token.line)
            if token.type == tokenize.STRING:
                stated = {
                    figure
                    for figure in figures
                    if f"'{figure:f}'" in token.string or f'"{figure:f}"' in token.string
                }
                assert not stated, (file.name, token.line)
