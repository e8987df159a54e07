"""What an editor may cite, read from the store piece by piece: a document's clauses, and the few rows that
one entry rests on. Nothing here reads the entries."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from knowledge.errors import UnknownRow
from knowledge.messages import say
from knowledge.model import Clause, Document, Knowledge, Programme
from knowledge.shipped import ShippedProgramme
from knowledge.store import rows
from knowledge.store.tables import ClauseRow, DocumentRow, ProgrammeRow


@dataclass(frozen=True, slots=True)
class Citable:
    """A document or programme that words can be taken from."""

    id: str
    title: str
    state: str
    programme: bool


def citable(session: Session) -> list[Citable]:
    """Documents, the newest first, then programmes by id; those withdrawn are left out."""
    documents = select(DocumentRow.id, DocumentRow.title, DocumentRow.state).where(
        DocumentRow.state != "withdrawn"
    )
    programmes = select(ProgrammeRow.id, ProgrammeRow.title, ProgrammeRow.state).where(
        ProgrammeRow.state != "withdrawn"
    )
    newest = documents.order_by(DocumentRow.issued_on.desc(), DocumentRow.id)
    found = [Citable(*line, programme=False) for line in session.execute(newest)]
    by_id = programmes.order_by(ProgrammeRow.id)
    return found + [Citable(*line, programme=True) for line in session.execute(by_id)]


def clauses_of(session: Session, document_id: str) -> list[Clause]:
    """A document's clauses in order. Raises UnknownRow."""
    if session.get(DocumentRow, document_id) is None:
        raise UnknownRow(say("edit.unknown", id=document_id, kind=say("kind.document")))
    query = select(ClauseRow).where(ClauseRow.document_id == document_id).order_by(ClauseRow.position)
    return [rows.clause_of(row) for row in session.scalars(query)]


def resting_on(session: Session, ids: Iterable[str]) -> Knowledge:
    """The clauses and programmes of these ids and the clauses' documents, whatever their state, and nothing
    else: no other clause of those documents, no clause above."""
    wanted = set(ids)
    clauses = [
        rows.clause_of(row) for row in session.scalars(select(ClauseRow).where(ClauseRow.id.in_(wanted)))
    ]
    documents: list[Document] = [
        rows.document_alone(row)
        for row in session.scalars(
            select(DocumentRow).where(DocumentRow.id.in_({clause.document_id for clause in clauses}))
        )
    ]
    programmes: list[Programme] = [
        rows.programme_of(row).programme
        for row in session.scalars(select(ProgrammeRow).where(ProgrammeRow.id.in_(wanted)))
    ]
    return Knowledge(tuple(documents), tuple(clauses), (), tuple(programmes))


def list_programmes(session: Session) -> list[ShippedProgramme]:
    """Every programme with its state, by id."""
    return [rows.programme_of(row) for row in session.scalars(select(ProgrammeRow).order_by(ProgrammeRow.id))]
