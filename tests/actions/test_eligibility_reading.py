"""Facts in residents' words: what is meant, or a problem by its name; never an exception."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from actions.eligibility import DateSpan, Facts, Problem, cannot_tell, read
from actions.eligibility.facts import FIELDS
from actions.wording import load
from knowledge.content_loader import load_shipped

KNOWN = load_shipped()
TODAY = date(2026, 11, 21)


def said(field: str, text: str) -> object:
    return read(field, text, knowledge=KNOWN, today=TODAY)


def problem(field: str, text: str) -> str:
    found = said(field, text)
    assert isinstance(found, Problem), found
    assert "{" not in found.words
    return found.key


@pytest.mark.parametrize(
    ("text", "yuan"),
    [
        ("15w", "150000"), ("15万8", "158000"), ("１５万８", "158000"), ("十二万五", "125000"),
        ("16.8万", "168000"), ("158,000元", "158000"), ("158，000 元", "158000"), ("一千五", "1500"),
        ("2999", "2999"), ("两千九百九十九", "2999"), ("二九九九", "2999"), ("15万8千", "158000"),
        ("15万8500", "158500"), ("15万零500", "150500"), ("一百零五元", "105"), ("一千零五十", "1050"),
        ("5.8k", "5800"), ("5千8", "5800"), ("¥2999", "2999"), ("2999.90块", "2999.90"), ("15点8万", "158000"),
        ("大概15万左右", "150000"), ("比亚迪秦 2024款 13.5万", "135000"), ("iPhone15 5999元", "5999"),
        ("Mate60 6999", "6999"), ("一台冰箱2台 3000", "3000"), ("一亿", "100000000"), ("一共3000", "3000"),
        ("第一次买，3000", "3000"), ("99元", "99"),
    ],
)  # fmt: skip
def test_a_price_is_read_as_people_write_it(text: str, yuan: str) -> None:
    assert said("price", text) == Decimal(yuan)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("两三万", "price.range"), ("十几万", "price.range"), ("十五六万", "price.range"),
        ("15到16万", "price.range"), ("15-16万", "price.range"), ("15~16万", "price.range"),
        ("15万多", "price.range"), ("16万出头", "price.range"), ("不到15万", "price.range"), ("几千块", "price.range"), ("十多万", "price.range"),
        ("0", "price.zero"), ("零元", "price.zero"), ("0.00", "price.zero"), ("免费", "price.zero"),
        ("-5000", "price.negative"), ("负五千", "price.negative"), ("－5000元", "price.negative"),
        ("1e12", "price.too_large"), ("一万亿", "price.too_large"), ("100000001", "price.too_large"),
        ("9" * 400, "price.too_large"), ("1e99999999999999999999", "price.too_large"),
        ("1,58,000", "price.unclear"), ("1.5.2万", "price.unclear"), ("15", "price.unit"), ("十五", "price.unit"), ("12.345元", "price.fraction"),
        ("5000打8折", "price.discount"), ("原价5000优惠后4000", "price.several"), ("15万80", "price.unclear"),
        ("三四", "price.unclear"), ("15万元8", "price.unclear"), ("随便", "price.none"), ("", "price.none"),
    ],
)  # fmt: skip
def test_what_is_no_single_price_is_named(text: str, key: str) -> None:
    assert problem("price", text) == key


def test_a_range_is_told_back_so_that_one_number_is_given() -> None:
    found = said("price", "15到16万")
    assert isinstance(found, Problem)
    assert found.words == "“15到16万”是个大概的范围，算出来会不准。请说一个数，例如“15万8”。"


def _span(first: str, last: str | None = None) -> DateSpan:
    return DateSpan(date.fromisoformat(first), date.fromisoformat(last or first))


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("2013年6月30日", _span("2013-06-30")), ("2013-6-30", _span("2013-06-30")),
        ("2013/6/30", _span("2013-06-30")), ("2013.6.30", _span("2013-06-30")),
        ("20130630", _span("2013-06-30")), ("二〇一三年六月三十日", _span("2013-06-30")),
        ("13.6.30", _span("2013-06-30")), ("13年6月", _span("2013-06-01", "2013-06-30")),
        ("2013年6月底", _span("2013-06-01", "2013-06-30")), ("十三年六月", _span("2013-06-01", "2013-06-30")),
        ("2013", _span("2013-01-01", "2013-12-31")), ("13年", _span("2013-01-01", "2013-12-31")),
        ("99年", _span("1999-01-01", "1999-12-31")), ("前年", _span("2024-01-01", "2024-12-31")),
        ("大前年", _span("2023-01-01", "2023-12-31")), ("去年6月", _span("2025-06-01", "2025-06-30")),
        ("今年", _span("2026-01-01", "2026-11-21")), ("2024-02-29", _span("2024-02-29")),
        ("2026-11-21", _span("2026-11-21")),
    ],
)  # fmt: skip
def test_a_day_is_read_as_exactly_as_it_was_told(text: str, span: DateSpan) -> None:
    assert said("old_registered", text) == span
    assert said("bought_on", text) == span


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("2015-02-30", "date.no_such_day"), ("2023年2月29日", "date.no_such_day"),
        ("2013年6月31日", "date.no_such_day"), ("2013年13月", "date.no_such_month"),
        ("2027年", "date.future"), ("2026-11-22", "date.future"), ("1900年", "date.too_early"),
        ("6月30日", "date.year_missing"), ("开了13年", "date.duration"), ("13年前", "date.duration"),
        ("2012年以后", "date.roughly"), ("2013年或者2014年", "date.several"), ("很久了", "date.none"),
    ],
)  # fmt: skip
def test_what_is_no_day_is_named(text: str, key: str) -> None:
    assert problem("old_registered", text) == key


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("电车", "nev"), ("绿牌", "nev"), ("比亚迪DM", "nev"), ("DM-i", "nev"), ("插混", "nev"), ("增程", "nev"),
        ("纯电", "nev"), ("混动 绿牌", "nev"), ("新能源", "nev"), ("油车", "fuel"), ("柴油", "fuel"), ("蓝牌", "fuel"),
        ("混动蓝牌", "fuel"), ("不是电车", "fuel"), ("油车换电车", "nev"), ("电车换成油车", "fuel"),
    ],
)  # fmt: skip
def test_the_new_cars_energy_is_read(text: str, kind: str) -> None:
    assert said("new_energy", text) == frozenset({kind})


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("汽油", {"petrol"}), ("95号油", {"petrol"}), ("柴油", {"diesel"}), ("双燃料", {"other"}),
        ("电车", {"nev"}), ("油车", {"petrol", "diesel", "other"}), ("油车换电车", {"petrol", "diesel", "other"}),
        ("不是新能源", {"petrol", "diesel", "other"}), ("汽油的油车", {"petrol"}),
    ],
)  # fmt: skip
def test_the_old_cars_energy_keeps_every_kind_that_is_possible(text: str, kinds: set[str]) -> None:
    assert said("old_energy", text) == kinds


@pytest.mark.parametrize(
    ("field", "text", "key"),
    [
        ("new_energy", "混动", "energy.hybrid"), ("new_energy", "油电混动", "energy.hybrid"),
        ("new_energy", "电车和油车", "energy.both"), ("new_energy", "白色的", "energy.none"),
        ("old_energy", "换电车", "old_energy.none"), ("old_energy", "柴油或者汽油", "energy.both"),
        ("displacement", "1.5T或者2.0T", "displacement.several"), ("displacement", "20", "displacement.unlikely"),
        ("displacement", "0", "displacement.unlikely"), ("displacement", "很大", "displacement.none"),
        ("way", "以旧换新", "way.none"), ("goods", "冰箱和空调", "goods.several"), ("goods", "啥子", "goods.none"),
        ("level", "11级", "level.none"), ("level", "十一级", "level.none"), ("level", "1级和2级", "level.several"),
        ("task", "你好", "task.none"), ("task", "洗衣机和手机", "task.several"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_named(field: str, text: str, key: str) -> None:
    assert problem(field, text) == key


@pytest.mark.parametrize(
    ("text", "litres"),
    [
        ("1.5T", "1.5"),
        ("2.0", "2.0"),
        ("2.5", "2.5"),
        ("2.0升", "2.0"),
        ("两升", "2"),
        ("一点五", "1.5"),
        ("1998cc", "1.998"),
    ],
)
def test_a_displacement_is_read_in_litres(text: str, litres: str) -> None:
    assert said("displacement", text) == Decimal(litres)


@pytest.mark.parametrize(
    ("text", "ways"),
    [
        ("报废", {"scrap"}), ("卖了", {"replace"}), ("置换", {"replace"}), ("不报废，卖了", {"replace"}),
        ("报废还是卖", {"scrap", "replace"}), ("没想好", {"scrap", "replace"}), ("没得旧车", {"neither"}),
        ("直接买新的", {"neither"}),
    ],
)  # fmt: skip
def test_what_becomes_of_the_old_car_is_read(text: str, ways: set[str]) -> None:
    assert said("way", text) == ways


@pytest.mark.parametrize(
    ("text", "goods"),
    [
        ("冰箱", "冰箱"), ("冰柜", "冰箱"), ("彩电", "电视"), ("笔记本电脑", "电脑"), ("平板电脑", "平板"),
        ("iPad", "平板"), ("手环", "智能手表（手环）"), ("智能手表", "智能手表（手环）"), ("爪机", "手机"),
        ("微波炉", "微波炉"), ("手机壳", "手机壳"), ("都不是", "都不是"),
    ],
)  # fmt: skip
def test_goods_have_the_name_that_the_programme_gives_them(text: str, goods: str) -> None:
    assert said("goods", text) == goods


@pytest.mark.parametrize(
    ("text", "level"), [("一级", "1"), ("1级", "1"), ("国标二级", "2"), ("3", "3"), ("一", "1")]
)
def test_a_level_is_read(text: str, level: str) -> None:
    assert said("level", text) == level


@pytest.mark.parametrize(
    ("text", "task"),
    [
        ("买车", "car"), ("冰箱", "appliance"), ("家电", "appliance"), ("手机", "digital"), ("数码产品", "digital"),
        ("购置税", "vehicle_tax"), ("买新能源车的购置税", "vehicle_tax"),
    ],
)  # fmt: skip
def test_a_task_is_read_from_its_name_or_its_goods(text: str, task: str) -> None:
    assert said("task", text) == task


def test_who_cannot_tell_says_so() -> None:
    assert all(map(cannot_tell, ("不晓得", "记不清了", "我也不知道", "不清楚")))
    assert not any(map(cannot_tell, ("2013年", "报废", "")))


def test_every_problem_has_its_words() -> None:
    for key in load("eligibility/problems"):
        assert Problem(key, "甲").words.endswith("。")
    assert len(Problem("price.unclear", "1" * 500).words) < 120


def test_another_field_is_refused() -> None:
    with pytest.raises(KeyError):
        said("age", "12")


SIGNS = "0123456789零一二两三四五六七八九十百千万亿wk年月日号-./,，点元块e+~到半级升tl车油电混动 \n"


@given(st.sampled_from(FIELDS), st.one_of(st.text(max_size=40), st.text(alphabet=SIGNS, max_size=20)))
@example("price", "1" * 5000)
@example("price", "万" * 50)
@example("price", "一" * 50)
@example("price", "1e1e1e")
@example("old_registered", "9999999999年")
@example("displacement", "9" * 400)
@example("price", "一千" * 400 + ".1")
@example("price", "1,1" * 400)
@example("price", "千万" * 500)
@example("displacement", "1 " * 500)
@example("old_registered", "13年" * 300)
def test_reading_never_raises(field: str, text: str) -> None:
    found = said(field, text)
    if isinstance(found, Problem):
        assert found.words
    else:
        assert getattr(Facts.from_plain(Facts(**{field: found}).to_plain()), field) == found
