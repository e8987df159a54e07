"""Snapshots side by side."""

from __future__ import annotations

from dataclasses import replace

import pytest

from index.comparing import Line, Told, questions_of, tally

TOLD = Told("answer", "plan#1", "第1条", "捐赠旧衣物", 0.901, "可以捐。")


def test_a_line_names_in_what_snapshots_differ() -> None:
    assert Line("甲", (TOLD, TOLD)).differing == frozenset()
    other = replace(TOLD, clause_id="plan#2", quote="别的", probability=0.5)
    assert Line("甲", (TOLD, other)).differing == {"clause", "quote", "probability"}
    assert Line("甲", (TOLD, other)).differs


def test_a_probability_alone_is_nothing_that_residents_notice() -> None:
    nearly, further = replace(TOLD, probability=0.9012), replace(TOLD, probability=0.8)
    assert Line("甲", (TOLD, nearly)).differing == frozenset()
    assert Line("甲", (TOLD, further)).differing == {"probability"}
    assert not Line("甲", (TOLD, further)).differs


def test_a_pasted_list_becomes_questions_each_once() -> None:
    assert questions_of(" 甲？\n\n乙\t备注\r\n甲？\n") == ["甲？", "乙"]


@pytest.mark.parametrize(
    ("pasted", "words"),
    [
        (" \n \t", "请写上要试的问题"),
        ("\n".join(f"问题{number}" for number in range(501)), "现在有 501 个"),
        ("长" * 1001, "有 1001 个字"),
    ],
)
def test_a_list_that_cannot_be_asked_is_refused_with_the_reason(pasted: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        questions_of(pasted)


def test_golden_questions_are_counted_per_snapshot() -> None:
    right, wrong = replace(TOLD, expected=True), replace(TOLD, expected=False)
    lines = [Line("甲", (right, wrong)), Line("乙", (right, right)), Line("丙", (TOLD, TOLD))]
    assert tally(lines, 2) == [(2, 2), (1, 2)]
