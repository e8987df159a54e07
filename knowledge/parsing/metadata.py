"""What a policy file says about itself: title, document number, issuers, dates, each with its place."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal

from knowledge.model import Clause
from knowledge.parsing.numbering import chinese_number
from knowledge.parsing.sections import DATE, DOCUMENT_NUMBER, is_title_note

_OFFICES = ("委员会", "局", "厅", "部", "政府", "院", "办公室", "会", "署", "行", "总队", "中心")
_HEAD = ("notice", "title", "preamble", "signature")
_DAY = r"([12]\d{3})年(\d{1,2})月(\d{1,2})日"
_FROM = re.compile(rf"自{_DAY}(?:起)?(?:正式)?(?:施行|实施|执行|生效)")
_FROM_ISSUE = re.compile(r"自(?:印发|发布|公布)之日起(?:施行|实施|执行|生效)")
_UNTIL = re.compile(
    rf"(?:有效期(?:限)?(?:至|到)|有效期自.{{0,24}}?(?:至|到)|执行(?:至|到)|施行(?:至|到)){_DAY}"
)
_YEARS = re.compile(r"有效期(?:限)?为?([一二三四五六七八九十\d]{1,2})年")
_REPLACES = re.compile(
    r"[（(]([\u4e00-\u9fff]{2,14}[〔\[﹝][12]\d{3}[〕\]﹞]\s*\d{1,5}\s*号)[）)][^。]{0,30}?同时(?:废止|停止执行)"
)
_VALIDITY = ("施行", "实施", "执行", "生效", "有效期", "废止", "截止")

Field = Literal[
    "title", "document_number", "issuers", "issued_on", "effective_from", "effective_to", "replaces"
]


@dataclass(frozen=True, slots=True)
class Metadata:
    """As detected; what was not found is empty, for the importer to fill in."""

    title: str | None = None
    document_number: str | None = None
    issuers: tuple[str, ...] = ()
    issued_on: date | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """One thing that the text says of itself: the clause and the words there; `value` as people write it,
    dates as 2026-01-31, several names with 、 between."""

    field: Field
    value: str
    path: str
    words: str


def detect_metadata(clauses: tuple[Clause, ...]) -> Metadata:
    """The metadata that the head and the signature of a document name."""
    by_path = {clause.path: clause.text for clause in clauses}
    head = [by_path[path] for path in _HEAD if path in by_path]
    lines = [line for text in head for line in text.split("\n")]
    number = next(
        (match[0] for line in lines if (match := DOCUMENT_NUMBER.search(line)) and len(line) < 60), None
    )
    signed = by_path.get("notice") or by_path.get("signature") or ""
    issuers, issued = _signature(signed.split("\n"))
    heading = by_path.get("title", "").split("\n")
    title = next((line for line in heading if line and not is_title_note(line)), None)
    if issued is None and (match := DATE.search(by_path.get("title", ""))):
        issued = _date(match[1], match[2], match[3])
    return Metadata(title, number, issuers, issued)


def find_metadata(clauses: tuple[Clause, ...]) -> tuple[Found, ...]:
    """Everything that the text says of itself, with the place: for a person to confirm."""
    detected = detect_metadata(clauses)
    head = [clause for clause in clauses if clause.path in _HEAD]
    found: list[Found] = []
    if detected.title:
        found += _first("title", detected.title, detected.title, reversed(head))
    if detected.document_number:
        found += _first("document_number", detected.document_number, detected.document_number, head)
    if detected.issuers:
        found += _first("issuers", "、".join(detected.issuers), detected.issuers[0], reversed(head))
    issued = detected.issued_on
    if issued is not None:
        words = f"{issued.year}年{issued.month}月{issued.day}日"
        found += _first("issued_on", issued.isoformat(), words, reversed(head))
    found += _validity(clauses, issued)
    return tuple(found)


def _first(field: Field, value: str, words: str, clauses: Iterable[Clause]) -> list[Found]:
    path = next((clause.path for clause in clauses if words in clause.text), None)
    return [Found(field, value, path, words)] if path is not None else []


def _validity(clauses: Iterable[Clause], issued: date | None) -> Iterator[Found]:
    """From when to when the text says that it holds, and which documents it ends; the first of each."""
    seen: set[Field] = set()
    start = issued
    for clause in clauses:
        if not any(word in clause.text for word in _VALIDITY):
            continue
        for field, value, words in _stated(clause.text, start):
            if field not in seen or field == "replaces":
                seen.add(field)
                yield Found(field, value, clause.path, words)
            if field == "effective_from":
                start = date.fromisoformat(value)


def _stated(text: str, start: date | None) -> Iterator[tuple[Field, str, str]]:
    if (match := _FROM.search(text)) and (day := _date(*match.groups())):
        yield "effective_from", day.isoformat(), match[0]
        start = day
    elif (match := _FROM_ISSUE.search(text)) and start is not None:
        yield "effective_from", start.isoformat(), match[0]
    if (match := _UNTIL.search(text)) and (day := _date(*match.groups()[-3:])):
        yield "effective_to", day.isoformat(), match[0]
    elif (match := _YEARS.search(text)) and start is not None:
        yield "effective_to", _years_later(start, match[1]).isoformat(), match[0]
    for match in _REPLACES.finditer(text):
        yield "replaces", match[1], match[0]


def _years_later(start: date, years: str) -> date:
    """The last day of a validity of so many years: the day before the anniversary."""
    year = start.year + chinese_number(years)
    try:
        anniversary = start.replace(year=year)
    except ValueError:  # 29 February
        anniversary = date(year, 3, 1)
    return date.fromordinal(anniversary.toordinal() - 1)


def _signature(lines: list[str]) -> tuple[tuple[str, ...], date | None]:
    """The offices directly above the last date that stands alone on its line."""
    dated = [i for i, line in enumerate(lines) if DATE.fullmatch(line)]
    if not dated:
        return (), None
    offices: list[str] = []
    for line in reversed(lines[: dated[-1]]):
        if len(line) > 30 or not line.endswith(_OFFICES) or any(sign in line for sign in "，。：、"):
            break
        offices.insert(0, line)
    match = DATE.fullmatch(lines[dated[-1]])
    return tuple(offices), _date(match[1], match[2], match[3]) if match else None


def _date(year: str, month: str, day: str) -> date | None:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None
