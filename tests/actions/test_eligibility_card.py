"""A result in words: each amount with its rule, its dates, what was not checked, and citations that stand."""

from __future__ import annotations

from datetime import date

import pytest

from actions.eligibility import Facts, card, entitlements
from actions.replies import Citation
from knowledge.content_loader import load_shipped

KNOWN = load_shipped()
DAY = date(2026, 11, 21)


def shown(day: date = DAY, **told: object) -> tuple[str, list[Citation]]:
    assessment = entitlements(KNOWN.programmes, Facts.from_plain(told), day)
    lines, citations = card(assessment, KNOWN, day)
    for citation in citations:
        text = KNOWN.programme_by_id[citation.clause_id].text
        assert text[citation.start : citation.end] == citation.quote
    assert len({(c.clause_id, c.start, c.end) for c in citations}) == len(citations)
    assert not [line for line in lines if not line.strip() or "{" in line or "None" in line]
    return "\n".join(lines), citations


def test_an_amount_is_said_with_its_reckoning_and_its_dates() -> None:
    text, citations = shown(goods="手机", price="2999.99")
    assert text == "\n".join(
        [
            "《2026年数码和智能产品购新补贴》（4类数码和智能产品（单件售价不超过6000元））：按您说的情况，可以领450元。"
            "算法：2999.99 × 15% = 449.9985，取到分是450，没有超过上限500元。",
            "计算依据：“按成交价补15%”。",
            "已经核对、符合的：手机、平板、智能手表（手环）、智能眼镜；单件销售价格不超过6000元。",
            "有效期：2026-01-01至2026-12-31。",
            "次数：“每人每类1件”。",
            "我没有核对的：单件销售价格和成交价是否相同：限价看销售价格，补贴按成交价算；本人是否已经领过这一类的补贴；"
            "能不能领到当地的补贴资格券。",
            "这是按您说的情况和资料上的标准算的，不是审批结果；能不能领、领多少，以受理部门核定为准。",
            "据公开报道整理，以官方最新通知为准。",
        ]
    )
    assert [citation.quote for citation in citations] == [
        "2026-01-01至2026-12-31：4类数码和智能产品（单件售价不超过6000元），补贴比例15%，每件最多500元。",
        "按成交价补15%",
        "每人每类1件",
        "手机、平板、智能手表（手环）、智能眼镜",
        "单件销售价格不超过6000元",
    ]
    assert {citation.source_kind for citation in citations} == {"programme"}


@pytest.mark.parametrize(
    ("price", "words"),
    [
        ("166666", "= 19999.92，没有超过上限20000元。"),
        ("200000", "= 24000，超过上限20000元，按上限算。"),
    ],
)
def test_the_cap_is_said(price: str, words: str) -> None:
    text, _ = shown(task="car", way="scrap", new_energy="nev", old_registered="2012-01-01", price=price)
    assert words in text


def test_a_cap_that_is_met_exactly_is_said() -> None:
    text, _ = shown(task="car", way="replace", new_energy="nev", price="187500")
    assert "187500 × 8% = 15000，正好是上限15000元。" in text


def test_two_ways_are_shown_as_a_choice_with_the_larger_named() -> None:
    text, citations = shown(
        task="car", way="scrap", new_energy="nev", old_registered="2012-01-01", price="158000"
    )
    assert "二选一，只能享受一种。资料写的是：“每位消费者只能享受一次报废更新或置换更新补贴”。" in text
    assert "其中金额较大的是《2026年汽车报废更新补贴（标准）》（报废旧车购新能源乘用车）：18960元。" in text
    assert "换一种办法的话：《2026年汽车置换更新补贴（标准）》（转让旧车购新能源乘用车）" in text
    assert "national-car-once-per-person-2026" in {citation.clause_id for citation in citations}


def test_a_condition_that_the_amount_itself_says_is_quoted_from_there() -> None:
    text, _ = shown(task="car", way="replace", new_energy="fuel", displacement="2.0", price="150000")
    assert "已经核对、符合的：转让旧车购2.0升及以下燃油乘用车。" in text
    assert "150000 × 6% = 9000，" in text


def test_what_is_missed_says_by_what() -> None:
    text, citations = shown(
        task="car",
        way="scrap",
        new_energy="nev",
        old_registered="2013-07-01",
        old_energy="petrol",
        price="158000",
    )
    assert (
        "旧车是2013-07-01注册登记的，晚于2013-06-30。资料写的是：“汽油乘用车：2013-06-30及以前注册登记”。"
        in text
    )
    assert "汽油乘用车：2013-06-30及以前注册登记" in [citation.quote for citation in citations]
    assert "18960" not in text


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"goods": "手机", "price": "6000.01"}, "价格是6000.01元，超过了6000元。"),
        ({"goods": "冰箱", "level": "2"}, "您说的是2级，要求的是1级。"),
        ({"task": "appliance", "goods": "微波炉"}, "“微波炉”不在这几类里。"),
        (
            {"task": "car", "way": "replace", "new_energy": "fuel", "displacement": "2.5"},
            "排量是2.5升，超过了2.0升。",
        ),
        (
            {"task": "car", "way": "scrap", "new_energy": "fuel", "old_energy": "nev"},
            "旧车是新能源车，要求的是汽油车或柴油车或其他燃料车。",
        ),
    ],
)
def test_each_reason_has_its_words(told: dict[str, object], words: str) -> None:
    text, _ = shown(**told)
    assert words.replace("2.0", "2") in text
    assert "可以领" not in text


def test_a_tax_that_the_card_does_not_reckon_is_not_reckoned() -> None:
    text, _ = shown(task="vehicle_tax", new_energy="nev", price="200000")
    assert "减免比例50%，每辆最多15000元。资料没有写明按什么数额计算，所以我不能替您算出具体金额。" in text
    assert "您没有说购置日期，这里按2026-11-21算。" in text
    assert "免征" not in text


def test_what_has_ended_or_not_begun_has_no_amount() -> None:
    told = {"goods": "手机", "price": "2999"}
    after, _ = shown(date(2027, 1, 1), **told)
    before, _ = shown(date(2025, 12, 31), **told)
    assert "2026-12-31就结束了，2027-01-01已经不再有效，没有可以领的金额。" in after
    assert "2026-01-01才开始，2025-12-31还没有生效，现在没有可以领的金额。" in before
    assert "449.85" not in after + before


def test_what_somebody_could_not_tell_is_said_to_be_unchecked() -> None:
    text, _ = shown(
        task="car", way="scrap", new_energy="nev", price="100000", unsure=["old_registered", "old_energy"]
    )
    assert "您说不清“汽油乘用车：2013-06-30及以前注册登记”这一条，没有核对" in text
    assert "已经核对" not in text


def test_where_nothing_fits_nothing_is_claimed() -> None:
    text, citations = shown(task="car", way="neither", new_energy="fuel")
    assert text == "我收录的补贴和减免里，没有和您说的情况对得上的。资料之外可能还有别的规定。"
    assert citations == []
