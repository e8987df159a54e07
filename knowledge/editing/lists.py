"""What editors should look at: what ends soon, and what is old but often used."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, Protocol, cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from knowledge.editing.model import Ageing, Ending
from knowledge.store.listing import TABLES
from knowledge.store.tables import EntryRow


class Uses(Protocol):
    """How often each entry was answered from; the app counts."""

    def __call__(self, since: datetime) -> Mapping[str, int]:
        """Uses since then, by the entry's id."""


def ending(session: Session, today: date, days: int) -> list[Ending]:
    found: list[Ending] = []
    for kind, table in TABLES.items():
        title, end = (
            table.question if kind == "entry" else table.title,
            table.effective_to if kind == "document" else table.valid_to,
        )
        query = select(table.id, title, end).where(
            table.state == "published", end >= today, end <= today + timedelta(days=days)
        )
        found += [
            Ending(cast(Any, kind), name, words, ends_on, (ends_on - today).days)
            for name, words, ends_on in session.execute(query)
        ]
    return sorted(found, key=lambda item: (item.ends_on, item.kind, item.id))


def ageing(
    session: Session,
    uses: Uses,
    *,
    now: datetime,
    older_than_days: int,
    at_least: int,
    within_days: int,
) -> list[Ageing]:
    counts = {
        name: count for name, count in uses(now - timedelta(days=within_days)).items() if count >= at_least
    }
    query = select(EntryRow.id, EntryRow.question, EntryRow.updated_at).where(
        EntryRow.state == "published", EntryRow.updated_at <= now - timedelta(days=older_than_days)
    )
    found = [Ageing(*row, uses=counts[row[0]]) for row in session.execute(query) if row[0] in counts]
    return sorted(found, key=lambda item: (-item.uses, item.id))
