"""From approved drafts to answers: preview, publish, who may, what stops it."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from knowledge.editing.model import Draft
from knowledge.errors import InvalidContent
from knowledge.publishing.errors import Busy, CannotBuild, ReasonNeeded, Stale, UnknownRelease
from knowledge.publishing.golden import Given
from knowledge.publishing.model import Row, Target
from knowledge.publishing.scheduled import holding
from knowledge.store.publishing_tables import LeaseRow, ReleaseRow
from knowledge.store.tables import EntryRow
from tests.publishing.world import CLOTHES_ENTRY, DAY, FOOD_ENTRY, World, full_disk


def test_a_preview_tells_what_would_change_and_changes_nothing(world: World) -> None:
    draft = world.approved("clothes", plain="可以捐给慈善组织。")
    before = world.index.pointer
    ready = world.publisher.preview([draft.id], by="reviewer")
    assert (ready.state, ready.rows) == (
        "ready",
        (Row("entry", "clothes", CLOTHES_ENTRY.question, "published"),),
    )
    assert ready.comparison is not None
    (change,) = ready.comparison.changed
    assert (change.question, change.before_right, change.after_right) == (CLOTHES_ENTRY.question, True, True)
    assert change.before == Given("answer", "plan#1", CLOTHES_ENTRY.quotes[0].text, "鼓励捐赠旧衣物。")
    assert change.after == Given("answer", "plan#1", CLOTHES_ENTRY.quotes[0].text, "可以捐给慈善组织。")
    assert ready.needs_reason == ()
    assert (world.index.pointer, world.row("clothes")) == (before, ("published", "鼓励捐赠旧衣物。"))


def test_what_is_published_is_answered_and_stands_in_rows_history_and_journal(any_world: World) -> None:
    world = any_world
    release_id = world.published(world.approved("clothes", plain="可以捐给慈善组织。"))
    assert world.said(CLOTHES_ENTRY.question) == "可以捐给慈善组织。"
    assert world.row("clothes") == ("published", "可以捐给慈善组织。")
    assert world.agrees()
    assert world.editing.drafts() == []
    newest, start = world.publisher.history()
    assert (newest.id, newest.state, newest.published_by, newest.snapshot) == (
        release_id, "live", "reviewer", world.index.pointer,
    )  # fmt: skip
    assert (start.kind, start.snapshot) == ("start", newest.before_snapshot)
    assert release_id in world.journal("release.published")


def test_publishing_once_more_does_nothing(world: World) -> None:
    draft = world.approved("clothes", plain="可以捐给慈善组织。")
    ready = world.publisher.preview([draft.id], by="reviewer")
    first = world.publisher.publish(ready.id, by="reviewer")
    assert world.publisher.publish(ready.id, by="reviewer2") == first
    assert len(world.publisher.history()) == 2


def test_a_preview_made_before_a_restart_can_be_published_after_it(world: World) -> None:
    draft = world.approved("clothes", plain="可以捐给慈善组织。")
    ready = world.publisher.preview([draft.id], by="reviewer")
    world.publisher._prepared = None
    assert [waiting.id for waiting in world.publisher.waiting()] == [ready.id]
    assert world.publisher.publish(ready.id, by="reviewer").state == "live"
    assert world.said(CLOTHES_ENTRY.question) == "可以捐给慈善组织。"


def test_a_second_publisher_is_told_who_is_at_work(world: World) -> None:
    draft = world.approved("clothes", plain="可以捐给慈善组织。")
    with world.publisher._core.lease.held("王审核"):
        assert world.publisher.publisher_at_work() == "王审核"
        with pytest.raises(Busy, match="王审核"):
            world.publisher.preview([draft.id], by="reviewer")
    assert world.publisher.publisher_at_work() is None
    assert world.publisher.preview([draft.id], by="reviewer").state == "ready"


def test_upkeep_is_waited_for(world: World) -> None:
    draft = world.approved("clothes", plain="可以捐给慈善组织。")
    held, told = threading.Event(), threading.Event()

    def upkeep() -> None:
        with world.publisher._core.lease.held("system"):
            held.set()
            told.wait(10)

    thread = threading.Thread(target=upkeep)
    thread.start()
    held.wait(10)
    threading.Timer(0.3, told.set).start()
    assert world.publisher.preview([draft.id], by="reviewer").state == "ready"
    thread.join()


def test_a_lease_whose_holder_died_is_taken_over_and_the_dead_one_cannot_commit(world: World) -> None:
    draft = world.approved("clothes", plain="可以捐给慈善组织。")
    ready = world.publisher.preview([draft.id], by="reviewer")

    def too_slow() -> None:
        with Session(world.engine) as session:
            lease = session.get(LeaseRow, "publishing")
            assert lease is not None
            lease.holder = "somebody else"
            session.commit()

    world.index.before_build = too_slow
    world.publisher._prepared = None
    with pytest.raises(Busy, match="接手"):
        world.publisher.publish(ready.id, by="reviewer")
    assert world.row("clothes") == ("published", "鼓励捐赠旧衣物。")
    world.index.before_build = lambda: None
    world.clock.at += timedelta(minutes=2)  # type: ignore[union-attr]
    assert world.publisher.preview([draft.id], by="reviewer").state == "ready"


def test_what_changed_since_the_preview_is_not_published(world: World) -> None:
    first = world.approved("clothes", plain="可以捐给慈善组织。")
    second = world.approved("food", plain="可以点小份菜。")
    ready = world.publisher.preview([first.id], by="reviewer")
    world.published(second)
    with pytest.raises(Stale, match="重新预览"):
        world.publisher.publish(ready.id, by="reviewer")
    assert world.row("clothes") == ("published", "鼓励捐赠旧衣物。")
    assert world.agrees()


def test_a_draft_edited_since_the_preview_is_not_published(world: World) -> None:
    draft = world.approved("clothes", plain="可以捐给慈善组织。")
    ready = world.publisher.preview([draft.id], by="reviewer")
    world.editing.send_back(draft.id, by="reviewer", revision=draft.revision, reason="再想想")
    with pytest.raises(Stale):
        world.publisher.publish(ready.id, by="reviewer")
    assert world.said(CLOTHES_ENTRY.question) == "鼓励捐赠旧衣物。"


def test_drafts_that_nobody_approved_are_refused(world: World) -> None:
    content = {**(world.editing.current("entry", "clothes") or {}), "plain": "新的说法"}
    draft = world.editing.save(kind="entry", row_id="clothes", content=content, by="editor")
    with pytest.raises(Stale, match=str(draft.id)):
        world.publisher.preview([draft.id], by="reviewer")
    with pytest.raises(InvalidContent):
        world.publisher.preview([], by="reviewer")
    with pytest.raises(UnknownRelease, match="nowhere"):
        world.publisher.publish("nowhere", by="reviewer")


def test_an_answer_that_breaks_a_golden_question_asks_for_a_reason(world: World) -> None:
    draft = world.approved("clothes", question="旧书可以捐吗？")
    ready = world.publisher.preview([draft.id], by="reviewer")
    assert ready.comparison is not None
    assert [change.broken for change in ready.comparison.changed] == [True]
    assert len(ready.needs_reason) == 2  # below the bar, and right to wrong
    for silence in ("", "  "):
        with pytest.raises(ReasonNeeded, match="理由"):
            world.publisher.publish(ready.id, by="reviewer", reason=silence)
    assert world.said(CLOTHES_ENTRY.question) == "鼓励捐赠旧衣物。"
    release = world.publisher.publish(ready.id, by="reviewer", reason="改问旧书")
    assert (release.state, release.reason) == ("live", "改问旧书")
    assert world.said("旧书可以捐吗？") == "鼓励捐赠旧衣物。"


def test_golden_questions_that_are_off_are_not_asked(world: World) -> None:
    world.questions.items = [replace(item, active=item.id == "g2") for item in world.questions.items]
    draft = world.approved("clothes", question="旧书可以捐吗？")
    ready = world.publisher.preview([draft.id], by="reviewer")
    assert ready.comparison is not None
    assert (ready.comparison.asked, ready.needs_reason) == (1, ())


def test_the_live_answers_are_asked_once(world: World) -> None:
    first = world.approved("clothes", plain="甲。")
    second = world.approved("food", plain="乙。")
    world.publisher.preview([first.id], by="reviewer")
    runs = dict(world.publisher._golden._runs)
    world.publisher.preview([second.id], by="reviewer")
    assert set(runs) < set(world.publisher._golden._runs)
    assert len(world.publisher._golden._runs) == 3


def test_invalid_content_is_named_and_nothing_is_left_of_the_attempt(world: World) -> None:
    first = world.approved("one", question="毛衣可以捐吗？")
    second = world.approved("other", question="毛衣可以捐吗？")
    with pytest.raises(InvalidContent, match="other"):
        world.publisher.preview([first.id, second.id], by="reviewer")
    with Session(world.engine) as session:
        assert session.query(ReleaseRow).filter(ReleaseRow.kind != "start").count() == 0


def test_a_full_disk_leaves_the_old_snapshot_and_a_clear_word(world: World) -> None:
    draft = world.approved("clothes", plain="可以捐给慈善组织。")
    before = world.index.pointer
    world.index.before_build = full_disk
    with pytest.raises(CannotBuild, match="No space left"):
        world.publisher.preview([draft.id], by="reviewer")
    assert (world.index.pointer, world.row("clothes")) == (before, ("published", "鼓励捐赠旧衣物。"))
    world.index.before_build = lambda: None
    assert world.published(draft)
    assert world.said(CLOTHES_ENTRY.question) == "可以捐给慈善组织。"


def test_what_is_due_is_published_by_itself_and_what_is_not_waits(world: World) -> None:
    soon = world.clock.now() + timedelta(minutes=5)
    world.approved("clothes", plain="可以捐给慈善组织。", publish_at=soon)
    assert world.publisher.publish_due() == ()
    world.clock.at = soon  # type: ignore[union-attr]
    (release,) = world.publisher.publish_due()
    assert (release.kind, release.state, release.published_by) == ("scheduled", "live", "system")
    assert world.said(CLOTHES_ENTRY.question) == "可以捐给慈善组织。"
    assert world.publisher.publish_due() == ()


def test_a_scheduled_publication_that_breaks_an_answer_waits_for_a_reviewer(world: World) -> None:
    at = world.clock.now() + timedelta(minutes=5)
    world.approved("clothes", question="旧书可以捐吗？", publish_at=at)
    world.clock.at = at  # type: ignore[union-attr]
    (ready,) = world.publisher.publish_due()
    assert ready.state == "ready"
    assert world.publisher.publish_due() == ()  # not again at once
    assert [waiting.id for waiting in world.publisher.waiting()] == [ready.id]
    assert world.publisher.publish(ready.id, by="reviewer", reason="知道").state == "live"


def test_only_what_breaks_an_answer_waits_and_the_rest_of_the_set_goes_live(world: World) -> None:
    at = world.clock.now() + timedelta(minutes=5)
    good = [world.approved(f"extra-{number}", publish_at=at) for number in range(4)]
    worded = world.approved("food", plain="可以点小份菜。", publish_at=at)
    bad = world.approved("clothes", question="旧书可以捐吗？", publish_at=at)
    world.clock.at = at  # type: ignore[union-attr]
    live, waits = world.publisher.publish_due()
    assert (live.state, {row.id for row in live.rows}) == ("live", {*(d.row_id for d in good), worded.row_id})
    assert (waits.state, [row.id for row in waits.rows]) == ("ready", ["clothes"])
    assert world.said("extra-2 是什么？") == "鼓励捐赠旧衣物。"
    assert world.said(FOOD_ENTRY.question) == "可以点小份菜。"
    assert world.said(CLOTHES_ENTRY.question) == "鼓励捐赠旧衣物。"
    assert [release.id for release in world.publisher.waiting()] == [waits.id]
    (late,) = world.publisher.overdue()
    assert late.draft.id == bad.id
    assert f"会由对变错的黄金题：{CLOTHES_ENTRY.question}" in late.why
    assert world.publisher.publish(waits.id, by="reviewer", reason="知道").state == "live"
    assert world.agrees()


def test_what_waits_is_not_built_again_until_something_is_different(world: World) -> None:
    at = world.clock.now() + timedelta(minutes=5)
    for name, question in (("clothes", "旧书可以捐吗？"), ("food", "饭店有小份菜吗？")):
        world.approved(name, question=question, publish_at=at)
    world.clock.at = at  # type: ignore[union-attr]
    both = world.publisher.publish_due()
    assert [[row.id for row in release.rows] for release in both] == [["clothes"], ["food"]]
    assert {release.id for release in world.publisher.waiting()} == {release.id for release in both}
    world.index.before_build = full_disk
    world.clock.at += timedelta(minutes=11)  # type: ignore[union-attr]
    assert world.publisher.publish_due() == ()
    world.index.before_build = lambda: None
    world.published(world.approved("extra"))
    world.clock.at += timedelta(minutes=11)  # type: ignore[union-attr]
    again = world.publisher.publish_due()
    assert [[row.id for row in release.rows] for release in again] == [["clothes"], ["food"]]
    assert {release.id for release in world.publisher.waiting()} == {release.id for release in again}


def test_two_that_hold_only_together_are_found_beside_a_bad_one(world: World) -> None:
    one, bad, other = (world.approved(f"extra-{number}") for number in range(3))

    def holds(tried: Sequence[Draft]) -> bool:
        return bad not in tried and (one in tried) == (other in tried)

    assert holding([one, bad, other], holds) == [one, other]
    assert holding([one, bad], holds) == []


def test_one_bad_draft_of_many_is_found_in_few_tries(world: World) -> None:
    drafts = [world.approved(f"extra-{number}") for number in range(32)]
    tries: list[int] = []

    def holds(tried: Sequence[Draft]) -> bool:
        tries.append(len(tried))
        return drafts[20] not in tried

    assert holding(drafts, holds) == [*drafts[:20], *drafts[21:]]
    assert len(tries) == 10


def test_a_draft_that_became_invalid_is_named_and_holds_nothing_else_up(world: World) -> None:
    at = world.clock.now() + timedelta(minutes=5)
    bad = world.approved("extra", publish_at=at)
    good = world.approved("clothes", plain="可以捐给慈善组织。", publish_at=at)
    world.published(world.approved("other", variants=["extra 是什么？"]))  # it was somebody else's meanwhile
    assert world.publisher.overdue() == []
    world.clock.at = at  # type: ignore[union-attr]
    (release,) = world.publisher.publish_due()
    assert ([row.id for row in release.rows], release.state) == (["clothes"], "live")
    assert world.said(CLOTHES_ENTRY.question) == "可以捐给慈善组织。"
    (late,) = world.publisher.overdue()
    assert late.draft.id == bad.id
    assert late.tried_at is not None
    assert "extra 是什么" in late.why
    assert "取消定时" in late.why
    assert world.publisher.publish_due() == ()
    assert len(world.publisher.overdue()) == 1, "tried again, told once"
    assert good.id not in {draft.id for draft in world.editing.drafts()}
    world.editing.schedule(bad.id, by="reviewer", revision=bad.revision, publish_at=None)
    assert world.publisher.overdue() == []


def test_a_scheduled_draft_over_a_row_that_changed_is_named(world: World) -> None:
    at = world.clock.now() + timedelta(minutes=5)
    world.approved("clothes", plain="可以捐给慈善组织。", publish_at=at)
    with Session(world.engine) as session:
        row = session.get(EntryRow, "clothes")
        assert row is not None
        row.plain, row.content_hash = "别的话。", "changed"
        session.commit()
    world.clock.at = at  # type: ignore[union-attr]
    assert world.publisher.publish_due() == ()
    (late,) = world.publisher.overdue()
    assert "又变过" in late.why


def test_what_waits_for_a_reason_or_for_the_loop_is_overdue(world: World) -> None:
    at = world.clock.now() + timedelta(minutes=5)
    world.approved("clothes", question="旧书可以捐吗？", publish_at=at)
    world.clock.at = at + timedelta(minutes=1)  # type: ignore[union-attr]
    assert world.publisher.overdue() == []
    world.clock.at = at + timedelta(minutes=3)  # type: ignore[union-attr]
    (late,) = world.publisher.overdue()
    assert (late.tried_at, "doctor" in late.why) == (None, True)
    (_,) = world.publisher.publish_due()
    (late,) = world.publisher.overdue()
    assert "写明理由" in late.why


def test_a_withdrawing_draft_takes_the_answer_out(world: World) -> None:
    draft = world.editing.propose_withdrawal(kind="entry", row_id="food", by="editor", note="不再适用")
    draft = world.editing.submit(draft.id, by="editor", revision=draft.revision)
    draft = world.editing.approve(draft.id, by="reviewer", revision=draft.revision)
    ready = world.publisher.preview([draft.id], by="reviewer")
    assert ready.rows == (Row("entry", "food", FOOD_ENTRY.question, "withdrawn"),)
    world.publisher.publish(ready.id, by="reviewer", reason="不再适用")
    assert world.said(FOOD_ENTRY.question) == ""
    assert world.row("food")[0] == "withdrawn"


def test_a_row_under_an_emergency_withdrawal_waits_for_its_review(world: World) -> None:
    world.publisher.withdraw_now(Target("entry", "clothes"), by="reviewer", reason="数字错了")
    draft = world.approved("clothes", plain="可以捐给慈善组织。", state="published")
    with pytest.raises(InvalidContent, match="复核"):
        world.publisher.preview([draft.id], by="reviewer")
    (withdrawal,) = world.publisher.withdrawals()
    world.publisher.review(withdrawal.id, confirm=True, by="reviewer2")
    world.publisher.catch_up()
    assert world.said(CLOTHES_ENTRY.question) == ""
    world.published(draft, reason="改正")
    assert world.said(CLOTHES_ENTRY.question) == "可以捐给慈善组织。"
    assert not world.publisher.withdrawals()[0].active
    assert world.agrees()


def test_an_ending_is_noted_once(world: World) -> None:
    assert world.publisher.note_ended("entry", "clothes", DAY)
    assert not world.publisher.note_ended("entry", "clothes", DAY)
    assert world.journal("expired") == ["clothes"]
