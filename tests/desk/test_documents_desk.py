"""The documents' desks: from an upload to what is submitted, and who may do what."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from api.accounts.roles import Actor, Forbidden, Role
from api.desk.document_changes import DocumentChangesDesk
from api.desk.document_imports import DocumentImportsDesk
from api.desk.documents import DocumentsDesk
from api.migrations import upgrade
from api.services import Services
from knowledge.errors import Conflict, InvalidContent, UnknownRow
from knowledge.importing import ImportJob, ImportRequest
from knowledge.importing.confirming import CONFIRMED_FIELDS
from knowledge.parsing import Mending
from knowledge.store import create_engine_for
from knowledge.store.tables import DocumentRow, EntryRow
from knowledge.versions import versions_of
from tests.desk.document_world import EDITOR, NEWER, OLD, REVIEWER, VIEWER, make_services, published


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    address = f"sqlite:///{tmp_path / 'lvxiaoyu.db'}"
    upgrade(address)
    engine = create_engine_for(address)
    yield engine
    engine.dispose()


@pytest.fixture
def services(engine: Engine, tmp_path: Path) -> Services:
    published(engine)
    return make_services(engine, tmp_path)


def imported(
    services: Services, text: str, *, name: str = "notice.txt", request: ImportRequest | None = None
) -> ImportJob:
    """A text taken in by the editor, run to its end."""
    job = services.importing.jobs.add(text.encode(), name=name, by="editor", request=request)
    return services.importing.run_now(job.id)


def test_an_upload_becomes_a_draft_with_an_id_from_its_number(services: Services) -> None:
    job = imported(services, NEWER)
    assert (job.state, job.progress, job.document_id, job.kind) == ("done", 100, "doc-2026-9", "txt")
    opened = DocumentsDesk(services, EDITOR).opened("doc-2026-9")
    assert opened.draft is not None
    assert (opened.draft.state, opened.draft.author, opened.published) == ("draft", "editor", False)
    document = opened.item.document
    assert (document.title, document.document_number, document.issuers) == (
        "示例补贴办法", "示商务〔2026〕9号", ("示例市商务委员会",),
    )  # fmt: skip
    assert document.issued_on is not None
    assert document.issued_on.isoformat() == "2026-10-08"
    assert [remark.kind for remark in opened.parsed.remarks] == ["jump"]
    assert not list((services.settings.data_dir / "imports").glob("*")), "the upload is gone when it is over"


def test_a_number_that_is_taken_gets_another_id_and_says_so(services: Services) -> None:
    job = imported(services, OLD)
    assert job.document_id == "doc-2026-1-2"
    assert any("与已有文件 doc-2026-1 相同" in warning for warning in job.warnings)


@pytest.mark.parametrize(
    ("data", "reason"),
    [(b"\x89PNG\r\n\x1a\n\x00\x00", "二进制|图片|格式|不是"), (b"\xff\xfe\xfd\xff\xff", "UTF-8|文字")],
)
def test_a_file_that_cannot_be_read_says_why_and_leaves_nothing(
    services: Services, data: bytes, reason: str
) -> None:
    job = services.importing.jobs.add(data, name="scan.png", by="editor")
    job = services.importing.run_now(job.id)
    assert job.state == "failed"
    assert job.error is not None
    assert re.search(reason, job.error), job.error
    assert services.editing.drafts(kind="document") == []


def test_nothing_and_too_much_are_refused(services: Services) -> None:
    desk = DocumentImportsDesk(services, EDITOR)
    with pytest.raises(InvalidContent, match="没有内容"):
        desk.upload(b"  \n", name="empty.txt")
    with pytest.raises(InvalidContent, match="超过上限 64 MB"):
        desk.upload(b"x" * (64 * 1024 * 1024 + 1), name="big.txt")


def test_a_name_with_folders_and_controls_is_shown_plain(services: Services) -> None:
    desk = DocumentImportsDesk(services, EDITOR)
    job = desk.paste(NEWER, name="..\\a/b\x07/通知.txt")
    assert job.name == "通知.txt"


def test_mending_is_kept_and_applied_and_taken_back(services: Services) -> None:
    imported(services, NEWER)
    desk = DocumentsDesk(services, EDITOR)
    line = NEWER.split("\n").index("三、组织")
    draft = desk.mend("doc-2026-9", revision=1, mendings=[Mending("begin", line, style="part", number=2)])
    opened = desk.opened("doc-2026-9")
    assert opened.parsed.remarks == ()
    assert opened.item.document.warnings == ()
    assert [clause.path for clause in opened.item.clauses if clause.kind == "part"] == ["1", "2"]
    (kept,) = opened.item.mendings
    assert (kept.what, kept.by, kept.number) == ("begin", "editor", 2)
    with pytest.raises(Conflict):
        desk.mend("doc-2026-9", revision=1, mendings=[Mending("plain", line)])
    desk.undo("doc-2026-9", revision=draft.revision)
    assert [remark.kind for remark in desk.opened("doc-2026-9").parsed.remarks] == ["jump"]
    with pytest.raises(InvalidContent, match="没有可以撤销"):
        desk.undo("doc-2026-9", revision=draft.revision + 1)


def test_metadata_has_to_be_confirmed_as_it_stands_before_review(services: Services) -> None:
    imported(services, NEWER)
    desk = DocumentsDesk(services, EDITOR)
    with pytest.raises(InvalidContent, match="还有没有核对的信息：编号、标题、文号"):
        desk.submit("doc-2026-9", revision=1)
    desk.confirm("doc-2026-9", revision=1, names=CONFIRMED_FIELDS)
    assert desk.opened("doc-2026-9").to_confirm == ()
    draft = desk.set_fields("doc-2026-9", revision=1, values={"title": "示例补贴办法（修订）"})
    assert desk.opened("doc-2026-9").to_confirm == ("title",)
    with pytest.raises(Conflict, match="刚被别人改过"):
        desk.confirm("doc-2026-9", revision=1, names=("title",))
    desk.confirm("doc-2026-9", revision=draft.revision, names=("title",))
    assert desk.submit("doc-2026-9", revision=draft.revision) == []
    assert services.editing.draft(draft.id).state == "in_review"


def test_a_document_that_was_never_published_can_have_another_id(services: Services) -> None:
    imported(services, NEWER)
    desk = DocumentsDesk(services, EDITOR)
    desk.confirm("doc-2026-9", revision=1, names=("id", "title"))
    desk.rename("doc-2026-9", revision=1, new_id="sx-2026-9")
    opened = desk.opened("sx-2026-9")
    assert opened.item.clauses[0].id == "sx-2026-9#title"
    assert "title" in opened.confirmed
    assert "id" not in opened.confirmed
    with pytest.raises(UnknownRow):
        desk.opened("doc-2026-9")
    with pytest.raises(InvalidContent, match="已被使用"):
        desk.rename("sx-2026-9", revision=1, new_id="doc-2026-1")
    with pytest.raises(InvalidContent, match="小写字母"):
        desk.rename("sx-2026-9", revision=1, new_id="带 空格")
    desk.begin("doc-2026-1")
    with pytest.raises(InvalidContent, match="已经发布过"):
        desk.rename("doc-2026-1", revision=1, new_id="other-1")


def version(services: Services) -> DocumentChangesDesk:
    request = ImportRequest("version", "doc-2026-1")
    assert imported(services, NEWER, request=request).document_id == "doc-2026-1"
    return DocumentChangesDesk(services, EDITOR)


def test_a_new_version_shows_what_changed_and_which_entries_rest_on_it(services: Services) -> None:
    compared = version(services).compared("doc-2026-1")
    assert compared is not None
    assert compared.against == "现在发布的版本"
    kinds = [(change.kind, change.clause.path) for change in compared.comparison.changes]
    assert ("added", "1.1") in kinds
    assert ("moved", "1.2") in kinds
    assert ("changed", "1.3") in kinds
    fates = {item.entry.id: item.standings[0].fate for item in compared.resting}
    assert fates == {"doc-2026-1-1.2-01": "changed", "doc-2026-1-1.1-01": "moved"}


def test_a_second_import_over_an_open_draft_is_refused_by_name(services: Services) -> None:
    version(services)
    job = imported(services, NEWER, request=ImportRequest("version", "doc-2026-1"))
    assert job.state == "failed"
    assert job.error is not None
    assert "已有一份未发布的修改（editor" in job.error


def test_an_unknown_target_is_named(services: Services) -> None:
    job = imported(services, NEWER, request=ImportRequest("version", "nothing"))
    assert (job.state, job.error) == ("failed", "没有编号为 nothing 的文件，请重新选择它是哪份文件的新版本。")


def test_quotes_that_moved_are_carried_over_to_their_clauses(services: Services) -> None:
    desk = version(services)
    assert desk.carry_over("doc-2026-1") == ["doc-2026-1-1.1-01"]
    draft = services.editing.draft_of("entry", "doc-2026-1-1.1-01")
    assert draft is not None
    assert draft.content["quotes"][0]["clause"] == "doc-2026-1#1.2"
    assert desk.carry_over("doc-2026-1") == []


def test_proposals_are_accepted_edited_and_struck_and_stay_decided(services: Services) -> None:
    desk = version(services)
    kept = {item.quote: item for item in desk.propose("doc-2026-1")}
    assert set(kept) == {
        "购买一级水效洗衣机的居民，每台补贴200元。",
        "购买一级能效空调的居民，每台补贴400元。",
        "申请截止到2026年12月31日。",
    }
    new = kept["购买一级水效洗衣机的居民，每台补贴200元。"]
    update = kept["购买一级能效空调的居民，每台补贴400元。"]
    until = kept["申请截止到2026年12月31日。"]
    assert (update.updates, update.entry["question"]) == ("doc-2026-1-1.2-01", "空调补多少？")
    assert update.figures == ({"measure": "money", "before": ["500元"], "after": ["400元"]},)
    entry_id = desk.accept(new.id, changes={"question": "洗衣机补好多？"})
    draft = services.editing.draft_of("entry", entry_id)
    assert draft is not None
    assert (draft.content["question"], draft.content["force"], draft.author) == (
        "洗衣机补好多？",
        "price",
        "editor",
    )
    desk.accept(update.id)
    assert services.editing.draft_of("entry", "doc-2026-1-1.2-01") is not None
    desk.strike(until.id)
    with pytest.raises(Conflict, match="已经有人处理过"):
        desk.strike(until.id)
    with pytest.raises(Conflict, match="已经有人处理过"):
        desk.accept(new.id)
    states = {item.quote: item.state for item in desk.propose("doc-2026-1")}
    assert states[until.quote] == "struck"
    assert states[new.quote] == "accepted"
    desk.take_back(until.id)
    assert {item.state for item in desk.proposals("doc-2026-1") if item.id == until.id} == {"open"}


def test_an_empty_question_is_not_accepted_and_the_proposal_stays_open(services: Services) -> None:
    desk = version(services)
    item = desk.propose("doc-2026-1")[0]
    with pytest.raises(InvalidContent):
        desk.accept(item.id, changes={"question": "  "})
    assert desk.proposals("doc-2026-1")[0].state == "open"


def publish(services: Services) -> None:
    """Everything in review, approved by the reviewer and put into its rows."""
    for draft in services.editing.drafts(state="in_review"):
        services.editing.approve(draft.id, by=REVIEWER.name, revision=draft.revision)
    drafts = services.editing.drafts(state="approved")
    with Session(services.engine) as session:
        services.editing.apply(session, drafts, by=REVIEWER.name, snapshot="s")
        session.commit()


def submit_version(services: Services) -> None:
    desk, documents = version(services), DocumentsDesk(services, EDITOR)
    desk.carry_over("doc-2026-1")
    for item in desk.propose("doc-2026-1"):
        desk.accept(item.id)
    moved = services.editing.draft_of("entry", "doc-2026-1-1.1-01")
    assert moved is not None
    services.editing.submit(moved.id, by="editor", revision=moved.revision)
    documents.confirm("doc-2026-1", revision=1, names=CONFIRMED_FIELDS)
    assert documents.submit("doc-2026-1", revision=1) == []


def test_a_new_version_is_published_with_its_entries_and_the_older_body_is_kept(services: Services) -> None:
    submit_version(services)
    publish(services)
    with Session(services.engine) as session:
        row = session.get(DocumentRow, "doc-2026-1")
        assert row is not None
        assert row.body == NEWER
        assert [item.path for item in row.clauses if item.kind == "part"] == ["1", "3"]
        (kept,) = versions_of(session, "doc-2026-1")
        assert (kept.number, kept.item.text, kept.kept_by) == (1, OLD, "reviewer")
        entry = session.get(EntryRow, "doc-2026-1-1.2-01")
        assert entry is not None
        assert entry.quotes[0].text == "购买一级能效空调的居民，每台补贴400元。"
    opened = DocumentsDesk(services, VIEWER).opened("doc-2026-1")
    assert [item.number for item in opened.versions] == [1]
    compared = DocumentChangesDesk(services, VIEWER).compared("doc-2026-1", version=1)
    assert compared is not None
    assert compared.against == "第1版"
    assert compared.comparison.differs


def test_a_document_that_supersedes_another_says_so_on_both_sides_when_published(services: Services) -> None:
    job = imported(services, NEWER, request=ImportRequest("supersedes", "doc-2026-1"))
    assert job.document_id == "doc-2026-9"
    documents = DocumentsDesk(services, EDITOR)
    compared = DocumentChangesDesk(services, EDITOR).compared("doc-2026-9")
    assert compared is not None
    assert compared.older.document.id == "doc-2026-1"
    assert [item.entry.id for item in compared.resting] == ["doc-2026-1-1.2-01", "doc-2026-1-1.1-01"]
    documents.confirm("doc-2026-9", revision=1, names=CONFIRMED_FIELDS)
    documents.submit("doc-2026-9", revision=1)
    content = services.editing.content()
    planned = services.editing.overlay(content, services.editing.drafts(kind="document"))
    publish(services)
    lines = {line.id: line for line in documents.listed()}
    assert lines["doc-2026-9"].supersedes == ("doc-2026-1",)
    assert lines["doc-2026-1"].superseded_by == "doc-2026-9"
    assert lines["doc-2026-1"].versions == 1
    assert services.editing.content().published() == planned.published(), (
        "a preview shows what publishing does"
    )


ROLES = {role: Actor(role.value, frozenset({role})) for role in Role}
MAY_EDIT = {Role.editor, Role.reviewer}


@pytest.mark.parametrize("role", Role)
def test_who_may_look_and_who_may_change(services: Services, role: Role) -> None:
    imported(services, NEWER)
    actor = ROLES[role]
    documents, changes = DocumentsDesk(services, actor), DocumentChangesDesk(services, actor)
    imports = DocumentImportsDesk(services, actor)
    assert documents.listed()
    assert documents.opened("doc-2026-9").draft is not None
    assert changes.proposals("doc-2026-9") == []
    assert changes.compared("doc-2026-9") is None
    writing = [
        lambda: imports.jobs(),
        lambda: documents.confirm("doc-2026-9", revision=1, names=("title",)),
        lambda: changes.propose("doc-2026-9"),
        lambda: documents.begin("doc-2026-1"),
        lambda: documents.discard("doc-2026-9", revision=1),
    ]
    for step in writing:
        if role in MAY_EDIT:
            step()
        else:
            with pytest.raises(Forbidden, match="编辑"):
                step()


def test_every_change_is_in_the_journal(services: Services, engine: Engine) -> None:
    desk = version(services)
    desk.accept(desk.propose("doc-2026-1")[0].id)
    with engine.connect() as connection:
        said = [row[0] for row in connection.execute(text("SELECT what FROM audit_log ORDER BY position"))]
    assert said == ["import.begun", "draft.saved", "proposal.accepted", "draft.saved"]
