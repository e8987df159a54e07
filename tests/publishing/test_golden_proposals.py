"""Changes of golden questions: proposed by one, agreed to by another, told to whoever comes second."""

from __future__ import annotations

import pytest

from knowledge.errors import InvalidContent, UnknownRow
from knowledge.publishing.errors import SameReviewer, Stale
from knowledge.publishing.golden_proposals import GoldenProposals
from knowledge.publishing.golden_store import GoldenQuestions
from tests.publishing.world import World


@pytest.fixture
def golden(any_world: World) -> GoldenQuestions:
    world = any_world
    return GoldenQuestions(world.engine, now=world.clock.now, journal=world.publisher._core.journal)


@pytest.fixture
def proposals(any_world: World, golden: GoldenQuestions) -> GoldenProposals:
    world = any_world
    journal = world.publisher._core.journal
    return GoldenProposals(world.engine, golden, now=world.clock.now, journal=journal)


def test_a_new_question_holds_once_another_person_agrees(
    any_world: World, golden: GoldenQuestions, proposals: GoldenProposals
) -> None:
    made = proposals.propose(text=" 旧衣服 捐给谁？", expects=["plan#1"], by="lin", note="常被问到")
    assert golden.all() == []
    with pytest.raises(SameReviewer, match="自己提的"):
        proposals.approve(made, by="lin")
    item = proposals.approve(made, by="wang")
    assert (item.text, item.expects, item.note) == ("旧衣服 捐给谁？", frozenset({"plan#1"}), "常被问到")
    assert golden.all() == [item]
    assert proposals.all() == []
    assert any_world.journal("golden.saved") == [item.id]
    with pytest.raises(UnknownRow, match="已经审完"):
        proposals.approve(made, by="zhao")


def test_a_question_is_retired_and_comes_back_the_same_way(
    golden: GoldenQuestions, proposals: GoldenProposals
) -> None:
    item = golden.save(text="旧衣服捐给谁？", expects=["plan#1"], by="system")
    for active in (False, True):
        made = proposals.propose(
            text=item.text, expects=item.expects, by="lin", question_id=item.id, active=active
        )
        assert golden.all()[0].active is not active
        assert proposals.approve(made, by="wang").active is active
    assert golden.all() == [item]


def test_what_is_sent_back_is_changed_by_its_author_and_asked_again(
    golden: GoldenQuestions, proposals: GoldenProposals
) -> None:
    made = proposals.propose(text="旧衣服捐给谁？", expects=None, by="lin")
    with pytest.raises(InvalidContent, match="理由"):
        proposals.send_back(made, by="wang", reason=" ")
    proposals.send_back(made, by="wang", reason="方案里有")
    (back,) = proposals.all()
    assert (back.state, back.said) == ("sent_back", "方案里有")
    with pytest.raises(Stale, match="刷新"):
        proposals.approve(made, by="wang")
    with pytest.raises(Stale, match="lin"):
        proposals.propose(text="旧衣服捐给谁？", expects=["plan#1"], by="zhao", seen=back)
    again = proposals.propose(text="旧衣服捐给谁？", expects=["plan#1"], by="lin", seen=back)
    assert (again.id, again.state, again.said) == (made.id, "open", "")
    assert proposals.approve(again, by="wang").expects == {"plan#1"}
    assert len(golden.all()) == 1


def test_of_two_for_one_question_the_second_is_told(
    golden: GoldenQuestions, proposals: GoldenProposals
) -> None:
    item = golden.save(text="旧衣服捐给谁？", expects=["plan#1"], by="system")
    first = proposals.propose(text=item.text, expects=None, by="lin", question_id=item.id)
    with pytest.raises(Stale, match="lin"):
        proposals.propose(text=item.text, expects=["plan#2"], by="zhao", question_id=item.id)
    proposals.drop(first, by="lin")
    second = proposals.propose(text=item.text, expects=["plan#2"], by="zhao", question_id=item.id)
    golden.save(text=item.text, expects=None, by="system", question_id=item.id)
    with pytest.raises(Stale, match="又变过"):
        proposals.approve(second, by="wang")
    assert golden.all()[0].expects is None


def test_what_changes_nothing_or_names_nothing_is_refused(
    golden: GoldenQuestions, proposals: GoldenProposals
) -> None:
    item = golden.save(text="旧衣服捐给谁？", expects=["plan#1"], by="system")
    proposals.propose(text="新的？", expects=None, by="lin")
    for changes, said in (
        ({"text": item.text, "expects": ["plan#1"], "question_id": item.id}, "没有要改的"),
        ({"text": item.text, "expects": None}, "同样"),
        ({"text": "新的？", "expects": None}, "lin"),
        ({"text": "再问？", "expects": ["plan#9"]}, "plan#9"),
        ({"text": "  ", "expects": None}, "写上"),
        ({"text": "再问？", "expects": None, "question_id": "gone"}, "gone"),
    ):
        with pytest.raises(InvalidContent, match=said):
            proposals.propose(**changes, by="zhao")  # type: ignore[arg-type]
