"""`POST /api/v1/feedback`: whether a reply helped, why not, and in what words."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field, field_validator
from pydantic_core import PydanticCustomError

from actions.feedback_reasons import feedback_reasons
from api.problems import Problem
from api.routes.body import documented, read
from api.routes.chat import clean
from api.services import Services

router = APIRouter(prefix="/api/v1", tags=["chat"])


class FeedbackRequest(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    message_id: Annotated[str, Field(min_length=1, max_length=64)]
    useful: bool
    comment: Annotated[str, Field(max_length=1000)] | None = None
    reason: Annotated[str, Field(json_schema_extra={"enum": list(feedback_reasons())})] | None = None

    @field_validator("reason")
    @classmethod
    def _known(cls, value: str | None) -> str | None:
        if value is not None and value not in feedback_reasons():
            raise PydanticCustomError(
                "not_a_choice", "one of {limit}", {"limit": "、".join(feedback_reasons())}
            )
        return value


@router.post(
    "/feedback",
    status_code=204,
    summary="Say whether a reply helped",
    openapi_extra=documented(FeedbackRequest, 400, 404, 413, 415, 422, 429),
)
async def feedback(request: Request) -> Response:
    given = await read(request, FeedbackRequest)
    services: Services = request.app.state.services
    known = await asyncio.to_thread(
        services.feedback.judge,
        given.message_id,
        useful=given.useful,
        reason=given.reason,
        comment=clean(given.comment) if given.comment else None,
    )
    if not known:
        raise Problem("message_unknown")
    return Response(status_code=204)
