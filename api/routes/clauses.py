"""`GET /api/v1/clauses?id=…`: a clause's cleaned text, the one that citations' offsets count in."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel

from api.problems import Problem
from api.services import Services
from knowledge.model import Clause, Document, Programme, Status

router = APIRouter(prefix="/api/v1", tags=["knowledge"])


class ClauseText(BaseModel):
    """`text` is what offsets count in, in code points; fields that don't apply are null."""

    clause_id: str
    document_id: str
    document_title: str
    document_number: str | None
    issuers: list[str]
    issued_on: date | None
    clause_label: str
    kind: str
    text: str
    departments: list[str]
    incomplete: bool
    source_kind: Literal["clause", "programme"]
    checked_on: date | None
    status: Status
    url: str


@router.get("/clauses", summary="The text of a clause or programme", response_model=ClauseText)
async def clause(request: Request, id: Annotated[str, Query(min_length=1, max_length=128)]) -> ClauseText:
    services: Services = request.app.state.services
    knowledge, today = services.knowledge(), services.clock.today()
    if found := knowledge.clause_by_id.get(id):
        return _of_clause(found, knowledge.document_by_id[found.document_id], today)
    if programme := knowledge.programme_by_id.get(id):
        return _of_programme(programme, today)
    raise Problem("clause_unknown", id=id)


def _of_clause(clause: Clause, document: Document, today: date) -> ClauseText:
    return ClauseText(
        clause_id=clause.id,
        document_id=document.id,
        document_title=document.title,
        document_number=document.document_number,
        issuers=list(document.issuers),
        issued_on=document.issued_on,
        clause_label=clause.label,
        kind=clause.kind,
        text=clause.text,
        departments=list(clause.departments),
        incomplete=clause.incomplete,
        source_kind="clause",
        checked_on=None,
        status=document.status_on(today),
        url=f"/policies/{document.id}#{clause.path}",
    )


def _of_programme(programme: Programme, today: date) -> ClauseText:
    return ClauseText(
        clause_id=programme.id,
        document_id=programme.id,
        document_title=programme.title,
        document_number=programme.document_number,
        issuers=[programme.issuer],
        issued_on=None,
        clause_label=programme.title,
        kind=programme.kind,
        text=programme.text,
        departments=[],
        incomplete=False,
        source_kind="programme",
        checked_on=programme.checked_on,
        status=programme.status_on(today),
        url=f"/policies/{programme.id}",
    )
