"""An app's services over a small store with two documents and an entry, for the desks of documents."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from api.accounts.roles import Actor, Role
from api.keys import load_keys
from api.services import Services
from api.settings import Settings
from knowledge.model import Document, Entry, Quote
from knowledge.parsing import parse
from knowledge.shipped import ShippedDocument, ShippedEntry
from knowledge.store import rows
from knowledge.store.tables import DocumentRow, EntryRow, LexiconRow
from tests.api.parts import SentenceAnswerer, Shelf

NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)
OLD = """示例补贴办法
示商务〔2026〕1号
一、补贴
（一）冰箱。购买一级能效冰箱的居民，每台补贴300元。
（二）空调。购买一级能效空调的居民，每台补贴500元。
二、组织
（三）时间。申请截止到2026年6月30日。
"""
NEWER = """示例补贴办法
示商务〔2026〕9号
一、补贴
（一）洗衣机。购买一级水效洗衣机的居民，每台补贴200元。
（二）冰箱。购买一级能效冰箱的居民，每台补贴300元。
（三）空调。购买一级能效空调的居民，每台补贴400元。
三、组织
（四）时间。申请截止到2026年12月31日。
示例市商务委员会
2026年10月8日
"""
EDITOR = Actor("editor", frozenset({Role.editor}), "编辑")
REVIEWER = Actor("reviewer", frozenset({Role.reviewer}), "审核人")
VIEWER = Actor("viewer", frozenset({Role.viewer}), "查看者")


def make_services(engine: Engine, data_dir: Path) -> Services:
    shelf = Shelf()
    return Services(
        settings=Settings(data_dir=data_dir),
        keys=load_keys(data_dir / "secrets"),
        engine=engine,
        library=shelf,
        answerer=SentenceAnswerer(shelf),
    )


def published(engine: Engine) -> None:
    """`doc-2026-1` with two entries on it, and the lexicon's audiences."""
    clauses = parse(OLD, "doc-2026-1").clauses
    document = Document(
        "doc-2026-1", "示例补贴办法", "示商务〔2026〕1号", ("示例市商务委员会",), date(2026, 1, 5), "重庆",
        effective_from=date(2026, 1, 5),
    )  # fmt: skip
    by_path = {clause.path: clause for clause in clauses}
    fridge, cooler = by_path["1.1"], by_path["1.2"]
    with Session(engine) as session:
        _keep(session, DocumentRow(), ShippedDocument(document, clauses, OLD))
        for name, clause, words, question in (
            ("doc-2026-1-1.1-01", fridge, "每台补贴300元。", "冰箱补多少？"),
            ("doc-2026-1-1.2-01", cooler, "每台补贴500元。", "空调补多少？"),
        ):
            start = clause.text.index(words)
            quote = Quote(clause.id, start, start + len(words), words)
            entry = Entry(name, question, (), (quote,), force="price", tags=("居民",))
            _keep(session, EntryRow(), ShippedEntry(entry))
        session.add(
            LexiconRow(
                section="audiences", name="居民", words=["市民"], state="published", content_hash="x",
                shipped_hash="x", updated_at=NOW, updated_by="shipped",
            )
        )  # fmt: skip
        session.commit()


def _keep(session: Session, row: DocumentRow | EntryRow, item: ShippedDocument | ShippedEntry) -> None:
    if isinstance(row, DocumentRow):
        assert isinstance(item, ShippedDocument)
        rows.fill_document(row, item)
    else:
        assert isinstance(item, ShippedEntry)
        rows.fill_entry(row, item)
    row.content_hash, row.shipped_hash = rows.content_hash(item), None
    row.updated_at, row.updated_by = NOW, "editor"
    session.add(row)
    session.flush()
