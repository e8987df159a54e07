"""The store, on SQLite and on PostgreSQL alike."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from threading import Barrier

import pytest
import yaml
from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session

from knowledge.content_loader import load_shipped
from knowledge.errors import Conflict, InvalidContent, UnknownRow, UnreadableDocument
from knowledge.model import Knowledge
from knowledge.shipped import ShippedDocument, ShippedEntry
from knowledge.store import (
    ImportDetails,
    import_document,
    list_rows,
    load_published,
    publish,
    seed,
    show,
    withdraw,
)
from knowledge.store.loading import load_all
from knowledge.store.tables import ClauseRow, DocumentRow, EntryRow, LexiconRow, PublicationRow
from knowledge.validation import validate

ENTRY = "cq-2022-11-2.6-03"
AT = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)


def _change(content: Path, name: str, change) -> None:
    path = content / name
    raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    change(raw)
    path.write_text(yaml.safe_dump(raw, allow_unicode=True), encoding="utf-8")


def _reword(text: str):
    def change(raw: list[dict]) -> None:
        next(item for item in raw if item["id"] == ENTRY)["question"] = text

    return change


def test_the_first_start_loads_exactly_what_ships(session: Session) -> None:
    report = seed(session)
    assert (report.upgraded, report.kept, report.withdrawn, report.unchanged) == ([], [], [], 0)
    stored = load_published(session)
    assert stored == load_shipped()
    assert stored.fingerprint == load_shipped().fingerprint


def test_the_second_start_changes_nothing(session: Session) -> None:
    added = len(seed(session, now=AT).added)
    report = seed(session)
    assert (report.added, report.upgraded, report.kept, report.withdrawn) == ([], [], [], [])
    assert report.unchanged == added
    assert {row.updated_at for row in list_rows(session)} == {AT}


def test_two_processes_may_start_at_once(engine: Engine) -> None:
    gate = Barrier(2)

    def start() -> int:
        with Session(engine) as session:
            gate.wait(timeout=10)
            return len(seed(session).added)

    with ThreadPoolExecutor(2) as pool:
        added = [run.result() for run in [pool.submit(start), pool.submit(start)]]
    with Session(engine) as session:
        assert load_published(session) == load_shipped()
        rows = len(list_rows(session)) + session.query(LexiconRow).count()
    assert sorted(added) == [0, rows]


def test_a_new_version_replaces_what_nobody_changed(session: Session, content: Path) -> None:
    seed(session, content)
    _change(content, "faq/cq-2022-11.yml", _reword("新的问法？"))
    assert seed(session, content).upgraded == [ENTRY]
    assert load_published(session).entry_by_id[ENTRY].question == "新的问法？"
    assert load_published(session) == load_shipped(content)


def test_whom_an_entry_concerns_and_its_programmes_pass_through_the_store(
    session: Session, content: Path
) -> None:
    def mark(raw: list[dict]) -> None:
        entry = next(item for item in raw if item["id"] == ENTRY)
        entry.update(tags=["居民", "餐饮"], programmes=["nev-purchase-tax"])

    seed(session, content)
    _change(content, "faq/cq-2022-11.yml", mark)
    assert seed(session, content).upgraded == [ENTRY]
    stored = load_published(session)
    entry = stored.entry_by_id[ENTRY]
    assert (entry.tags, entry.programmes) == (("居民", "餐饮"), ("nev-purchase-tax",))
    assert stored.lexicon.audiences == load_shipped(content).lexicon.audiences != {}
    assert Knowledge.from_json(stored.to_json()) == stored
    assert show(session, kind="entry", row_id=ENTRY) == ShippedEntry(entry)
    withdraw(session, kind="entry", row_id=ENTRY, by="editor")
    publish(session, kind="entry", row_id=ENTRY, by="reviewer")
    assert load_published(session).entry_by_id[ENTRY] == entry


def test_moved_quotes_leave_the_rest_of_an_entry_as_it_was(session: Session, content: Path) -> None:
    _change(
        content,
        "faq/cq-2022-11.yml",
        lambda raw: next(item for item in raw if item["id"] == ENTRY).update(
            tags=["居民"], programmes=["nev-purchase-tax"], force="work_plan"
        ),
    )
    seed(session, content)
    before = load_published(session).entry_by_id[ENTRY]
    clause = session.get(ClauseRow, before.quotes[0].clause_id)
    assert clause is not None
    clause.text = "甲" + clause.text
    session.flush()
    moved = tuple(replace(quote, start=quote.start + 1, end=quote.end + 1) for quote in before.quotes)
    assert load_published(session).entry_by_id[ENTRY] == replace(before, quotes=moved)


def test_a_new_version_never_overwrites_an_editor(session: Session, content: Path) -> None:
    seed(session, content)
    withdraw(session, kind="entry", row_id=ENTRY, by="editor")
    session.commit()
    _change(content, "faq/cq-2022-11.yml", _reword("新的问法？"))
    report = seed(session, content)
    assert (report.upgraded, report.kept) == ([], [ENTRY])
    row = session.get(EntryRow, ENTRY)
    assert row is not None
    assert (row.state, row.updated_by) == ("withdrawn", "editor")
    assert row.question != "新的问法？"
    assert ENTRY not in load_published(session).entry_by_id


def test_a_changed_text_moves_the_quotes_of_its_entries(session: Session, content: Path) -> None:
    seed(session, content)
    path = content / "policies" / "cq-2020-1891.txt"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("（一）推行绿色设计。健全", "（一）推行绿色设计。现健全"), encoding="utf-8")
    _change(
        content,
        "faq/cq-2020-1891.yml",
        lambda raw: raw.__setitem__(
            slice(None), [item for item in raw if "健全推行绿色设计" not in str(item)]
        ),
    )
    report = seed(session, content)
    assert "cq-2020-1891" in report.upgraded
    stored = load_published(session)
    assert "设计。现健全" in stored.clause_by_id["cq-2020-1891#2.1"].text
    assert stored == load_shipped(content)


def test_an_entry_whose_words_are_gone_is_left_out_and_logged(
    session: Session, caplog: pytest.LogCaptureFixture
) -> None:
    seed(session)
    clause = session.get(ClauseRow, "cq-2022-11#2.6")
    assert clause is not None
    session.execute(update(ClauseRow).where(ClauseRow.id == clause.id).values(text="（六）改写过的条款。"))
    stored = load_published(session)
    assert ENTRY not in stored.entry_by_id
    assert f"entry {ENTRY} is left out" in caplog.text
    lost = [problem for problem in validate(load_all(session)) if f"问答 {ENTRY}：引文" in problem]
    assert len(lost) == 1
    assert (
        "在 cq-2022-11#2.6 里已经没有了，请打开该条款，从现在的文字里重新原样复制，或撤回这条问答。"
        in lost[0]
    )


def test_what_no_longer_ships_is_withdrawn_and_comes_back(session: Session, content: Path) -> None:
    seed(session, content)
    path = content / "programmes" / "ecology-day-0815.yml"
    kept, resting = path.read_text(encoding="utf-8"), content / "faq" / "programmes.yml"
    questions = resting.read_text(encoding="utf-8") if resting.exists() else "[]"
    path.unlink()
    resting.write_text("[]", encoding="utf-8")
    assert "ecology-day-0815" in seed(session, content).withdrawn
    assert "ecology-day-0815" not in load_published(session).programme_by_id
    path.write_text(kept, encoding="utf-8")
    resting.write_text(questions, encoding="utf-8")
    assert "ecology-day-0815" in seed(session, content).upgraded
    assert "ecology-day-0815" in load_published(session).programme_by_id


def _policy(tmp_path: Path, text: str = "") -> Path:
    path = tmp_path / "policy.txt"
    path.write_text(
        text
        or "关于节水的通知\n渝水〔2025〕7号\n各区县：\n现通知如下。\n一、总体要求\n（一）节水。全市节水。（市水利局负责）\n"
        "重庆市水利局\n2025年3月4日\n",
        encoding="utf-8",
    )
    return path


def test_an_imported_document_is_a_draft_until_published(session: Session, tmp_path: Path) -> None:
    report = import_document(session, path=_policy(tmp_path), by="editor", now=AT)
    session.commit()
    document = report.document
    assert (document.id, document.title, document.document_number) == (
        "cq-2025-7",
        "关于节水的通知",
        "渝水〔2025〕7号",
    )
    assert (document.issuers, document.issued_on, document.effective_from) == (
        ("重庆市水利局",),
        date(2025, 3, 4),
        date(2025, 3, 4),
    )
    assert (report.clauses, report.warnings) == (5, ())
    assert load_published(session).documents == ()
    publish(session, kind="document", row_id="cq-2025-7", by="reviewer", now=AT)
    session.commit()
    assert load_published(session).clause_by_id["cq-2025-7#1.1"].departments == ("市水利局",)
    steps = session.execute(
        select(PublicationRow.by, PublicationRow.state_before, PublicationRow.state_after)
    )
    assert [tuple(step) for step in steps] == [("editor", None, "draft"), ("reviewer", "draft", "published")]


def test_a_draft_is_replaced_by_a_second_import_but_nothing_else_is(session: Session, tmp_path: Path) -> None:
    path = _policy(tmp_path)
    import_document(session, path=path, by="editor")
    path.write_text(path.read_text(encoding="utf-8") + "附件：清单\n", encoding="utf-8")
    assert import_document(session, path=path, by="editor").clauses == 6
    publish(session, kind="document", row_id="cq-2025-7", by="reviewer")
    session.commit()
    with pytest.raises(Conflict, match="cq-2025-7 已存在，状态是 published"):
        import_document(session, path=path, by="editor")


def test_an_import_says_what_is_missing_and_publishing_refuses_it(session: Session, tmp_path: Path) -> None:
    path = _policy(tmp_path, "没有编号的一段话。\n")
    with pytest.raises(InvalidContent, match=r"policy\.txt：没有找到文号"):
        import_document(session, path=path, by="editor")
    report = import_document(
        session, path=path, by="editor", details=ImportDetails(id="cq-2025-8", title="某文")
    )
    assert report.clauses == 1
    assert len(report.warnings) == 3  # no structure, no issuers, no date
    with pytest.raises(InvalidContent, match="issuers 没有填写"):
        publish(session, kind="document", row_id="cq-2025-8", by="reviewer")
    assert show(session, kind="document", row_id="cq-2025-8").state == "draft"


def test_a_binary_file_is_not_imported(session: Session, tmp_path: Path) -> None:
    path = tmp_path / "scan.pdf"
    path.write_bytes(b"\x7fELF\x00\x00")
    with pytest.raises(UnreadableDocument, match=r"scan\.pdf：这是二进制文件"):
        import_document(session, path=path, by="editor")
    assert list_rows(session) == []


def test_an_entry_is_not_published_before_its_document(session: Session) -> None:
    seed(session)
    withdraw(session, kind="entry", row_id=ENTRY, by="editor")
    withdraw(session, kind="document", row_id="cq-2022-11", by="editor")
    with pytest.raises(InvalidContent, match="还没有发布"):
        publish(session, kind="entry", row_id=ENTRY, by="reviewer")
    publish(session, kind="document", row_id="cq-2022-11", by="reviewer")
    publish(session, kind="entry", row_id=ENTRY, by="reviewer")
    assert ENTRY in load_published(session).entry_by_id


def test_an_entry_that_clashes_with_a_published_one_is_not_published(session: Session) -> None:
    seed(session)
    withdraw(session, kind="entry", row_id=ENTRY, by="editor")
    row = session.get(EntryRow, ENTRY)
    other = session.get(EntryRow, "national-car-scrappage-2026-01")
    assert row is not None
    assert other is not None
    taken = other.question.replace("？", " ！")
    row.variants[0].text, row.plain = taken, "最多补贴1.8万元。"
    session.flush()
    with pytest.raises(InvalidContent) as caught:
        publish(session, kind="entry", row_id=ENTRY, by="reviewer")
    shared, contradiction = str(caught.value).split("\n")
    assert f"问法“{taken}”已属于 {other.id}" in shared
    assert "数字却不同" in contradiction
    assert "2万元" in contradiction
    assert "1.8万元" in contradiction


def test_a_change_of_state_that_comes_second_is_refused(engine: Engine) -> None:
    with Session(engine) as first:
        seed(first)
        withdraw(first, kind="entry", row_id=ENTRY, by="one")
        first.commit()
    with Session(engine) as second, pytest.raises(Conflict, match="状态是 withdrawn"):
        withdraw(second, kind="entry", row_id=ENTRY, by="two")


def test_a_row_changed_behind_our_back_is_refused(engine: Engine) -> None:
    with Session(engine) as session:
        seed(session)
    with Session(engine) as slow:
        assert slow.get(EntryRow, ENTRY) is not None  # read before the other one writes
        slow.rollback()
        stale = slow.get(EntryRow, ENTRY)
        assert stale is not None
        slow.expunge_all()
        slow.rollback()
        with Session(engine) as fast:
            withdraw(fast, kind="entry", row_id=ENTRY, by="fast")
            fast.commit()
        stale.state = "published"
        slow.add(stale)
        with pytest.raises(Conflict, match="刚被别人改过"), slow.no_autoflush:
            withdraw(slow, kind="entry", row_id=ENTRY, by="slow")


def test_lists_show_kind_state_and_what_was_edited(session: Session) -> None:
    seed(session)
    assert [row.id for row in list_rows(session, kind="document")] == ["cq-2020-1891", "cq-2022-11"]
    drafts = list_rows(session, kind="programme", state="draft")
    assert len(drafts) == 5
    assert not any(row.edited for row in list_rows(session))
    withdraw(session, kind="document", row_id="cq-2020-1891", by="editor")
    assert [row.id for row in list_rows(session) if row.edited] == ["cq-2020-1891"]


def test_show_gives_a_row_whole_and_names_an_unknown_one(session: Session) -> None:
    seed(session)
    item = show(session, kind="document", row_id="cq-2022-11")
    assert isinstance(item, ShippedDocument)
    assert item.text.startswith("\n重庆市发展和改革委员会行政规范性文件")
    with pytest.raises(UnknownRow, match="没有编号为 none 的问答"):
        show(session, kind="entry", row_id="none")


def test_a_document_takes_its_clauses_with_it(session: Session) -> None:
    seed(session)
    session.execute(DocumentRow.__table__.delete().where(DocumentRow.id == "cq-2022-11"))
    session.commit()
    assert session.scalars(select(ClauseRow.id).where(ClauseRow.document_id == "cq-2022-11")).all() == []


def test_a_time_without_a_zone_is_refused(session: Session) -> None:
    with pytest.raises(Exception, match="has no time zone"):
        seed(session, now=datetime(2026, 11, 21))
