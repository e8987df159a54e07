"""From a group to an entry that answers it: drafted, published, found, golden."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from api.feedback import Feedback
from api.insights.model import InsightError
from knowledge.model import Entry
from knowledge.store.draft_tables import DraftRow
from tests.index.tiny import FOOD, entry, knowledge
from tests.insights.conftest import NOON, Ask, World


def published(world: World, *questions: str) -> Entry:
    """The tiny knowledge with an entry on food, live."""
    food = entry("food", FOOD, "鼓励餐饮企业提供小份菜、半份菜。", *questions)
    world.shelf.publish(knowledge(entries=(*knowledge().entries, food)))
    return food


def test_a_group_is_solved_once_its_entry_is_live_and_its_questions_become_golden(
    world: World, ask: Ask
) -> None:
    gaps = world.insights.gaps
    texts = ("馆子有没有小份菜", "馆子有没有半份菜")
    for text in texts:
        ask(text)
    (group,) = gaps.groups()
    drafted = gaps.draft(group.id, by="li", revision=0)
    assert gaps.settle() == []
    assert gaps.group(group.id).state == "drafted"
    live = replace(published(world, *texts), id=drafted.entry)
    world.shelf.publish(knowledge(entries=(*knowledge().entries, live)))
    assert gaps.settle() == [group.id]
    after = gaps.group(group.id)
    assert (after.state, after.decision.entry if after.decision else None) == ("solved", drafted.entry)
    assert sorted(world.golden.learnt) == [
        (text, (FOOD.id,), f"group:{group.id}", "app") for text in sorted(texts)
    ]
    assert gaps.settle() == []  # and once is enough


def test_a_published_entry_that_its_questions_do_not_find_leaves_the_group_unsolved(
    world: World, ask: Ask
) -> None:
    gaps = world.insights.gaps
    ask("电瓶车上牌照去哪里")
    (group,) = gaps.groups()
    drafted = gaps.draft(group.id, by="li", revision=0)
    live = replace(published(world, "小份菜在哪里"), id=drafted.entry)
    world.shelf.publish(knowledge(entries=(*knowledge().entries, live)))
    assert gaps.settle() == []
    assert gaps.group(group.id).state == "drafted"
    assert world.golden.learnt == []


def test_a_group_whose_draft_was_dropped_is_open_again(world: World, ask: Ask) -> None:
    gaps = world.insights.gaps
    ask("馆子有没有小份菜")
    (group,) = gaps.groups()
    drafted = gaps.draft(group.id, by="li", revision=0)
    draft = world.editing.draft(drafted.draft)
    world.editing.discard(draft.id, by="li", revision=draft.revision)
    gaps.settle()
    assert gaps.group(group.id).state == "open"
    again = gaps.draft(group.id, by="li", revision=2)
    with world.engine.connect() as connection:
        assert connection.scalars(select(DraftRow.row_id)).all() == [again.entry]


def test_a_group_answered_by_another_entry_can_be_closed_and_only_then(world: World, ask: Ask) -> None:
    gaps = world.insights.gaps
    ask("电瓶车上牌照去哪里")
    (group,) = gaps.groups()
    with pytest.raises(InsightError, match="还没有都答上"):
        gaps.solve(group.id, by="li", revision=0)
    published(world, "电瓶车上牌照去哪里")
    assert [(tried.verdict, tried.entry) for tried in gaps.tried(group.id)] == [("answer", "food")]
    solved = gaps.solve(group.id, by="li", revision=0)
    assert (solved.state, solved.decision.entry if solved.decision else None) == ("solved", "food")
    assert world.golden.learnt == [("电瓶车上牌照去哪里", (FOOD.id,), f"group:{group.id}", "li")]


def test_a_solved_group_that_is_missed_again_says_how_often(world: World, ask: Ask) -> None:
    gaps = world.insights.gaps
    ask("馆子有没有小份菜")
    published(world, "馆子有没有小份菜")
    group = gaps.solve(gaps.groups()[0].id, by="li", revision=0)
    assert group.since_decided == 0
    ask("馆子有没有小份菜", at=NOON + timedelta(hours=1), times=2)
    assert gaps.group(group.id).since_decided == 2


def test_wordings_that_an_entry_has_already_stay_out_of_a_draft(world: World, ask: Ask) -> None:
    gaps = world.insights.gaps
    published(world, "馆子有没有小份菜")
    feedback = Feedback(world.engine, clock=world.clock)
    feedback.judge(ask("馆子有没有小份菜？", kind="answer"), useful=False)
    ask("馆子有没有半份菜")
    (group,) = gaps.groups()
    drafted = gaps.draft(group.id, by="li", revision=0)
    content = world.editing.draft(drafted.draft).content
    assert (content["question"], content["variants"], drafted.left_out) == ("馆子有没有半份菜", [], 1)
