"""Where an answer came from: what was said, from which snapshot, on what evidence, approved by whom, and how
many got the same.

It reads what the conversation and the figures keep. The count names nobody: it comes from the figures, which
outlive the conversations.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from api.insights.tables import turn_facts
from api.store.tables import messages
from knowledge.errors import UnknownRow
from knowledge.publishing import releases
from knowledge.publishing.model import Release
from knowledge.publishing.wording import say
from knowledge.store.draft_tables import RevisionRow
from knowledge.store.publishing_tables import ReleaseRow
from knowledge.store.tables import DocumentRow, EntryRow, ProgrammeRow

_ROWS: dict[str, type[Any]] = {"entry": EntryRow, "programme": ProgrammeRow, "document": DocumentRow}


@dataclass(frozen=True, slots=True)
class Cited:
    clause_id: str
    document_id: str
    title: str
    label: str
    quote: str

    @property
    def kind(self) -> str:
        return "programme" if self.clause_id == self.document_id else "document"


@dataclass(frozen=True, slots=True)
class Approval:
    """Who stood behind a row when the answer was given. `shipped`: it came with the assistant and nobody has
    published another version of it here."""

    kind: str
    id: str
    title: str
    author: str
    reviewer: str | None
    by: str
    at: datetime
    shipped: bool


@dataclass(frozen=True, slots=True)
class Trace:
    """`asked` is the masked question; `told` how many answers of this snapshot rested on the same entry, or
    the same clause where no entry was answered through."""

    message_id: str
    at: datetime
    kind: str
    asked: str
    said: str
    snapshot: str | None
    entry: str | None
    clause: str | None
    probability: float | None
    citations: tuple[Cited, ...]
    approvals: tuple[Approval, ...]
    release: Release | None
    told: int
    told_ever: int


class Provenance:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def trace(self, message_id: str) -> Trace:
        """Raises UnknownRow for a reply that is not there, or no longer."""
        with Session(self._engine) as session:
            found = session.execute(
                select(messages).where(messages.c.id == message_id.strip(), messages.c.role == "assistant")
            )
            row = found.mappings().first()
            if row is None:
                raise UnknownRow(say("unknown_message", id=message_id.strip()))
            reply: dict[str, Any] = row["reply"] or {}
            facts = session.execute(select(turn_facts).where(turn_facts.c.message_id == row["id"]))
            kept = facts.mappings().first()
            entry = kept["entry"] if kept else None
            cited = tuple(
                Cited(c["clause_id"], c["document_id"], c["document_title"], c["clause_label"], c["quote"])
                for c in reply.get("citations") or ()
            )
            clause = cited[0].clause_id if cited else None
            snapshot = reply.get("snapshot")
            asked = session.scalar(
                select(messages.c.text)
                .where(messages.c.request_id == row["request_id"], messages.c.role == "resident")
                .limit(1)
            )
            rows = [("entry", entry)] if entry else []
            rows += [(c.kind, c.document_id) for c in cited]
            return Trace(
                message_id=row["id"],
                at=row["created_at"],
                kind=row["kind"] or "",
                asked=asked or "",
                said=row["text"],
                snapshot=snapshot,
                entry=entry,
                clause=clause,
                probability=kept["probability"] if kept else None,
                citations=cited,
                approvals=tuple(
                    approval
                    for kind, row_id in dict.fromkeys(rows)
                    if (approval := _approval(session, kind, row_id, row["created_at"])) is not None
                ),
                release=_release(session, snapshot, row["created_at"]),
                told=told(session, entry=entry, clause=clause, snapshot=snapshot),
                told_ever=told(session, entry=entry, clause=clause, snapshot=None),
            )


def told(session: Session, *, entry: str | None, clause: str | None, snapshot: str | None) -> int:
    """How many answers rested on an entry, or else on a clause; of one snapshot or of all."""
    if entry is None and clause is None:
        return 0
    query = select(func.count()).select_from(turn_facts).where(turn_facts.c.kind == "answer")
    query = query.where(turn_facts.c.entry == entry) if entry else query.where(turn_facts.c.clause == clause)
    if snapshot is not None:
        query = query.where(turn_facts.c.snapshot == snapshot)
    return session.scalar(query) or 0


def _release(session: Session, snapshot: str | None, at: datetime) -> Release | None:
    """The release through which the snapshot was live when the answer was given."""
    query = select(ReleaseRow).where(
        ReleaseRow.snapshot == snapshot,
        ReleaseRow.state.in_(releases.DONE),
        ReleaseRow.committed_at <= at,
    )
    row = session.scalar(query.order_by(ReleaseRow.committed_at.desc()).limit(1))
    return releases.release_of(row) if row is not None else None


def _approval(session: Session, kind: str, row_id: str, at: datetime) -> Approval | None:
    row: Any = session.get(_ROWS[kind], row_id)
    if row is None:
        return None
    title = row.question if kind == "entry" else row.title
    query = select(RevisionRow).where(
        RevisionRow.kind == kind, RevisionRow.row_id == row_id, RevisionRow.at <= at, RevisionRow.number > 0
    )
    revision = session.scalar(query.order_by(RevisionRow.number.desc()).limit(1))
    if revision is None:
        return Approval(
            kind, row_id, title, row.updated_by, None, row.updated_by, row.updated_at,
            shipped=row.shipped_hash is not None,
        )  # fmt: skip
    return Approval(
        kind, row_id, title, revision.author, revision.reviewer, revision.by, revision.at, shipped=False
    )
