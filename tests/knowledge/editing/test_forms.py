"""Plain forms: the whole shipped content goes through them and comes back as it was."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.editing import LexiconLine, from_plain, id_of, kind_of, normalised, to_plain
from knowledge.editing.forms import FIELDS, Item
from knowledge.editing.programme_form import PROGRAMME_KINDS
from knowledge.errors import InvalidContent
from knowledge.model import LEXICON_TABLES, Amount, Entry, Programme, Quote, Source
from knowledge.parsing import parse
from knowledge.shipped import Shipped, ShippedEntry, ShippedProgramme


def items_of(content: Shipped) -> list[Item]:
    lines = [
        LexiconLine(section, name, words)
        for section in LEXICON_TABLES
        for name, words in getattr(content.lexicon, section).items()
    ]
    return [*content.documents, *content.entries, *content.programmes, *lines]


def test_everything_that_ships_comes_back_exactly(shipped: Shipped) -> None:
    items = items_of(shipped)
    assert {kind_of(item) for item in items} == set(FIELDS)
    for item in items:
        plain = to_plain(item)
        assert tuple(plain) == FIELDS[kind_of(item)]
        stored = json.loads(json.dumps(plain, ensure_ascii=False))
        assert from_plain(kind_of(item), stored) == item, id_of(item)
        assert normalised(kind_of(item), stored) == plain


def test_amounts_and_rules_keep_every_figure(shipped: Shipped) -> None:
    item = next(item for item in shipped.programmes if item.programme.id == "national-car-scrappage-2026")
    plain = to_plain(item)
    assert plain["amounts"][0] == {
        "what": "报废旧车购新能源乘用车",
        "rate": "0.12",
        "cap": "20000",
        "unit": "元/辆",
        "valid_from": "2026-01-01",
        "valid_to": "2026-12-31",
    }
    assert plain["rules"][1]["conditions"] == [
        {"fact": "displacement", "at_most": "2.0"},
        {
            "fact": "old_energy",
            "one_of": ["petrol", "diesel", "other"],
            "line": "购燃油新车的，报废的旧车也须是燃油车",
        },
    ]


def test_clauses_that_are_left_out_are_parsed(shipped: Shipped) -> None:
    item = shipped.documents[0]
    plain = to_plain(item)
    assert (
        from_plain("document", {k: v for k, v in plain.items() if k not in ("clauses", "warnings")}) == item
    )
    assert parse(item.text, item.document.id).clauses == item.clauses


words = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1, max_size=20)
days = st.none() | st.dates(date(1950, 1, 1), date(2099, 1, 1))
texts = st.lists(words, max_size=4).map(tuple)
quotes = st.lists(
    st.tuples(words, st.integers(0, 500), words).map(lambda q: Quote(q[0], q[1], q[1] + len(q[2]), q[2])),
    max_size=3,
).map(tuple)
decimals = st.none() | st.decimals("0.0001", "99999999", places=4).map(lambda number: f"{number:f}")
states = st.sampled_from(["draft", "in_review", "published", "withdrawn"])
forces = st.sampled_from(["right", "duty", "price", "target", "encouragement", "work_plan"])
entries = st.builds(
    ShippedEntry,
    st.builds(
        Entry,
        id=words, question=words, variants=texts, quotes=quotes, plain=st.none() | words,
        force=st.none() | forces, valid_from=days, valid_to=days, tags=texts, programmes=texts, also=quotes,
    ),
    states,
)  # fmt: skip
amounts = st.builds(
    Amount, what=words, rate=decimals, cap=decimals, unit=st.none() | words, valid_from=days, valid_to=days
)
programmes = st.builds(
    Programme,
    id=words, title=words, kind=st.sampled_from(PROGRAMME_KINDS), summary=words, text=st.just(""),
    amounts=st.lists(amounts, max_size=3).map(tuple), conditions=texts, how_to_apply=words, region=words,
    issuer=words, document_number=st.none() | words,
    sources=st.lists(st.builds(Source, words, words, st.none() | words, words), max_size=2).map(tuple),
    checked_on=st.dates(date(1950, 1, 1), date(2099, 1, 1)), force=forces, valid_from=days, valid_to=days,
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(entries)
def test_any_entry_comes_back_exactly(item: ShippedEntry) -> None:
    assert from_plain("entry", json.loads(json.dumps(to_plain(item)))) == item


@settings(max_examples=100, deadline=None)
@given(programmes, states, words, words)
def test_any_programme_comes_back_exactly(
    programme: Programme, state: Any, confidence: str, note: str
) -> None:
    item = ShippedProgramme(programme, state, confidence, note)
    found = from_plain("programme", json.loads(json.dumps(to_plain(item))))
    assert isinstance(found, ShippedProgramme)
    assert replace(found, programme=replace(found.programme, text="")) == item


@pytest.mark.parametrize(
    ("kind", "content", "said"),
    [
        ("poem", {}, "没有“poem”这一类内容，可用的有：document、entry、programme、lexicon。"),
        ("entry", ["x"], "“content”应是一组“名称: 值”，现在是 “['x']”。"),
        ("entry", {"question": "甲？"}, "“编号”没有填写，请补上。"),
        ("entry", {"id": "a", "colour": 1}, "没有“colour”这一项"),
        ("entry", {"id": "a", "question": 5}, "“问题”应是一段文字，现在是 “5”。"),
        ("entry", {"id": "a", "variants": "甲"}, "“其他问法”应是一个列表，现在是 “甲”。"),
        ("entry", {"id": "a", "plain": "甲\x00"}, "“白话”里有不能保存的字符（U+0000），请删去。"),
        ("entry", {"id": "a", "plain": "\ud800"}, "（U+D800）"),
        ("entry", {"id": "a", "force": "must"}, "“约束力”写的是 “must”，只能是：right、duty"),
        ("entry", {"id": "a", "valid_to": "2026-13-01"}, "“失效日期”写的是 “2026-13-01”，不是日期"),
        ("entry", {"id": "a", "quotes": [{"text": "甲"}]}, "“条款编号”没有填写"),
        ("entry", {"id": "a", "quotes": [{"clause": "x", "start": -1}]}, "应是不小于 0 的整数"),
        ("entry", {"id": "a", "quotes": ["x"]}, "“引文”应是一组“名称: 值”"),
        ("programme", {"id": "a", "kind": "service", "force": "right"}, "“核实日期”没有填写"),
        ("lexicon", {"section": "colours", "name": "红"}, "“词表”写的是 “colours”，只能是：synonyms"),
        ("document", {"id": "a", "text": "x" * 4_000_001}, "“正文”有4000001个字，最多4000000个字"),
    ],
)  # fmt: skip
def test_a_field_that_cannot_be_read_is_named(kind: Any, content: Any, said: str) -> None:
    with pytest.raises(InvalidContent) as caught:
        from_plain(kind, content)
    assert said in str(caught.value)


@pytest.mark.parametrize("rate", ["NaN", "Infinity", "many", True, "1e99", [1]])
def test_an_amount_that_is_no_number_is_named(shipped: Shipped, rate: Any) -> None:
    item = next(item for item in shipped.programmes if item.programme.amounts)
    plain = to_plain(item)
    plain["amounts"][0]["rate"] = rate
    with pytest.raises(InvalidContent, match=r"“比例”写的是 .*不是数字，请写作 0\.12 或 15000"):
        from_plain("programme", plain)


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ({"id": "a", "when": 1}, "没有“when”这一项"),
        ({"id": "a", "amount": 5}, "“对应的金额”应是一段文字"),
        ({"id": "a", "tasks": "car"}, "“办理事项”应是一个列表"),
        ({"id": "a", "applies": ["way"]}, "应写成“名称: 值”的表"),
        ({"id": "a", "applies": {"way": "scrap"}}, "应写成列表"),
        ({"id": "a", "conditions": [{"line": "x"}]}, "“条件名”没有填写"),
        ({"id": "a", "exclusive": {"group": "x"}}, "“出处”没有填写"),
    ],
)
def test_a_rule_that_cannot_be_read_is_named(shipped: Shipped, rule: Any, said: str) -> None:
    plain = {**to_plain(shipped.programmes[0]), "rules": [rule]}
    with pytest.raises(InvalidContent) as caught:
        from_plain("programme", plain)
    assert said in str(caught.value)
