"""Tables of entries as XLSX: writing one with its explanation, reading one without trusting it.

A workbook is a zip of XML: its size is checked before anything is unpacked, its XML has no entities, its
formulas are never evaluated.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterable
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet.datavalidation import DataValidation

from knowledge.errors import UnreadableDocument
from knowledge.exchange.columns import MOST_COLUMNS, MOST_ROWS, BadCell, read_rows, table_of
from knowledge.exchange.model import ImportRefused, Reading, RowProblem
from knowledge.exchange.wording import say, words
from knowledge.reading.packages import Package
from knowledge.reading.source import Limits
from knowledge.shipped import ShippedEntry

LONGEST_XLSX_CELL = 32_767
"""What a cell of a spreadsheet holds at most."""

_LIMITS = Limits(unpacked_bytes=64 * 1024 * 1024)
_OLE = b"\xd0\xcf\x11\xe0"
_WIDTHS = (26, 34, 46, 60, 40, 14, 18, 26, 46, 13, 13, 14)
_BROKEN = (
    InvalidFileException, zipfile.BadZipFile, zlib.error, KeyError, IndexError, ValueError, TypeError,
    AttributeError, SyntaxError, EOFError, OSError, NotImplementedError, RuntimeError,
)  # fmt: skip
"""What openpyxl lets through of a workbook that is not whole: it has no error of its own for that."""


def entries_xlsx(items: Iterable[ShippedEntry]) -> bytes:
    """A workbook with the entries and an explanation. Without entries it is the template.

    Raises ImportRefused where a cell would hold more than a spreadsheet allows.
    """
    book = Workbook()
    sheet: Any = book.active
    sheet.title = words()["sheet"]
    for number, cells in enumerate(table_of(items, LONGEST_XLSX_CELL), 1):
        _write(sheet, number, cells)
    _style(sheet, _WIDTHS)
    choices = DataValidation("list", formula1=f'"{",".join(words()["forces"].values())}"', allow_blank=True)
    choices.add(f"F2:F{MOST_ROWS}")
    sheet.add_data_validation(choices)
    explanation: Any = book.create_sheet(words()["help_sheet"])
    _write(explanation, 1, words()["help_header"])
    lines = [*words()["help"], [], *([note] for note in words()["help_notes"])]
    for number, line in enumerate(lines, 2):
        _write(explanation, number, line)
    _style(explanation, (28, 90, 50))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def read_xlsx(data: bytes, name: str) -> Reading:
    """Raises ImportRefused."""
    if data.startswith(_OLE):
        raise _refused(name, say("old_excel"))
    try:
        package = Package(data, name, _LIMITS)
        for path in list(package.paths()):
            if path.endswith((".xml", ".rels")):
                package.xml(path)
            else:
                package.read(path)
    except UnreadableDocument as error:
        raise _refused(name, str(error).removeprefix(f"{name}：")) from error
    try:
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=False, keep_links=False)
        try:
            sheet = _sheet(book, name)
            rows = _rows(sheet, name)
        finally:
            book.close()
    except ImportRefused:
        raise
    except _BROKEN as error:
        raise _refused(name, say("no_excel", reason=type(error).__name__)) from error
    return read_rows(rows, sheet.title)


def _sheet(book: Any, name: str) -> Any:
    wanted = words()["sheet"]
    titles = [sheet.title for sheet in book.worksheets]
    if wanted in titles:
        return book[wanted]
    others = [title for title in titles if title != words()["help_sheet"]]
    if len(others) != 1:
        raise _refused(name, say("no_sheet", sheet=wanted))
    return book[others[0]]


def _rows(sheet: Any, name: str) -> list[list[object]]:
    rows: list[list[object]] = []
    for row in sheet.iter_rows(min_row=1, max_row=MOST_ROWS + 2, max_col=MOST_COLUMNS + 1):
        if len(rows) > MOST_ROWS:
            raise _refused(name, say("too_many_rows", limit=MOST_ROWS))
        cells = [_value(cell) for cell in row]
        if len(cells) > MOST_COLUMNS and cells[MOST_COLUMNS] is not None:
            raise _refused(name, say("too_many_columns", limit=MOST_COLUMNS))
        rows.append(cells)
    return rows


def _value(cell: Any) -> object:
    if cell.data_type == "f":
        return BadCell(say("formula"))
    if cell.data_type == "e":
        return BadCell(say("cell_error", value=cell.value))
    value: object = cell.value
    return value


def _write(sheet: Any, number: int, cells: Iterable[str]) -> None:
    for column, text in enumerate(cells, 1):
        if text:
            cell = sheet.cell(number, column)
            cell.value = text
            cell.data_type = "s"  # a text, whatever it begins with
            cell.alignment = Alignment(wrap_text=True, vertical="top")


def _style(sheet: Any, widths: tuple[int, ...]) -> None:
    sheet.freeze_panes = "A2"
    for number, width in enumerate(widths):
        sheet.column_dimensions["ABCDEFGHIJKLMNOP"[number]].width = width
    for cell in sheet[1]:
        cell.font = Font(bold=True, color="FFFFFF")
        cell.fill = PatternFill("solid", fgColor="1F7A4D")


def _refused(name: str, problem: str) -> ImportRefused:
    return ImportRefused([RowProblem(name, None, "", "", problem)])
