"""What a case comes to, computed by hand from the shipped cards, at every boundary."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from actions.eligibility import Facts, entitlements, next_question
from knowledge.model import Programme
from tests.actions.eligibility_cases import DAY, KNOWN, PROGRAMMES, car, facts, held


@pytest.mark.parametrize(
    ("way", "energy", "price", "amount", "reached"),
    [
        ("scrap", "nev", "158000", "18960", False),
        ("scrap", "nev", "166666.66", "20000", False),  # 19999.9992
        ("scrap", "nev", "166666.67", "20000", True),
        ("scrap", "nev", "166665", "19999.80", False),
        ("scrap", "nev", "166667", "20000", True),
        ("scrap", "fuel", "149999", "14999.90", False),
        ("scrap", "fuel", "150000", "15000", True),
        ("scrap", "fuel", "150001", "15000", True),
        ("replace", "nev", "187499", "14999.92", False),
        ("replace", "nev", "187500", "15000", True),
        ("replace", "nev", "187501", "15000", True),
        ("replace", "fuel", "216666", "12999.96", False),
        ("replace", "fuel", "216666.67", "13000", True),
        ("replace", "fuel", "216667", "13000", True),
        ("scrap", "nev", "0.01", "0", False),
        ("scrap", "nev", "1000000000000", "20000", True),
    ],
)
def test_a_car_gets_its_share_up_to_the_cap(
    way: str, energy: str, price: str, amount: str, reached: bool
) -> None:
    item = held(car(way, energy, price=price))[f"{way}-{energy}"]
    assert (item.standing, item.amount, item.cap_reached) == ("due", Decimal(amount), reached)


@pytest.mark.parametrize(
    ("price", "amount", "reached"),
    [("9999", "1499.85", False), ("10000", "1500", True), ("10001", "1500", True), ("2999", "449.85", False)],
)
def test_an_appliance_gets_its_share_up_to_the_cap(price: str, amount: str, reached: bool) -> None:
    item = held(facts(task="appliance", goods="冰箱", level="1", price=price))["appliance"]
    assert (item.amount, item.cap_reached, item.unit) == (Decimal(amount), reached, "元/件")


@pytest.mark.parametrize(
    ("price", "standing", "amount"),
    [
        ("3333", "due", "499.95"),
        ("3333.33", "due", "500"),  # 499.9995
        ("3334", "due", "500"),
        ("5999.99", "due", "500"),
        ("6000", "due", "500"),
        ("6000.01", "missed", None),
        ("6001", "missed", None),
    ],
)
def test_a_phone_may_cost_so_much_at_most(price: str, standing: str, amount: str | None) -> None:
    item = held(facts(goods="手机", price=price))["digital"]
    assert (item.standing, item.amount) == (standing, Decimal(amount) if amount else None)


def test_an_amount_says_how_it_was_reckoned_and_what_it_rests_on() -> None:
    item = held(car(price="158000"))["scrap-nev"]
    assert item.formula == "158000 × 12% = 18960"
    assert (item.rate, item.cap, item.per) == (Decimal("0.12"), Decimal(20000), "vehicle")
    assert (item.valid_from, item.valid_to) == (date(2026, 1, 1), date(2026, 12, 31))
    assert item.line.text == "2026-01-01至2026-12-31：报废旧车购新能源乘用车，补贴比例12%，每辆最多20000元。"
    assert item.base is not None
    assert item.base.text == "按新车销售价格的比例计算，不是定额"
    assert "申请入口与截止日期" in item.unchecked
    for quote in (item.line, item.base, *(check.line for check in item.checks)):
        assert KNOWN.programme_by_id[quote.clause_id].text[quote.start : quote.end] == quote.text


def test_a_condition_is_cited_where_it_is_an_item_of_its_own() -> None:
    (goods, _) = held(facts(task="appliance", goods="冰箱", level="1", price="2999"))["appliance"].checks
    text = KNOWN.programme_by_id["national-appliance-2026"].text
    assert text[goods.line.start - 3 : goods.line.end] == "1. 冰箱、洗衣机、电视、空调、热水器、电脑"


@pytest.mark.parametrize(
    ("energy", "last"),
    [("petrol", "2013-06-30"), ("diesel", "2015-06-30"), ("other", "2015-06-30"), ("nev", "2019-12-31")],
)
def test_each_kind_of_old_car_has_its_own_last_day(energy: str, last: str) -> None:
    day = date.fromisoformat(last)
    following = date.fromordinal(day.toordinal() + 1).isoformat()
    before = date.fromordinal(day.toordinal() - 1).isoformat()
    for told, standing in ((before, "due"), (last, "due"), (following, "missed")):
        item = held(car(old_energy=energy, old_registered=told))["scrap-nev"]
        assert item.standing == standing, told
    (check,) = item.in_state("missed")
    assert last in check.line.text
    assert check.told == facts(old_registered=following).old_registered
    assert item.amount is None


def test_the_last_day_does_not_bind_who_sells_the_old_car() -> None:
    item = held(car("replace", old_registered="2020-01-01"))["replace-nev"]
    assert (item.standing, item.amount, item.checks) == ("due", Decimal(8000), ())


@pytest.mark.parametrize(("litres", "standing"), [("1.999", "due"), ("2.0", "due"), ("2.001", "missed")])
def test_a_fuel_car_may_have_so_many_litres(litres: str, standing: str) -> None:
    assert held(car("scrap", "fuel", displacement=litres))["scrap-fuel"].standing == standing
    assert held(car("replace", "fuel", displacement=litres))["replace-fuel"].standing == standing


def test_who_scraps_a_new_energy_car_gets_nothing_for_a_fuel_car() -> None:
    item = held(car("scrap", "fuel", old_energy="nev"))["scrap-fuel"]
    assert item.standing == "missed"
    assert [check.line.text for check in item.in_state("missed")] == ["购燃油新车的，报废的旧车也须是燃油车"]


@pytest.mark.parametrize("level", ["2", "3", "4", "5"])
def test_an_appliance_of_another_level_gets_nothing(level: str) -> None:
    item = held(facts(task="appliance", goods="空调", level=level))["appliance"]
    assert (item.standing, item.needs) == ("missed", ())


def test_a_thing_that_no_card_names_gets_nothing() -> None:
    item = held(facts(task="appliance", goods="微波炉"))["appliance"]
    assert item.standing == "missed"
    assert entitlements(PROGRAMMES, facts(goods="微波炉"), DAY).entitlements == ()


@pytest.mark.parametrize(
    ("day", "standing"),
    [
        (date(2025, 12, 31), "not_yet"),
        (date(2026, 1, 1), "due"),
        (date(2026, 12, 31), "due"),
        (date(2027, 1, 1), "ended"),
    ],
)
def test_an_amount_holds_from_its_first_day_to_its_last(day: date, standing: str) -> None:
    cases = [
        (car(), "scrap-nev"),
        (car("replace"), "replace-nev"),
        (facts(goods="手机", price="100"), "digital"),
    ]
    for told, rule in cases:
        item = held(told, day)[rule]
        assert item.standing == standing
        assert (item.amount is not None) == (standing == "due")


@pytest.mark.parametrize(
    ("day", "exempt", "half"),
    [
        (date(2023, 12, 31), "not_yet", "not_yet"),
        (date(2024, 1, 1), "due", "not_yet"),
        (date(2025, 12, 31), "due", "not_yet"),
        (date(2026, 1, 1), "ended", "due"),
        (date(2027, 12, 31), "ended", "due"),
        (date(2028, 1, 1), "ended", "ended"),
    ],
)
def test_the_tax_is_waived_then_halved_and_never_reckoned(day: date, exempt: str, half: str) -> None:
    items = held(facts(task="vehicle_tax", new_energy="nev", price="200000"), day)
    assert (items["exempt"].standing, items["half"].standing) == (exempt, half)
    assert [item.amount for item in items.values()] == [None, None]
    assert (items["exempt"].rate, items["exempt"].cap) == (Decimal(1), Decimal(30000))
    assert (items["half"].rate, items["half"].cap) == (Decimal("0.5"), Decimal(15000))


def test_the_day_of_purchase_decides_the_tax_and_nothing_else() -> None:
    told = car(bought_on="2025-12-31/2025-12-31")
    assert held(told)["exempt"].standing == "due"
    assert held(told)["exempt"].dated_by is None
    assert held(told)["half"].standing == "not_yet"
    assert held(told)["scrap-nev"].standing == "due"
    across = held(replace(told, bought_on=facts(bought_on="2025-12-01/2026-01-31").bought_on))
    assert (across["half"].standing, across["half"].needs) == ("open", ("bought_on",))


def test_what_excludes_each_other_is_set_side_by_side_with_the_larger_marked() -> None:
    items = held(car(price="158000"))
    assert (items["scrap-nev"].amount, items["scrap-nev"].chosen, items["scrap-nev"].largest) == (
        Decimal(18960), True, True,
    )  # fmt: skip
    assert (items["replace-nev"].amount, items["replace-nev"].chosen, items["replace-nev"].largest) == (
        Decimal(12640), False, False,
    )  # fmt: skip
    line = items["replace-nev"].exclusive_line
    assert line is not None
    assert line.text == "每位消费者只能享受一次报废更新或置换更新补贴"
    assert items["half"].exclusive_group is None


def test_whoever_has_not_decided_has_chosen_both() -> None:
    told = replace(car(), way=frozenset({"scrap", "replace"}))
    assert {name: item.chosen for name, item in held(told).items() if item.exclusive_group} == {
        "scrap-nev": True,
        "replace-nev": True,
    }


def test_amounts_that_are_alike_leave_none_marked() -> None:
    programmes = tuple(_with_rate(programme, "0.1") for programme in PROGRAMMES)
    items = held(car(), programmes=programmes)
    assert items["scrap-nev"].amount == items["replace-nev"].amount == Decimal(10000)
    assert not items["scrap-nev"].largest
    assert not items["replace-nev"].largest


def test_a_way_that_is_missed_leaves_the_other() -> None:
    items = held(car(old_registered="2013-07-01"))
    assert items["scrap-nev"].standing == "missed"
    assert (items["replace-nev"].standing, items["replace-nev"].chosen) == ("due", False)


@pytest.mark.parametrize(
    ("told", "asked"),
    [
        ({}, "task"),
        ({"task": "car"}, "way"),
        ({"way": "scrap"}, "new_energy"),
        ({"new_energy": "nev"}, "old_registered"),
        ({"old_registered": "2013-07-01/2013-07-31"}, "old_energy"),
        ({"old_energy": "diesel"}, "price"),
        ({"price": "150000"}, None),
    ],
)
def test_one_fact_after_the_other_is_asked(told: dict[str, str], asked: str | None) -> None:
    steps: list[dict[str, str]] = [
        {}, {"task": "car"}, {"way": "scrap"}, {"new_energy": "nev"},
        {"old_registered": "2013-07-01/2013-07-31"}, {"old_energy": "diesel"}, {"price": "150000"},
    ]  # fmt: skip
    so_far: dict[str, object] = {}
    for step in steps[: steps.index(told) + 1]:
        so_far |= step
    assert next_question(PROGRAMMES, facts(**so_far), DAY) == asked


@pytest.mark.parametrize(
    ("told", "asked"),
    [
        # early or late enough for every kind of car: the kind is not asked
        (facts(task="car", way="scrap", new_energy="nev", old_registered="2013-06-30"), "price"),
        (facts(task="car", way="scrap", new_energy="nev", old_registered="2020-01-01"), None),
        (facts(task="car", way="scrap", new_energy="nev", old_registered="2019-12-31"), "old_energy"),
        # a petrol car of 2013 may have been early enough; a diesel car was
        (
            facts(task="car", way="scrap", new_energy="nev", old_registered="2013-01-01/2013-12-31"),
            "old_energy",
        ),
        (car(old_registered="2013-01-01/2013-12-31", old_energy="petrol"), "old_registered"),
        (car(old_registered="2013-01-01/2013-12-31", old_energy="diesel"), None),
        (car(old_registered="2014-01-01", old_energy=["petrol", "diesel", "other"]), "old_energy"),
        # who sells the old car is not asked about it, who buys a new-energy car not about litres
        (facts(task="car", way="replace", new_energy="nev"), "price"),
        (facts(task="car", way="replace", new_energy="fuel"), "displacement"),
        (facts(task="car", way="replace", new_energy="fuel", displacement="2.5"), None),
        (facts(task="car", way="neither"), "new_energy"),
        (facts(task="car", way="neither", new_energy="nev"), None),
        (facts(task="appliance"), "goods"),
        (facts(goods="冰箱"), "level"),
        (facts(goods="冰箱", level="2"), None),
        (facts(goods="手机"), "price"),
        (facts(task="appliance", goods="微波炉"), None),
        (facts(task="vehicle_tax"), "new_energy"),
        (facts(task="vehicle_tax", new_energy="nev"), None),
    ],
)
def test_only_what_changes_the_result_is_asked(told: Facts, asked: str | None) -> None:
    assert next_question(PROGRAMMES, told, DAY) == asked


def test_nothing_is_asked_for_what_does_not_hold() -> None:
    assert next_question(PROGRAMMES, facts(task="digital"), date(2027, 1, 1)) is None
    assert next_question(PROGRAMMES, facts(task="car"), date(2025, 12, 31)) == "new_energy"  # the tax alone


def test_what_somebody_cannot_tell_is_not_asked_again_but_left_unchecked() -> None:
    told = facts(
        task="car", way="scrap", new_energy="nev", price="100000", unsure=["old_registered", "old_energy"]
    )
    item = held(told)["scrap-nev"]
    assert (item.standing, item.amount, item.needs) == ("due", Decimal(12000), ())
    assert len(item.in_state("unsure")) == 3
    no_price = held(facts(goods="手机", unsure=["price"]))["digital"]
    assert (no_price.standing, no_price.amount) == ("due", None)
    either = held(facts(task="car", way="replace", price="100000", unsure=["new_energy"], displacement="1.5"))
    assert (either["replace-nev"].standing, either["replace-nev"].needs) == ("open", ())


def test_a_limit_that_is_not_published_is_said_to_be_lacking() -> None:
    rest = tuple(p for p in PROGRAMMES if p.id != "national-car-scrappage-cutoff-2026")
    item = held(car(old_registered="2020-01-01"), programmes=rest)["scrap-nev"]
    assert (item.standing, item.lacking) == ("due", ("national-car-scrappage-cutoff-2026",))
    assert held(car())["scrap-nev"].lacking == ()


def test_other_data_give_other_amounts() -> None:
    programmes = tuple(_with_rate(programme, "0.125") for programme in PROGRAMMES)
    item = held(car(price="100001"), programmes=programmes)["scrap-nev"]
    assert (item.product, item.amount) == (Decimal("12500.125"), Decimal("12500.13"))
    assert item.formula == "100001 × 12.5% = 12500.125"


@pytest.mark.parametrize(
    "told",
    [
        {"price": "0"}, {"price": "-1"}, {"price": "NaN"}, {"price": "Infinity"}, {"price": "1e16"},
        {"displacement": "0"}, {"task": "house"}, {"way": ["burn"]}, {"old_energy": []}, {"unsure": ["age"]},
    ],
)  # fmt: skip
def test_a_fact_that_nobody_can_have_is_refused_by_name(told: dict[str, object]) -> None:
    (name,) = told
    with pytest.raises(ValueError, match=f"^{name} "):
        facts(**told)


def test_facts_survive_their_plain_form() -> None:
    told = car(old_registered="2013-01-01/2013-12-31", unsure=["level"], goods="冰箱", bought_on="2026-01-02")
    plain = told.to_plain()
    assert Facts.from_plain(plain) == told
    assert plain["old_registered"] == "2013-01-01/2013-12-31"
    assert plain["price"] == "100000"
    assert Facts.from_plain({**plain, "requested_slot": "price", "level": None}) == told
    assert Facts().to_plain() == {}


def _with_rate(programme: Programme, rate: str) -> Programme:
    amounts = tuple(replace(amount, rate=rate if amount.rate else None) for amount in programme.amounts)
    return replace(programme, amounts=amounts)
