"""A day in a resident's words, as exactly as it was told: 2013年6月30日, 13年6月, 前年.

Gives the span of days that the words leave possible, or names what is wrong with them.
"""

from __future__ import annotations

import calendar
import re
from datetime import date

from actions.eligibility.facts import DateSpan
from actions.eligibility.problems import Problem
from actions.wording import load
from index.text import normalise

_HAN = {sign: str(value) for value, sign in enumerate("零一二三四五六七八九")} | {"〇": "0"}
_SIGNS = "".join(_HAN)
_SPOKEN = rf"[{_SIGNS}十]{{1,3}}"
_YEAR = rf"(?:(?:19|20)\d\d|[{_SIGNS}]{{4}}|\d\d|[{_SIGNS}]{{2}}|[一二]?十[一二三四五六七八九]?)"
_WRITTEN = re.compile(
    rf"(?P<year>{_YEAR})\s?年\s?(?:(?P<month>\d{{1,2}}|{_SPOKEN})\s?月份?\s?(?:(?P<day>\d{{1,2}}|{_SPOKEN})\s?[日号]?)?)?"
)
_SIGNED = re.compile(
    r"(?<![\d.])(?P<year>(?:19|20)\d\d|\d\d)\s?(?P<sign>[-./ ])\s?(?P<month>\d{1,2})"
    r"(?:\s?(?P=sign)\s?(?P<day>\d{1,2}))?(?![\d.])"
)
_TOGETHER = re.compile(r"(?<!\d)(?P<year>(?:19|20)\d\d)(?P<month>\d\d)(?P<day>\d\d)?(?!\d)")
_ALONE = re.compile(r"(?<!\d)(?P<year>(?:19|20)\d\d)(?!\d)")
_NO_YEAR = re.compile(rf"(?:\d{{1,2}}|{_SPOKEN})\s?月\s?(?:\d{{1,2}}|{_SPOKEN})\s?[日号]?")


def read_date(text: str, today: date) -> DateSpan | Problem:
    """The days possible, none after `today`. Never raises."""
    plain = _with_years(normalise(text), today)
    found = [match for pattern in (_WRITTEN, _SIGNED, _TOGETHER) for match in pattern.finditer(plain)]
    if not found:
        found = list(_ALONE.finditer(plain))
    if not found:
        without = _NO_YEAR.search(plain)
        return Problem("date.year_missing", without.group()) if without else Problem("date.none")
    if len({match.group().strip() for match in found}) > 1:
        return Problem("date.several", "、".join(match.group().strip() for match in found))
    match = found[0]
    if _is_duration(match, plain):
        return Problem("date.duration", match.group())
    if re.match(load("eligibility/reading")["date"]["roughly"], plain[match.end() :]):
        return Problem("date.roughly", f"{match.group()}{plain[match.end() :]}")
    return _span(match, today)


def _with_years(plain: str, today: date) -> str:
    """前年 and its like as the year they mean."""
    for word, ago in load("eligibility/reading")["date"]["years_ago"].items():
        plain = plain.replace(word, f"{today.year - ago}年")
    return plain


def _is_duration(match: re.Match[str], plain: str) -> bool:
    """开了13年 tells how long, not when."""
    words = load("eligibility/reading")["date"]
    if len(match["year"]) > 2 or match.groupdict().get("month"):
        return False
    before, after = plain[: match.start()], plain[match.end() :]
    return bool(re.search(words["duration"], before) or re.search(words["after_duration"], after))


def _span(match: re.Match[str], today: date) -> DateSpan | Problem:
    said, parts = match.group().strip(), match.groupdict()
    year = _full_year(_figure(parts["year"]), len(parts["year"]), today)
    month = _figure(parts["month"]) if parts.get("month") else None
    day = _figure(parts["day"]) if parts.get("day") else None
    if year < load("eligibility/reading")["date"]["earliest_year"]:
        return Problem("date.too_early", said)
    if month is not None and not 1 <= month <= 12:
        return Problem("date.no_such_month", said)
    if month is not None and day is not None and not 1 <= day <= calendar.monthrange(year, month)[1]:
        return Problem("date.no_such_day", said)
    first = date(year, month or 1, day or 1)
    last_month = month or 12
    last = date(year, last_month, day or calendar.monthrange(year, last_month)[1])
    if first > today:
        return Problem("date.future", said)
    return DateSpan(first, min(last, today))


def _full_year(year: int, digits: int, today: date) -> int:
    """13 as 2013, 99 as 1999: the latest such year that has begun."""
    if digits > 2:
        return year
    century = today.year // 100 * 100
    return century + year if century + year <= today.year else century - 100 + year


def _figure(text: str) -> int:
    """12, 十二, 二十五, 二〇一三."""
    if text.isdigit() and text.isascii():
        return int(text)
    tens, found, ones = text.partition("十")
    if not found:
        return int("".join(_HAN[sign] for sign in text))
    return (_figure(tens) if tens else 1) * 10 + (_figure(ones) if ones else 0)
