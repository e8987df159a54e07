"""Abstentions name who is responsible for what stands nearest, and never deny a rule."""

from __future__ import annotations

from dataclasses import replace

from actions.catalogue import responsible
from actions.replies import Reply
from knowledge.model import Clause, Knowledge
from tests.actions.test_answer import DENIALS, asking
from tests.index import tiny

NAMES = ("市民政局", "市商务委", "市教委", "市发展改革委", "市财政局")


def abstaining(clothes: Clause, *more: Clause) -> Reply:
    known = tiny.knowledge(clauses=(clothes, *more, tiny.CARS, tiny.FOOD))
    reply = asking(known)("捐赠旧衣物的门店地址")
    assert reply.kind == "abstain"
    return reply


def test_an_abstention_names_four_departments_and_those_that_lead_first() -> None:
    led = replace(tiny.CLOTHES, departments=NAMES, lead_departments=("市发展改革委",))
    reply = abstaining(led)
    assert "相关条款的责任单位：市发展改革委、市民政局、市商务委、市教委。" in reply.text
    assert reply.text.index("责任单位") < reply.text.index("12345")
    assert reply.plain is not None
    assert "责任单位" in reply.plain
    assert not [words for words in DENIALS if words in reply.text]
    assert reply.citations == []


def test_a_clause_within_another_has_the_departments_of_the_one_above() -> None:
    above = replace(tiny.clause("9", "其他", "其他事项。"), departments=("市民政局",))
    reply = abstaining(replace(tiny.CLOTHES, parent=above.id), above)
    assert "相关条款的责任单位：市民政局。" in reply.text
    known: Knowledge = tiny.knowledge(clauses=(above,))
    assert responsible(known, replace(tiny.CLOTHES, parent=above.id)) == (("市民政局",), ())
    assert responsible(known, tiny.CLOTHES) == ((), ())


def test_nobody_is_named_where_the_clause_names_nobody_in_particular() -> None:
    assert "责任单位" not in abstaining(tiny.CLOTHES).text
    assert "责任单位" not in abstaining(replace(tiny.CLOTHES, departments=("各有关部门",))).text


def test_what_is_out_of_scope_names_no_department() -> None:
    known = tiny.knowledge(clauses=tuple(replace(c, departments=NAMES) for c in tiny.knowledge().clauses))
    reply = asking(known)("公积金提取")
    assert reply.reason == "out_of_scope"
    assert "责任单位" not in reply.text
