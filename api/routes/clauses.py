"""`GET /api/v1/clauses?id=…`: a clause's cleaned text, the one that citations' offsets count in."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel

from actions.citations import cite
from api.problems import Problem
from api.services import Services
from knowledge.model import Status

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
    clause, programme = knowledge.clause_by_id.get(id), knowledge.programme_by_id.get(id)
    if clause is not None:
        details: dict[str, Any] = {
            "kind": clause.kind,
            "departments": clause.departments,
            "incomplete": clause.incomplete,
        }
        text, anchor = clause.text, f"#{clause.path}"
    elif programme is not None:
        details = {"kind": programme.kind, "departments": (), "incomplete": False}
        text, anchor = programme.text, ""
    else:
        raise Problem("clause_unknown", id=id)
    whole = cite(knowledge, id, 0, len(text), today).model_dump(
        exclude={"quote", "start", "end", "url", "sources"}
    )
    return ClauseText(**whole, **details, text=text, url=f"/policies/{whole['document_id']}{anchor}")
