"""The day asked about: what a question says of the year, and the words that only look like one."""

from __future__ import annotations

from datetime import date

import pytest

from index.asked_day import asked_day, names_a_year
from index.text import normalise
from tests.index.tiny import DAY

LAST_OF_2024, LAST_OF_2025, FIRST_OF_2027 = date(2024, 12, 31), date(2025, 12, 31), date(2027, 1, 1)


@pytest.mark.parametrize(
    ("question", "day"),
    [
        ("2024年买冰箱补好多", LAST_OF_2024),
        ("2024 年买冰箱补好多", LAST_OF_2024),
        ("２０２４年买冰箱", LAST_OF_2024),
        ("2025的国补还有没有", LAST_OF_2025),
        ("2025国补", LAST_OF_2025),
        ("我2025买的车能补不", LAST_OF_2025),
        ("去年买的冰箱补好多", LAST_OF_2025),
        ("前年买的冰箱补好多", LAST_OF_2024),
        ("大前年买的冰箱", date(2023, 12, 31)),
        ("明年还有国补不", FIRST_OF_2027),
        ("来年还补吗", FIRST_OF_2027),
        ("后年还补吗", date(2028, 1, 1)),
        ("2030年要达到好多", date(2030, 1, 1)),
    ],
)
def test_a_past_year_is_asked_about_on_its_last_day_and_one_to_come_on_its_first(
    question: str, day: date
) -> None:
    assert asked_day(normalise(question), DAY) == day


@pytest.mark.parametrize(
    "question",
    [
        "冰箱补好多",
        "2026年冰箱补好多",
        "今年冰箱补好多",
        "",
        "补贴2000元",
        "花了2025元",
        "电话02363512345",
        "文件2024号",
        "12024年",
    ],
)
def test_without_another_year_it_is_today(question: str) -> None:
    assert asked_day(question, DAY) == DAY


@pytest.mark.parametrize(
    "question",
    [
        "可以提前年检吗", "请说明年龄要求", "证明年限的材料", "近来年轻人骑单车", "以来年均减排好多",
        "公开年报在哪看", "老旧年限怎么算", "今后年度目标",
    ],
)  # fmt: skip
def test_words_that_only_run_together_to_a_year_name_none(question: str) -> None:
    assert asked_day(question, DAY) == DAY


@pytest.mark.parametrize(
    ("question", "day"),
    [
        ("2024年和2025年的补贴一样不", LAST_OF_2025),
        ("去年没领，明年能补领不", FIRST_OF_2027),
        ("2024年买的今年能领不", DAY),
        ("去年买的今年还补不", DAY),
        ("2024年买的2026年能领不", DAY),
    ],
)
def test_of_several_years_the_later_counts(question: str, day: date) -> None:
    assert asked_day(question, DAY) == day


def test_the_day_moves_with_the_day_of_asking() -> None:
    assert asked_day("去年的补贴", date(2030, 3, 1)) == date(2029, 12, 31)
    assert asked_day("2026年的补贴", date(2030, 3, 1)) == date(2026, 12, 31)
    assert asked_day("2026年的补贴", date(2026, 3, 1)) == date(2026, 3, 1)


def test_a_text_names_a_year_by_its_figures() -> None:
    assert names_a_year("到2025年，占比达到20%以上", 2025)
    assert not names_a_year("到2025年，占比达到20%以上", 2024)


@pytest.mark.parametrize(
    "question", ["2012年的汽油车够不够报废", "2013年上牌的车", "2014年3月登记的老车能报废不", "2011年旧车"]
)
def test_how_old_a_thing_is_asks_about_no_other_day(question: str) -> None:
    assert asked_day(question, date(2026, 11, 21)) == date(2026, 11, 21)


def test_the_year_in_which_something_was_bought_is_asked_about() -> None:
    assert asked_day("2025年买的电车免不免税", date(2026, 11, 21)) == date(2025, 12, 31)
