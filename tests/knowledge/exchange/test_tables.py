"""Entries as tables: harmless to spreadsheets, read back exactly, errors named by row and column."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from knowledge.editing.forms import from_plain, to_plain
from knowledge.exchange import ImportRefused, Reading, entries_csv, entries_xlsx, read_import
from knowledge.exchange.cells import guard, unguard
from knowledge.model import Entry, Quote
from knowledge.shipped import Shipped, ShippedEntry

WRITERS: dict[str, Callable[[Any], bytes]] = {"t.csv": entries_csv, "t.xlsx": entries_xlsx}
HEADER = ["编号", "问题", "其他问法", "引文", "约束力", "失效日期"]

words = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1, max_size=15)
nasty = st.sampled_from(
    ["=1+1", "+86", "-1", "@SUM(A1)", "\t=1", "\r=1", "'=1", "''-", "＝1", "a\\b", "\\n", " 空 ", "一\n二",
     "【x】", "x005F_", "_x0041_", "_x005F_x0041_", "\u2028", "\x07", "'", '"', "a,b;c", "0012", "1e5"]
)  # fmt: skip
text = (words | nasty).filter(lambda value: value.strip() != "")
texts = st.lists(text, max_size=4).map(tuple)
quotes = st.lists(
    st.tuples(text.filter(lambda clause: "】" not in clause), text).map(
        lambda pair: Quote(pair[0], 0, len(pair[1]), pair[1])
    ),
    max_size=3,
).map(tuple)
days = st.none() | st.dates(date(1950, 1, 1), date(2099, 1, 1))
entries = st.builds(
    Entry,
    id=text, question=text, variants=texts, quotes=quotes, plain=st.none() | text,
    force=st.none() | st.sampled_from(["right", "duty", "price", "target", "encouragement", "work_plan"]),
    valid_from=days, valid_to=days, tags=texts, programmes=texts, also=quotes,
)  # fmt: skip


def _back(reading: Reading) -> list[Any]:
    assert reading.problems == ()
    return [from_plain("entry", {"id": row.row_id, **row.content}) for row in reading.rows]


@pytest.mark.parametrize("name", WRITERS)
def test_everything_that_ships_comes_back_exactly(shipped: Shipped, name: str) -> None:
    found = _back(read_import(WRITERS[name](shipped.entries), name))
    plain = [{**to_plain(item), "quotes": None, "also": None} for item in shipped.entries]
    assert [{**to_plain(item), "quotes": None, "also": None} for item in found] == plain
    said = [[(q.clause_id, q.text) for q in (*i.entry.quotes, *i.entry.also)] for i in shipped.entries]
    assert [[(q.clause_id, q.text) for q in (*i.entry.quotes, *i.entry.also)] for i in found] == said


@settings(max_examples=150, deadline=None)
@given(st.lists(entries, min_size=1, max_size=2))
def test_any_entry_comes_back_from_csv_exactly(given_entries: list[Entry]) -> None:
    items = [ShippedEntry(entry) for entry in given_entries]
    assert _back(read_import(entries_csv(items), "t.csv")) == items


@settings(max_examples=60, deadline=None)
@given(st.lists(entries, min_size=1, max_size=2))
def test_any_entry_comes_back_from_xlsx_exactly(given_entries: list[Entry]) -> None:
    items = [ShippedEntry(entry) for entry in given_entries]
    assert _back(read_import(entries_xlsx(items), "t.xlsx")) == items


@given(st.text())
def test_guarding_is_undone_exactly(value: str) -> None:
    assert unguard(guard(value)) == value
    assert not guard(value).startswith(tuple("=+-@\t\r＝＋－＠"))


def test_no_cell_of_a_table_can_run() -> None:
    item = ShippedEntry(
        Entry("=cmd|' /C calc'!A0", "=1+1", ("@SUM(A1)", "-2"), (Quote("x", 0, 3, "+86"),), plain="\t=1")
    )
    cells = next(iter(list(csv.reader(io.StringIO(entries_csv([item]).decode("utf-8-sig"))))[1:]))
    assert [cell for cell in cells if cell[:1] in tuple("=+-@\t\r")] == []
    assert cells[:5] == ["'=cmd|' /C calc'!A0", "'=1+1", "'@SUM(A1)\n-2", "【x】+86", "\\u0009=1"]
    book = load_workbook(io.BytesIO(entries_xlsx([item])))
    for sheet in book.worksheets:
        assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "n"}
        assert all(str(cell.value or " ")[0] not in "=+-@\t\r" for row in sheet.iter_rows() for cell in row)


def test_the_template_explains_every_column() -> None:
    book = load_workbook(io.BytesIO(entries_xlsx(())))
    assert book.sheetnames == ["问答条目", "填写说明"]
    columns = [cell.value for cell in book["问答条目"][1]]
    assert [row[0].value for row in book["填写说明"].iter_rows(min_row=2, max_row=13)] == columns
    assert book["问答条目"].max_row == 1
    assert entries_csv(()).decode("utf-8-sig").strip().split(",") == [f'"{title}"' for title in columns]
    with pytest.raises(ImportRefused, match="没有内容，请从第二行开始填写"):
        read_import(entries_xlsx(()), "模板.xlsx")


def _csv(*rows: list[str], encoding: str = "utf-8") -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows([HEADER, *rows])
    return out.getvalue().encode(encoding)


def _xlsx(*rows: list[Any], header: list[Any] | None = None) -> bytes:
    book = Workbook()
    for row in [header or HEADER, *rows]:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


GOOD = ["a-01", "甲？", "乙？\n 丙？ \n\n", "【x#1】原话。", "应当遵守", "2026/1/31"]
READ = {
    "question": "甲？",
    "variants": ["乙？", "丙？"],
    "quotes": [{"clause": "x#1", "text": "原话。"}],
    "force": "duty",
    "valid_to": "2026-01-31",
}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_table_is_read_in_every_usual_encoding(encoding: str) -> None:
    reading = read_import(_csv(GOOD, encoding=encoding), "t.csv")
    assert [(row.kind, row.row_id, row.content, row.row) for row in reading.rows] == [
        ("entry", "a-01", READ, 2)
    ]
    assert reading.problems == ()


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_every_usual_delimiter_is_understood(delimiter: str) -> None:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows([HEADER, GOOD])
    assert read_import(out.getvalue().encode(), "t.csv").rows[0].content == READ


def test_dates_and_numbers_of_a_spreadsheet_are_read_as_text() -> None:
    reading = read_import(
        _xlsx(
            [12, "甲？", None, None, "duty", datetime(2026, 1, 31)],
            ["a", 3.5, None, None, None, "2026年1月31日"],
        ),
        "t.xlsx",
    )
    assert [(row.row_id, row.content["question"], row.content["valid_to"]) for row in reading.rows] == [
        ("12", "甲？", "2026-01-31"),
        ("a", "3.5", "2026-01-31"),
    ]


def test_every_wrong_cell_is_named_with_its_row_column_and_remedy() -> None:
    reading = read_import(
        _csv(
            GOOD,
            ["b", "乙？", "a\\q", "没有编号的话", "必须", "31/31/2026"],
            ["", "", "", "", "", ""],
            ["c", "丙？"],
        ),
        "表.csv",
    )
    assert [row.row_id for row in reading.rows] == ["a-01", "c"]
    assert [str(problem) for problem in reading.problems] == [
        "表.csv 第3行“其他问法”：“a\\q”里的反斜杠不对；反斜杠本身写作 \\\\，换行写作 \\n。",
        "表.csv 第3行“引文”：“没有编号的话”前面没有【条款编号】，请写作“【cq-2022-11#2.6】原话”。",
        "表.csv 第3行“约束力”：“必须”不对，请从这些里选一个：可以享受、应当遵守、价格标准、工作目标、鼓励倡导、工作安排。",
        "表.csv 第3行“失效日期”：“31/31/2026”不是日期，请写作 2026-01-31。",
    ]
    assert reading.problems[2].value == "必须"


def test_a_formula_is_named_and_never_evaluated() -> None:
    reading = read_import(_xlsx(["a", "=1+1"], ["b", '=HYPERLINK("http://x","y")'], ["c", "丙？"]), "t.xlsx")
    assert [row.row_id for row in reading.rows] == ["c"]
    assert [str(problem) for problem in reading.problems] == [
        "Sheet 第2行“问题”：这里是公式，公式不会被计算，请粘贴为数值。",
        "Sheet 第3行“问题”：这里是公式，公式不会被计算，请粘贴为数值。",
    ]
    # In CSV there are no formulas: text stays text.
    assert read_import(_csv(["a", "=1+1", "", "", "", ""]), "t.csv").rows[0].content["question"] == "=1+1"


@pytest.mark.parametrize(
    ("header", "said"),
    [
        (["编号", "问题", "颜色"], "第1行“颜色”：不认识这一列，可用的有：编号、问题"),
        (["编号", "问题", "问题"], "第1行“问题”：这一列出现了两次"),
        (["问题", "引文"], "第一行不是列名，请从模板开始填写"),
        (["随便", "什么"], "第一行不是列名"),
    ],
)
def test_columns_that_do_not_fit_are_refused(header: list[str], said: str) -> None:
    for name, data in (
        ("t.xlsx", _xlsx(["a", "甲？", "乙"], header=header)),
        ("t.csv", (",".join(header) + "\na,甲？,乙\n").encode()),
    ):
        with pytest.raises(ImportRefused) as caught:
            read_import(data, name)
        assert said in str(caught.value)


def _unpacked(data: bytes, **changed: bytes) -> bytes:
    """A workbook with some of its parts replaced."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            key = name.rsplit("/", 1)[-1].replace(".", "_")
            new.writestr(name, changed.get(key) or old.read(name))
    return out.getvalue()


