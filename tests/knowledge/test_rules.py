"""The rules of programmes: what ships, what passes through file, JSON and store, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from alembic import command
from sqlalchemy import Engine, inspect, text
from sqlalchemy.orm import Session

from api.migrations import config_for, upgrade
from knowledge.content_loader import load_shipped
from knowledge.errors import InvalidContent
from knowledge.model import Knowledge
from knowledge.rule_checks import check_rules
from knowledge.rules import Choice, Condition, Exclusive, Rule
from knowledge.shipped import Shipped
from knowledge.store import load_published, publish, seed, withdraw
from knowledge.store.rows import programme_of
from knowledge.store.tables import ProgrammeRow
from knowledge.validation import validate

CUTOFF = "national-car-scrappage-cutoff-2026"


def test_every_amount_that_residents_can_claim_has_a_rule(shipped: Shipped) -> None:
    known = shipped.published()
    ruled = {p.id: [rule.amount for rule in p.rules if rule.amount] for p in known.programmes if p.rules}
    without = {p.id for p in known.programmes if p.amounts and p.id not in ruled}
    assert without == {"cq-waste-regulation"}  # a fine is nothing one gets
    for name, amounts in ruled.items():
        assert amounts == [amount.what for amount in known.programme_by_id[name].amounts]


def test_a_rule_is_read_as_it_is_written(shipped: Shipped) -> None:
    known = shipped.published().programme_by_id
    (cutoff,) = known[CUTOFF].rules
    assert cutoff.conditions[1] == Condition(
        fact="old_registered",
        line="柴油及其他燃料乘用车：2015-06-30及以前注册登记",
        by=date(2015, 6, 30),
        given=Choice("old_energy", ("diesel", "other")),
    )
    (once,) = known["national-car-once-per-person-2026"].rules
    assert once.exclusive == Exclusive("national-car-2026", "每位消费者只能享受一次报废更新或置换更新补贴")
    scrap = known["national-car-scrappage-2026"].rules[0]
    assert (scrap.id, scrap.tasks, scrap.per) == ("scrap-nev", ("car",), "vehicle")
    assert scrap.applies == (Choice("way", ("scrap",)), Choice("new_energy", ("nev",)))
    assert scrap.also == (CUTOFF, "national-car-once-per-person-2026")


def test_rules_survive_json_and_knowledge_without_them_still_opens(shipped: Shipped) -> None:
    known = shipped.published()
    assert Knowledge.from_json(known.to_json()).programmes == known.programmes
    raw = json.loads(known.to_json())
    for programme in raw["programmes"]:
        del programme["rules"]
    bare = tuple(replace(programme, rules=()) for programme in known.programmes)
    assert Knowledge.from_json(json.dumps(raw)).programmes == bare


def test_rules_pass_through_the_store(session: Session, shipped: Shipped) -> None:
    seed(session)
    assert load_published(session).programmes == shipped.published().programmes


def test_a_programme_of_an_older_store_has_no_rules_until_its_new_version_comes(
    engine: Engine, shipped: Shipped
) -> None:
    with Session(engine) as session:
        seed(session)
    with engine.connect() as connection:
        command.downgrade(config_for(connection), "0004")
        connection.commit()
    assert "rules" not in {column["name"] for column in inspect(engine).get_columns("programmes")}
    with engine.begin() as connection:
        connection.execute(text("UPDATE programmes SET content_hash = 'old', shipped_hash = 'old'"))
    upgrade(engine)
    with Session(engine) as session:
        row = session.get(ProgrammeRow, CUTOFF)
        assert row is not None
        assert programme_of(row).programme.rules == ()
        assert CUTOFF in seed(session).upgraded
        assert load_published(session).programmes == shipped.published().programmes


def test_a_programme_is_not_published_before_what_limits_it(session: Session) -> None:
    seed(session)
    for name in (CUTOFF, "national-car-scrappage-2026"):
        withdraw(session, kind="programme", row_id=name, by="editor")
    with pytest.raises(InvalidContent, match=f"一并适用的项目 {CUTOFF} 不存在、没有发布"):
        publish(session, kind="programme", row_id="national-car-scrappage-2026", by="editor")
    publish(session, kind="programme", row_id=CUTOFF, by="editor")
    publish(session, kind="programme", row_id="national-car-scrappage-2026", by="editor")


RULE = Rule(
    "r",
    tasks=("car",),
    amount="报废旧车购新能源乘用车",
    applies=(Choice("way", ("scrap",)),),
    base="按新车销售价格的比例计算，不是定额",
)
FUEL = "报废燃油旧车购2.0升及以下燃油乘用车"


def condition(**changes: Any) -> dict[str, object]:
    return {"conditions": (Condition(**changes),)}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"amount": "没有这一项"}, "金额“没有这一项”在这个项目里有0个"),
        ({"tasks": ("house",)}, "办理事项“house”不对，请从 car、appliance"),
        ({"tasks": ()}, "办理事项“”不对"),
        ({"per": "week"}, "per 是 week"),
        ({"base": "按定价算"}, "“按定价算”不在这个项目的文字里"),
        ({"limit": "每人两次"}, "“每人两次”不在这个项目的文字里"),
        ({"exclusive": Exclusive("g", "只能选一个")}, "“只能选一个”不在这个项目的文字里"),
        ({"amount": None}, "既没有金额，也没有条件"),
        ({"also": ("no-such",)}, "一并适用的项目 no-such 不存在"),
        ({"also": ("cq-12345",)}, "一并适用的项目 cq-12345 不存在、没有发布"),
        ({"also": ("national-car-scrappage-2026",)}, "或就是它自己"),
        ({"applies": (Choice("colour", ("red",)),)}, "不认识条件“colour”"),
        ({"applies": (Choice("price", ("1",)),)}, "不认识条件“price”"),
        ({"applies": (Choice("way", ("burn",)),)}, "条件“way”的取值“burn”不对，可用的有：scrap"),
        (condition(fact="colour", one_of=("red",)), "不认识条件“colour”"),
        (condition(fact="price", one_of=("red",)), "条件“price”应当并且只能写 at_most"),
        (condition(fact="price"), "条件“price”应当并且只能写 at_most"),
        (condition(fact="old_registered", by=date(2013, 6, 30), at_most="1"), "应当并且只能写 by"),
        (condition(fact="displacement", at_most="2,0", line=FUEL), "数字 2,0 要写成"),
        (condition(fact="displacement", at_most="-2", line=FUEL), "数字 -2 要写成"),
        (condition(fact="displacement", at_most="2.5", line=FUEL), "2.5 不在所依据的文字"),
        (condition(fact="old_registered", by=date(2013, 6, 30), line=FUEL), "2013-06-30 不在所依据的文字"),
        (condition(fact="goods", one_of=("冰箱",), line=FUEL), "冰箱 不在所依据的文字"),
        (condition(fact="new_energy", one_of=("hydrogen",)), "取值“hydrogen”不对"),
        (condition(fact="level", one_of=("1",), line="1级能效"), "“1级能效”不在这个项目的文字里"),
        (
            condition(fact="displacement", at_most="2.0", line=FUEL, given=Choice("old_energy", ("coal",))),
            "取值“coal”不对",
        ),
        (condition(fact="displacement", at_most="2.0") | {"amount": None}, "没有写明出自哪句话"),
    ],
)
def test_checks_name_what_is_wrong_with_a_rule(
    shipped: Shipped, changes: dict[str, object], message: str
) -> None:
    index, item = next(
        (i, item)
        for i, item in enumerate(shipped.programmes)
        if item.programme.id == "national-car-scrappage-2026"
    )
    assert check_rules(replace(item.programme, rules=(RULE,))) == []
    rule = replace(RULE, **changes)  # type: ignore[arg-type]
    programmes = list(shipped.programmes)
    programmes[index] = replace(item, programme=replace(item.programme, rules=(rule,)))
    problems = validate(replace(shipped, programmes=tuple(programmes)))
    assert [problem for problem in problems if message in problem], problems


def test_a_rule_given_twice_and_a_base_without_a_rate_are_named(shipped: Shipped) -> None:
    programme = shipped.published().programme_by_id["national-car-scrappage-2026"]
    assert check_rules(replace(programme, rules=(RULE, RULE))) == [
        "项目 national-car-scrappage-2026：规则 r 写了不止一次，请另取编号。"
    ]
    bare = tuple(replace(amount, rate=None) for amount in programme.amounts)
    (problem,) = check_rules(replace(programme, amounts=bare, rules=(RULE,)))
    assert "写了计算基数，但对应的金额没有比例" in problem


def _change(path: Path, change: Callable[[dict[str, Any]], object]) -> None:
    raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    change(raw)
    path.write_text(yaml.safe_dump(raw, allow_unicode=True), encoding="utf-8")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda rule: rule.update(ammount="x"), "规则里没有 ammount 这一项，可用的有：also、amount"),
        (lambda rule: rule.pop("id"), "field 'id' is missing"),
        (lambda rule: rule.update(tasks="car"), "规则里的 tasks 是 car，应写成列表"),
        (lambda rule: rule.update(conditions=["2.0"]), "规则里的 2.0 应写成"),
        (lambda rule: rule.update(applies=["way"]), "应写成“名称: 值”的表"),
        (lambda rule: rule["conditions"][0].update(at_most=2.0), "规则里的数字 2.0 要写成加引号的正数"),
        (lambda rule: rule["conditions"][0].update(most="2.0"), "规则里没有 most 这一项"),
        (lambda rule: rule["conditions"][0].update(by="soon"), "'soon' is not a date"),
        (
            lambda rule: rule["conditions"][0].update(given={"way": ["scrap"], "old_energy": ["nev"]}),
            "given 只能写一项，这里写了2项",
        ),
    ],
)
def test_a_rule_that_cannot_be_read_stops_the_load(
    content: Path, change: Callable[[dict[str, Any]], object], message: str
) -> None:
    path = content / "programmes" / "national-car-scrappage-2026.yml"
    _change(path, lambda raw: change(raw["rules"][1]))
    with pytest.raises(InvalidContent, match=message) as caught:
        load_shipped(content)
    assert path.name in str(caught.value)
