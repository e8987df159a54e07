"""Mending the reading of a text by hand: kept as data, applied anew, and nothing lost silently."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.errors import InvalidContent
from knowledge.parsing import Mending, ParsedDocument, left_out, parse
from knowledge.parsing.left_out import LeftOut
from tests.knowledge.tree_checks import squeeze

PLAN = """示例方案
一、总体要求
节约优先。
（一）食品。少浪费。
（二）衣着。多捐赠。
三、组织实施
（一）领导。加强。
"""


def paths(parsed: ParsedDocument) -> list[tuple[str, str]]:
    return [(clause.path, clause.text) for clause in parsed.clauses]


def test_every_clause_knows_the_lines_that_it_was_read_from() -> None:
    parsed = parse(PLAN, "d")
    assert parsed.lines == {
        "title": (0,),
        "1": (1, 2),
        "1.1": (3,),
        "1.2": (4,),
        "3": (5,),
        "3.1": (6,),
    }


def test_a_jump_is_told_at_its_line_and_clause() -> None:
    (remark,) = parse(PLAN, "d").remarks
    assert (remark.kind, remark.line, remark.path) == ("jump", 5, "3")
    assert "前一个是1" in remark.text
    assert parse(PLAN, "d").warnings == (remark.text,)


def test_a_table_that_is_cut_off_is_told_at_its_row() -> None:
    text = "一、甲\n附件\n\t任务\t单位\t时限\n\t1.节水\t市水利局\t2025年\n\t2.节电\t市能源局\n"
    (remark,) = parse(text, "d").remarks
    assert (remark.kind, remark.line, remark.path) == ("row_cut", 4, "annex.2")


def test_a_line_is_said_to_begin_another_number() -> None:
    mended = parse(PLAN, "d", [Mending("begin", 5, style="part", number=2)])
    assert [path for path, _ in paths(mended)] == ["title", "1", "1.1", "1.2", "2", "2.1"]
    assert mended.clauses[4].label == "第二部分 组织实施"
    assert mended.remarks == ()


def test_a_line_without_a_marker_is_said_to_begin_a_clause() -> None:
    mended = parse(PLAN, "d", [Mending("begin", 2, style="section", number=9)])
    assert ("1.9", "节约优先。") in paths(mended)
    assert next(clause.label for clause in mended.clauses if clause.path == "1.9").startswith(
        "第一部分（九）"
    )


def test_a_clause_is_merged_into_the_one_before_and_split_off_again() -> None:
    merged = parse(PLAN, "d", [Mending("plain", 4)])
    assert ("1.1", "（一）食品。少浪费。\n（二）衣着。多捐赠。") in paths(merged)
    joined = parse(PLAN, "d", [Mending("join", 4)])
    assert ("1.1", "（一）食品。少浪费。（二）衣着。多捐赠。") in paths(joined)
    again = parse(PLAN, "d", [Mending("plain", 4), Mending("begin", 4)])
    assert paths(again) == paths(parse(PLAN, "d"))


def test_a_line_is_cut_in_two_and_its_second_half_begins_a_clause() -> None:
    text = "一、甲\n（一）食品。少浪费。（二）衣着。多捐赠。\n"
    cut = text.split("\n")[1].index("（二）")
    mended = parse(text, "d", [Mending("split", 1, cut)])
    assert paths(mended) == [
        ("1", "一、甲"),
        ("1.1", "（一）食品。少浪费。"),
        ("1.2", "（二）衣着。多捐赠。"),
    ]
    half = text.split("\n")[1].index("多捐赠")
    relabelled = parse(
        text, "d", [Mending("split", 1, half), Mending("begin", 1, half, style="section", number=2)]
    )
    assert paths(relabelled)[2] == ("1.2", "多捐赠。")
    assert left_out(text, relabelled, [Mending("split", 1, half)]) == ()


def test_page_furniture_is_taken_out_and_put_back_and_told() -> None:
    mendings = [Mending("furniture", 2, note="页眉")]
    mended = parse(PLAN, "d", mendings)
    assert ("1", "一、总体要求") in paths(mended)
    assert left_out(PLAN, mended, mendings) == (LeftOut(2, 0, "节约优先。", "removed", note="页眉"),)
    back = [*mendings, Mending("keep", 2)]
    assert paths(parse(PLAN, "d", back)) == paths(parse(PLAN, "d"))
    numbered = "一、甲\n乙。\n- 1 -\n"
    assert left_out(numbered, parse(numbered, "d")) == (LeftOut(2, 0, "- 1 -", "furniture"),)
    kept = [Mending("keep", 2)]
    assert parse(numbered, "d", kept).clauses[0].text == "一、甲\n乙。\n- 1 -"


def test_words_are_edited_with_a_note_and_what_stood_there_is_told() -> None:
    mendings = [Mending("edit", 4, text="（二）衣着。多捐赠旧衣。", note="原件漏字，已与印发件核对")]
    mended = parse(PLAN, "d", mendings)
    assert ("1.2", "（二）衣着。多捐赠旧衣。") in paths(mended)
    assert left_out(PLAN, mended, mendings) == (
        LeftOut(
            4, 0, "（二）衣着。多捐赠。", "edited", "（二）衣着。多捐赠旧衣。", "原件漏字，已与印发件核对"
        ),
    )


def test_two_clauses_said_to_be_the_same_keep_ids_of_their_own() -> None:
    mended = parse(PLAN, "d", [Mending("begin", 4, style="section", number=1)])
    found = [path for path, _ in paths(mended)]
    assert len(set(found)) == len(found)
    assert "1.1-2" in found
    assert [remark.kind for remark in mended.remarks] == ["repeated", "jump"] or [
        remark.kind for remark in mended.remarks
    ] == ["jump", "repeated"]


@pytest.mark.parametrize(
    ("mending", "reason"),
    [
        ({"what": "burn", "line": 0}, "不认识的修正"),
        ({"what": "plain", "line": -1}, "没有第0行"),
        ({"what": "begin", "line": 2, "style": "part"}, "要一起填"),
        ({"what": "begin", "line": 2, "style": "verse", "number": 1}, "编号样式"),
        ({"what": "begin", "line": 2, "style": "part", "number": 0}, "1 到 9999"),
        ({"what": "edit", "line": 2, "text": "改"}, "写明理由"),
        ({"what": "edit", "line": 2, "text": "  ", "note": "空"}, "不能为空"),
        ({"what": "edit", "line": 2, "text": "甲\n乙", "note": "换行"}, "不能换行"),
        ({"what": "split", "line": 2}, "不能在第0字处断开"),
        ({"what": "plain", "line": 2, "colour": "red"}, "格式不对"),
    ],
)  # fmt: skip
def test_an_impossible_mending_is_refused_by_name(mending: dict[str, object], reason: str) -> None:
    with pytest.raises(InvalidContent, match=reason):
        Mending.from_plain(mending)


@pytest.mark.parametrize(
    ("mending", "reason"),
    [
        (Mending("plain", 99), "没有第100行"),
        (Mending("plain", 2, 3), "没有第3行第3字"),
        (Mending("split", 2, 50), "断开"),
        (Mending("begin", 2), "没有编号"),
    ],
)
def test_a_mending_of_a_place_that_is_not_there_is_refused(mending: Mending, reason: str) -> None:
    with pytest.raises(InvalidContent, match=reason):
        parse(PLAN, "d", [mending])


def test_a_mending_goes_through_its_plain_form_unchanged() -> None:
    mending = Mending(
        "begin", 3, 4, style="item", number=2, note="改号", by="editor", at="2026-11-21T08:00:00+00:00"
    )
    assert mending.to_plain() == {
        "what": "begin", "line": 3, "column": 4, "style": "item", "number": 2, "note": "改号",
        "by": "editor", "at": "2026-11-21T08:00:00+00:00",
    }  # fmt: skip
    assert Mending.from_plain(mending.to_plain()) == mending


_ROLES = st.sampled_from(["begin", "plain", "join", "furniture", "keep"])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 6), _ROLES, st.integers(1, 30)), max_size=6))
def test_whatever_is_mended_ids_stay_unique_and_nothing_is_lost(said: list[tuple[int, str, int]]) -> None:
    mendings = [
        Mending(
            role,
            line,
            style="section" if role == "begin" else None,
            number=number if role == "begin" else None,
        )  # type: ignore[arg-type]
        for line, role, number in said
    ]
    parsed = parse(PLAN, "d", mendings)
    ids = [clause.id for clause in parsed.clauses]
    assert len(set(ids)) == len(ids)
    out = left_out(PLAN, parsed, mendings)
    assert [item.why for item in out if item.why == "lost"] == []
    assert len(squeeze("".join(clause.text for clause in parsed.clauses))) + sum(
        len(squeeze(item.text)) for item in out
    ) == len(squeeze(PLAN))
