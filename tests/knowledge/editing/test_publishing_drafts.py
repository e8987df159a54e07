"""What publishing does with drafts: rows, revisions, journal and drafts change together or not at all."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from knowledge.editing import Draft, DraftConflict, Editing, LexiconLine, RowChanged, from_plain
from knowledge.errors import Conflict, InvalidContent, UnknownRow
from knowledge.store import load_published, seed
from knowledge.store.loading import load_all, published_of
from knowledge.store.tables import EntryRow, LexiconRow, PublicationRow
from tests.knowledge.editing.conftest import NOW, Clock, Lines, write_content

Current = Callable[..., dict[str, Any]]
Approved = Callable[..., Draft]
Publish = Callable[..., None]

NEW_DOCUMENT = {
    "id": "xx-2026-2",
    "title": "节水办法",
    "issuers": ["某区水务局"],
    "issued_on": "2026-11-01",
    "region": "某区",
    "text": "节水办法\n一、总则\n（一）节水。全区节约用水。\n",
}
NEW_ENTRY = {
    "id": "water-01",
    "question": "要节约用水吗？",
    "variants": ["用水要省吗"],
    "quotes": [{"clause": "xx-2026-2#1.1", "text": "全区节约用水。"}],
    "force": "work_plan",
    "tags": ["居民"],
    "valid_to": "2027-12-31",
}


def _state(engine: Engine) -> tuple[Any, ...]:
    with Session(engine) as session:
        content = load_all(session)
        steps = session.scalars(select(PublicationRow.id)).all()
        return content, load_published(session).fingerprint, len(steps)


def test_an_overlay_is_what_the_store_holds_after_publishing(
    editing: Editing, current: Current, engine: Engine, approved: Approved, publish: Publish
) -> None:
    plain = current("document", "xx-2026-1")
    text = plain["text"].replace("（二）骑行。", "（二）骑行。安全第一。")
    version = {k: v for k, v in plain.items() if k not in ("clauses", "warnings")} | {"text": text}
    document = approved("document", "xx-2026-2", NEW_DOCUMENT)
    drafts = [
        document,
        approved("document", "xx-2026-1", version),
        approved(
            "programme", "bike-service", current("programme", "bike-service", conditions=["年满十四周岁"])
        ),
        approved("entry", "ride-02", current("entry", "ride-02", plain="一百公里。")),
        approved(
            "lexicon", "synonyms/洋马儿", {"section": "synonyms", "name": "洋马儿", "words": ["自行车"]}
        ),
    ]
    waiting = editing.save(kind="entry", row_id="water-01", content=NEW_ENTRY, by="li")
    waiting = editing.submit(waiting.id, by="li", revision=1)
    drafts.append(editing.approve(waiting.id, by="wang", revision=2))
    leave = editing.propose_withdrawal(kind="entry", row_id="loan-01", by="li", note="过时")
    leave = editing.submit(leave.id, by="li", revision=1)
    drafts.append(editing.approve(leave.id, by="wang", revision=2))

    before = editing.content()
    foreseen = editing.overlay(before, drafts)
    assert editing.problems_together(drafts) == []
    publish(*drafts)
    after = editing.content()
    assert after == foreseen
    with Session(engine) as session:
        stored = load_published(session)
    assert stored == published_of(foreseen)
    assert stored.fingerprint == published_of(foreseen).fingerprint
    assert sorted(stored.entry_by_id) == ["ride-01", "ride-02", "water-01"]
    moved = stored.entry_by_id["ride-01"].quotes[0]
    clause = stored.clause_by_id["xx-2026-1#1.2"].text
    assert "安全第一。公园" in clause
    assert clause[moved.start : moved.end] == "公园周边设置自行车停放点。"
    assert stored.lexicon.synonyms == {"单车": ("自行车",), "洋马儿": ("自行车",)}
    assert "年满十四周岁" in stored.programme_by_id["bike-service"].text
    assert editing.drafts() == []


def test_publishing_keeps_what_was_and_tells_the_journal(
    editing: Editing,
    current: Current,
    engine: Engine,
    approved: Approved,
    publish: Publish,
    clock: Clock,
    journal: Lines,
) -> None:
    before = current("entry", "ride-01")
    draft = approved("entry", "ride-01", {**before, "plain": "停在公园周边。"})
    at = clock.forward(hours=1)
    journal.kept.clear()
    journal.values.clear()
    publish(draft, by="chen", snapshot="s-7")
    second, first = editing.revisions("entry", "ride-01")
    assert (first.number, first.content, first.by, first.snapshot) == (0, before, "shipped", None)
    assert (second.number, second.content["plain"], second.author, second.reviewer) == (
        1,
        "停在公园周边。",
        "li",
        "wang",
    )
    assert (second.by, second.at, second.snapshot, second.state) == ("chen", at, "s-7", "published")
    assert journal.kept == [("chen", "published", "entry", "ride-01")]
    assert journal.values == [
        (
            {"plain": "公园周边有自行车停放点。"},
            {
                "plain": "停在公园周边。",
                "snapshot": "s-7",
                "author": "li",
                "edited_by": "li",
                "reviewer": "wang",
            },
        )
    ]
    with Session(engine) as session:
        row = session.get(EntryRow, "ride-01")
        assert row is not None
        assert (row.plain, row.state, row.updated_by, row.updated_at) == (
            "停在公园周边。",
            "published",
            "chen",
            at,
        )
        assert row.content_hash != row.shipped_hash
        steps = session.execute(
            select(PublicationRow.by, PublicationRow.state_before, PublicationRow.state_after)
        )
        assert [tuple(step) for step in steps] == [("chen", "published", "published")]
    events = [(event.what, event.by) for event in editing.events("entry", "ride-01")]
    assert events == [("saved", "li"), ("submitted", "li"), ("approved", "wang"), ("published", "chen")]
    with pytest.raises(DraftConflict, match="chen在11-21 16:04发布了"):
        editing.discard(draft.id, by="li", revision=draft.revision)


def test_a_shipped_update_does_not_undo_a_publication(
    editing: Editing, current: Current, engine: Engine, approved: Approved, publish: Publish, small: Any
) -> None:
    publish(approved("entry", "ride-01", current("entry", "ride-01", plain="停在公园周边。")))
    with Session(engine) as session:
        report = seed(session, small)
        assert (report.upgraded, report.withdrawn, report.added) == ([], [], [])
        assert load_published(session).entry_by_id["ride-01"].plain == "停在公园周边。"


def test_only_what_is_approved_is_published(
    editing: Editing, current: Current, engine: Engine, publish: Publish
) -> None:
    draft = editing.save(
        kind="entry", row_id="ride-01", content=current("entry", "ride-01", plain="甲"), by="li"
    )
    before = _state(engine)
    with pytest.raises(DraftConflict, match="问答 ride-01的草稿没有通过审核，不能发布。"):
        publish(draft)
    draft = editing.submit(draft.id, by="li", revision=1)
    for given in (draft, replace(draft, state="approved", reviewer="wang")):
        with pytest.raises(DraftConflict, match="问答 ride-01的草稿没有通过审核，不能发布。"):
            publish(given)
    assert _state(engine) == before


def test_a_draft_that_changed_since_stops_the_whole_publication(
    editing: Editing, current: Current, engine: Engine, approved: Approved, publish: Publish, clock: Clock
) -> None:
    one = approved("entry", "ride-01", current("entry", "ride-01", plain="甲"))
    two = approved("entry", "ride-02", current("entry", "ride-02", plain="乙"))
    clock.forward(minutes=3)
    editing.save(
        kind="entry",
        row_id="ride-02",
        content={**two.content, "plain": "丙"},
        by="zhao",
        revision=two.revision,
    )
    before = _state(engine)
    with pytest.raises(DraftConflict, match="问答 ride-02的草稿刚被zhao在11-21 15:07修改过（白话）"):
        publish(one, two)
    assert _state(engine) == before
    assert editing.draft(one.id) == one
    assert editing.revisions("entry", "ride-01") == []
    publish(one)
    with pytest.raises(DraftConflict, match="wang在11-21 15:07发布了"):
        publish(one)


def test_a_row_that_changed_since_stops_the_whole_publication(
    editing: Editing, current: Current, engine: Engine, approved: Approved, publish: Publish
) -> None:
    one = approved("entry", "ride-01", current("entry", "ride-01", plain="甲"))
    two = approved("entry", "ride-02", current("entry", "ride-02", plain="乙"))
    with Session(engine) as session:
        editing.withdraw(session, kind="entry", row_id="ride-02", by="zhao", reason="说错了")
        session.commit()
    before = _state(engine)
    with pytest.raises(RowChanged, match="问答 ride-02在草稿开始之后又有改动：zhao在"):
        publish(one, two)
    assert _state(engine) == before
    assert editing.draft(one.id) == one


def test_a_new_row_that_somebody_else_made_first_is_not_overwritten(
    editing: Editing, engine: Engine, approved: Approved, publish: Publish, tmp_path: Any
) -> None:
    line = {"section": "synonyms", "name": "洋马儿", "words": ["自行车"]}
    draft = approved("lexicon", "synonyms/洋马儿", line)
    content = write_content(tmp_path / "next")
    lexicon = content / "lexicon.yml"
    lexicon.write_text(
        lexicon.read_text(encoding="utf-8").replace("{单车:", "{洋马儿: [单车], 单车:"), encoding="utf-8"
    )
    with Session(engine) as session:
        seed(session, content, now=NOW)
    with pytest.raises(
        RowChanged, match=r"词表 synonyms/洋马儿在草稿开始之后由shipped在11-21 15:04另外建立了"
    ):
        publish(draft)
    with Session(engine) as session:
        row = session.get(LexiconRow, ("synonyms", "洋马儿"))
        assert row is not None
        assert row.words == ["单车"]


def test_what_breaks_others_is_not_published(
    editing: Editing, current: Current, engine: Engine, approved: Approved, publish: Publish
) -> None:
    """Two drafts, each right by itself, that claim the same wording."""
    one = approved("entry", "ride-01", current("entry", "ride-01", variants=["车停哪"]))
    two = approved("entry", "ride-02", current("entry", "ride-02", variants=["车停哪？"]))
    before = _state(engine)
    with pytest.raises(InvalidContent, match="问法“车停哪？”已属于 ride-01"):
        publish(one, two)
    assert _state(engine) == before
    publish(one)
    with pytest.raises(InvalidContent, match="已属于 ride-01"):
        publish(two)


def test_a_row_is_published_once_in_one_publication(
    editing: Editing, current: Current, approved: Approved, publish: Publish
) -> None:
    draft = approved("entry", "ride-01", current("entry", "ride-01", plain="甲"))
    with pytest.raises(InvalidContent, match="问答 ride-01在这一次里出现了两遍"):
        publish(draft, draft)


def test_of_two_publishers_at_once_one_publishes(
    editing: Editing, current: Current, approved: Approved, publish: Publish
) -> None:
    draft, gate = approved("entry", "ride-01", current("entry", "ride-01", plain="甲")), Barrier(2)

    def run(by: str) -> object:
        gate.wait(timeout=10)
        try:
            return publish(draft, by=by)
        except Conflict as error:
            return error

    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(run, ["chen", "zhao"]))
    assert sum(result is None for result in results) == 1
    assert [revision.number for revision in editing.revisions("entry", "ride-01")] == [1, 0]
    assert len([event for event in editing.events("entry", "ride-01") if event.what == "published"]) == 1


def test_withdrawing_at_once_leaves_a_revision_with_its_reason(
    editing: Editing, engine: Engine, clock: Clock, journal: Lines
) -> None:
    for reason, row_id, kind, error in (
        ("", "ride-01", "entry", InvalidContent),
        ("说错了", "none", "entry", UnknownRow),
    ):
        with Session(engine) as session, pytest.raises(error):
            editing.withdraw(session, kind=kind, row_id=row_id, by="wang", reason=reason)  # type: ignore[arg-type]
    with Session(engine) as session:
        editing.withdraw(
            session, kind="document", row_id="xx-2026-1", by="wang", reason=" 文件撤销 ", snapshot="s-9"
        )
        session.commit()
        assert list(load_published(session).entry_by_id) == ["loan-01"]
    newest = editing.revisions("document", "xx-2026-1")[0]
    assert (newest.number, newest.state, newest.by, newest.reason, newest.snapshot) == (
        1,
        "withdrawn",
        "wang",
        "文件撤销",
        "s-9",
    )
    assert journal.kept[-1] == ("wang", "withdrawn", "document", "xx-2026-1")
    assert journal.values[-1] == ({"state": "published"}, {"state": "withdrawn", "reason": "文件撤销"})
    with Session(engine) as session, pytest.raises(Conflict, match="已经是撤回状态，由wang在11-21 15:04撤回"):
        editing.withdraw(session, kind="document", row_id="xx-2026-1", by="zhao", reason="再撤")


def test_a_line_of_the_lexicon_can_be_withdrawn_and_come_back(
    editing: Editing, engine: Engine, approved: Approved, publish: Publish
) -> None:
    draft = editing.propose_withdrawal(kind="lexicon", row_id="synonyms/单车", by="li", note="不用了")
    draft = editing.submit(draft.id, by="li", revision=1)
    publish(editing.approve(draft.id, by="wang", revision=2))
    with Session(engine) as session:
        assert load_published(session).lexicon.synonyms == {}
    line = {"section": "synonyms", "name": "单车", "words": ["自行车", "脚踏车"]}
    publish(approved("lexicon", "synonyms/单车", line))
    with Session(engine) as session:
        assert load_published(session).lexicon.synonyms == {"单车": ("自行车", "脚踏车")}
    assert from_plain("lexicon", editing.revisions("lexicon", "synonyms/单车")[0].content) == LexiconLine(
        "synonyms", "单车", ("自行车", "脚踏车")
    )


def test_what_never_was_published_is_not_withdrawn(editing: Editing, engine: Engine, small: Any) -> None:
    programme = small / "programmes" / "bike-service.yml"
    text = programme.read_text(encoding="utf-8").replace("bike-service", "bus-service")
    (small / "programmes" / "bus-service.yml").write_text(
        text.replace("state: published", "state: draft"), encoding="utf-8"
    )
    with Session(engine) as session:
        seed(session, small)
        with pytest.raises(Conflict, match="项目 bus-service还没有发布过"):
            editing.withdraw(session, kind="programme", row_id="bus-service", by="wang", reason="试试")
