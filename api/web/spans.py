"""Spans of a text as links name them (`2.6:12-40`), and a text cut into marked and unmarked pieces.

Offsets are code points, as everywhere in the project; a Python string counts in them already.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

_SPAN = re.compile(r"(?:(?P<path>[A-Za-z0-9_.-]{0,64}):)?(?P<start>\d{1,7})-(?P<end>\d{1,7})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Span:
    """The words `[start, end)` of the clause at `path`; a programme's own text has the empty path."""

    path: str
    start: int
    end: int

    def fits(self, text: str) -> bool:
        return 0 <= self.start < self.end <= len(text)


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of characters that is wholly marked or wholly not."""

    text: str
    marked: bool = False


def parse_span(value: str | None) -> Span | None:
    """The span that a link's `span` parameter names, or None where it names none."""
    found = _SPAN.fullmatch(value.strip()) if value else None
    if found is None:
        return None
    return Span(found["path"] or "", int(found["start"]), int(found["end"]))


def pieces(text: str, span: Span | None, *, start: int = 0, end: int | None = None) -> tuple[Piece, ...]:
    """`text[start:end]` cut at the edges of `span`, whose offsets count from the beginning of `text`.

    Joined, the pieces are `text[start:end]` again, whatever the span.
    """
    stop = len(text) if end is None else end
    if span is None:
        return (Piece(text[start:stop]),) if start < stop else ()
    edges = sorted({start, stop} | {edge for edge in (span.start, span.end) if start < edge < stop})
    return tuple(Piece(text[a:b], span.start <= a and b <= span.end) for a, b in pairwise(edges))
