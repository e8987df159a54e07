"""A run of the test bench as a file for a spreadsheet, in cells that never run."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Literal

from openpyxl import Workbook
from openpyxl.styles import Font

from api.console.audit_export import harmless
from index.comparing import Line
from index.explained_words import word

Form = Literal["csv", "xlsx"]
_COLUMNS = ("结果", "依据", "引文", "概率", "回复", "黄金题")
_WIDTHS = {"问题": 40, "不同": 8, "结果": 10, "依据": 36, "引文": 48, "概率": 8, "回复": 60, "黄金题": 10}
_EXPECTED = {True: "符合", False: "不符合", None: ""}


def exported(lines: Sequence[Line], labels: Sequence[str], on: date, form: Form) -> tuple[bytes, str]:
    """The file and its name; `labels` are those of the sources, in the lines' order."""
    rows = list(_rows(lines, labels, on))
    content = _csv(rows) if form == "csv" else _xlsx(rows)
    return content, f"试验台-{on.isoformat()}.{form}"


def _rows(lines: Sequence[Line], labels: Sequence[str], on: date) -> Iterator[list[str]]:
    yield ["问题", "问的日期", "不同", *(f"{label}：{column}" for label in labels for column in _COLUMNS)]
    for line in lines:
        cells = [line.question, on.isoformat(), "是" if line.differs else ""]
        for told in line.told:
            cells += [
                word("verdict", told.verdict),
                told.clause_name,
                told.quote,
                f"{told.probability:.2f}",
                told.text,
                _EXPECTED[told.expected],
            ]
        yield [harmless(cell) for cell in cells]


def _csv(rows: Sequence[Sequence[str]]) -> bytes:
    """With a byte order mark, so that spreadsheets read it as UTF-8."""
    buffer = io.StringIO()
    csv.writer(buffer).writerows(rows)
    return buffer.getvalue().encode("utf-8-sig")


def _xlsx(rows: Sequence[Sequence[str]]) -> bytes:
    book = Workbook()
    sheet = book.active
    sheet.title = "试验台"
    for number, row in enumerate(rows, 1):
        for column, value in enumerate(row, 1):
            cell = sheet.cell(number, column)
            cell.value = value
            cell.data_type = "s"
    for column, title in enumerate(rows[0], 1):
        sheet.cell(1, column).font = Font(bold=True)
        width = _WIDTHS.get(title.rpartition("：")[2], 14)
        sheet.column_dimensions[sheet.cell(1, column).column_letter].width = width
    sheet.freeze_panes = "B2"
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()
