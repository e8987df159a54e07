"""Brings shipped content into the store, and its newer versions, without touching what editors changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, selectinload

from knowledge.content_loader import CONTENT, read_content
from knowledge.model import LEXICON_TABLES
from knowledge.shipped import Shipped
from knowledge.store import rows
from knowledge.store.tables import DocumentRow, EntryRow, LexiconRow, ProgrammeRow

SHIPPED_BY = "shipped"


@dataclass
class SeedReport:
    """Ids by what happened to them; `kept` were changed by an editor and differ from what ships now."""

    added: list[str] = field(default_factory=list)
    upgraded: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    withdrawn: list[str] = field(default_factory=list)
    unchanged: int = 0


def seed(session: Session, content_dir: Path | str = CONTENT, *, now: datetime | None = None) -> SeedReport:
    """Adds new shipped rows, upgrades those nobody changed, commits. Safe to run at every start.

    A shipped row that a later version no longer has is withdrawn, unless an editor changed it.
    """
    shipped = read_content(content_dir)
    try:
        return _seed(session, shipped, now or datetime.now(UTC))
    except IntegrityError:  # another process was first: what it added is now there to be compared
        session.rollback()
        return _seed(session, shipped, now or datetime.now(UTC))


def _seed(session: Session, shipped: Shipped, now: datetime) -> SeedReport:
    report = SeedReport()
    if not session.in_transaction():
        session.connection(execution_options={"immediate": True})
    documents = {item.document.id: item for item in shipped.documents}
    programmes = {item.programme.id: item for item in shipped.programmes}
    entries = {item.entry.id: item for item in shipped.entries}
    _bring(session, DocumentRow, documents, rows.fill_document, report, now)
    _bring(session, ProgrammeRow, programmes, rows.fill_programme, report, now)
    _bring(session, EntryRow, entries, rows.fill_entry, report, now)
    _bring(session, LexiconRow, _lexicon(shipped), _fill_lexicon, report, now)
    session.commit()
    return report


def _bring(
    session: Session,
    table: type[Any],
    items: Mapping[Any, Any],
    fill: Callable[[Any, Any], None],
    report: SeedReport,
    now: datetime,
) -> None:
    known = {_key(row): row for row in session.scalars(select(table))}
    changed = {
        key
        for key, item in items.items()
        if key in known and _upgradable(known[key], rows.content_hash(item))
    }
    _preload(session, table, [known[key] for key in changed])
    for key, item in items.items():
        fresh = rows.content_hash(item)
        row = known.get(key)
        name = key if isinstance(key, str) else "/".join(key)
        if row is None:
            row = table()
            report.added.append(name)
        elif row.content_hash == fresh:
            row.shipped_hash = fresh
            report.unchanged += 1
            continue
        elif key not in changed:
            if row.shipped_hash != fresh:
                report.kept.append(name)
            continue
        else:
            report.upgraded.append(name)
        fill(row, item)
        row.content_hash = row.shipped_hash = fresh
        row.updated_at, row.updated_by = now, SHIPPED_BY
        session.add(row)
    for key, row in known.items():
        if key not in items and row.shipped_hash == row.content_hash and row.state != "withdrawn":
            row.state = "withdrawn"
            row.content_hash = row.shipped_hash = rows.content_hash(stored(row))
            row.updated_at, row.updated_by = now, SHIPPED_BY
            report.withdrawn.append(key if isinstance(key, str) else "/".join(key))
    session.flush()


def stored(row: Any) -> Any:
    """A row as the plain item that its hash is taken of."""
    if isinstance(row, DocumentRow):
        return rows.document_of(row)
    if isinstance(row, ProgrammeRow):
        return rows.programme_of(row)
    if isinstance(row, EntryRow):
        return rows.entry_of(row)
    return {"section": row.section, "name": row.name, "words": list(row.words), "state": row.state}


def _upgradable(row: Any, fresh: str) -> bool:
    return bool(row.content_hash == row.shipped_hash and row.content_hash != fresh)


def _key(row: Any) -> Any:
    return (row.section, row.name) if isinstance(row, LexiconRow) else row.id


def _lexicon(shipped: Shipped) -> dict[tuple[str, str], dict[str, Any]]:
    return {
        (section, name): {"section": section, "name": name, "words": list(words), "state": "published"}
        for section in LEXICON_TABLES
        for name, words in getattr(shipped.lexicon, section).items()
    }


def _fill_lexicon(row: LexiconRow, item: Mapping[str, Any]) -> None:
    row.section, row.name, row.words, row.state = item["section"], item["name"], item["words"], item["state"]


def _preload(session: Session, table: type[Any], changed: Iterable[Any]) -> None:
    """The parts of the rows about to change, in one query a collection instead of one a row."""
    ids = [row.id for row in changed if table is EntryRow]
    if ids:
        options = (selectinload(EntryRow.variants), selectinload(EntryRow.quotes))
        list(session.scalars(select(EntryRow).where(EntryRow.id.in_(ids)).options(*options)))
