"""Golden questions: when they are right, how runs differ, where they are kept, and those that ship."""

from __future__ import annotations

from dataclasses import replace

import pytest

from knowledge.errors import InvalidContent
from knowledge.publishing.golden import Answered, Comparison, Given, GoldenQuestion, Run, compare
from knowledge.publishing.golden_store import GoldenQuestions, read_shipped
from knowledge.shipped import Shipped
from tests.knowledge.conftest import shipped
from tests.publishing.world import World

__all__ = ["shipped"]

DUE = GoldenQuestion("a", "旧衣服可以捐吗？", frozenset({"plan#1", "plan#2"}))
NONE = GoldenQuestion("b", "明天下雨吗？", None)


@pytest.mark.parametrize(
    ("question", "given", "right"),
    [
        (DUE, Given("answer", "plan#1"), True),
        (DUE, Given("answer", "plan#2"), True),
        (DUE, Given("answer", "plan#3"), False),
        (DUE, Given("clarify"), False),
        (DUE, Given("abstain"), False),
        (NONE, Given("abstain"), True),
        (NONE, Given("clarify"), True),
        (NONE, Given("answer", "plan#1"), False),
    ],
)
def test_a_question_is_right_where_it_is_answered_from_what_it_expects(
    question: GoldenQuestion, given: Given, right: bool
) -> None:
    assert Answered(question, given).right is right


def test_two_runs_differ_where_kind_clause_quote_or_words_do_and_the_worst_comes_first() -> None:
    other = replace(DUE, id="c", text="别的")
    before = Run("s1", (
        Answered(DUE, Given("abstain")), Answered(NONE, Given("abstain")), Answered(other, Given("answer", "plan#1")),
    ))  # fmt: skip
    after = Run("s2", (
        Answered(DUE, Given("answer", "plan#1")), Answered(NONE, Given("abstain")), Answered(other, Given("clarify")),
    ))  # fmt: skip
    found = compare(before, after)
    assert [(change.question, change.broken, change.mended) for change in found.changed] == [
        ("别的", True, False),
        ("旧衣服可以捐吗？", False, True),
    ]
    assert (found.asked, found.right_before, found.right_after, found.broken) == (3, 2, 2, 1)
    assert Comparison.from_plain(found.to_plain()) == found


def test_no_questions_are_no_reason_to_worry() -> None:
    assert compare(Run("a", ()), Run("b", ())).share == 1.0


@pytest.fixture
def golden(world: World) -> GoldenQuestions:
    return GoldenQuestions(world.engine, now=world.clock.now, journal=world.publisher._core.journal)


def test_shipped_questions_follow_their_file_until_somebody_changes_them(golden: GoldenQuestions) -> None:
    first = replace(DUE, id="shipped-1", origin="shipped")
    second = replace(NONE, id="shipped-2", origin="shipped")
    assert golden.seed([first, second]) == 2
    assert golden.seed([first, second]) == 0
    assert golden.all() == [first, second]
    golden.save(text=first.text, expects=first.expects, by="reviewer", question_id=first.id, active=False)
    newer = replace(first, note="新的说明"), replace(second, note="新的说明")
    assert golden.seed(newer) == 1
    assert golden.all() == [replace(first, active=False), newer[1]]
    assert golden.seed([newer[0]]) == 1
    assert [item.id for item in golden.all()] == [first.id]


def test_a_question_is_added_and_changed_with_a_line_in_the_journal(
    golden: GoldenQuestions, world: World
) -> None:
    item = golden.save(text=" 旧衣服  捐给谁？ ", expects=["plan#1"], by="reviewer", note="常被问到")
    assert (item.text, item.expects, item.origin) == ("旧衣服 捐给谁？", frozenset({"plan#1"}), "editor")
    changed = golden.save(text=item.text, expects=None, by="reviewer", question_id=item.id)
    assert golden.all() == [changed]
    assert world.journal("golden.saved") == [item.id, item.id]


def test_a_question_without_words_twice_or_of_an_unknown_clause_is_refused(golden: GoldenQuestions) -> None:
    golden.save(text="旧衣服捐给谁？", expects=["plan#1"], by="reviewer")
    for text, expects, named in (
        ("  ", None, "写上"),
        ("旧衣服捐给谁？", None, "同样"),
        ("新的？", ["plan#9"], "plan#9"),
    ):
        with pytest.raises(InvalidContent, match=named):
            golden.save(text=text, expects=expects, by="reviewer")
    with pytest.raises(InvalidContent, match="gone"):
        golden.save(text="新的？", expects=None, by="reviewer", question_id="gone")


def test_the_shipped_questions_are_enough_differ_and_expect_what_ships(shipped: Shipped) -> None:
    items = read_shipped()
    knowledge = shipped.published()
    known = set(knowledge.clause_by_id) | set(knowledge.programme_by_id)
    assert len(items) == len({item.id for item in items}) >= 200
    assert sum(item.expects is None for item in items) >= 50
    assert {name for item in items for name in item.expects or ()} <= known
    expected = {name for item in items for name in item.expects or ()}
    sections = {c.id for c in knowledge.clauses if c.kind == "section" and not c.id.endswith("#1.1")}
    assert sections - expected <= {"cq-2020-1891#1.2", "cq-2020-1891#3.1", "cq-2020-1891#3.2"}


def test_no_shipped_question_is_a_wording_of_a_measuring_set() -> None:
    from index.evaluation.cases import question_sets

    measured = {case.question for _, cases in question_sets(None) for case in cases}
    assert measured.isdisjoint(item.text for item in read_shipped())
