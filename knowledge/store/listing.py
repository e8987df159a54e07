"""What is in the store, for people who look after it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from knowledge.errors import UnknownRow
from knowledge.messages import say
from knowledge.shipped import ShippedDocument, ShippedEntry, ShippedProgramme
from knowledge.store.seeding import stored
from knowledge.store.tables import DocumentRow, EntryRow, ProgrammeRow

RowKind = Literal["document", "entry", "programme"]
TABLES: dict[str, type[Any]] = {"document": DocumentRow, "entry": EntryRow, "programme": ProgrammeRow}


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a list; `edited` says that it differs from the shipped version or never shipped."""

    kind: RowKind
    id: str
    title: str
    state: str
    edited: bool
    updated_at: datetime
    updated_by: str


def list_rows(session: Session, *, kind: RowKind | None = None, state: str | None = None) -> list[Row]:
    """The rows of one kind or of all, by id; only those in `state` if it is given."""
    out: list[Row] = []
    for name, table in TABLES.items():
        if kind not in (None, name):
            continue
        title = table.question if name == "entry" else table.title
        query = select(
            table.id,
            title,
            table.state,
            table.content_hash,
            table.shipped_hash,
            table.updated_at,
            table.updated_by,
        ).order_by(table.id)
        if state is not None:
            query = query.where(table.state == state)
        out.extend(
            Row(name, row[0], row[1], row[2], row[3] != row[4], row[5], row[6])  # type: ignore[arg-type]
            for row in session.execute(query)
        )
    return out


def show(
    session: Session, *, kind: RowKind, row_id: str
) -> ShippedDocument | ShippedEntry | ShippedProgramme:
    """One row whole. Raises UnknownRow."""
    row: Any = session.get(TABLES[kind], row_id)
    if row is None:
        raise UnknownRow(say("edit.unknown", id=row_id, kind=say(f"kind.{kind}")))
    found: ShippedDocument | ShippedEntry | ShippedProgramme = stored(row)
    return found
