"""Rows as plain JSON, column by column, and back: how a rollback restores what a release changed.

Taken of the columns themselves, so that nothing a row holds, a note to editors for one, is lost on the way.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import Date, DateTime, select
from sqlalchemy.orm import Session

from knowledge.store.rows import content_hash
from knowledge.store.seeding import stored
from knowledge.store.tables import DocumentRow, EntryRow, LexiconRow, ProgrammeRow, UtcDateTime

TABLES: dict[str, type[Any]] = {
    "document": DocumentRow,
    "entry": EntryRow,
    "programme": ProgrammeRow,
    "lexicon": LexiconRow,
}
_PARTS = {"document": ("clauses",), "entry": ("variants", "quotes")}

Image = dict[str, Any]


def stamp(session: Session) -> str:
    """Over the hash of every governed row: changes whenever one of them does."""
    seen = hashlib.sha256()
    for kind, table in TABLES.items():
        keys = (table.section, table.name) if kind == "lexicon" else (table.id,)
        for row in session.execute(select(*keys, table.content_hash).order_by(*keys)):
            seen.update(("\0".join(row) + "\n").encode())
    return seen.hexdigest()


def find(session: Session, kind: str, row_id: str) -> Any | None:
    if kind == "lexicon":
        section, _, name = row_id.partition("/")
        return session.get(LexiconRow, (section, name), populate_existing=True)
    return session.get(TABLES[kind], row_id, populate_existing=True)


def image(session: Session, kind: str, row_id: str) -> Image | None:
    """The row whole, its parts included; None where there is none."""
    row = find(session, kind, row_id)
    if row is None:
        return None
    parts = {name: [_columns(part) for part in getattr(row, name)] for name in _PARTS.get(kind, ())}
    return {**_columns(row), **parts}


def restore(session: Session, kind: str, row_id: str, held: Image, *, by: str, at: datetime) -> None:
    """Make the row what `held` says, in the name of `by`; flushes."""
    row = find(session, kind, row_id)
    if row is None:
        row = TABLES[kind]()
        session.add(row)
    _fill(row, held)
    row.updated_at, row.updated_by = at, by
    for name in _PARTS.get(kind, ()):
        relation = type(row).__mapper__.relationships[name]
        getattr(row, name).clear()
        session.flush()
        for content in held[name]:
            part = relation.mapper.class_()
            _fill(part, content)
            getattr(row, name).append(part)
    session.flush()


def hash_of(held: Mapping[str, Any] | None) -> str | None:
    return None if held is None else str(held["content_hash"])


def lexicon_hash(row: LexiconRow) -> str:
    """Of a line of the lexicon whose state was changed here."""
    return content_hash(stored(row))


def titles(held: Iterable[Mapping[str, Any] | None]) -> str:
    """What people call the row, by the first image there is."""
    for content in held:
        if content is not None:
            return str(content.get("question") or content.get("title") or content.get("name") or "")
    return ""


def _columns(row: Any) -> Image:
    values = {column.key: getattr(row, column.key) for column in type(row).__mapper__.column_attrs}
    return dict(json.loads(json.dumps(values, ensure_ascii=False, default=_plain)))


def _fill(row: Any, content: Mapping[str, Any]) -> None:
    for column in type(row).__mapper__.column_attrs:
        if column.key not in content:
            continue
        value, kind = content[column.key], column.columns[0].type
        if value is not None and isinstance(kind, (UtcDateTime, DateTime)):
            value = datetime.fromisoformat(value)
        elif value is not None and isinstance(kind, Date):
            value = date.fromisoformat(value)
        setattr(row, column.key, value)


def _plain(value: object) -> str:
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no JSON form")
