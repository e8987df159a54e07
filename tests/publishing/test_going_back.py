"""Rolling back, keeping the index to the database, and taking back at once."""

from __future__ import annotations

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from knowledge.errors import InvalidContent
from knowledge.publishing.errors import SameReviewer, UnknownTarget
from knowledge.publishing.model import Target, TargetKind
from knowledge.publishing.withheld import Withheld
from knowledge.store.publishing_tables import ReleaseRow
from knowledge.store.tables import EntryRow
from tests.publishing.world import CLOTHES_ENTRY, FOOD_ENTRY, World, full_disk


def test_a_rollback_restores_rows_and_answers_alike(any_world: World) -> None:
    world = any_world
    start = world.publisher.history()[-1]
    world.published(world.approved("clothes", plain="可以捐给慈善组织。", variants=["旧衣咋个捐"]))
    world.published(world.approved("food", plain="可以点小份菜。"))
    built = list(world.index.built)
    back = world.publisher.roll_back(start.id, by="reviewer", reason="说法有误")
    assert {row.id for row in back.rows} == {"clothes", "food"}
    assert (back.kind, back.back_to, back.snapshot, back.kept) == ("rollback", start.id, start.snapshot, ())
    assert world.index.built == built  # the old snapshot was still there
    assert (world.said(CLOTHES_ENTRY.question), world.said("旧衣咋个捐")) == ("鼓励捐赠旧衣物。", "")
    assert world.row("food") == ("published", "鼓励提供小份菜。")
    assert world.agrees()
    assert back.id in world.journal("release.rolled_back")


def test_a_rollback_can_be_rolled_back(world: World) -> None:
    start = world.publisher.history()[-1]
    changed = world.published(world.approved("clothes", plain="可以捐给慈善组织。"))
    world.publisher.roll_back(start.id, by="reviewer", reason="看错了")
    world.publisher.roll_back(changed, by="reviewer", reason="没有看错")
    assert world.said(CLOTHES_ENTRY.question) == "可以捐给慈善组织。"
    assert world.agrees()


def test_an_entry_that_was_not_there_then_is_withdrawn_and_keeps_its_id(world: World) -> None:
    start = world.publisher.history()[-1]
    world.published(world.approved("fresh", question="书可以捐吗？", plain="可以。"))
    assert world.said("书可以捐吗？") == "可以。"
    world.publisher.roll_back(start.id, by="reviewer", reason="不该发")
    assert world.said("书可以捐吗？") == ""
    assert world.row("fresh") == ("withdrawn", "可以。")
    assert world.agrees()


def test_a_row_changed_since_stays_as_it_is_and_is_named(world: World) -> None:
    start = world.publisher.history()[-1]
    world.published(world.approved("clothes", plain="可以捐给慈善组织。"))
    world.published(world.approved("food", plain="可以点小份菜。"))
    with Session(world.engine) as session:  # as a newer version of what ships would
        session.execute(update(EntryRow).where(EntryRow.id == "food").values(content_hash="another"))
        session.commit()
    back = world.publisher.roll_back(start.id, by="reviewer", reason="回退")
    assert back.kept == ("food",)
    assert world.row("clothes") == ("published", "鼓励捐赠旧衣物。")
    assert world.row("food") == ("published", "可以点小份菜。")


def test_going_back_needs_a_reason_and_something_to_undo(world: World) -> None:
    start = world.publisher.history()[-1]
    with pytest.raises(InvalidContent, match="不用回退"):
        world.publisher.roll_back(start.id, by="reviewer", reason="回退")
    world.published(world.approved("clothes", plain="可以捐给慈善组织。"))
    with pytest.raises(InvalidContent, match="理由"):
        world.publisher.roll_back(start.id, by="reviewer", reason=" ")


@pytest.mark.parametrize(
    ("kind", "name", "gone"),
    [
        ("entry", "clothes", {CLOTHES_ENTRY.question}),
        ("clause", "plan#1", {CLOTHES_ENTRY.question}),
        ("document", "plan", {CLOTHES_ENTRY.question, FOOD_ENTRY.question}),
        ("tag", "居民", {CLOTHES_ENTRY.question, FOOD_ENTRY.question}),
    ],
)
def test_what_is_taken_back_is_not_answered_from_the_next_question_on(
    world: World, kind: TargetKind, name: str, gone: set[str]
) -> None:
    questions = {CLOTHES_ENTRY.question, FOOD_ENTRY.question}
    world.publisher.withdraw_now(Target(kind, name), by="reviewer", reason="数字错了")
    assert {question for question in questions if not world.said(question)} == gone
    release = world.publisher.catch_up()
    assert release is not None
    assert release.kind == "withdrawal"
    assert {question for question in questions if not world.said(question)} == gone
    assert world.agrees()
    assert world.publisher.catch_up() is None


