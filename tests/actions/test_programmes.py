"""Programmes beside a clause: what is in force on the day, in the card's words and with its disclaimer."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from actions.programmes import told
from actions.replies import Reply
from index.passages import collect
from knowledge.model import Amount, Knowledge, Programme
from tests.actions.test_answer import DISCLAIMER, TARGET, asking
from tests.index import tiny

TEXT = "买新能源车有补贴。\n2025-01-01至2025-12-31：补20000元\n2026-01-01至2026-12-31：补15000元"


def subsidy(**changes: object) -> Programme:
    def amount(year: int) -> Amount:
        return Amount("补", None, "1", "元", date(year, 1, 1), date(year, 12, 31))

    fields: dict[str, object] = {"text": TEXT, "title": "购车补贴", "amounts": (amount(2025), amount(2026))}
    return tiny.programme("car", "买新能源车有补贴。", **{**fields, **changes})


def world(*programmes: Programme) -> Knowledge:
    known = tiny.knowledge()
    cars = replace(known.entries[1], programmes=tuple(p.id for p in programmes))
    cards = (*known.programmes, *programmes)
    return replace(known, entries=(known.entries[0], cars), programmes=cards)


def asked(*programmes: Programme, day: date = tiny.DAY) -> Reply:
    return asking(world(*programmes))("电车占好多", as_of=day)


def test_a_programme_in_force_stands_behind_the_clause_with_the_amount_of_the_day() -> None:
    reply = asked(subsidy())
    assert [c.clause_id for c in reply.citations] == [tiny.CARS.id, "car"]
    beside = reply.citations[1]
    assert beside.quote == "2026-01-01至2026-12-31：补15000元" == TEXT[beside.start : beside.end]
    assert (beside.source_kind, beside.checked_on) == ("programme", date(2026, 11, 1))
    assert f"现行的具体做法，见《购车补贴》：“{beside.quote}”" in reply.text
    assert reply.text.index(TARGET) < reply.text.index("现行的具体做法")
    assert reply.text.endswith(f"{DISCLAIMER}。")
    assert reply.force == "target"


def test_another_day_has_another_amount() -> None:
    assert asked(subsidy(), day=date(2025, 5, 1)).citations[1].quote == "2025-01-01至2025-12-31：补20000元"


def test_without_an_amount_that_holds_the_summary_is_shown() -> None:
    assert asked(subsidy(), day=date(2027, 1, 1)).citations[1].quote == "买新能源车有补贴。"


def test_a_programme_that_has_ended_or_not_begun_is_left_out() -> None:
    ended = subsidy(valid_to=date(2026, 11, 20))
    coming = replace(subsidy(valid_from=date(2026, 11, 22)), id="next")
    reply = asked(ended, coming)
    assert [c.clause_id for c in reply.citations] == [tiny.CARS.id]
    assert "购车补贴" not in reply.text
    assert DISCLAIMER not in reply.text


def test_what_nobody_has_verified_is_not_shown_beside_a_clause() -> None:
    bare = subsidy(text="买新能源车的补贴本次未核实", amounts=())
    assert [c.clause_id for c in asked(bare).citations] == [tiny.CARS.id]


def test_several_programmes_stand_in_the_entrys_order() -> None:
    reply = asked(replace(subsidy(), id="b"), replace(subsidy(), id="a"))
    assert [c.clause_id for c in reply.citations] == [tiny.CARS.id, "b", "a"]


def test_a_programme_that_the_entry_quotes_already_is_shown_once() -> None:
    known = world(subsidy())
    quote = replace(known.entries[1].quotes[0], clause_id="car", start=0, end=9, text=TEXT[:9])
    entries = (known.entries[0], replace(known.entries[1], quotes=(*known.entries[1].quotes, quote)))
    reply = asking(replace(known, entries=entries))("电车占好多")
    assert [(c.clause_id, c.quote) for c in reply.citations][1:] == [("car", "买新能源车有补贴。")]


SUMMARY = "买新能源车有补贴。"
AMOUNT = "2026-01-01至2026-12-31：补15000元"
HOW = "怎么办理：到窗口交资料"
CARD = subsidy(
    text=f"{SUMMARY}\n{AMOUNT}\n条件：\n1. 新车在目录内\n2. 本人名下\n{HOW}",
    amounts=subsidy().amounts[1:],
    conditions=("新车在目录内", "本人名下"),
    how_to_apply="到窗口交资料",
)


@pytest.mark.parametrize(
    ("line", "question", "said"),
    [
        (SUMMARY, "买电车有补贴吗", [SUMMARY]),
        (AMOUNT, "买电车补好多", [AMOUNT]),
        ("1. 新车在目录内", "买电车有补贴吗", [SUMMARY, "新车在目录内"]),
        (HOW, "补贴有窗口办吗", [SUMMARY, HOW]),
        ("1. 新车在目录内", "买电车补贴怎么领", [HOW, SUMMARY]),
        (HOW, "买电车补贴怎么领", [HOW, SUMMARY]),
    ],
)
def test_a_condition_never_answers_without_what_it_is_a_condition_of(
    line: str, question: str, said: list[str]
) -> None:
    known = replace(tiny.knowledge(), programmes=(CARD,))
    (found,) = [p for p in collect(known).passages if p.text == line]
    quotes = told(CARD, found, question)
    assert [quote.text for quote in quotes] == said
    assert all(CARD.text[quote.start : quote.end] == quote.text for quote in quotes)


def test_two_lines_of_one_card_are_told_under_one_title() -> None:
    known = replace(tiny.knowledge(), programmes=(CARD,))
    reply = asking(known)("新车在目录内")
    assert f"《购车补贴》（2026-11-01核对）：“{SUMMARY}”\n同一处还写明：“新车在目录内”" in reply.text
    assert [c.quote for c in reply.citations] == [SUMMARY, "新车在目录内"]
    assert reply.text.count(DISCLAIMER) == 1
