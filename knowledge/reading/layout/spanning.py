"""A table that goes on over the end of a page: repeated heads go, a row cut in two is one again."""

from __future__ import annotations

from knowledge.parsing.numbering import marker_of
from knowledge.reading.layout.grid import Table

_NEAR = 6.0
_SENTENCE_END = "。；！？.;）)"


def goes_on(table: Table, following: Table) -> bool:
    """Whether `following`, the next block of the text, is the same table on the next page."""
    return (
        following.page == table.page + 1
        and abs(table.box[0] - following.box[0]) <= _NEAR
        and abs(table.box[2] - following.box[2]) <= _NEAR
    )


def put_together(table: Table, following: Table) -> tuple[Table, list[str], bool]:
    """Both as one, the words of heads that were repeated, and whether a row was joined by guess."""
    lefts = _united(table.lefts, following.lefts)
    rows = [_placed(row, table.lefts, lefts) for row in table.rows]
    more = [_placed(row, following.lefts, lefts) for row in following.rows]
    repeated: list[str] = []
    while more and len(repeated) < len(rows) and more[0] == rows[len(repeated)] and any(more[0]):
        repeated.append(" ".join(more.pop(0)))
    unsure = False
    if rows and more and _is_rest(rows, more[0], cut=table.is_cut):
        unsure = True
        rest = more.pop(0)
        rows[-1] = [f"{above} {below}".strip() for above, below in zip(rows[-1], rest, strict=True)]
    elif rows and more:
        cut = frozenset(column for column in range(len(lefts)) if _is_cut(table, lefts[column]))
        unsure = _rejoin_cells(rows, more[0], cut)
    out = Table(following.page, (*table.box[:2], *following.box[2:]), lefts, rows + more)
    out.cut_top = table.cut_top
    out.cut_bottom = frozenset(column for column in range(len(lefts)) if _is_cut(following, lefts[column]))
    return out, repeated, unsure


def _is_cut(table: Table, left: float) -> bool:
    return any(abs(table.lefts[column] - left) <= _NEAR for column in table.cut_bottom)


def _rejoin_cells(rows: list[list[str]], row: list[str], cut: frozenset[int]) -> bool:
    """Puts the rest of a cell that spans rows, cut by the page's end, back to its beginning."""
    joined = False
    for column, cell in enumerate(row):
        above = [other for other in rows[1:] if other[column]]
        if not cell or _begins(cell) or not above:
            continue
        if column in cut or all(_begins(other[column]) for other in above):
            above[-1][column] = f"{above[-1][column]} {cell}"
            row[column] = ""
            joined = True
    return joined


def _is_rest(rows: list[list[str]], row: list[str], *, cut: bool) -> bool:
    """Whether the first row of a page is the rest of the one before: it begins nothing that others begin."""
    if _is_numbered(rows):
        return not any(_begins(cell) for cell in row)
    if not cut or not any(row):
        return False
    return any(not cell for cell in row) or not all(
        cell[-1:] in _SENTENCE_END for cell in rows[-1] if len(cell) > 10
    )


def _begins(cell: str) -> bool:
    return cell.isdigit() or marker_of(cell) is not None


def _is_numbered(rows: list[list[str]]) -> bool:
    """Whether nearly every row begins with a number, in one column."""
    body = rows[1:] if len(rows) > 2 else rows
    return any(
        sum(_begins(row[column]) for row in body) >= max(2, 0.8 * len(body)) for column in range(len(body[0]))
    )


def _united(first: list[float], second: list[float]) -> list[float]:
    out = list(first)
    out.extend(left for left in second if all(abs(left - other) > _NEAR for other in out))
    return sorted(out)


def _placed(row: list[str], lefts: list[float], all_lefts: list[float]) -> list[str]:
    out = [""] * len(all_lefts)
    for cell, left in zip(row, lefts, strict=True):
        at = min(range(len(all_lefts)), key=lambda place: abs(all_lefts[place] - left))
        out[at] = f"{out[at]} {cell}".strip()
    return out
