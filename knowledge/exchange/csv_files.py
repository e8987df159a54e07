"""Tables of entries as CSV: written as UTF-8 with a mark, which spreadsheets know; GB18030 is read, too."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from knowledge.errors import UnreadableDocument
from knowledge.exchange.columns import LONGEST_CELL, MOST_COLUMNS, MOST_ROWS, read_rows, table_of
from knowledge.exchange.model import ImportRefused, Reading, RowProblem
from knowledge.exchange.wording import say
from knowledge.parsing.encoding import decode
from knowledge.shipped import ShippedEntry


def entries_csv(items: Iterable[ShippedEntry]) -> bytes:
    """A table of entries, each cell quoted and harmless. Without entries it is the template."""
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerows(table_of(items, LONGEST_CELL))
    return out.getvalue().encode("utf-8-sig")


def read_csv(data: bytes, name: str) -> Reading:
    """Raises ImportRefused."""
    try:
        text, _ = decode(data, name)
    except UnreadableDocument as error:
        raise ImportRefused([RowProblem(name, None, "", "", say("nul"))]) from error
    return read_rows(_rows(text, name), name)


def _rows(text: str, name: str) -> list[list[str]]:
    first = text.split("\n", 1)[0]
    delimiter = max(",\t;", key=first.count)
    rows: list[list[str]] = []
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True):
            if len(rows) > MOST_ROWS:
                raise ImportRefused([_of_file(name, say("too_many_rows", limit=MOST_ROWS))])
            if len(row) > MOST_COLUMNS:
                raise ImportRefused([_of_file(name, say("too_many_columns", limit=MOST_COLUMNS))])
            rows.append(row)
    except csv.Error as error:
        key = "too_long" if "field limit" in str(error) else "unreadable_csv"
        said = say(key, reason=error, length=f"超过{csv.field_size_limit()}", limit=LONGEST_CELL)
        raise ImportRefused([_of_file(name, said)]) from error
    return rows


def _of_file(name: str, problem: str) -> RowProblem:
    return RowProblem(name, None, "", "", problem)
