"""The staff's side of editing: each step asks for its right, and files go out and come in."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, insert
from sqlalchemy.orm import Session

from api.accounts.audit import AuditLog, Sought
from api.accounts.roles import Actor, Forbidden, Role
from api.clock import LOCAL
from api.desk.entries import EntryDesk
from api.insights.tables import turn_facts
from api.keys import load_keys
from api.services import Services
from api.settings import Settings
from knowledge.editing import DraftConflict, Ending, SamePerson
from knowledge.exchange import ImportRefused
from knowledge.store import Base, seed
from tests.api.conftest import database
from tests.api.parts import SentenceAnswerer, Shelf
from tests.knowledge.conftest import postgresql
from tests.knowledge.editing.conftest import write_content

__all__ = ["database", "postgresql"]

NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)
Desk = Callable[..., EntryDesk]


class At:
    """A clock that people set."""

    def now(self) -> datetime:
        return NOW

    def today(self) -> date:
        return NOW.astimezone(LOCAL).date()


@pytest.fixture
def services(database: Engine, tmp_path: Path) -> Services:
    shelf = Shelf()
    with Session(database) as session:
        for table in reversed(Base.metadata.sorted_tables):
            session.execute(table.delete())
        seed(session, write_content(tmp_path / "small"), now=NOW - timedelta(days=400))
    return Services(
        settings=Settings(data_dir=tmp_path),
        keys=load_keys(tmp_path / "secrets"),
        engine=database,
        library=shelf,
        answerer=SentenceAnswerer(shelf),
        clock=At(),
    )


@pytest.fixture
def desk(services: Services) -> Desk:
    def sit_down(name: str, *roles: Role) -> EntryDesk:
        return EntryDesk(services, Actor(name, frozenset(roles or {Role[name]})))

    return sit_down


def test_a_question_goes_from_an_editor_to_a_reviewer(desk: Desk, services: Services) -> None:
    editor, reviewer = desk("editor"), desk("reviewer")
    content = editor.current("entry", "ride-01")
    assert content is not None
    draft = editor.save(kind="entry", row_id="ride-01", content={**content, "plain": "停在公园周边。"})
    assert (draft.author, editor.problems(draft)) == ("editor", [])
    editor.comment("entry", "ride-01", "请看看白话。")
    draft = editor.submit(draft.id, revision=draft.revision)
    assert reviewer.drafts(state="in_review") == [draft]
    assert [change.field for change in reviewer.changes(draft)] == ["plain"]
    back = reviewer.send_back(draft.id, revision=draft.revision, reason="太短。")
    with pytest.raises(DraftConflict, match="刚被reviewer在11-21 16:00退回了"):
        editor.submit(draft.id, revision=draft.revision)
    draft = editor.submit(draft.id, revision=back.revision)
    later = NOW + timedelta(days=1)
    draft = reviewer.approve(draft.id, revision=draft.revision, publish_at=later)
    assert reviewer.waiting() == [draft]
    assert reviewer.schedule(draft.id, revision=draft.revision, publish_at=None).publish_at is None
    assert reviewer.waiting() == []
    assert [comment.text for comment in editor.comments("entry", "ride-01")] == ["请看看白话。", "太短。"]
    assert [event.what for event in editor.events("entry", "ride-01")] == [
        "saved", "submitted", "sent_back", "submitted", "approved", "scheduled",
    ]  # fmt: skip
    lines = AuditLog(services.engine, clock=services.clock).lines(Sought(kind="entry"))
    assert [(line.by, line.what) for line in lines if line.subject == "ride-01"][-1] == (
        "editor",
        "draft.saved",
    )


def test_a_reviewer_does_not_approve_their_own_draft(desk: Desk) -> None:
    reviewer = desk("reviewer")
    draft = reviewer.propose_withdrawal(kind="entry", row_id="ride-02", note="过时")
    draft = reviewer.submit(draft.id, revision=draft.revision)
    with pytest.raises(SamePerson):
        reviewer.approve(draft.id, revision=draft.revision)
    assert desk("another", Role.reviewer).approve(draft.id, revision=draft.revision).reviewer == "another"


READING: list[Callable[[EntryDesk], object]] = [
    lambda desk: desk.current("entry", "ride-01"),
    lambda desk: desk.draft_of("entry", "ride-01"),
    lambda desk: desk.drafts(),
    lambda desk: desk.comments("entry", "ride-01"),
    lambda desk: desk.events("entry", "ride-01"),
    lambda desk: desk.revisions("entry", "ride-01"),
    lambda desk: desk.ending(),
    lambda desk: desk.ageing(),
    lambda desk: desk.waiting(),
    lambda desk: desk.next_id("xx-2026-1#1.1"),
    lambda desk: desk.export("csv"),
    lambda desk: desk.template("xlsx"),
]
WRITING: list[Callable[[EntryDesk], object]] = [
    lambda desk: desk.save(kind="entry", row_id="a", content={"id": "a"}),
    lambda desk: desk.propose_withdrawal(kind="entry", row_id="ride-01", note="x"),
    lambda desk: desk.propose_withdrawals([("entry", "ride-01")], note="x"),
    lambda desk: desk.submit(1, revision=1),
    lambda desk: desk.rebase(1, revision=1),
    lambda desk: desk.discard(1, revision=1),
    lambda desk: desk.comment("entry", "ride-01", "x"),
    lambda desk: desk.plan_import(b"", "t.csv"),
    lambda desk: desk.carry_out_import(None),  # type: ignore[arg-type]
]
REVIEWING: list[Callable[[EntryDesk], object]] = [
    lambda desk: desk.approve(1, revision=1),
    lambda desk: desk.schedule(1, revision=1, publish_at=None),
    lambda desk: desk.send_back(1, revision=1, reason="x"),
]


def test_every_step_asks_for_its_right(desk: Desk, services: Services) -> None:
    nobody = EntryDesk(services, Actor("nobody", frozenset()))
    for step in (*READING, *WRITING, *REVIEWING):
        with pytest.raises(Forbidden):
            step(nobody)
    for step in READING:
        step(desk("viewer"))
    for step in (*WRITING, *REVIEWING):
        with pytest.raises(Forbidden):
            step(desk("viewer"))
    for step in REVIEWING:
        with pytest.raises(Forbidden, match="审核"):
            step(desk("editor"))
    steps = {name for name in vars(EntryDesk) if not name.startswith("_")}
    asked = {name for step in (*READING, *WRITING, *REVIEWING) for name in step.__code__.co_names}
    assert steps - asked == {"draft", "changes", "problems"}  # tried above, with a draft


def test_what_ends_soon_and_what_is_old_but_often_used(desk: Desk, services: Services) -> None:
    with services.engine.begin() as connection:
        connection.execute(
            insert(turn_facts),
            [
                {"at": NOW - timedelta(days=3), "kind": "answer", "entry": "ride-01", "channel": "web"}
                for _ in range(11)
            ],
        )
    assert [(item.id, item.uses) for item in desk("viewer").ageing()] == [("ride-01", 11)]
    editor, reviewer = desk("editor"), desk("reviewer")
    content = editor.current("entry", "ride-02")
    assert content is not None
    draft = editor.save(kind="entry", row_id="ride-02", content={**content, "valid_to": "2026-12-01"})
    draft = editor.submit(draft.id, revision=draft.revision)
    draft = reviewer.approve(draft.id, revision=draft.revision)
    with Session(services.engine) as session:
        services.editing.apply(session, [draft], by="reviewer", snapshot="s-1")
        session.commit()
    assert desk("viewer").ending() == [
        Ending("entry", "ride-02", "自行车道要建多长？", date(2026, 12, 1), 10)
    ]
    assert [(r.number, r.snapshot) for r in editor.revisions("entry", "ride-02")] == [(1, "s-1"), (0, None)]


def test_a_new_id_is_free_among_rows_and_drafts(desk: Desk) -> None:
    editor = desk("editor")
    assert editor.next_id("xx-2026-1#1.1") == "xx-2026-1-1.1-01"
    editor.save(kind="entry", row_id="xx-2026-1-1.1-01", content={"id": "xx-2026-1-1.1-01"})
    assert editor.next_id("xx-2026-1#1.1") == "xx-2026-1-1.1-02"


def test_files_go_out_and_come_in_as_drafts(desk: Desk) -> None:
    editor = desk("editor")
    table, archive = editor.export("csv", ["ride-01"]), editor.export("yaml")
    assert (table.name, archive.name) == ("lvxiaoyu-20261121.csv", "lvxiaoyu-20261121.zip")
    with zipfile.ZipFile(io.BytesIO(archive.data)) as files:
        assert files.namelist() == [
            "faq/programmes.yml",
            "faq/xx-2026-1.yml",
            "lexicon.yml",
            "policies/xx-2026-1.txt",
            "policies/xx-2026-1.yml",
            "programmes/bike-service.yml",
        ]
    changed = (
        table.data.decode("utf-8-sig").replace("哪里可以停自行车？", "哪里可以停单车？").encode("gb18030")
    )
    planned = editor.plan_import(changed, "改.csv")
    assert ([item.row_id for item in planned.changed], planned.problems) == (["ride-01"], ())
    drafts = editor.carry_out_import(planned, note="从表格导入")
    assert [(draft.author, draft.content["question"], draft.note) for draft in drafts] == [
        ("editor", "哪里可以停单车？", "从表格导入")
    ]
    with pytest.raises(ImportRefused, match="不认识这种文件"):
        editor.plan_import(b"x", "x.docx")
    assert editor.template("csv").data.startswith('\ufeff"编号","问题"'.encode())
    assert editor.template("xlsx").data.startswith(b"PK")
