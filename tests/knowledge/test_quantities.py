"""Which amounts, shares and counts a text states."""

from __future__ import annotations

from decimal import Decimal

import pytest

from knowledge.quantities import Quantity, quantities


@pytest.mark.parametrize(
    ("text", "measure", "value", "words"),
    [
        ("封顶2万元", "money", "20000", "2万元"),
        ("最多15,000元/辆", "money", "15000", "15,000元"),
        ("每月５０元", "money", "50", "50元"),
        ("两万元以内", "money", "20000", "两万元"),
        ("按新车价的12%补贴", "percent", "12", "12%"),
        ("提高到百分之五十", "percent", "50", "百分之五十"),
        ("车价一成二以内的三成", "percent", "10", "一成"),
        ("建成车用综合能源站100座", "places", "100", "100座"),
        ("新建充电桩24万个", "pieces", "240000", "24万个"),
        ("培育一百家绿色商场", "companies", "100", "一百家"),
        ("2.0升及以下", "volume", "2.0", "2.0升"),
        ("5万千瓦时", "energy", "50000", "5万千瓦时"),
        ("3个工作日内", "working_days", "3", "3个工作日"),
        ("3年内", "years", "3", "3年"),
    ],
)
def test_a_quantity_is_read_in_the_first_unit_of_its_measure(
    text: str, measure: str, value: str, words: str
) -> None:
    assert quantities(text)[0] == Quantity(measure, Decimal(value), words)


@pytest.mark.parametrize(
    "text",
    [
        "到2025年底",
        "2026年1月5日起施行",
        "渝发改规范〔2022〕11号",
        "第三类，第十二次",
        "一次性用品，一家人，一个办法",
        "三四个部门，数百家，几十家",
        "成都和重庆，二手车",
        "热线12345",
    ],
)
def test_years_dates_numbers_of_documents_ordinals_and_guesses_are_no_quantities(text: str) -> None:
    assert quantities(text) == ()


def test_each_value_counts_once_in_the_order_of_the_text() -> None:
    found = quantities("补贴12%，封顶2万元；也就是最多20000元、12%。")
    assert [item.words for item in found] == ["12%", "2万元"]
    assert quantities("") == ()
