"""A clause's text cut into the spans that search indexes and citations point at."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from knowledge.model import Clause
from knowledge.parsing.departments import duty_of

_STOPS = "。！？\n"
_CLOSING = "”’》）)」』"
_LONG = 120


@dataclass(frozen=True, slots=True)
class Span:
    """`text == clause.text[start:end]`; offsets are code points."""

    start: int
    end: int
    text: str
    kind: Literal["heading", "sentence", "departments"]


def sentences(clause: Clause) -> list[Span]:
    """The spans of a clause in order: its heading, its sentences, its responsible departments.

    Spans don't overlap, and what lies between them is white space. A sentence of over 120 characters is
    also cut at ；. The heading carries its marker; the brackets that name who is responsible stand alone.
    """
    text = clause.text
    if clause.kind == "annex_row":  # a date or a department alone answers nothing
        return [Span(0, len(text), text, "sentence")]
    spans: list[Span] = []
    start = _heading_end(clause)
    if start:
        spans.append(Span(0, start, text[:start], "heading"))
    duty = duty_of(text)
    end = len(text) if duty.start is None else duty.start
    for begin, stop in _sentences(text, start, end):
        spans.append(Span(begin, stop, text[begin:stop], "sentence"))
    if end < len(text):
        spans.append(Span(end, len(text), text[end:], "departments"))
    return spans


def _heading_end(clause: Clause) -> int:
    """Behind the marker and heading, with the 。 that closes them; 0 where a clause has none."""
    if not clause.heading:
        return len(clause.text) if clause.kind == "title" else 0
    end = clause.text.find(clause.heading)
    if end < 0:
        return 0
    end += len(clause.heading)
    return end + 1 if clause.text[end : end + 1] in ("。", "】", "]") else end


def _sentences(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    for begin, stop in _cut(text, start, end, _STOPS):
        if stop - begin > _LONG:
            yield from _cut(text, begin, stop, "；;")
        else:
            yield begin, stop


def _cut(text: str, start: int, end: int, stops: str) -> Iterator[tuple[int, int]]:
    begin = start
    depth = 0
    i = start
    while i < end:
        depth += (text[i] in "（(《“") - (text[i] in "）)》”")
        if text[i] in stops and (depth <= 0 or text[i] == "\n"):
            i += 1
            while i < end and text[i] in _CLOSING:
                i += 1
            if trimmed := _trim(text, begin, i):
                yield trimmed
            begin, depth = i, 0
        else:
            i += 1
    if trimmed := _trim(text, begin, end):
        yield trimmed


def _trim(text: str, start: int, end: int) -> tuple[int, int] | None:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return (start, end) if start < end else None
