"""The published knowledge as the index gets it."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from knowledge.content_loader import locate
from knowledge.errors import InvalidContent
from knowledge.model import LEXICON_TABLES, Knowledge, Lexicon
from knowledge.shipped import Shipped, ShippedDocument, ShippedEntry, ShippedProgramme
from knowledge.store import rows
from knowledge.store.tables import (
    DocumentRow,
    EntryRow,
    LexiconRow,
    ProgrammeRow,
    QuoteRow,
    VariantRow,
)

log = logging.getLogger(__name__)


def load_published(session: Session) -> Knowledge:
    """Everything published, drafts left out, in one fixed order: the same rows give the same fingerprint.

    An entry whose words no longer stand in their clause is left out and logged by its id.
    """
    return published_of(load_all(session))


def published_of(content: Shipped) -> Knowledge:
    """What is answered from while the store holds `content`, whose quotes stand where they stand now."""
    texts = texts_of(content.documents, content.programmes)
    return replace(
        content, entries=tuple(item for item in content.entries if _stands(item, texts))
    ).published()


def load_all(session: Session) -> Shipped:
    """Everything in the store, in the order of ids, quotes where they stand now.

    An entry that lost a quote keeps it as it was, for the checks to name.
    """
    documents = tuple(
        rows.document_of(row)
        for row in session.scalars(
            select(DocumentRow).order_by(DocumentRow.id).options(selectinload(DocumentRow.clauses))
        )
    )
    programmes = tuple(
        rows.programme_of(row) for row in session.scalars(select(ProgrammeRow).order_by(ProgrammeRow.id))
    )
    texts = texts_of(documents, programmes)
    variants: dict[str, list[str]] = defaultdict(list)
    asked = select(VariantRow.entry_id, VariantRow.text).order_by(VariantRow.entry_id, VariantRow.position)
    for entry_id, text in session.execute(asked):
        variants[entry_id].append(text)
    quotes: dict[str, list[Any]] = defaultdict(list)
    columns = (QuoteRow.entry_id, QuoteRow.clause_id, QuoteRow.starts_at, QuoteRow.ends_at, QuoteRow.text)
    quoted = select(*columns, QuoteRow.also).order_by(QuoteRow.entry_id, QuoteRow.position)
    for quote in session.execute(quoted):
        quotes[quote.entry_id].append(quote)
    entries = session.scalars(select(EntryRow).order_by(EntryRow.id))
    found = (moved(rows.entry_of(row, variants[row.id], quotes[row.id]), texts) for row in entries)
    return Shipped(documents, tuple(found), programmes, _lexicon(session))


def texts_of(
    documents: Iterable[ShippedDocument], programmes: Iterable[ShippedProgramme]
) -> Mapping[str, str]:
    """The texts that may be quoted, by the ids of clauses and programmes."""
    texts = {clause.id: clause.text for item in documents for clause in item.clauses}
    return texts | {item.programme.id: item.programme.text for item in programmes}


def moved(item: ShippedEntry, texts: Mapping[str, str]) -> ShippedEntry:
    """The entry with its quotes where they stand now; as it was where one stands nowhere."""
    try:
        quotes, also = (
            tuple(locate(quote.clause_id, quote.text, texts) for quote in spans)
            for spans in (item.entry.quotes, item.entry.also)
        )
    except InvalidContent:
        return item
    if (quotes, also) == (item.entry.quotes, item.entry.also):
        return item
    return replace(item, entry=replace(item.entry, quotes=quotes, also=also))


def _stands(item: ShippedEntry, texts: Mapping[str, str]) -> bool:
    for quote in (*item.entry.quotes, *item.entry.also):
        if texts.get(quote.clause_id, "")[quote.start : quote.end] != quote.text:
            log.warning("entry %s is left out: its quote is no longer in %s", item.entry.id, quote.clause_id)
            return False
    return True


def _lexicon(session: Session) -> Lexicon:
    tables: dict[str, dict[str, tuple[str, ...]]] = {name: {} for name in LEXICON_TABLES}
    lines = select(LexiconRow).where(LexiconRow.state == "published")
    for row in session.scalars(lines.order_by(LexiconRow.section, LexiconRow.name)):
        tables[row.section][row.name] = tuple(row.words)
    return Lexicon(**tables)
