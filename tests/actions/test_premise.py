"""Figures that a question states, beside those of the quote: only what surely differs is said."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from actions.figures import figures
from actions.premise import asked_openly, differing
from index.text import normalise
from tests.actions.test_answer import asking
from tests.index import tiny

SHARE = "到2025年，新能源汽车新车销售量占比达到20%以上。"
STATIONS = "到2025年，建成两种及以上能源供应类型的车用综合能源站100座。"
SUBSIDY = "新能源车12%、封顶2万元"
ISSUED = date(2022, 10, 8)


@pytest.mark.parametrize(
    ("written", "value", "unit"),
    [
        ("百分之五十", "50", "%"),
        ("百分之三点五", "3.5", "%"),
        ("五成半", "55", "%"),
        ("一半", "50", "%"),
        ("1.5万元", "15000", "元"),
        ("两百五十个", "250", "个"),
        ("1,500元", "1500", "元"),
        ("一百二十座", "120", "座"),
        ("30万平方米", "300000", "平方米"),
    ],
)
def test_figures_are_read_as_people_write_them(written: str, value: str, unit: str) -> None:
    (figure,) = figures(normalise(f"要{written}呢"))
    assert (figure.value, figure.unit) == (Decimal(value), unit)


@pytest.mark.parametrize("text", ["到2025年", "一个", "第3条", "第三座", "完成任务", "渝发改〔2022〕11号"])
def test_years_ordinals_and_a_lone_one_are_no_figures(text: str) -> None:
    assert figures(normalise(text)) == []


@pytest.mark.parametrize(
    ("question", "quote", "said"),
    [
        ("方案说新能源车要占50%对吧", SHARE, "50%"),
        ("新能源车占五成吗", SHARE, "五成"),
        ("新能源车不是要占一半嘛", SHARE, "一半"),
        ("不是说2025年要建500座综合能源站吗", STATIONS, "500座"),
        ("建500个综合能源站是不是", STATIONS, "500个"),
        ("报废补15%对吧", SUBSIDY, "15%"),
        ("最高补三万块吗", SUBSIDY, "三万块"),
        ("只要求10%是新能源对吧", SHARE, "10%"),
        ("要用500座站吗", STATIONS, "500座"),
        ("到2030年新能源车要占20%对吧", SHARE, "2030年"),
        ("2026年新能源车要占多少", SHARE, "2026年"),
    ],
)
def test_a_figure_that_differs_is_named_as_it_was_said(question: str, quote: str, said: str) -> None:
    assert differing(question, [quote], ISSUED) == said


@pytest.mark.parametrize(
    ("question", "quote"),
    [
        ("方案说新能源车要占20%对吧", SHARE),
        ("新能源车占百分之二十吗", SHARE),
        ("新能源车占两成对吧", SHARE),
        ("报废补2万块对吧", SUBSIDY),
        ("是不是2025年的目标是20%", SHARE),
    ],
)
def test_where_the_figures_agree_nothing_is_said(question: str, quote: str) -> None:
    assert differing(question, [quote], ISSUED) is None


@pytest.mark.parametrize(
    ("question", "quote"),
    [
        ("我买16万元的电车补好多", SUBSIDY),
        ("听说车价要达到30万元才补", SUBSIDY),
        ("我屋头有3台冰箱能换吗", "每类限1台"),
        ("我车开了8年能报废吗", "满10年报废"),
        ("建500座综合能源站是不是", SHARE),
        ("2022年的方案里新能源车占多少", SHARE),
        ("2026年还有补贴没得", SUBSIDY),
        ("新能源车占多少", SHARE),
    ],
)
def test_own_figures_other_units_and_dates_are_no_premise(question: str, quote: str) -> None:
    assert differing(question, [quote], ISSUED) is None


def test_a_stated_figure_becomes_a_question_for_it() -> None:
    assert asked_openly("方案说新能源车要占50%对吧") == "方案说新能源车要占多少对吧"
    assert asked_openly("要建500座综合能源站吗") == "要建多少座综合能源站吗"
    assert asked_openly("新能源车占多少") is None


def test_the_reply_says_first_that_the_text_differs_and_then_what_it_says() -> None:
    reply = asking(tiny.knowledge())("方案说新能源汽车新车销售量要占50%对吧")
    assert (reply.kind, reply.citations[0].clause_id) == ("answer", tiny.CARS.id)
    assert reply.text.startswith("您说的“50%”和原文不一样，原文写的是：")
    assert reply.text.index("50%") < reply.text.index(reply.citations[0].quote)
    assert reply.plain == "您说的“50%”和原文不一样，原文写的是："


def test_the_reply_adds_nothing_where_the_figure_is_right() -> None:
    reply = asking(tiny.knowledge())("方案说新能源汽车新车销售量要占20%对吧")
    assert (reply.kind, reply.citations[0].clause_id) == ("answer", tiny.CARS.id)
    assert "不一样" not in reply.text
    assert reply.plain is None
