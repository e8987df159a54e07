"""Tables of a page: which hold data and which only lay it out, and the grid that spans open up to."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from bs4 import Tag

_SPAN_LIMIT = 200
_CELL_LIMIT = 1500


def is_data(table: Tag) -> bool:
    """A table with rows of several short cells; one that holds tables or whole articles lays out a page."""
    if table.find("table") is not None:
        return False
    rows = list(_rows(table))
    wide = sum(1 for row in rows if len(_cells(row)) > 1)
    if not wide:
        return False
    longest = max((len(cell.get_text()) for row in rows for cell in _cells(row)), default=0)
    return longest <= _CELL_LIMIT or wide >= 3


def grid_of(table: Tag, words: Callable[[Tag], str]) -> list[list[str]]:
    """Rows of cells; a spanned place is empty, the words stand where the span begins."""
    grid: list[list[str]] = []
    held: dict[int, int] = {}  # column -> rows that a cell above still reaches down
    if (caption := table.find("caption")) is not None and (text := words(caption)):
        grid.append([text])
    for row in _rows(table):
        line: list[str] = []
        free: dict[int, int] = {}

        def skip(line: list[str] = line) -> None:
            while held.get(len(line), 0):
                held[len(line)] -= 1
                line.append("")

        for cell in _cells(row):
            skip()
            across, down = _span(cell, "colspan"), _span(cell, "rowspan")
            for place in range(across):
                if down > 1:
                    free[len(line)] = down - 1
                line.append(words(cell) if place == 0 else "")
        skip()
        held.update(free)
        if any(line):
            grid.append(line)
    return grid


def _rows(table: Tag) -> Iterator[Tag]:
    for child in table.children:
        if isinstance(child, Tag) and child.name == "tr":
            yield child
        elif isinstance(child, Tag) and child.name in ("thead", "tbody", "tfoot"):
            yield from (row for row in child.children if isinstance(row, Tag) and row.name == "tr")


def _cells(row: Tag) -> list[Tag]:
    return [cell for cell in row.children if isinstance(cell, Tag) and cell.name in ("td", "th")]


def _span(cell: Tag, name: str) -> int:
    try:
        return max(1, min(int(str(cell.get(name) or 1)), _SPAN_LIMIT))
    except ValueError:
        return 1
