"""`GET /api/v1/suggestions?q=…`: published questions that go on from what somebody is typing."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel

from api.services import Services
from api.suggesting import Suggester

router = APIRouter(prefix="/api/v1", tags=["chat"])
suggester = Suggester()


class Offered(BaseModel):
    label: str
    message: str


class Suggestions(BaseModel):
    suggestions: list[Offered]


@router.get("/suggestions", summary="Published questions that go on from what is typed")
def suggestions(request: Request, q: Annotated[str, Query(max_length=1000)]) -> Suggestions:
    """At most five. What is typed is matched and forgotten: not stored, not logged."""
    services: Services = request.app.state.services
    found = suggester.suggest(services.knowledge(), q, today=services.clock.today())
    return Suggestions(suggestions=[Offered(label=question, message=question) for question in found])
