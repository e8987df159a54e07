"""Splitting at sentences, choices by number."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from actions.replies import Reply, Suggestion
from api.channels.telegram.showing import LONGEST, Block, pack
from api.channels.text import choices_of, chosen, in_words, split, utf8, utf16


def test_a_text_is_split_behind_a_sentence() -> None:
    assert split("一二三。四五六！七八九", 6) == ["一二三。", "四五六！", "七八九"]
    assert split("甲乙丙丁，戊己庚辛", 6) == ["甲乙丙丁，", "戊己庚辛"]
    assert split("没有标点的一段话", 4) == ["没有标点", "的一段话"]
    assert split("  ", 4) == []


def test_a_sign_of_several_code_points_is_never_parted() -> None:
    family = "👨‍👩‍👧"
    assert split("字字" + family * 2, 10, utf16) == ["字字" + family, family]


def test_4097_signs_are_two_messages() -> None:
    assert [utf16(part) for part in split("字" * 4097, 4096, utf16)] == [4096, 1]
    assert [len(text) for text in pack([Block("字" * 4097, "quote")])] == [4096 + 25, 1 + 25]


@given(st.text(min_size=1), st.integers(min_value=16, max_value=60))
def test_nothing_is_lost_and_nothing_too_long(text: str, longest: int) -> None:
    for measure in (len, utf16, utf8):
        parts = split(text, longest, measure)
        assert "".join("".join(parts).split()) == "".join(text.split())
        assert all(part.strip() for part in parts)


@given(
    st.lists(st.tuples(st.text(min_size=1, max_size=9000), st.sampled_from(["plain", "quote"])), max_size=4)
)
def test_every_packed_message_fits(blocks: list[tuple[str, str]]) -> None:
    import html
    import re

    for message in pack([Block(text, style) for text, style in blocks]):  # type: ignore[arg-type]
        shown = html.unescape(re.sub(r"</?blockquote>", "", message))
        assert utf16(shown) <= LONGEST


def test_choices_are_shown_and_chosen_by_number() -> None:
    first, last = _reply("甲"), _reply("乙", ("还有呢", "还有什么规定"), ("不用了", "谢谢"))
    assert in_words([first, last]) == ["甲", "乙\n\n回复数字选择：\n1. 还有呢\n2. 不用了"]
    choices = choices_of([first, last])
    assert choices == ["还有什么规定", "谢谢"]
    for said in ("2", "２", "②", "第2个", "选2", "回复2", "2。"):
        assert chosen(said, choices) == "谢谢"
    for said in ("3", "0", "2023年", "两个", "22", ""):
        assert chosen(said, choices) is None


def _reply(text: str, *choices: tuple[str, str]) -> Reply:
    return Reply(
        id="x",
        as_of=date(2026, 11, 20),
        snapshot=None,
        kind="notice",
        text=text,
        suggestions=[Suggestion(label=label, message=message) for label, message in choices],
    )
