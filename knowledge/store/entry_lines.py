"""The entries as lines of a list: light columns of every row, and which rows hold some words.

Reads no variants and no quotes whole, so that thousands of entries are listed in milliseconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from knowledge.store.tables import DocumentRow, EntryRow, ProgrammeRow, QuoteRow, VariantRow


@dataclass(frozen=True, slots=True)
class EntryLine:
    """`clause_id` is the best citation's, None where there is none; `wordings` counts the question, too."""

    id: str
    question: str
    state: str
    force: str | None
    tags: tuple[str, ...]
    valid_to: date | None
    clause_id: str | None
    wordings: int
    edited: bool
    updated_at: datetime
    updated_by: str


def entry_lines(session: Session) -> list[EntryLine]:
    """Every entry's line, by id."""
    counted = select(VariantRow.entry_id, func.count()).group_by(VariantRow.entry_id)
    counts = dict(session.execute(counted).all())
    best = select(QuoteRow.entry_id, QuoteRow.clause_id).where(QuoteRow.position == 0)
    cited = dict(session.execute(best).all())
    columns = (
        EntryRow.id,
        EntryRow.question,
        EntryRow.state,
        EntryRow.force,
        EntryRow.tags,
        EntryRow.valid_to,
        EntryRow.content_hash,
        EntryRow.shipped_hash,
        EntryRow.updated_at,
        EntryRow.updated_by,
    )
    return [
        EntryLine(
            id=row.id,
            question=row.question,
            state=row.state,
            force=row.force,
            tags=tuple(row.tags),
            valid_to=row.valid_to,
            clause_id=cited.get(row.id),
            wordings=1 + counts.get(row.id, 0),
            edited=row.content_hash != row.shipped_hash,
            updated_at=row.updated_at,
            updated_by=row.updated_by,
        )
        for row in session.execute(select(*columns).order_by(EntryRow.id))
    ]


def entries_holding(session: Session, words: str) -> frozenset[str]:
    """The ids of the entries whose id, question, plain sentence, variants or quotes hold `words`."""
    named = (EntryRow.id, EntryRow.question, EntryRow.plain)
    own = select(EntryRow.id).where(or_(*(column.icontains(words, autoescape=True) for column in named)))
    variants = select(VariantRow.entry_id).where(VariantRow.text.icontains(words, autoescape=True))
    quotes = select(QuoteRow.entry_id).where(QuoteRow.text.icontains(words, autoescape=True))
    return frozenset(session.scalars(own.union(variants, quotes)))


def last_days(session: Session) -> dict[str, date]:
    """The last day on which each document and programme holds, by id; those without one are left out."""
    ends = (
        select(DocumentRow.id, DocumentRow.effective_to).where(DocumentRow.effective_to.is_not(None)),
        select(ProgrammeRow.id, ProgrammeRow.valid_to).where(ProgrammeRow.valid_to.is_not(None)),
    )
    return {row_id: day for query in ends for row_id, day in session.execute(query) if day}


def entry_ids(session: Session, beginning: str) -> frozenset[str]:
    """The ids of entries that begin so."""
    found = select(EntryRow.id).where(EntryRow.id.startswith(beginning, autoescape=True))
    return frozenset(session.scalars(found))
