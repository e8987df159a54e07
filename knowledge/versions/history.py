"""The versions a document had, and the link between one that supersedes and one that is superseded.

Both are written inside the transaction that publishes; the caller commits.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from knowledge.model import Clause, Document
from knowledge.parsing.mending import Mending
from knowledge.shipped import ShippedDocument
from knowledge.store import rows
from knowledge.store.tables import DocumentRow
from knowledge.store.version_tables import DocumentVersionRow
from knowledge.versions.superseding import other_sides


@dataclass(frozen=True, slots=True)
class DocumentVersion:
    """An earlier body of a document: published then by that person, replaced when it was kept."""

    document_id: str
    number: int
    published_at: datetime
    published_by: str
    kept_at: datetime
    kept_by: str
    content: Mapping[str, Any]

    @property
    def item(self) -> ShippedDocument:
        raw = self.content
        return ShippedDocument(
            Document(**{name: _value(name, value) for name, value in raw["document"].items()}),
            tuple(
                Clause(**{name: _value(name, value) for name, value in clause.items()})
                for clause in raw["clauses"]
            ),
            raw["text"],
            raw["state"],
            tuple(Mending(**mending) for mending in raw["mendings"]),
        )


def keep_version(session: Session, document_id: str, *, by: str, now: datetime) -> DocumentVersion | None:
    """Keeps what is published under `document_id` before something takes its place.

    None where nothing was published or where the same content is kept already.
    """
    row = session.get(DocumentRow, document_id)
    if row is None or row.state not in ("published", "withdrawn"):
        return None
    latest = session.scalar(
        select(DocumentVersionRow)
        .where(DocumentVersionRow.document_id == document_id)
        .order_by(DocumentVersionRow.number.desc())
        .limit(1)
    )
    if latest is not None and latest.content_hash == row.content_hash:
        return None
    kept = DocumentVersionRow(
        document_id=document_id,
        number=(latest.number if latest is not None else 0) + 1,
        content=json.loads(json.dumps(asdict(rows.document_of(row)), default=date.isoformat)),
        content_hash=row.content_hash,
        published_at=row.updated_at,
        published_by=row.updated_by,
        kept_at=now,
        kept_by=by,
    )
    session.add(kept)
    session.flush()
    return _version(kept)


def versions_of(session: Session, document_id: str) -> list[DocumentVersion]:
    """The earlier versions, the newest first."""
    found = session.scalars(
        select(DocumentVersionRow)
        .where(DocumentVersionRow.document_id == document_id)
        .order_by(DocumentVersionRow.number.desc())
    )
    return [_version(row) for row in found]


def count_versions(session: Session) -> Mapping[str, int]:
    """How many earlier versions are kept, by document."""
    table = DocumentVersionRow
    counted = session.execute(select(table.document_id, func.count()).group_by(table.document_id))
    return {str(name): int(number) for name, number in counted}


def link_supersession(
    session: Session,
    held: Mapping[str, Document],
    published: Iterable[ShippedDocument],
    *,
    by: str,
    now: datetime,
) -> list[str]:
    """Writes the other sides of the supersession of what was just published into their rows.

    `held` are the documents as they were before. The ids of the rows that changed.
    """
    changed = other_sides(held, published)
    for name, document in sorted(changed.items()):
        row = session.get(DocumentRow, name)
        if row is None:
            continue
        keep_version(session, name, by=by, now=now)
        row.supersedes, row.superseded_by = list(document.supersedes), document.superseded_by
        session.flush()
        row.content_hash = rows.content_hash(rows.document_of(row))
        row.updated_at, row.updated_by = now, by
        session.flush()
    return sorted(changed)


_DATES = ("issued_on", "effective_from", "effective_to")


def _value(name: str, value: Any) -> Any:
    if name in _DATES and value is not None:
        return date.fromisoformat(value)
    return tuple(value) if isinstance(value, list) else value


def _version(row: DocumentVersionRow) -> DocumentVersion:
    return DocumentVersion(
        row.document_id,
        row.number,
        row.published_at,
        row.published_by,
        row.kept_at,
        row.kept_by,
        row.content,
    )
