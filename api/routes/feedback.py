"""`POST /api/v1/feedback`: whether a reply helped, and in what words. Personal numbers are masked."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from api import texts
from api.masking import mask
from api.problems import Problem
from api.routes.body import documented, read
from api.routes.chat import clean
from api.services import Services
from api.store.conversations import ConversationStore

router = APIRouter(prefix="/api/v1", tags=["chat"])


class FeedbackRequest(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    message_id: Annotated[str, Field(min_length=1, max_length=64)]
    useful: bool
    comment: Annotated[str, Field(max_length=1000)] | None = None


@router.post(
    "/feedback",
    status_code=204,
    summary="Say whether a reply helped",
    openapi_extra=documented(FeedbackRequest, 400, 404, 413, 415, 422, 429),
)
async def feedback(request: Request) -> Response:
    given = await read(request, FeedbackRequest)
    services: Services = request.app.state.services
    store: ConversationStore = request.app.state.store
    comment = mask(clean(given.comment), name_of=texts.masked_kind).text if given.comment else None
    known = await asyncio.to_thread(
        store.judge,
        given.message_id,
        useful=given.useful,
        comment=comment or None,
        given_at=services.clock.now(),
    )
    if not known:
        raise Problem("message_unknown")
    return Response(status_code=204)
