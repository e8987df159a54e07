"""The day that a question asks about: 去年, 2024年. Without such a word it is the day it is asked on."""

from __future__ import annotations

import re
from datetime import date
from functools import cache
from pathlib import Path

import yaml

_YEAR = re.compile(r"(?<!\d)(20\d\d)(?= ?年|的|国补|买|那)")
_OF_A_THING = re.compile(
    r"(?<!\d)20\d\d ?年?(\d+月)?(份|初|底)?(的?(老|旧|汽油|柴油|燃油|烧油的)|才?(上牌|上户|登记|注册))"
)
"""2012年的汽油车, 2013年上牌: how old a thing is, not when something holds."""


def asked_day(question: str, today: date) -> date:
    """`question` is normalised text. A past year is asked about as it stood on its last day, a year to come
    as on its first; of two years the later one counts. `today` where it names none, or this one."""
    years = {int(year) for year in _YEAR.findall(_OF_A_THING.sub(" ", question))}
    years |= {today.year + shift for word, shift in _relative_years().items() if word.search(question)}
    if not years or (year := max(years)) == today.year:
        return today
    return date(year, 12, 31) if year < today.year else date(year, 1, 1)


def names_a_year(text: str, year: int) -> bool:
    """Whether a text speaks of the year itself, as a target does."""
    return f"{year}" in text


@cache
def _relative_years() -> dict[re.Pattern[str], int]:
    words: dict[str, int] = yaml.safe_load(
        Path(__file__).with_name("relative_years.yml").read_text(encoding="utf-8")
    )
    return {re.compile(word): shift for word, shift in words.items()}