def test_hostile_workbooks_are_refused() -> None:
    good = _xlsx(["a", "甲？"])
    bomb = _unpacked(good, sheet1_xml=b"<worksheet>" + b" " * 80_000_000 + b"</worksheet>")
    entities = b'<!DOCTYPE w [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]><worksheet>&b;</worksheet>'
    space = b'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    broken = b"<worksheet " + space + b"><sheetData><row r='x'/></sheetData></worksheet>"
    for data, said in (
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500), "加密的或旧版的 Excel 文件"),
        (b"PK\x03\x04 no zip", "t.xlsx：文件不完整或已损坏"),
        (bomb, "解开后的内容大得不合常理"),
        (_unpacked(good, sheet1_xml=entities), "XML 实体"),
        (_unpacked(good, workbook_xml=b"<nothing/>"), "没有找到名为“问答条目”的工作表"),
        (_unpacked(good, sheet1_xml=broken), "不是完好的 .xlsx 文件（ValueError）"),
        (_unpacked(good, styles_xml=b"<oops"), "t.xlsx："),
        (bytes(21 * 1024 * 1024), "文件有 21 MB，最多 20 MB"),
    ):
        with pytest.raises(ImportRefused) as caught:
            read_import(data, "t.xlsx")
        assert said in str(caught.value)


