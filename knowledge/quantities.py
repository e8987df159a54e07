"""The amounts, shares and counts that a text states, so that two answers can be held against each other.

A year, a date, a document's number or an ordinal is no quantity. The measures stand in `quantities.yml`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path

import yaml

from knowledge.parsing.numbering import chinese_number

_HAN = "〇零一二两三四五六七八九十百千"
_STEPS = {"百": Decimal(100), "千": Decimal(1000), "万": Decimal(10_000), "亿": Decimal(100_000_000)}
_LOOSE = re.compile(r"[一二三四五六七八九两]{2,}")
_SHARE = re.compile(rf"百分之(?:(\d+(?:\.\d+)?)|([{_HAN}]+))")
_TENTHS = re.compile(rf"(?<!第)(?:(\d+(?:\.\d+)?)|([{_HAN[1:]}]+))成(?![都渝立为员果本长熟品功])")


@dataclass(frozen=True, slots=True)
class Quantity:
    """`value` in the first unit of `measure`; `words` are the text's own."""

    measure: str
    value: Decimal
    words: str


def quantities(text: str) -> tuple[Quantity, ...]:
    """The quantities of `text` in order, each value once.

    What is only roughly told (几百家, 三四个) and the 一 of 一个 count for nothing.
    """
    plain = unicodedata.normalize("NFKC", text)
    found: dict[tuple[str, Decimal], Quantity] = {}
    for _, item in sorted(_found(plain), key=lambda pair: pair[0]):
        found.setdefault((item.measure, item.value), item)
    return tuple(found.values())


def _found(text: str) -> Iterator[tuple[int, Quantity]]:
    """Each with its place in the text."""
    for match in _SHARE.finditer(text):
        yield match.start(), Quantity("percent", _value(match), match[0])
    for match in _TENTHS.finditer(text):
        yield match.start(), Quantity("percent", _value(match) * 10, match[0])
    pattern, units = _units()
    for match in pattern.finditer(text):
        digits, han, unit = match["digits"], match["han"], match["unit"]
        measure, size = units[unit]
        value = Decimal(digits.replace(",", "")) if digits else Decimal(chinese_number(han))
        for step in match["steps"]:
            value *= _STEPS[step]
        if measure == "years" and 1900 <= value <= 2100:  # a year, not a span of years
            continue
        if han and (value == 1 or _LOOSE.fullmatch(han)):  # 一个 is an article, 三四个 a guess
            continue
        yield match.start(), Quantity(measure, value * size, match[0])


def _value(match: re.Match[str]) -> Decimal:
    return Decimal(match[1]) if match[1] else Decimal(chinese_number(match[2]))


@cache
def _units() -> tuple[re.Pattern[str], Mapping[str, tuple[str, Decimal]]]:
    raw = yaml.safe_load(Path(__file__).with_name("quantities.yml").read_text(encoding="utf-8"))
    units = {
        unit: (measure, Decimal(str(size))) for measure, names in raw.items() for unit, size in names.items()
    }
    names = "|".join(re.escape(name) for name in sorted(units, key=len, reverse=True))
    number = rf"(?P<digits>\d+(?:,\d{{3}})*(?:\.\d+)?)|(?P<han>[{_HAN}]+)"
    return (
        re.compile(
            rf"(?<![第数几\d.,{_HAN}])(?:{number})\s*(?P<steps>[百千万亿]{{0,2}})(?:余|多)?\s*(?P<unit>{names})"
        ),
        units,
    )