def test_taking_back_needs_no_turn_and_no_space(world: World) -> None:
    world.index.before_build = full_disk
    with world.publisher._core.lease.held("王审核"):
        world.publisher.withdraw_now(Target("entry", "clothes"), by="reviewer", reason="错了")
    assert world.said(CLOTHES_ENTRY.question) == ""


def test_what_was_taken_back_is_reviewed_by_somebody_else(world: World) -> None:
    made = world.publisher.withdraw_now(Target("entry", "clothes"), by="reviewer", reason="错了")
    assert [item.id for item in world.publisher.withdrawals(only_open=True)] == [made.id]
    with pytest.raises(SameReviewer):
        world.publisher.review(made.id, confirm=True, by="reviewer")
    reviewed = world.publisher.review(made.id, confirm=True, by="reviewer2", note="属实")
    assert (reviewed.state, reviewed.active, reviewed.reviewed_by) == ("confirmed", True, "reviewer2")
    assert world.publisher.withdrawals(only_open=True) == []
    world.publisher.catch_up()
    assert world.said(CLOTHES_ENTRY.question) == ""
    assert world.journal("withdrawal.made") == ["clothes"]
    assert world.journal("withdrawal.confirmed") == ["clothes"]


def test_what_was_taken_back_by_mistake_comes_back_as_it_was(any_world: World) -> None:
    world = any_world
    before = world.index.pointer
    made = world.publisher.withdraw_now(Target("entry", "clothes"), by="reviewer", reason="错了")
    world.publisher.catch_up()
    assert world.row("clothes")[0] == "withdrawn"
    world.publisher.review(made.id, confirm=False, by="reviewer2", note="没有错")
    world.publisher.catch_up()
    assert world.row("clothes") == ("published", "鼓励捐赠旧衣物。")
    assert (world.said(CLOTHES_ENTRY.question), world.index.pointer) == ("鼓励捐赠旧衣物。", before)
    with pytest.raises(InvalidContent, match="reviewer2"):
        world.publisher.review(made.id, confirm=True, by="reviewer3")


def test_a_rollback_brings_nothing_back_that_was_taken_back(world: World) -> None:
    start = world.publisher.history()[-1]
    world.published(world.approved("food", plain="可以点小份菜。"))
    world.publisher.withdraw_now(Target("clause", "plan#1"), by="reviewer", reason="错了")
    world.publisher.catch_up()
    world.publisher.roll_back(start.id, by="reviewer", reason="回退")
    assert (world.said(CLOTHES_ENTRY.question), world.said(FOOD_ENTRY.question)) == ("", "鼓励提供小份菜。")
    assert world.agrees()


def test_taking_the_same_back_twice_is_one_withdrawal(world: World) -> None:
    first = world.publisher.withdraw_now(Target("clause", "plan#1"), by="reviewer", reason="错了")
    assert world.publisher.withdraw_now(Target("clause", "plan#1"), by="reviewer2", reason="也错了") == first


def test_what_is_not_there_or_has_no_reason_is_not_taken_back(world: World) -> None:
    targets = (("entry", "x"), ("clause", "x"), ("document", "x"), ("programme", "x"), ("tag", "x"))
    for kind, name in (*targets, ("item", "x")):
        with pytest.raises(UnknownTarget, match="x"):
            world.publisher.withdraw_now(Target(kind, name), by="reviewer", reason="错了")  # type: ignore[arg-type]
    with pytest.raises(InvalidContent, match="理由"):
        world.publisher.withdraw_now(Target("entry", "clothes"), by="reviewer", reason="")
    assert world.index.withheld == Withheld()


def test_a_change_of_the_store_by_another_way_reaches_the_answers(world: World) -> None:
    with Session(world.engine) as session:  # as an upgrade of what ships does
        session.execute(
            update(EntryRow).where(EntryRow.id == "food").values(plain="新版说法。", content_hash="newer")
        )
        session.commit()
    release = world.publisher.catch_up()
    assert release is not None
    assert release.kind == "upkeep"
    assert world.said(FOOD_ENTRY.question) == "新版说法。"


def test_what_a_dead_process_was_previewing_is_over(world: World) -> None:
    with Session(world.engine) as session:
        row = session.query(ReleaseRow).one()
        values = {item.key: getattr(row, item.key) for item in ReleaseRow.__mapper__.column_attrs}
        session.add(ReleaseRow(**{**values, "id": "dead", "state": "building", "kind": "publication"}))
        session.commit()
    world.publisher.catch_up()
    dead = world.publisher.release("dead")
    assert (dead.state, "中断" in dead.error) == ("failed", True)
