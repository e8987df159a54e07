"""The rows behind drafts: finding one, its plain form, and drafts and events as plain data."""

from __future__ import annotations

from typing import Any, cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from knowledge.editing.forms import Item, to_plain
from knowledge.editing.model import Comment, Draft, Event, Kind, LexiconLine, Revision
from knowledge.store.draft_tables import CommentRow, DraftEventRow, DraftRow, RevisionRow
from knowledge.store.listing import TABLES
from knowledge.store.seeding import stored
from knowledge.store.tables import LexiconRow


def row_of(session: Session, kind: Kind, row_id: str) -> Any | None:
    """The row as the database has it now, whatever its state; None where there is none."""
    if kind == "lexicon":
        section, _, name = row_id.partition("/")
        return session.get(LexiconRow, (section, name), populate_existing=True)
    return session.get(TABLES[kind], row_id, populate_existing=True)


def item_of(row: Any) -> Item:
    """A row as the plain item that the forms know."""
    if isinstance(row, LexiconRow):
        return LexiconLine(row.section, row.name, tuple(row.words), cast(Any, row.state))
    return cast(Item, stored(row))


def hashed(item: Item) -> object:
    """What the store takes an item's hash of."""
    if isinstance(item, LexiconLine):
        return {"section": item.section, "name": item.name, "words": list(item.words), "state": item.state}
    return item


def hashes(session: Session) -> dict[tuple[Kind, str], str]:
    """The `content_hash` of every row."""
    found: dict[tuple[Kind, str], str] = {}
    for kind, table in TABLES.items():
        for row_id, value in session.execute(select(table.id, table.content_hash)):
            found[cast(Kind, kind), row_id] = value
    lines = select(LexiconRow.section, LexiconRow.name, LexiconRow.content_hash)
    for section, name, value in session.execute(lines):
        found["lexicon", f"{section}/{name}"] = value
    return found


def plain_of(row: Any) -> dict[str, Any]:
    return to_plain(item_of(row))


def find_draft(session: Session, kind: Kind, row_id: str) -> DraftRow | None:
    return session.scalar(select(DraftRow).where(DraftRow.kind == kind, DraftRow.row_id == row_id))


def draft_of(row: DraftRow) -> Draft:
    return Draft(
        id=row.id,
        kind=cast(Any, row.kind),
        row_id=row.row_id,
        content=row.content,
        base_hash=row.base_hash,
        state=cast(Any, row.state),
        author=row.author,
        edited_by=row.edited_by,
        reviewer=row.reviewer,
        publish_at=row.publish_at,
        revision=row.revision,
        note=row.note,
        created_at=row.created_at,
        updated_at=row.updated_at,
        updated_by=row.updated_by,
    )


def event_of(row: DraftEventRow) -> Event:
    return Event(
        row.draft_id,
        cast(Any, row.kind),
        row.row_id,
        row.revision,
        cast(Any, row.what),
        row.by,
        row.at,
        tuple(row.fields),
    )


def comment_of(row: CommentRow) -> Comment:
    return Comment(row.id, cast(Any, row.kind), row.row_id, row.draft_id, row.by, row.at, row.text)


def revision_of(row: RevisionRow) -> Revision:
    return Revision(
        kind=cast(Any, row.kind),
        row_id=row.row_id,
        number=row.number,
        content=row.content,
        author=row.author,
        reviewer=row.reviewer,
        by=row.by,
        at=row.at,
        snapshot=row.snapshot,
        reason=row.reason,
    )
