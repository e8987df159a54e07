"""Which of a draft document's metadata a person has confirmed; a value changed since is not."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from knowledge.store.version_tables import DocumentWorkRow

CONFIRMED_FIELDS = (
    "id", "title", "document_number", "issuers", "issued_on", "effective_from", "effective_to", "region",
    "supersedes",
)  # fmt: skip
"""What a person looks at before a document goes to review."""


@dataclass(frozen=True, slots=True)
class Confirmation:
    by: str
    at: datetime


def confirmations(session: Session, document_id: str, content: Mapping[str, Any]) -> dict[str, Confirmation]:
    """Who confirmed which field of the content as it is now."""
    row = session.get(DocumentWorkRow, document_id)
    if row is None:
        return {}
    return {
        name: Confirmation(said["by"], datetime.fromisoformat(said["at"]))
        for name, said in row.confirmed.items()
        if said["value"] == _value(content.get(name))
    }


def confirm(
    session: Session,
    document_id: str,
    content: Mapping[str, Any],
    names: Iterable[str],
    *,
    by: str,
    now: datetime,
) -> None:
    """Says that the fields are right as they stand in `content`. The caller commits."""
    row = session.get(DocumentWorkRow, document_id)
    if row is None:
        row = DocumentWorkRow(document_id=document_id, job_id=None, confirmed={}, updated_at=now)
        session.add(row)
    said = {
        name: {"by": by, "at": now.isoformat(), "value": _value(content.get(name))}
        for name in names
        if name in CONFIRMED_FIELDS
    }
    row.confirmed = {**row.confirmed, **said}
    row.updated_at = now
    session.flush()


def move(session: Session, before: str, after: str, *, now: datetime) -> None:
    """What was confirmed of a draft holds for the draft under its new id, the id itself aside."""
    row = session.get(DocumentWorkRow, before)
    if row is None:
        return
    kept = {name: said for name, said in row.confirmed.items() if name != "id"}
    session.merge(DocumentWorkRow(document_id=after, job_id=row.job_id, confirmed=kept, updated_at=now))
    session.delete(row)
    session.flush()


def _value(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
