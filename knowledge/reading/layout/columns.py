"""The lines of a page in the order they are read: down one column, or down two."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from knowledge.reading.layout.marks import Glyph, Line, Page, first_unit, rows_of, size_of, words_of

_GAP = 1.2
_LEAST_ROWS = 6
_BOTH_SIDES = 0.5
_CROSSING = 0.15
_SIDE_WIDTH = 8.0


def lines_on(page: Page, glyphs: Sequence[Glyph]) -> list[Line]:
    rows = rows_of(glyphs)
    middle = _gutter(page, rows)
    if middle is None:
        return [_line(page, row, 0, 1) for row in rows]
    lines: list[Line] = []
    sides: tuple[list[Line], list[Line]] = ([], [])
    for row in rows:
        left = [glyph for glyph in row if (glyph.x0 + glyph.x1) / 2 < middle]
        right = [glyph for glyph in row if (glyph.x0 + glyph.x1) / 2 >= middle]
        if left and right and right[0].x0 - left[-1].x1 < _GAP / 2 * right[0].size:
            lines += sides[0] + sides[1]
            sides = ([], [])
            lines.append(_line(page, row, 0, 1))
            continue
        for column, part in enumerate((left, right)):
            if part:
                sides[column].append(_line(page, part, column, 2))
    return lines + sides[0] + sides[1]


def _line(page: Page, row: Sequence[Glyph], column: int, columns: int) -> Line:
    x0, x1 = row[0].x0, max(glyph.x1 for glyph in row)
    base = sorted(glyph.base for glyph in row)[len(row) // 2]
    text, size = words_of(row), size_of(row)
    unit = row[min(len(row), first_unit(text.replace(" ", "")[:80])) - 1]
    return Line(text, x0, x1, base, size, page.number, page.width, page.height, unit.x1 - x0, column, columns)


def _gutter(page: Page, rows: Sequence[Sequence[Glyph]]) -> float | None:
    """Where the empty strip between two columns stands, if most rows have text on both sides of it."""
    if len(rows) < _LEAST_ROWS:
        return None
    votes: dict[int, int] = {}
    for row in rows:
        for before, after in itertools.pairwise(row):
            gap = after.x0 - before.x1
            if gap < _GAP * after.size:
                continue
            low, high = before.x1, after.x0
            if high < 0.3 * page.width or low > 0.7 * page.width:
                continue
            for place in range(int(low // 2), int(high // 2) + 1):
                votes[place] = votes.get(place, 0) + 1
    if not votes:
        return None
    place = max(votes, key=lambda item: (votes[item], -abs(item * 2 - page.width / 2)))
    middle = place * 2 + 1.0
    if not 0.3 * page.width < middle < 0.7 * page.width or votes[place] < _BOTH_SIDES * len(rows):
        return None
    crossing = sum(1 for row in rows for glyph in row if glyph.x0 < middle - 1 and glyph.x1 > middle + 1)
    wide = sum(
        1 for row in rows if _length(row, middle, left=True) > _SIDE_WIDTH < _length(row, middle, left=False)
    )
    return middle if crossing <= _CROSSING * len(rows) and wide >= _BOTH_SIDES * len(rows) else None


def _length(row: Sequence[Glyph], middle: float, *, left: bool) -> float:
    part = [glyph for glyph in row if (glyph.x1 <= middle) == left]
    return (part[-1].x1 - part[0].x0) / part[0].size if part else 0.0
