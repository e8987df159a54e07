"""Tables by their ruled lines: cells, the words in them, and rows of cells with tabs to come between.

Where cells close is pdfplumber's finding, which needs nothing but edges. A table that the end of a page cuts
has no line there: it is closed at the ends of its upright lines, and marked open.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from pdfplumber.table import cells_to_tables, edges_to_intersections, intersections_to_cells, merge_edges

from knowledge.reading.layout.marks import Edge, Glyph, Page, rows_of, words_of

_NEAR = 3.0
_OVERHANG = 2.0
_EDGE_LIMIT, _MERGED_LIMIT = 20_000, 600
Box = tuple[float, float, float, float]  # x0, top, x1, bottom


@dataclass
class Table:
    """A table, or the part of one that stands on one page. `lefts` are the left sides of its columns; the
    columns in `cut_top` and `cut_bottom` have no line there: what they hold goes on over the page's end."""

    page: int
    box: Box
    lefts: list[float]
    rows: list[list[str]] = field(default_factory=list)
    cut_top: frozenset[int] = frozenset()
    cut_bottom: frozenset[int] = frozenset()
    reaching: frozenset[int] = frozenset()  # columns whose lowest cell begins above the lowest row

    @property
    def is_cut(self) -> bool:
        """Whether it ends within a row."""
        return len(self.cut_bottom) == len(self.lefts)


def tables_on(page: Page) -> tuple[list[Table], list[Glyph]]:
    """The tables of a page with their words, and the glyphs outside all of them."""
    if not 4 <= len(page.edges) <= _EDGE_LIMIT:
        return [], page.glyphs
    edges = merge_edges([_edge(edge) for edge in page.edges], _NEAR, _NEAR, _NEAR, _NEAR)
    if len(edges) > _MERGED_LIMIT:  # a drawing
        return [], page.glyphs
    closed = _closed(edges)
    cells = intersections_to_cells(edges_to_intersections(edges + closed, _NEAR, _NEAR))
    tables: list[Table] = []
    rest = page.glyphs
    for group in cells_to_tables(cells):
        boxes = [tuple(float(side) for side in cell) for cell in group]
        if len({box[0] for box in boxes}) < 2 and len(boxes) < 3:
            continue  # a frame around words
        table, taken, rest = _fill(boxes, page.number, rest)  # type: ignore[arg-type]
        if not any(any(row) for row in table.rows):
            rest = rest + [glyph for glyphs in taken.values() for glyph in glyphs]
            continue
        table.cut_top, table.cut_bottom = (_cut(table, table.box[end], closed) for end in (1, 3))
        _drop_slivers(table)
        rest = _overhang(table, rest)
        tables.append(table)
    return tables, rest


def _fill(
    boxes: Sequence[Box], page: int, glyphs: list[Glyph]
) -> tuple[Table, dict[tuple[int, int], list[Glyph]], list[Glyph]]:
    lefts, tops = sorted({box[0] for box in boxes}), sorted({box[1] for box in boxes})
    whole = (min(lefts), min(tops), max(box[2] for box in boxes), max(box[3] for box in boxes))
    holder: dict[tuple[int, int], tuple[int, int]] = {}
    for box in boxes:
        home = (tops.index(box[1]), lefts.index(box[0]))
        for row in range(home[0], bisect_right(tops, box[3] - 1)):
            for column in range(home[1], bisect_right(lefts, box[2] - 1)):
                holder[row, column] = home
    taken: dict[tuple[int, int], list[Glyph]] = {}
    rest: list[Glyph] = []
    for glyph in glyphs:
        x, y = (glyph.x0 + glyph.x1) / 2, glyph.base - 0.35 * glyph.size
        place = None
        if whole[0] <= x <= whole[2] and whole[1] <= y <= whole[3]:
            place = holder.get((bisect_right(tops, y) - 1, bisect_right(lefts, x) - 1))
        if place is None:
            rest.append(glyph)
        else:
            taken.setdefault(place, []).append(glyph)
    table = Table(page, whole, lefts)
    for row in range(len(tops)):
        table.rows.append([_words(taken.get((row, column), ())) for column in range(len(lefts))])
    last = len(tops) - 1
    table.reaching = frozenset(
        column for column in range(len(lefts)) if holder.get((last, column), (last, 0))[0] < last
    )
    return table, taken, rest


def _drop_slivers(table: Table) -> None:
    """Rows without a word go: gaps between borders, and what a page's end leaves of the next row. Behind such
    a row only a cell that reaches into it from above is cut."""
    if table.rows and not any(table.rows[-1]):
        table.cut_bottom = table.cut_bottom & table.reaching
    table.rows = [row for row in table.rows if any(row)]


def _overhang(table: Table, glyphs: list[Glyph]) -> list[Glyph]:
    """Takes lines that stand below the table, inside a column without a lower line: the rest of its cell."""
    bottom = table.box[3]
    for column in sorted(table.cut_bottom):
        left = table.lefts[column]
        right = table.lefts[column + 1] if column + 1 < len(table.lefts) else table.box[2]
        holders = [row for row in table.rows if row[column]]
        for line in rows_of(glyph for glyph in glyphs if glyph.base > bottom):
            inside = all(left <= (glyph.x0 + glyph.x1) / 2 <= right for glyph in line)
            if not inside or not holders or line[0].base - bottom > _OVERHANG * line[0].size:
                break
            holders[-1][column] = f"{holders[-1][column]} {words_of(line)}"
            bottom = line[0].base
            gone = set(map(id, line))
            glyphs = [glyph for glyph in glyphs if id(glyph) not in gone]
    return glyphs


def _words(glyphs: Sequence[Glyph]) -> str:
    return " ".join(words_of(row) for row in rows_of(glyphs))


def _closed(edges: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Level lines between neighbouring upright ones that stop at one height, where no line joins them."""
    upright = [edge for edge in edges if edge["orientation"] == "v"]
    level = [edge for edge in edges if edge["orientation"] == "h"]
    out: list[dict[str, Any]] = []
    for end in ("top", "bottom"):
        done: list[float] = []
        for height in sorted({round(edge[end], 1) for edge in upright}):
            if done and height - done[-1] <= _NEAR:
                continue
            done.append(height)
            ends = sorted({edge["x0"] for edge in upright if abs(edge[end] - height) <= _NEAR})
            near = [edge for edge in level if abs(edge["top"] - height) <= _NEAR]
            for left, right in pairwise(ends):
                middle = (left + right) / 2
                if not any(edge["x0"] <= middle <= edge["x1"] for edge in near):
                    at = near[0]["top"] if near else height
                    out.append(_edge(Edge(left, at, right, at)))
    return out


def _cut(table: Table, height: float, added: Sequence[dict[str, Any]]) -> frozenset[int]:
    """The columns that only a line of ours closes at `height`."""
    lines = [edge for edge in added if abs(edge["top"] - height) <= _NEAR]
    return frozenset(
        column
        for column, left in enumerate(table.lefts)
        if any(edge["x0"] <= left + 1 and edge["x1"] > left + 1 for edge in lines)
    )


def _edge(edge: Edge) -> dict[str, Any]:
    """As pdfplumber writes it."""
    level = edge.x1 - edge.x0 >= edge.bottom - edge.top
    return {
        "x0": edge.x0,
        "x1": edge.x1 if level else edge.x0,
        "top": edge.top,
        "bottom": edge.top if level else edge.bottom,
        "width": edge.x1 - edge.x0 if level else 0.0,
        "height": 0.0 if level else edge.bottom - edge.top,
        "orientation": "h" if level else "v",
    }
