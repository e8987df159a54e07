"""The published knowledge as the index gets it."""

from __future__ import annotations

import logging
from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from knowledge.content_loader import locate
from knowledge.errors import InvalidContent
from knowledge.model import LEXICON_TABLES, Knowledge, Lexicon
from knowledge.shipped import Shipped, ShippedEntry
from knowledge.store import rows
from knowledge.store.tables import DocumentRow, EntryRow, LexiconRow, ProgrammeRow

log = logging.getLogger(__name__)


def load_published(session: Session) -> Knowledge:
    """Everything published, drafts left out, in one fixed order: the same rows give the same fingerprint.

    An entry whose words no longer stand in their clause is left out and logged by its id.
    """
    return load_all(session).published()


def load_all(session: Session) -> Shipped:
    """Everything in the store, in the order of ids; entries that lost their quote are left out."""
    documents = tuple(
        rows.document_of(row)
        for row in session.scalars(
            select(DocumentRow).order_by(DocumentRow.id).options(selectinload(DocumentRow.clauses))
        )
    )
    programmes = tuple(
        rows.programme_of(row) for row in session.scalars(select(ProgrammeRow).order_by(ProgrammeRow.id))
    )
    texts = {clause.id: clause.text for item in documents for clause in item.clauses}
    texts |= {item.programme.id: item.programme.text for item in programmes}
    entries = select(EntryRow).order_by(EntryRow.id)
    entries = entries.options(selectinload(EntryRow.variants), selectinload(EntryRow.quotes))
    kept = (_standing(rows.entry_of(row), texts) for row in session.scalars(entries))
    return Shipped(documents, tuple(item for item in kept if item is not None), programmes, _lexicon(session))


def _standing(item: ShippedEntry, texts: dict[str, str]) -> ShippedEntry | None:
    """The entry with its quotes where they stand now, or None if one stands nowhere."""
    try:
        quotes = tuple(locate(quote.clause_id, quote.text, texts) for quote in item.entry.quotes)
    except InvalidContent as error:
        log.warning("entry %s is left out: %s", item.entry.id, error)
        return None
    if quotes == item.entry.quotes:
        return item
    return replace(item, entry=replace(item.entry, quotes=quotes))


def _lexicon(session: Session) -> Lexicon:
    tables: dict[str, dict[str, tuple[str, ...]]] = {name: {} for name in LEXICON_TABLES}
    lines = select(LexiconRow).where(LexiconRow.state == "published")
    for row in session.scalars(lines.order_by(LexiconRow.section, LexiconRow.name)):
        tables[row.section][row.name] = tuple(row.words)
    return Lexicon(**tables)
