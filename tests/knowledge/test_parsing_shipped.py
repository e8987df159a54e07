"""The two shipped texts: every clause where its published id says."""

import hashlib

import pytest

from knowledge.content_loader import CONTENT
from knowledge.model import Clause
from knowledge.parsing import detect_metadata, parse, read_text
from tests.knowledge.tree_checks import parse_losslessly

_RECEIVED = {
    "cq-2022-11": "3cf24752a6ddc074b71a8f36bc0303aec4a9c7366fe31ecdb8b895cbdcc08cb0",
    "cq-2020-1891": "20d760fca56e4ee0c39e678dd652ef2a8efc55afb304c37f21754515d82f5062",
}


@pytest.mark.parametrize("document_id", _RECEIVED)
def test_the_texts_ship_byte_for_byte_as_received(document_id: str) -> None:
    data = (CONTENT / "policies" / f"{document_id}.txt").read_bytes()
    assert hashlib.sha256(data).hexdigest() == _RECEIVED[document_id]


@pytest.mark.parametrize("document_id", _RECEIVED)
def test_no_character_is_lost_or_given_twice(document_id: str) -> None:
    text, warnings = read_text(CONTENT / "policies" / f"{document_id}.txt")
    assert warnings == ()
    parse_losslessly(text, document_id)


def test_the_plan_has_its_27_sections_in_six_parts() -> None:
    text, _ = read_text(CONTENT / "policies" / "cq-2022-11.txt")
    parsed = parse(text, "cq-2022-11")
    paths = [clause.path for clause in parsed.clauses]
    sections = [*((1, n) for n in (1, 2)), *((2, n) for n in range(3, 11)), *((3, n) for n in range(11, 16))]
    sections += [
        *((4, n) for n in range(16, 20)),
        *((5, n) for n in range(20, 25)),
        *((6, n) for n in (25, 26, 27)),
    ]
    expected = ["notice", "title", "preamble"]
    for part in range(1, 7):
        expected += [str(part), *(f"{part}.{n}" for p, n in sections if p == part)]
    assert paths == expected
    assert parsed.warnings == ()


def test_page_headers_are_kept_apart_even_where_they_cut_a_word(clauses: dict[str, Clause]) -> None:
    text, _ = read_text(CONTENT / "policies" / "cq-2022-11.txt")
    furniture = [item.text for item in parse(text, "cq-2022-11").furniture]
    header = ["重庆市发展和改革委员会行政规范性文件", "重庆市发展和改革委员会发布"]
    assert furniture == [*header, "- 1 -", *header, "- 6 -"]
    assert "市住房城乡建委、市商务委、市国资委等部门" in clauses["cq-2022-11#2.4"].text


def test_hard_wrapped_lines_are_one_text_without_stray_spaces(clauses: dict[str, Clause]) -> None:
    text = clauses["cq-2022-11#2.6"].text
    assert "到2025年，新能源汽车新车销售量达到汽车新车销售总量的20%以上。" in text
    assert "积极推进车船用LNG发展" in text
    assert "\n" not in text
    assert " " not in text


def test_the_notice_is_one_clause_with_a_line_a_paragraph(clauses: dict[str, Clause]) -> None:
    lines = clauses["cq-2022-11#notice"].text.split("\n")
    assert lines[3] == "渝发改规范〔2022〕11号"
    assert lines[4].endswith("万盛经开区管委会有关部门：")
    assert lines[5].startswith("为深入贯彻")
    assert lines[6:] == [
        "重庆市发展和改革委员会",
        "重庆市经济和信息化委员会",
        "重庆市住房和城乡建设委员会",
        "重庆市商务委员会",
        "重庆市市场监督管理局",
        "重庆市机关事务管理局",
        "2022年10月8日",
    ]


@pytest.mark.parametrize(
    ("clause_id", "label", "kind", "parent"),
    [
        ("cq-2022-11#notice", "印发通知", "notice", None),
        ("cq-2022-11#title", "标题", "title", None),
        ("cq-2022-11#preamble", "前言", "preamble", None),
        ("cq-2022-11#2", "第二部分 全面促进重点领域消费绿色转型", "part", None),
        ("cq-2022-11#2.6", "第二部分（六）发展绿色交通消费", "section", "cq-2022-11#2"),
        ("cq-2022-11#5.22", "第五部分（二十二）发挥价格机制作用", "section", "cq-2022-11#5"),
        ("cq-2020-1891#2.8", "第二部分（八）扩大绿色产品消费", "section", "cq-2020-1891#2"),
        ("cq-2020-1891#annex", "附件", "annex", None),
        ("cq-2020-1891#annex.task-3", "附件 三、发展工业循环经济", "annex_task", "cq-2020-1891#annex"),
        (
            "cq-2020-1891#annex.6",
            "附件第6项 出台《重庆市报废机动车回…",
            "annex_row",
            "cq-2020-1891#annex.task-3",
        ),
    ],
)
def test_clauses_carry_their_published_ids_and_labels(
    clauses: dict[str, Clause], clause_id: str, label: str, kind: str, parent: str | None
) -> None:
    clause = clauses[clause_id]
    assert (clause.label, clause.kind, clause.parent) == (label, kind, parent)


def test_responsible_departments_are_named_and_stay_in_the_text(clauses: dict[str, Clause]) -> None:
    clause = clauses["cq-2022-11#5.24"]
    assert clause.departments == (
        "市委网信办",
        "市发展改革委",
        "市经济信息委",
        "市商务委",
        "市市场监管局",
        "重庆广电集团（总台）",
    )
    assert clause.text.endswith("重庆广电集团（总台）等部门按职责分工负责）")
    price = clauses["cq-2022-11#5.22"]
    assert price.lead_departments == ("市发展改革委",)
    assert price.departments[:2] == ("市发展改革委", "市经济信息委")
    assert clauses["cq-2022-11#6.25"].departments == ("各有关部门",)


def test_a_row_of_the_annex_knows_its_date_and_departments(clauses: dict[str, Clause]) -> None:
    row = clauses["cq-2020-1891#annex.6"]
    assert row.text.split("\n") == [
        "6.出台《重庆市报废机动车回收管理实施办法》",
        "2020年",
        "市商务委、市发展改革委、市经济信息委、市公安局、市生态环境局、市交通局、市市场监管局",
    ]
    assert row.due == "2020年"
    assert len(row.departments) == 7
    assert clauses["cq-2020-1891#annex.7"].departments == ("市规划自然资源局", "市生态环境局")


def test_the_row_that_breaks_off_is_kept_and_reported(clauses: dict[str, Clause]) -> None:
    row = clauses["cq-2020-1891#annex.15"]
    assert (row.text, row.incomplete, row.due) == ("15.建立健全煤炭清洁高效开发利用政策机制", True, None)
    assert [clause.id for clause in clauses.values() if clause.incomplete] == ["cq-2020-1891#annex.15"]
    text, _ = read_text(CONTENT / "policies" / "cq-2020-1891.txt")
    (warning,) = parse(text, "cq-2020-1891").warnings
    assert "第15项" in warning
    assert "完成时限、责任部门" in warning


def test_metadata_is_read_from_the_text(shipped) -> None:
    for item in shipped.documents:
        found = detect_metadata(item.clauses)
        document = item.document
        assert (found.title, found.document_number, found.issuers, found.issued_on) == (
            document.title,
            document.document_number,
            document.issuers,
            document.issued_on,
        )