def test_huge_tables_are_refused() -> None:
    far = _unpacked(
        _xlsx(["a", "甲？"]),
        sheet1_xml=(
            b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
            b'<row r="1"><c r="A1" t="inlineStr"><is><t>x</t></is></c></row>'
            b'<row r="1048576"><c r="XFD1048576" t="inlineStr"><is><t>x</t></is></c></row></sheetData></worksheet>'
        ),
    )
    with pytest.raises(ImportRefused, match="表格超过20000行"):
        read_import(far, "t.xlsx")
    rows = b"".join(b"a%d,q%d\n" % (number, number) for number in range(20_001))
    with pytest.raises(ImportRefused, match="表格超过20000行"):
        read_import("编号,问题\n".encode() + rows, "t.csv")
    with pytest.raises(ImportRefused, match="表格超过40列"):
        read_import(_xlsx(["a"] * 60), "t.xlsx")
    with pytest.raises(ImportRefused, match="表格超过40列"):
        read_import("编号,问题\n".encode() + b"," * 60, "t.csv")
    reading = read_import(_csv(["a", "长" * 100_001, "", "", "", ""]), "t.csv")
    assert "单元格有100001个字，最多100000个字" in str(reading.problems[0])
    with pytest.raises(ImportRefused, match="单元格有"):
        read_import(_csv(["a", "长" * 200_000, "", "", "", ""]), "t.csv")


@pytest.mark.parametrize(
    ("data", "name", "said"),
    [
        (b"\x00\x01\x02", "t.csv", "不是文字的内容"),
        (b"", "t.csv", "不是文字的内容"),
        ('编号,问题\n"a,甲？\n'.encode(), "t.csv", "不是完好的 CSV"),
        (b"x", "t.docx", "不认识这种文件。可以导入 .xlsx、.csv、.yml 和装有知识内容的 .zip。"),
    ],
)
def test_files_that_are_no_tables_are_refused(data: bytes, name: str, said: str) -> None:
    with pytest.raises(ImportRefused) as caught:
        read_import(data, name)
    assert said in str(caught.value)


def test_a_cell_that_no_spreadsheet_could_hold_is_not_cut_off() -> None:
    item = ShippedEntry(Entry("a-01", "甲？", tuple(f"问法{number}" * 10 for number in range(1000)), ()))
    with pytest.raises(
        ImportRefused, match=r"a-01 的“其他问法（一行一个）”有\d+个字，超过了单元格的上限 32767 字"
    ):
        entries_xlsx([item])
    assert _back(read_import(entries_csv([item]), "t.csv")) == [item]
