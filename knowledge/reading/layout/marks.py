"""What stands on a page, and the lines that its glyphs make."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from operator import attrgetter
from typing import NamedTuple

_OPENING = frozenset("（(《〈「『【〔［[{“‘")
_CLOSING = frozenset("，。、；：？！,.;:?!）)》〉」』】〕］]}”’…—％%‰℃·")
_BASE, _LEFT = attrgetter("base"), attrgetter("x0")
_QUOTES = frozenset("”’")
_PREFIXES = frozenset("+-±$¥￥£€№#")
_SAME_LINE = 0.45
_TWICE = 0.15


class Glyph(NamedTuple):
    """One character; `base` is its baseline counted from the top, `size` its em."""

    text: str
    x0: float
    x1: float
    base: float
    size: float


class Edge(NamedTuple):
    """A ruled line, horizontal or vertical: from (x0, top) to (x1, bottom)."""

    x0: float
    top: float
    x1: float
    bottom: float


@dataclass
class Page:
    number: int
    width: float
    height: float
    glyphs: list[Glyph] = field(default_factory=list)
    edges: list[Edge] = field(default_factory=list)
    pictures: int = 0


@dataclass(slots=True)
class Line:
    """A line of running text. `column` counts the columns of its page from the left, of `columns`; `lead` is
    the width of what could not have stood alone on the line before."""

    text: str
    x0: float
    x1: float
    base: float
    size: float
    page: int
    width: float
    height: float
    lead: float
    column: int = 0
    columns: int = 1

    @property
    def length(self) -> float:
        """In ems."""
        return (self.x1 - self.x0) / self.size


@lru_cache(maxsize=65536)
def is_wide(sign: str) -> bool:
    return unicodedata.east_asian_width(sign[:1] or " ") in "WFA" or sign in "“”‘’—…·"


def rows_of(glyphs: Iterable[Glyph]) -> list[list[Glyph]]:
    """Glyphs by the line they stand on, from the top, each line from the left."""
    rows: list[list[Glyph]] = []
    last: Glyph | None = None
    for glyph in sorted(glyphs, key=_BASE):
        if last is None or glyph.base - last.base > _SAME_LINE * max(glyph.size, last.size):
            rows.append([])
        rows[-1].append(glyph)
        last = glyph
    for row in rows:
        row.sort(key=_LEFT)
    return rows


def words_of(row: Sequence[Glyph]) -> str:
    """The characters of a line, with a space where the gap between two is one."""
    if not row:
        return ""
    out: list[str] = [row[0].text]
    for before, glyph in pairwise(row):
        gap = glyph.x0 - before.x1
        if gap > 0.17 * glyph.size:
            either = is_wide(glyph.text), is_wide(before.text)
            least = 0.6 if all(either) else 0.4 if any(either) else 0.17
            if gap > least * max(glyph.size, before.size):
                out.append(" ")
        elif glyph.text == before.text and glyph.x0 - before.x0 < _TWICE * glyph.size:
            continue  # printed twice to look bold
        out.append(glyph.text)
    return "".join(out)


def size_of(row: Sequence[Glyph]) -> float:
    """The em of a line: the size most of its characters have."""
    sizes: dict[float, int] = {}
    for glyph in row:
        sizes[glyph.size] = sizes.get(glyph.size, 0) + 1
    return max(sizes, key=lambda size: (sizes[size], size)) or 1.0


def first_unit(text: str) -> int:
    """How many characters cannot be parted from the beginning of a line: one with the signs that may not
    stand alone beside it, or a word of Latin letters or digits."""
    at = _past(text, 0, _OPENING)
    while True:
        if at < len(text) and not is_wide(text[at]):
            while at < len(text) and not is_wide(text[at]) and not text[at].isspace():
                at += 1
            if at < len(text) and text[at - 1] in _PREFIXES:
                continue
        else:
            at += 1
        at = _past(text, at, _CLOSING)
        if at >= len(text) or text[at] not in _OPENING or text[at - 1] not in _QUOTES:
            return min(at, len(text))
        at = _past(text, at, _OPENING)  # quotation marks cling to each other: ”“


def _past(text: str, at: int, signs: frozenset[str]) -> int:
    while at < len(text) and text[at] in signs:
        at += 1
    return at
