"""Figures in a text: what is written, its value and its unit, 百分之五十 and 五成 being 50 %.

Reads; says nothing of what a figure is about.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from actions.wording import any_of, load

_DIGITS = {sign: value for value, sign in enumerate("零一二三四五六七八九")} | {"两": 2, "〇": 0}
_TENS = {"十": 10, "百": 100, "千": 1000}
_LARGE = {"万": 10_000, "亿": 100_000_000}
_SIGNS = "零〇一二两三四五六七八九"
_NUMBER = rf"(?:\d+(?:,\d{{3}})*(?:\.\d+)?|[{_SIGNS}十百千]+(?:点[{_SIGNS}]+)?)[百千]?[万亿]?"


@dataclass(frozen=True, slots=True)
class Figure:
    """`kind` is one of `units` in premise.yml; `[start, end)` is its place in the normalised text."""

    said: str
    value: Decimal
    unit: str
    kind: str
    start: int
    end: int


def figures(text: str) -> list[Figure]:
    """The figures with a unit of a normalised text; a calendar year is none, nor is a lone 一."""
    found: list[Figure] = []
    for match in _pattern().finditer(text):
        number = match["hundredths"] or match["tenths"] or match["number"] or "五十"
        unit = match["unit"] or "%"
        value = _value(number)
        if match["tenths"]:
            value = value * 10 + (5 if match["half"] else 0)
        if number == "一" or (unit == "年" and re.fullmatch(r"(19|20)\d\d", number)):
            continue
        found.append(Figure(match.group(), value, unit, _kinds()[unit], *match.span()))
    return found


@cache
def _kinds() -> dict[str, str]:
    return {unit: kind for kind, units in load("premise")["units"].items() for unit in units}


@cache
def _pattern() -> re.Pattern[str]:
    units = any_of(_kinds()).pattern
    return re.compile(
        rf"(?<![\d.第{_SIGNS}十百千])"
        rf"(?:百分之(?P<hundredths>{_NUMBER})|(?P<tenths>[{_SIGNS}十]|\d)成(?P<half>半)?(?!立|功|都|为|本)"
        rf"|(?P<half_of>一半)|(?P<number>{_NUMBER})(?:多)?(?P<unit>{units}))"
    )


def _value(number: str) -> Decimal:
    """8 万, 1,500, 两百五十 as numbers."""
    large = 1
    while number[-1] in _LARGE:
        large *= _LARGE[number[-1]]
        number = number[:-1]
    if number[0].isdigit():
        while number[-1] in _TENS:
            large *= _TENS[number[-1]]
            number = number[:-1]
        return Decimal(number.replace(",", "")) * large
    whole, _, decimals = number.partition("点")
    fraction = "".join(str(_DIGITS[sign]) for sign in decimals) or "0"
    return Decimal(f"{_spoken(whole)}.{fraction}") * large


def _spoken(number: str) -> int:
    total, digit = 0, 0
    for sign in number:
        if sign in _TENS:
            total += max(digit, 1) * _TENS[sign]
            digit = 0
        else:
            digit = digit * 10 + _DIGITS[sign] if digit and not total else _DIGITS[sign]
    return total + digit
