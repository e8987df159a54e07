"""Two versions of a text compared, the entries on them, and the versions that are kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

from sqlalchemy.orm import Session

from knowledge.model import Clause, Document, Entry, Knowledge, Quote
from knowledge.parsing import parse
from knowledge.shipped import Shipped, ShippedDocument
from knowledge.store import rows
from knowledge.store.tables import DocumentRow
from knowledge.versions import (
    Run,
    compare,
    keep_version,
    link_supersession,
    other_sides,
    resting_on,
    versions_of,
    word_runs,
)

NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)
OLD = """示例办法
一、补贴
（一）冰箱。购买一级能效冰箱的，每台补贴300元。
（二）空调。购买一级能效空调的，每台补贴500元，每户限两台。
（三）旧机。旧机由回收企业上门收走，不另收费。
二、组织
（四）时间。申请截止到2026年6月30日。
"""
NEW = """示例办法
一、补贴
（一）洗衣机。购买一级水效洗衣机的，每台补贴200元。
（二）冰箱。购买一级能效冰箱的，每台补贴300元。
（三）空调。购买一级能效空调的，每台补贴400元，每户限两台。
二、组织
（四）时间。申请截止到2026年12月31日。
"""


def clauses(text: str, document_id: str = "d") -> tuple[Clause, ...]:
    return parse(text, document_id).clauses


def told(old: str, new: str) -> list[tuple[str, str | None, str | None, bool]]:
    return [
        (
            change.kind,
            change.before.path if change.before else None,
            change.after.path if change.after else None,
            change.moved,
        )
        for change in compare(clauses(old), clauses(new)).changes
    ]


def test_an_inserted_clause_does_not_make_what_follows_look_changed() -> None:
    assert told(OLD, NEW) == [
        ("unchanged", "title", "title", False),
        ("unchanged", "1", "1", False),
        ("added", None, "1.1", False),
        ("moved", "1.1", "1.2", True),
        ("changed", "1.2", "1.3", True),
        ("removed", "1.3", None, False),
        ("unchanged", "2", "2", False),
        ("changed", "2.4", "2.4", False),
    ]


def test_the_same_text_differs_in_nothing() -> None:
    comparison = compare(clauses(OLD), clauses(OLD))
    assert not comparison.differs
    assert dict(comparison.counts) == {"unchanged": 7}


def test_everything_new_and_everything_gone() -> None:
    assert [change.kind for change in compare((), clauses(NEW)).changes] == ["added"] * 7
    assert [change.kind for change in compare(clauses(OLD), ()).changes] == ["removed"] * 7


def test_changed_words_are_marked_and_numbers_are_never_cut() -> None:
    assert word_runs("每台补贴500元，每户限两台。", "每台补贴400元，每户限两台。") == (
        Run("kept", "每台补贴"),
        Run("removed", "500"),
        Run("added", "400"),
        Run("kept", "元，每户限两台。"),
    )


def test_runs_give_back_both_texts() -> None:
    before, after = OLD.replace("\n", ""), NEW.replace("\n", "")
    runs = word_runs(before, after)
    assert "".join(run.text for run in runs if run.kind != "added") == before
    assert "".join(run.text for run in runs if run.kind != "removed") == after


def test_clauses_with_the_same_words_are_matched_in_order() -> None:
    text = "一、甲\n（一）加强领导。\n二、乙\n（一）加强领导。\n"
    assert {kind for kind, *_ in told(text, text)} == {"unchanged"}


def quote(clause: Clause, words: str) -> Quote:
    start = clause.text.index(words)
    return Quote(clause.id, start, start + len(words), words)


def entries() -> list[Entry]:
    by_path = {clause.path: clause for clause in clauses(OLD)}
    return [
        Entry("fridge", "冰箱补多少？", (), (quote(by_path["1.1"], "每台补贴300元。"),)),
        Entry("cooler", "空调补多少？", (), (quote(by_path["1.2"], "每台补贴500元，每户限两台。"),)),
        Entry("old", "旧机谁收？", (), (quote(by_path["1.3"], "不另收费。"),)),
        Entry("until", "截止到什么时候？", (), (quote(by_path["2.4"], "申请截止到2026年6月30日。"),)),
        Entry("title", "什么办法？", (), (quote(by_path["title"], "示例办法"),)),
        Entry("elsewhere", "别处？", (), (Quote("x#1", 0, 1, "甲"),)),
    ]


def test_what_becomes_of_every_quote() -> None:
    new = clauses(NEW)
    found = {item.entry.id: item for item in resting_on(compare(clauses(OLD), new), "d", new, entries())}
    fates = {name: item.standings[0].fate for name, item in found.items()}
    assert fates == {
        "old": "gone", "cooler": "changed", "until": "changed", "fridge": "moved", "title": "stands",
    }  # fmt: skip
    assert next(iter(found)) == "old", "what needs a person most comes first"
    now = found["fridge"].standings[0].now
    assert now is not None
    assert (now.clause_id, now.text) == ("d#1.2", "每台补贴300元。")
    nearest = found["cooler"].standings[0].nearest
    assert nearest is not None
    assert (nearest.clause_id, nearest.text) == ("d#1.3", "购买一级能效空调的，每台补贴400元，每户限两台。")
    assert found["title"].on_changed is False
    assert found["fridge"].on_changed is True


def shipped(document_id: str, text: str = OLD, **fields: object) -> ShippedDocument:
    document = Document(
        document_id,
        "示例办法",
        None,
        ("示例委",),
        date(2026, 1, 1),
        "示例市",
        **fields,  # type: ignore[arg-type]
    )
    return ShippedDocument(document, clauses(text, document_id), text)


def store(session: Session, item: ShippedDocument) -> DocumentRow:
    row = session.get(DocumentRow, item.document.id) or DocumentRow(shipped_hash=None)
    rows.fill_document(row, item)
    row.content_hash, row.updated_at, row.updated_by = rows.content_hash(item), NOW, "editor"
    session.add(row)
    session.flush()
    return row


def test_an_earlier_body_is_kept_whole_and_once(session: Session) -> None:
    store(session, shipped("v-doc"))
    first = keep_version(session, "v-doc", by="reviewer", now=NOW)
    assert first is not None
    assert (first.number, first.published_by, first.kept_by) == (1, "editor", "reviewer")
    assert first.item == shipped("v-doc")
    assert keep_version(session, "v-doc", by="reviewer", now=NOW) is None
    store(session, shipped("v-doc", NEW))
    second = keep_version(session, "v-doc", by="reviewer", now=NOW)
    assert second is not None
    assert [version.number for version in versions_of(session, "v-doc")] == [2, 1]
    assert keep_version(session, "nothing", by="reviewer", now=NOW) is None


def test_supersession_is_written_on_both_sides(session: Session) -> None:
    store(session, shipped("older"))
    newer = shipped("newer", NEW, supersedes=("older",))
    store(session, newer)
    held = {"older": shipped("older").document}
    assert link_supersession(session, held, [newer], by="reviewer", now=NOW) == ["older"]
    row = session.get(DocumentRow, "older")
    assert row is not None
    assert row.superseded_by == "newer"
    assert row.content_hash == rows.content_hash(rows.document_of(row))
    assert [version.number for version in versions_of(session, "older")] == [1]


def test_supersession_no_longer_said_is_taken_back_and_the_newer_side_follows() -> None:
    older = shipped("older", superseded_by="newer").document
    newer_before = shipped("newer", supersedes=("older",)).document
    newer = shipped("newer")
    changed = other_sides({"older": older, "newer": newer_before}, [newer])
    assert {name: document.superseded_by for name, document in changed.items()} == {"older": None}
    said = shipped("older", superseded_by="newer")
    changed = other_sides({"older": shipped("older").document, "newer": newer.document}, [said])
    assert {name: document.supersedes for name, document in changed.items()} == {"newer": ("older",)}


def test_an_older_text_holds_until_the_newer_one_does() -> None:
    older = shipped("older", superseded_by="newer")
    newer = shipped("newer", supersedes=("older",), effective_from=date(2027, 1, 1))
    knowledge = Shipped((older, newer)).published()
    text = knowledge.document_by_id["older"]
    assert text.superseded_from == date(2027, 1, 1)
    assert [text.status_on(day) for day in (date(2026, 12, 31), date(2027, 1, 1))] == [
        "unstated",
        "superseded",
    ]
    assert Knowledge.from_json(knowledge.to_json()) == knowledge
    alone = Shipped((older,)).published().document_by_id["older"]
    assert alone.status_on(date(2026, 12, 31)) == "superseded"


def test_the_day_of_the_newer_text_is_no_content_of_the_older() -> None:
    older = shipped("older", superseded_by="newer")
    dated = replace(older, document=replace(older.document, superseded_from=date(2027, 1, 1)))
    assert rows.content_hash(dated) == rows.content_hash(older)
