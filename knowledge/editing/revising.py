"""What is written beside a row when it is published or withdrawn: its revision and the line of its state."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from knowledge.editing.forms import Item, to_plain
from knowledge.editing.model import Kind
from knowledge.editing.stored import hashed
from knowledge.store import rows
from knowledge.store.draft_tables import RevisionRow
from knowledge.store.editing import record_step


def first_revision(kind: Kind, row: Any, content: dict[str, Any] | None) -> RevisionRow | None:
    """Number 0: what the row was before its first publication here, so that nothing is ever lost."""
    if row is None or content is None:
        return None
    by = row.updated_by
    return RevisionRow(kind=kind, number=0, content=content, author=by, by=by, at=row.updated_at, reason="")


def revise(
    session: Session,
    kind: Kind,
    row_id: str,
    first: RevisionRow | None,
    content: dict[str, Any],
    **values: Any,
) -> None:
    newest = _newest_number(session, kind, row_id)
    if newest is None and first is not None:
        first.row_id = row_id
        session.add(first)
    number = 1 if newest is None else newest + 1
    session.add(RevisionRow(kind=kind, row_id=row_id, number=number, content=content, **values))
    session.flush()


def _newest_number(session: Session, kind: Kind, row_id: str) -> int | None:
    return session.scalar(
        select(func.max(RevisionRow.number)).where(RevisionRow.kind == kind, RevisionRow.row_id == row_id)
    )


def record_publication(
    session: Session,
    kind: Kind,
    row_id: str,
    before: dict[str, Any] | None,
    item: Item,
    by: str,
    at: datetime,
) -> None:
    left = before["state"] if before else None
    reached = str(to_plain(item)["state"])
    record_step(session, kind, row_id, left, reached, rows.content_hash(hashed(item)), by, at)
