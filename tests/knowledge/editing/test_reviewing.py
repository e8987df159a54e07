"""Review by another person: approved, sent back or discarded once, whoever comes second is told."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from knowledge.editing import Draft, DraftConflict, Editing, SamePerson
from knowledge.errors import InvalidContent, UnknownRow
from tests.knowledge.editing.conftest import NOW, Current, Lines, saved_entry, submitted_entry


def test_the_author_does_not_review_their_own_work(editing: Editing, current: Current) -> None:
    draft = submitted_entry(editing, current)
    with pytest.raises(SamePerson, match="问答 ride-01是你自己写的，不能由你审核。请另一位审核人来看。"):
        editing.approve(draft.id, by="li", revision=draft.revision)
    approved = editing.approve(draft.id, by="wang", revision=draft.revision)
    assert (approved.state, approved.reviewer, approved.revision) == ("approved", "wang", 3)


def test_a_reviewer_who_edited_last_does_not_approve(editing: Editing, current: Current) -> None:
    draft = submitted_entry(editing, current)
    edited = editing.save(
        kind="entry",
        row_id="ride-01",
        content={**draft.content, "plain": "停在公园周边。"},
        by="wang",
        revision=draft.revision,
    )
    review = editing.submit(draft.id, by="li", revision=edited.revision)
    with pytest.raises(SamePerson, match="最后一次是你改的"):
        editing.approve(draft.id, by="wang", revision=review.revision)
    with pytest.raises(SamePerson, match="是你自己写的"):
        editing.approve(draft.id, by="li", revision=review.revision)
    assert editing.approve(draft.id, by="zhao", revision=review.revision).reviewer == "zhao"


def test_submitting_or_approving_twice_says_who_was_first(editing: Editing, current: Current) -> None:
    draft = submitted_entry(editing, current)
    with pytest.raises(DraftConflict, match="刚被li在11-21 15:04提交了审核"):
        editing.submit(draft.id, by="wang", revision=1)
    with pytest.raises(
        DraftConflict, match="现在是“审核中”，不能提交审核；上一步是li在11-21 15:04提交了审核"
    ):
        editing.submit(draft.id, by="wang", revision=draft.revision)
    approved = editing.approve(draft.id, by="wang", revision=draft.revision)
    with pytest.raises(DraftConflict, match="刚被wang在11-21 15:04通过了审核"):
        editing.approve(draft.id, by="zhao", revision=draft.revision)
    with pytest.raises(DraftConflict, match="现在是“已通过审核”，不能通过审核"):
        editing.approve(draft.id, by="zhao", revision=approved.revision)


def test_two_reviewers_at_once_approve_once(editing: Editing, current: Current) -> None:
    draft, gate = submitted_entry(editing, current), Barrier(2)

    def approve(by: str) -> object:
        gate.wait(timeout=10)
        try:
            return editing.approve(draft.id, by=by, revision=draft.revision)
        except DraftConflict as error:
            return error

    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(approve, ["wang", "zhao"]))
    approved = [item for item in results if isinstance(item, Draft)]
    assert len(approved) == 1
    assert editing.draft(draft.id) == approved[0]
    assert [event.what for event in editing.events("entry", "ride-01")] == ["saved", "submitted", "approved"]


def test_sending_back_needs_a_reason_which_becomes_a_comment(
    editing: Editing, current: Current, journal: Lines
) -> None:
    draft = submitted_entry(editing, current)
    with pytest.raises(InvalidContent, match="请写明退回或撤回的原因"):
        editing.send_back(draft.id, by="wang", revision=draft.revision, reason="  ")
    back = editing.send_back(draft.id, by="wang", revision=draft.revision, reason="请补上年份。")
    assert (back.state, back.reviewer, back.revision) == ("draft", None, 3)
    comments = editing.comments("entry", "ride-01")
    assert [(c.by, c.text, c.draft_id, c.at) for c in comments] == [("wang", "请补上年份。", draft.id, NOW)]
    with pytest.raises(DraftConflict, match="现在是“草稿”，不能退回"):
        editing.send_back(draft.id, by="wang", revision=back.revision, reason="再来")
    assert [what for _, what, _, _ in journal.kept] == [
        "draft.saved",
        "draft.submitted",
        "draft.sent_back",
        "commented",
    ]


def test_discarding_twice_says_who_did_it(editing: Editing, current: Current) -> None:
    draft = saved_entry(editing, current)
    editing.discard(draft.id, by="li", revision=draft.revision)
    assert (editing.drafts(), editing.draft_of("entry", "ride-01")) == ([], None)
    said = "问答 ride-01的草稿已经不在了：li在11-21 15:04丢弃了。请刷新后再看。"
    with pytest.raises(DraftConflict) as caught:
        editing.discard(draft.id, by="wang", revision=draft.revision)
    assert str(caught.value) == said
    with pytest.raises(DraftConflict) as caught:
        editing.save(
            kind="entry", row_id="ride-01", content=draft.content, by="wang", revision=draft.revision
        )
    assert str(caught.value) == said
    with pytest.raises(UnknownRow, match=f"没有编号为 {draft.id} 的草稿"):
        editing.draft(draft.id)
    later = saved_entry(editing, current, by="wang")
    assert later.id > draft.id
