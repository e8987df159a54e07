"""Differences as people read them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.console.writing.differences import FieldDifference, LineChange, Piece, difference, pieces


def test_a_corrected_sentence_shows_only_what_changed() -> None:
    assert pieces("补贴标准是每辆一万元。", "补贴标准是每辆两万元。") == (
        Piece("same", "补贴标准是每辆"),
        Piece("gone", "一"),
        Piece("new", "两"),
        Piece("same", "万元。"),
    )


def test_single_signs_in_common_are_not_read_as_what_stayed() -> None:
    assert pieces("甲乙丙的丁戊己", "一二三的四五六") == (
        Piece("gone", "甲乙丙的丁戊己"),
        Piece("new", "一二三的四五六"),
    )


def test_wordings_that_came_and_went_are_told_and_the_rest_counted() -> None:
    found = difference(
        "variants", ["旧手机丢哪里", "手机怎么扔", "废手机"], ["手机怎么扔", "旧手机丢到哪里", "新的"]
    )
    assert found.same == 1
    assert found.changes == (
        LineChange((Piece("same", "旧手机丢"), Piece("new", "到"), Piece("same", "哪里"))),
        LineChange((Piece("gone", "废手机"),)),
        LineChange((Piece("new", "新的"),)),
    )


def test_a_new_order_alone_is_said_so() -> None:
    quotes = [{"clause": "a#1", "text": "甲"}, {"clause": "a#2", "text": "乙"}]
    assert difference("quotes", quotes, quotes[::-1]) == FieldDifference((), 2, moved=True)


@pytest.mark.parametrize(("before", "after"), [(None, "right"), ("right", None)])
def test_a_choice_is_told_in_words(before: str | None, after: str | None) -> None:
    kind = "new" if after else "gone"
    found = difference("force", before, after)
    assert found.changes == (LineChange((Piece(kind, "可以享受"),)),)  # type: ignore[arg-type]


@given(st.text("甲乙丙丁\n，", max_size=30), st.text("甲乙丙丁\n，", max_size=30))
def test_nothing_is_lost_between_the_two_sides(before: str, after: str) -> None:
    found = pieces(before, after)
    assert "".join(piece.text for piece in found if piece.kind != "new") == before
    assert "".join(piece.text for piece in found if piece.kind != "gone") == after
