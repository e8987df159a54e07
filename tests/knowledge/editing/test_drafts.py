"""Drafts and their review, on SQLite and on PostgreSQL alike."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from knowledge.editing import Draft, DraftConflict, Editing, Proposal, RowChanged
from knowledge.errors import InvalidContent, UnknownRow
from knowledge.store import load_published
from tests.knowledge.editing.conftest import NOW, Clock, Current, Lines, saved_entry, submitted_entry


def test_a_draft_stands_beside_its_row(
    editing: Editing, current: Current, engine: Engine, journal: Lines
) -> None:
    before = editing.current("entry", "ride-01")
    draft = saved_entry(editing, current)
    assert before is not None
    assert draft == Draft(
        id=draft.id,
        kind="entry",
        row_id="ride-01",
        content={**before, "question": "自行车停在哪里？"},
        base_hash=draft.base_hash,
        state="draft",
        author="li",
        edited_by="li",
        reviewer=None,
        publish_at=None,
        revision=1,
        note="改问题",
        created_at=NOW,
        updated_at=NOW,
        updated_by="li",
    )
    assert draft.base_hash is not None
    assert (draft.title, draft.withdraws) == ("自行车停在哪里？", False)
    assert editing.current("entry", "ride-01") == before
    assert editing.draft_of("entry", "ride-01") == editing.draft(draft.id) == draft
    assert [(c.field, c.label, c.before, c.after) for c in editing.changes(draft)] == [
        ("question", "问题", "哪里可以停自行车？", "自行车停在哪里？")
    ]
    with Session(engine) as session:
        assert load_published(session).entry_by_id["ride-01"].question == "哪里可以停自行车？"
    assert journal.kept == [("li", "draft.saved", "entry", "ride-01")]
    assert journal.values == [({"question": "哪里可以停自行车？"}, {"question": "自行车停在哪里？"})]


def test_a_new_row_begins_as_a_draft(editing: Editing) -> None:
    draft = editing.save(kind="entry", row_id="new-01", content={"id": "new-01"}, by="li")
    assert (draft.base_hash, draft.content["question"], draft.content["variants"]) == (None, "", [])
    assert draft.content["state"] == "published"
    assert editing.current("entry", "new-01") is None
    assert editing.problems(draft) == [
        "问答 new-01：没有引文，请写明由哪一条的哪句话回答。",
        "问答 new-01：没有问题，请写上。",
        "问答 new-01：已发布，但没有写明约束力（force），请从 right、duty、price、target、encouragement、work_plan 中选一个。",
    ]


def test_an_id_that_is_not_the_drafts_is_refused(editing: Editing) -> None:
    with pytest.raises(InvalidContent, match="内容里的编号是 b，草稿却是 a 的"):
        editing.save(kind="entry", row_id="a", content={"id": "b"}, by="li")
    with pytest.raises(InvalidContent, match="没有写明是谁做的"):
        editing.save(kind="entry", row_id="a", content={"id": "a"}, by=" ")
    assert editing.drafts() == []


def test_the_second_editor_is_told_who_was_first_and_what_they_changed(
    editing: Editing, current: Current, clock: Clock
) -> None:
    draft = saved_entry(editing, current)
    clock.forward(minutes=5)
    content = {**draft.content, "plain": "停在公园周边。", "tags": ["游客"]}
    theirs = editing.save(kind="entry", row_id="ride-01", content=content, by="wang", revision=draft.revision)
    mine = {**draft.content, "question": "单车放哪里？"}
    with pytest.raises(DraftConflict) as caught:
        editing.save(kind="entry", row_id="ride-01", content=mine, by="li", revision=draft.revision)
    assert str(caught.value) == (
        "问答 ride-01的草稿刚被wang在11-21 15:09修改过（白话、适用对象），你这一步没有生效，也没有覆盖任何内容。"
        "请先看过对方的改动，再接着做。"
    )
    assert caught.value.draft == theirs == editing.draft(draft.id)
    assert [(event.by, event.fields) for event in caught.value.events] == [("wang", ("plain", "tags"))]
    assert (theirs.revision, theirs.author, theirs.edited_by) == (2, "li", "wang")


def test_two_who_begin_at_once_make_one_draft(editing: Editing, current: Current) -> None:
    content, gate = current("entry", "ride-01", question="甲？"), Barrier(2)

    def begin(by: str) -> object:
        gate.wait(timeout=10)
        try:
            return editing.save(kind="entry", row_id="ride-01", content=content, by=by)
        except DraftConflict as error:
            return error

    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(begin, ["li", "wang"]))
    drafts = [item for item in results if isinstance(item, Draft)]
    conflicts = [item for item in results if isinstance(item, DraftConflict)]
    assert (len(drafts), len(conflicts)) == (1, 1)
    assert editing.drafts() == drafts
    assert conflicts[0].draft == drafts[0]
    assert f"问答 ride-01已经有草稿：{drafts[0].author}在11-21 15:04修改过" in str(conflicts[0])


def test_of_many_who_save_at_once_one_wins_each_time(editing: Editing, current: Current) -> None:
    draft, gate = saved_entry(editing, current), Barrier(4)

    def write(number: int) -> object:
        gate.wait(timeout=10)
        content = {**draft.content, "plain": f"第{number}个人写的。"}
        try:
            return editing.save(
                kind="entry", row_id="ride-01", content=content, by=f"p{number}", revision=draft.revision
            )
        except DraftConflict as error:
            return error

    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(write, range(4)))
    saved = [item for item in results if isinstance(item, Draft)]
    assert len(saved) == 1
    assert editing.draft(draft.id) == saved[0]
    others = [item for item in results if isinstance(item, DraftConflict)]
    assert [error.draft for error in others] == [saved[0]] * 3
    assert [event.what for event in editing.events("entry", "ride-01")] == ["saved", "saved"]


def test_saving_the_same_again_changes_nothing(editing: Editing, current: Current, clock: Clock) -> None:
    draft = submitted_entry(editing, current)
    clock.forward(hours=1)
    again = editing.save(
        kind="entry", row_id="ride-01", content=draft.content, by="wang", revision=draft.revision
    )
    assert again == draft


def test_what_is_changed_in_review_is_a_draft_again(editing: Editing, current: Current) -> None:
    draft = submitted_entry(editing, current)
    content = {**draft.content, "plain": "停在公园周边。"}
    changed = editing.save(kind="entry", row_id="ride-01", content=content, by="li", revision=draft.revision)
    assert (changed.state, changed.revision) == ("draft", 3)


def test_an_incomplete_draft_is_not_submitted(editing: Editing, current: Current) -> None:
    draft = saved_entry(
        editing,
        current,
        force=None,
        tags=["火星人"],
        quotes=[{"clause": "xx-2026-1#1.2", "text": "公园里有停放点。"}],
        variants=["单车停哪儿", "自行车道要建多长"],
    )
    with pytest.raises(InvalidContent) as caught:
        editing.submit(draft.id, by="li", revision=draft.revision)
    assert [line.split("：", 1)[1][:12] for line in str(caught.value).split("\n")] == [
        "已发布，但没有写明约束力",
        "引文“公园里有停放点。”",
        "对象“火星人”不在词表的",
        "问法“自行车道要建多长？",
    ]
    assert editing.draft(draft.id).state == "draft"


def test_an_answer_that_contradicts_another_is_not_submitted(editing: Editing) -> None:
    content = {
        "id": "ride-03",
        "question": "自行车道到底要建多长呢？",
        "quotes": [{"clause": "xx-2026-1#1.2", "text": "每五百米一处。"}],
        "plain": "自行车道要建200公里。",
        "force": "target",
    }
    draft = editing.save(kind="entry", row_id="ride-03", content=content, by="li")
    assert any("数字却不同" in problem for problem in editing.problems(draft))


def test_a_draft_that_never_was_is_named(editing: Editing) -> None:
    with pytest.raises(UnknownRow, match="没有编号为 7 的草稿"):
        editing.submit(7, by="li", revision=1)


def test_a_row_that_changed_underneath_stops_the_draft(
    editing: Editing, current: Current, engine: Engine, clock: Clock
) -> None:
    draft = saved_entry(editing, current)
    clock.forward(minutes=1)
    with Session(engine) as session:
        editing.withdraw(session, kind="entry", row_id="ride-01", by="zhao", reason="说错了")
        session.commit()
    with pytest.raises(RowChanged) as caught:
        editing.submit(draft.id, by="li", revision=draft.revision)
    assert str(caught.value) == (
        "问答 ride-01在草稿开始之后又有改动：zhao在11-21 15:05改过，现在是“已撤回”。"
        "请对照现在的内容，确认“仍以草稿为准”后再继续。"
    )
    assert [(c.field, c.before, c.after) for c in editing.changes(draft)] == [
        ("state", "withdrawn", "published"),
        ("question", "哪里可以停自行车？", "自行车停在哪里？"),
    ]
    rebased = editing.rebase(draft.id, by="li", revision=draft.revision)
    assert rebased.base_hash != draft.base_hash
    assert editing.submit(draft.id, by="li", revision=rebased.revision).state == "in_review"


def test_an_approved_draft_on_a_changed_row_needs_review_again(
    editing: Editing, current: Current, engine: Engine, approved: Callable[..., Draft]
) -> None:
    draft = approved("entry", "ride-01", current("entry", "ride-01", plain="停在公园周边。"))
    with Session(engine) as session:
        editing.withdraw(session, kind="entry", row_id="ride-01", by="zhao", reason="说错了")
        session.commit()
    rebased = editing.rebase(draft.id, by="li", revision=draft.revision)
    assert (rebased.state, rebased.reviewer) == ("draft", None)


def test_several_are_saved_all_or_none(editing: Editing, current: Current) -> None:
    good = Proposal("entry", "ride-02", current("entry", "ride-02", plain="一百公里。"))
    bad = Proposal("entry", "ride-03", {"id": "ride-03", "force": "must"})
    with pytest.raises(InvalidContent):
        editing.save_all([good, bad], by="li")
    assert editing.drafts() == []
    fine = Proposal("entry", "ride-03", {"id": "ride-03"})
    assert [draft.row_id for draft in editing.save_all([good, fine], by="li")] == ["ride-02", "ride-03"]


def test_drafts_are_listed_by_kind_and_state(editing: Editing, current: Current, clock: Clock) -> None:
    first = saved_entry(editing, current)
    clock.forward(minutes=1)
    line = {"section": "synonyms", "name": "洋马儿", "words": ["自行车"]}
    second = editing.save(kind="lexicon", row_id="synonyms/洋马儿", content=line, by="li")
    assert editing.drafts() == [second, first]
    assert editing.drafts(kind="lexicon") == [second]
    assert editing.drafts(kind="entry", state="in_review") == []
    submitted = editing.submit(first.id, by="li", revision=1)
    assert editing.drafts(state="in_review") == [submitted]


def test_a_question_may_rest_on_a_document_that_is_a_draft_itself(editing: Editing) -> None:
    document = {
        "id": "xx-2026-2",
        "title": "节水办法",
        "issuers": ["某区水务局"],
        "issued_on": "2026-11-01",
        "region": "某区",
        "text": "节水办法\n一、总则\n（一）节水。全区节约用水。\n",
    }
    content = {
        "id": "water-01",
        "question": "要节约用水吗？",
        "quotes": [{"clause": "xx-2026-2#1.1", "text": "全区节约用水。"}],
        "force": "work_plan",
    }
    draft = editing.save(kind="entry", row_id="water-01", content=content, by="li")
    assert editing.problems(draft) == ["问答 water-01：引用的 xx-2026-2#1.1 不存在，请改正条款编号。"]
    base = editing.save(kind="document", row_id="xx-2026-2", content=document, by="li")
    assert editing.problems(base) == []
    assert editing.problems(draft) == []
    assert editing.problems_together([base, draft]) == []
    assert editing.problems_together([draft]) == [
        "问答 water-01：引用的 xx-2026-2#1.1 不存在，请改正条款编号。"
    ]


def test_a_new_version_of_a_document_names_the_entries_it_breaks(editing: Editing) -> None:
    plain = editing.current("document", "xx-2026-1")
    assert plain is not None
    text = plain["text"].replace("每五百米一处。", "").replace("设置自行车停放点", "增设自行车停放点")
    content = {k: v for k, v in plain.items() if k not in ("clauses", "warnings")} | {"text": text}
    draft = editing.save(kind="document", row_id="xx-2026-1", content=content, by="li")
    assert [problem[:30] for problem in editing.problems(draft)] == [
        "问答 ride-01：引文“公园周边设置自行车停放点。”在 "
    ]


def test_a_programme_is_checked_as_it_will_be_published(editing: Editing, current: Current) -> None:
    content = current(
        "programme",
        "bike-service",
        amounts=[{"what": "借车", "rate": "12", "valid_from": "2026-02-01", "valid_to": "2026-01-01"}],
    )
    draft = editing.save(kind="programme", row_id="bike-service", content=content, by="li")
    problems = editing.problems(draft)
    assert any("比例 12 不是小数" in problem for problem in problems)
    assert any("开始日期 2026-02-01 晚于结束日期 2026-01-01" in problem for problem in problems)


def test_an_empty_line_of_the_lexicon_is_refused(editing: Editing) -> None:
    line = {"section": "synonyms", "name": "洋马儿", "words": ["自行车", " "]}
    draft = editing.save(kind="lexicon", row_id="synonyms/洋马儿", content=line, by="li")
    assert editing.problems(draft) == ["词表 synonyms/洋马儿：词和同义的词都不能是空的，请补上或删去这一行。"]


def test_withdrawing_an_audience_that_entries_name_is_a_problem(editing: Editing) -> None:
    draft = editing.propose_withdrawal(kind="lexicon", row_id="audiences/居民", by="li", note="不用了")
    assert draft.withdraws
    assert [problem[:25] for problem in editing.problems(draft)] == ["问答 ride-01：对象“居民”不在词表的 au"]
    unused = editing.propose_withdrawal(kind="lexicon", row_id="audiences/游客", by="li", note="不用了")
    assert editing.problems(unused) == []


def test_a_withdrawal_is_proposed_with_a_reason(editing: Editing) -> None:
    with pytest.raises(InvalidContent, match="请写明退回或撤回的原因"):
        editing.propose_withdrawal(kind="entry", row_id="ride-01", by="li", note="")
    with pytest.raises(UnknownRow, match="没有编号为 none 的问答"):
        editing.propose_withdrawal(kind="entry", row_id="none", by="li", note="过时")
    draft = editing.propose_withdrawal(kind="entry", row_id="ride-01", by="li", note="过时")
    assert (draft.withdraws, draft.note, editing.problems(draft)) == (True, "过时", [])
    # Whoever goes on to edit it means to publish it after all.
    kept = editing.save(
        kind="entry", row_id="ride-01", content=draft.content, by="li", revision=draft.revision
    )
    assert kept.withdraws is False


def test_a_time_to_publish_must_be_ahead_and_have_a_zone(editing: Editing, current: Current) -> None:
    draft = submitted_entry(editing, current)
    with pytest.raises(InvalidContent, match="11-21 15:04 已经过去"):
        editing.approve(draft.id, by="wang", revision=draft.revision, publish_at=NOW)
    naive = datetime(2027, 1, 1)
    with pytest.raises(InvalidContent, match="没有时区"):
        editing.approve(draft.id, by="wang", revision=draft.revision, publish_at=naive)
    assert editing.draft(draft.id).state == "in_review"


def test_what_is_due_is_named_the_earliest_first(
    editing: Editing, current: Current, approved: Callable[..., Draft], clock: Clock
) -> None:
    later = approved(
        "entry", "ride-01", current("entry", "ride-01", plain="一"), publish_at=NOW + timedelta(hours=2)
    )
    sooner = approved(
        "entry", "ride-02", current("entry", "ride-02", plain="二"), publish_at=NOW + timedelta(hours=1)
    )
    approved("entry", "loan-01", current("entry", "loan-01", plain="三"))
    assert editing.due() == []
    assert editing.due(NOW + timedelta(hours=1)) == [sooner]
    clock.forward(hours=3)
    assert editing.due() == [sooner, later]
    moved = editing.schedule(later.id, by="wang", revision=later.revision, publish_at=NOW + timedelta(days=1))
    assert (moved.state, moved.publish_at) == ("approved", datetime(2026, 11, 22, 7, 4, tzinfo=UTC))
    assert editing.due() == [sooner]
    assert editing.schedule(later.id, by="wang", revision=moved.revision, publish_at=None).publish_at is None


def test_comments_belong_to_the_row(editing: Editing, current: Current, journal: Lines) -> None:
    editing.comment(kind="entry", row_id="ride-01", by="wang", text=" 引文是不是太短？ ")
    draft = saved_entry(editing, current)
    editing.comment(kind="entry", row_id="ride-01", by="li", text="已经加长。")
    editing.discard(draft.id, by="li", revision=draft.revision)
    found = [(c.by, c.text, c.draft_id) for c in editing.comments("entry", "ride-01")]
    assert found == [("wang", "引文是不是太短？", None), ("li", "已经加长。", draft.id)]
    assert editing.comments("entry", "ride-02") == []
    assert journal.kept[0] == ("wang", "commented", "entry", "ride-01")
    for text, said in ((" ", "评论是空的"), ("长" * 4_001, "评论有4001个字，最多4000个字")):
        with pytest.raises(InvalidContent, match=said):
            editing.comment(kind="entry", row_id="ride-01", by="li", text=text)
