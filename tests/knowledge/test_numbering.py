"""Markers and numerals."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.parsing.numbering import Style, chinese_number, marker_of, numeral


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("一", 1),
        ("十", 10),
        ("十一", 11),
        ("二十", 20),
        ("二十七", 27),
        ("一百零三", 103),
        ("一百二十", 120),
        ("一千二百六十", 1260),
        ("二〇二五", 2025),
        ("１２", 12),
        ("12", 12),
    ],
)
def test_numerals_count_as_they_are_read(text: str, number: int) -> None:
    assert chinese_number(text) == number


@pytest.mark.parametrize("text", ["", "甲", "三个", "1a"])
def test_what_is_no_numeral_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a Chinese numeral"):
        chinese_number(text)


@given(st.integers(min_value=1, max_value=9999))
def test_a_number_survives_being_written_in_chinese(number: int) -> None:
    assert chinese_number(numeral(number)) == number


@pytest.mark.parametrize(
    ("text", "style", "number", "marker"),
    [
        ("一、总体要求", Style.PART, 1, "一、"),
        ("（二十七）注重经验推广。", Style.SECTION, 27, "（二十七）"),
        ("(三) 半角括号", Style.SECTION, 3, "(三)"),
        ("12．全角句点", Style.ITEM, 12, "12．"),
        ("３、全角数字", Style.ITEM, 3, "３、"),
        ("（１）全角", Style.SUBITEM, 1, "（１）"),
        ("2）半个括号", Style.BRACKET, 2, "2）"),
        ("③圈码", Style.CIRCLED, 3, "③"),
        ("第二编物权", Style.BOOK, 2, "第二编"),
        ("第十章附则", Style.CHAPTER, 10, "第十章"),
        ("第一节一般规定", Style.DIVISION, 1, "第一节"),
        ("第三十二条为了节约资源", Style.ARTICLE, 32, "第三十二条"),
    ],
)
def test_markers_are_known_by_shape(text: str, style: Style, number: int, marker: str) -> None:
    found = marker_of(text)
    assert found is not None
    assert (found.style, found.number, found.text) == (style, number, marker)


@pytest.mark.parametrize(
    "text",
    [
        "1.5万元以上的，按比例补贴。",
        "2025年，全市建成绿色工厂300个。",
        "第三条规定的活动除外。",
        "第五章的规定适用于本条。",
        "第一章总则规定了立法目的，本章不再重复。",
        "一是加强领导。",
        "（市发展改革委负责）",
        "普通的句子。",
        "",
    ],
)
def test_words_that_only_look_numbered_are_text(text: str) -> None:
    assert marker_of(text) is None


def test_an_inserted_article_keeps_its_suffix() -> None:
    marker = marker_of("第五条之一　补充。", "第五条之一　补充。")
    assert marker is not None
    assert (marker.number, marker.suffix, marker.step) == (5, 1, "5-1")
