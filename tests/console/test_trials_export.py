"""A run of the test bench as a file that spreadsheets open without running anything."""

from __future__ import annotations

import csv
import io
from datetime import date

from openpyxl import load_workbook

from api.console.trials.export import exported
from index.comparing import Line, Told

ON = date(2026, 11, 21)
TOLD = Told("answer", "a#1", "《办法》第一条", "=cmd()", 0.905, "+1 你好\n第二行", True)
LINES = [
    Line('=HYPERLINK("http://x")', (TOLD, Told("abstain", "", "", "", 0.1, "没有", False))),
    Line("旧衣服", (TOLD, TOLD)),
]
LABELS = ["现在的回答", "改稿（1 处改动）"]


def test_a_csv_has_one_row_a_question_and_no_cell_that_runs() -> None:
    content, name = exported(LINES, LABELS, ON, "csv")
    assert name == "试验台-2026-11-21.csv"
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    assert rows[0][:5] == ["问题", "问的日期", "不同", "现在的回答：结果", "现在的回答：依据"]
    assert len(rows) == 3
    assert rows[1][:5] == ['\'=HYPERLINK("http://x")', "2026-11-21", "是", "回答", "《办法》第一条"]
    assert rows[1][5:9] == ["'=cmd()", "0.91", "'+1 你好\n第二行", "符合"]
    assert rows[1][9:] == ["不答", "", "", "0.10", "没有", "不符合"]
    assert rows[2][2] == ""


def test_an_xlsx_holds_the_same_as_text() -> None:
    content, name = exported(LINES, LABELS, ON, "xlsx")
    assert name == "试验台-2026-11-21.xlsx"
    sheet = load_workbook(io.BytesIO(content)).active
    assert sheet is not None
    assert sheet.max_row == 3
    assert {cell.data_type for row in sheet.iter_rows(min_row=2) for cell in row if cell.value} == {"s"}
    assert sheet["A2"].value == '\'=HYPERLINK("http://x")'
    assert sheet["A3"].value == "旧衣服"
