"""The preview of a draft is composed as answers are."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from actions.composing import answer_reply
from api.desk.cards import entry_card, programme_card, stands
from api.rendering import on_wire
from index.snapshot import Ingredients, assemble
from knowledge.model import Amount, Knowledge, Quote
from tests.index import tiny

DAY = tiny.DAY


def test_a_drafts_card_is_what_the_published_entry_answers() -> None:
    known = tiny.knowledge()
    entry = replace(known.entries[0], plain="旧衣服可以捐。", force="encouragement", programmes=("fridge",))
    published = replace(known, entries=(entry, *known.entries[1:]))
    searcher = assemble(published, Ingredients(tiny.BigramEncoder(), tiny.ranking()))
    outcome = searcher.search(entry.question, as_of=DAY)
    assert outcome.verdict == "answer"
    answered = on_wire(answer_reply(searcher, outcome, entry.question, DAY))
    drafted = on_wire(entry_card(known, entry, DAY))  # type: ignore[arg-type]
    same = ("kind", "text", "plain", "force", "citations", "as_of")
    assert {name: drafted[name] for name in same} == {name: answered[name] for name in same}
    assert drafted["snapshot"] is None


def test_nothing_is_shown_while_nothing_is_quoted() -> None:
    known = tiny.knowledge()
    assert entry_card(known, replace(known.entries[0], quotes=()), DAY) is None
    gone = replace(known.entries[0], quotes=(Quote("plan#1", 0, 3, "没有的话"),))
    assert entry_card(known, gone, DAY) is None


def test_a_quote_that_no_longer_stands_is_left_out_of_the_card() -> None:
    known = tiny.knowledge()
    entry = known.entries[0]
    two = replace(entry, quotes=(Quote("plan#9", 0, 2, "不在"), *entry.quotes))
    shown = entry_card(known, two, DAY)
    assert shown is not None
    assert [citation.quote for citation in shown.citations] == ["鼓励居民通过慈善组织捐赠旧衣物。"]
    assert not stands(known, two.quotes[0])


def test_a_programmes_card_shows_the_amount_that_holds_today() -> None:
    text = "换灯泡有补贴。\n2025年：每只补3元。\n2026年：每只补5元。"
    card = tiny.programme(
        "bulb",
        "换灯泡有补贴。",
        text=text,
        amounts=(
            Amount("旧", None, "3", "元", date(2025, 1, 1), date(2025, 12, 31)),
            Amount("新", None, "5", "元", date(2026, 1, 1), date(2026, 12, 31)),
        ),
    )
    reply = programme_card(Knowledge((), ()), card, DAY)
    assert [citation.quote for citation in reply.citations] == ["2026年：每只补5元。"]
    assert reply.citations[0].source_kind == "programme"
    assert "据公开报道整理" in reply.text


def test_a_programme_that_is_not_verified_shows_its_summary() -> None:
    card = tiny.programme("bulb", "金额未核实。", text="金额未核实。")
    assert programme_card(Knowledge((), ()), card, DAY).citations[0].quote == "金额未核实。"
