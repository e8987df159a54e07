"""Entries as rows of cells, and rows of cells as entries in plain form."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from knowledge.exchange.cells import (
    escape,
    guard,
    items_of,
    list_cell,
    quotes_cell,
    quotes_of,
    unescape,
    unguard,
)
from knowledge.exchange.model import ImportRefused, Incoming, Reading, RowProblem
from knowledge.exchange.wording import say, words
from knowledge.shipped import ShippedEntry

MOST_ROWS = 20_000
MOST_COLUMNS = 40
LONGEST_CELL = 100_000
"""Below the limit of Python's CSV reader."""


def headers() -> list[str]:
    return list(words()["columns"].values())


def table_of(items: Iterable[ShippedEntry], longest: int) -> list[list[str]]:
    """The headers and one row an entry, harmless to spreadsheets.

    Raises ImportRefused where a cell would be longer than `longest`.
    """
    titles = headers()
    rows = [titles]
    for item in items:
        cells = _cells(item)
        for title, cell in zip(titles, cells, strict=True):
            if len(cell) > longest:
                said = say("too_long_cell", id=item.entry.id, column=title, length=len(cell), limit=longest)
                raise ImportRefused([RowProblem(words()["sheet"], len(rows) + 1, title, "", said)])
        rows.append(cells)
    return rows


def _cells(item: ShippedEntry) -> list[str]:
    entry, forces = item.entry, words()["forces"]
    values = {
        "id": escape(entry.id),
        "question": escape(entry.question, lines=True),
        "variants": list_cell(entry.variants),
        "quotes": quotes_cell(entry.quotes),
        "plain": escape(entry.plain or "", lines=True),
        "force": forces[entry.force] if entry.force else "",
        "tags": list_cell(entry.tags),
        "programmes": list_cell(entry.programmes),
        "also": quotes_cell(entry.also),
        "valid_from": entry.valid_from.isoformat() if entry.valid_from else "",
        "valid_to": entry.valid_to.isoformat() if entry.valid_to else "",
        "state": words()["states"][item.state],
    }
    return [guard(values[name]) for name in words()["columns"]]


def read_rows(rows: Sequence[Sequence[object]], sheet: str) -> Reading:
    """The first row holds the headers; a cell is a text, a number, a date, None or a `BadCell`.

    Raises ImportRefused where the headers don't fit; problems of rows are in the result.
    """
    if not rows:
        raise ImportRefused([RowProblem(sheet, None, "", "", say("no_header"))])
    columns = _columns(rows[0], sheet)
    found: list[Incoming] = []
    problems: list[RowProblem] = []
    for number, row in enumerate(rows[1:], 2):
        cells = {name: row[place] for name, place in columns.items() if place < len(row)}
        if all(cell is None or (isinstance(cell, str) and not cell.strip()) for cell in cells.values()):
            continue
        content, wrong = _content(cells, sheet, number)
        problems += wrong
        if not wrong:
            row_id = content.pop("id", None)
            found.append(Incoming("entry", row_id or None, content, sheet, number))
    if not found and not problems:
        raise ImportRefused([RowProblem(sheet, None, "", "", say("no_rows"))])
    return Reading(tuple(found), tuple(problems))


class BadCell(str):
    """A cell that holds no value; the text says why."""


def _columns(header: Sequence[object], sheet: str) -> dict[str, int]:
    """Where each column stands, by its field's name."""
    known = {_short(title): name for name, title in words()["columns"].items()}
    known |= {name: name for name in words()["columns"]}
    found: dict[str, int] = {}
    problems: list[RowProblem] = []
    for place, cell in enumerate(header):
        title = unguard(str(cell)).strip() if cell is not None else ""
        if not title:
            continue
        name = known.get(_short(title))
        if name is None:
            allowed = "、".join(map(_short, words()["columns"].values()))
            problems.append(
                RowProblem(sheet, 1, title[:40], title[:40], say("unknown_column", known=allowed))
            )
        elif name in found:
            problems.append(RowProblem(sheet, 1, title[:40], title[:40], say("column_twice")))
        else:
            found[name] = place
    if not {"id", "question"} <= found.keys():
        problems = [RowProblem(sheet, None, "", "", say("no_header"))]
    if problems:
        raise ImportRefused(problems)
    return found


def _content(cells: Mapping[str, object], sheet: str, number: int) -> tuple[dict[str, Any], list[RowProblem]]:
    content: dict[str, Any] = {}
    problems: list[RowProblem] = []
    for name, cell in cells.items():
        if name == "state":
            continue
        try:
            content[name] = _READ[name](_text(cell) if name not in _DATES else cell)
        except ValueError as error:
            column = _short(words()["columns"][name])
            shown = "" if cell is None else str(cell)[:40]
            problems.append(RowProblem(sheet, number, column, shown, str(error)))
    return content, problems


def _text(cell: object) -> str:
    if isinstance(cell, BadCell):
        raise ValueError(str(cell))
    if cell is None:
        return ""
    if isinstance(cell, bool):
        raise ValueError(say("kind", value=cell))
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    if isinstance(cell, (int, float)):
        return str(cell)
    if isinstance(cell, (datetime, date)):
        return cell.isoformat()[:10]
    if not isinstance(cell, str):
        raise ValueError(say("kind", value=str(cell)[:40]))
    if len(cell) > LONGEST_CELL:
        raise ValueError(say("too_long", length=len(cell), limit=LONGEST_CELL))
    return unguard(cell.replace("\r\n", "\n").replace("\r", "\n"))


def _day(cell: object) -> str | None:
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    text = _text(cell).strip()
    if not text:
        return None
    plain = text.replace("年", "-").replace("月", "-").replace("日", "").replace("/", "-").replace(".", "-")
    try:
        return date(*map(int, plain.split("-"))).isoformat()
    except (ValueError, TypeError) as error:
        raise ValueError(say("date", value=text[:40])) from error


def _force(text: str) -> str | None:
    forces: Mapping[str, str] = words()["forces"]
    wanted = text.strip()
    if not wanted or wanted in forces:
        return wanted or None
    for name, title in forces.items():
        if title == wanted:
            return name
    raise ValueError(say("force", value=wanted[:40], known="、".join(forces.values())))


def _one(text: str) -> str:
    return unescape(text.strip())


def _maybe(text: str) -> str | None:
    return _one(text) or None


def _short(title: str) -> str:
    """A header without what stands in brackets behind it."""
    return title.replace("(", "（").partition("（")[0].strip()


_DATES = ("valid_from", "valid_to")
_READ: Mapping[str, Callable[[Any], Any]] = {
    "id": _one,
    "question": _one,
    "variants": items_of,
    "quotes": quotes_of,
    "plain": _maybe,
    "force": _force,
    "tags": items_of,
    "programmes": items_of,
    "also": quotes_of,
    "valid_from": _day,
    "valid_to": _day,
}
