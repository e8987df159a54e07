"""Two published answers with different numbers for one question."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from knowledge.contradictions import check_contradictions
from knowledge.model import Entry, Quote
from knowledge.shipped import Shipped, ShippedEntry
from knowledge.validation import validate


def _entry(name: str, question: str, answer: str, *variants: str) -> Entry:
    return Entry(name, question, variants, (Quote("a#1", 0, len(answer), answer),))


FIRST = _entry("a-01", "报废旧车买新能源车补贴多少？", "按新车价的12%补贴，封顶2万元。")


def test_different_amounts_for_one_question_are_named_with_both_entries_and_numbers() -> None:
    second = _entry(
        "b-01", "别的问题", "按新车价的12%补贴，封顶1.5万元。", "请问報廢舊車買新能源車，補貼有好多嘛"
    )
    assert check_contradictions([FIRST, second]) == [
        "问答 a-01（“报废旧车买新能源车补贴多少？”）与问答 b-01（“请问報廢舊車買新能源車，補貼有好多嘛”）问的是同一件事，"
        "数字却不同：前者是2万元，后者是1.5万元。请改正其中一处，或在问法里写明各自的年份、对象，或填写各自的期限。"
    ]
    assert check_contradictions([FIRST, second], of="c-01") == []
    assert len(check_contradictions([FIRST, second], of="b-01")) == 1


@pytest.mark.parametrize(
    ("question", "answer", "why"),
    [
        ("报废旧车买新能源车补贴多少？", "补贴20000元，即百分之十二。", "the same in other words"),
        ("报废旧车买新能源车补贴多少？", "封顶2万元。", "says less"),
        ("报废旧车买新能源车补贴多少？", "3个工作日内到账。", "another measure"),
        ("报废旧车买新能源车补贴多少？", "按方案执行。", "no number"),
        ("2025年报废旧车买新能源车补贴多少？", "封顶1.5万元。", "another year"),
        ("置换旧车买新能源车补贴多少？", "封顶1.5万元。", "another programme"),
        ("报废旧车买燃油车补贴多少？", "封顶1.5万元。", "another kind of car"),
        ("旧冰箱换新补贴多少？", "封顶1500元。", "another subject"),
    ],
)
def test_what_is_no_contradiction(question: str, answer: str, why: str) -> None:
    assert check_contradictions([FIRST, _entry("b-01", question, answer)]) == [], why


def test_answers_that_never_hold_on_one_day_contradict_nothing() -> None:
    second = _entry("b-01", FIRST.question, "封顶1.5万元。")
    old = replace(FIRST, valid_to=date(2025, 12, 31))
    assert check_contradictions([old, replace(second, valid_from=date(2026, 1, 1))]) == []
    assert len(check_contradictions([old, replace(second, valid_from=date(2025, 12, 31))])) == 1


def test_one_entry_and_a_pair_alike_in_many_wordings_are_told_once() -> None:
    many = ("报废旧车买新能源车补贴好多", "报废旧车买新能源车的补贴", "请问报废旧车买新能源车补贴")
    first = replace(FIRST, variants=many)
    second = replace(first, id="b-01", plain="封顶1.5万元。", quotes=())
    assert check_contradictions([first]) == []
    assert len(check_contradictions([first, second])) == 1


def test_only_published_answers_are_held_against_each_other(shipped: Shipped) -> None:
    item = next(item for item in shipped.entries if item.entry.id == "national-car-scrappage-2026-01")
    twin = replace(
        item.entry, id="twin", variants=(), question=f"请问{item.entry.question}", plain="最多1.8万元。"
    )
    twin = replace(twin, quotes=(Quote("cq-2022-11#title", 0, 3, "重庆市"),))
    problems = validate(replace(shipped, entries=(item, ShippedEntry(twin))))
    assert problems == [
        f"问答 {item.entry.id}（“{item.entry.question}”）与问答 twin（“{twin.question}”）问的是同一件事，"
        "数字却不同：前者是2万元，后者是1.8万元。请改正其中一处，或在问法里写明各自的年份、对象，或填写各自的期限。"
    ]
    assert validate(replace(shipped, entries=(item, ShippedEntry(twin, "draft")))) == []
