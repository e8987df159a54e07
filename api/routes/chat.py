"""`POST /api/v1/chat`: a message in, replies out, to the letter of the public contract."""

from __future__ import annotations

import unicodedata
from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field, field_validator
from pydantic_core import PydanticCustomError
from starlette.responses import JSONResponse, Response

from actions.replies import Reply
from api import texts
from api.conversation import ClientIdTaken, Conversations, NobodyAnswers
from api.lanes import LaneFull
from api.problems import Problem
from api.rendering import on_wire
from api.routes.body import documented, read

router = APIRouter(prefix="/api/v1", tags=["chat"])

LONGEST_MESSAGE = 1000
"""Characters, counted after trimming."""
_KEPT = "\n\t"
_INVISIBLE = {
    "\u200b",
    "\u2060",
    "\ufeff",
    *map(chr, range(0x202A, 0x202F)),
    *map(chr, range(0x2066, 0x206A)),
}


class ChatRequest(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    message: Annotated[str, Field(min_length=1)]
    conversation_id: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")] | None = None
    client_id: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")] | None = None
    """The client's own id of the message: sent again with it, the message is answered once."""

    @field_validator("message")
    @classmethod
    def _short(cls, value: str) -> str:
        message = clean(value)
        if len(message) > LONGEST_MESSAGE:
            raise PydanticCustomError(
                "message_too_long", "at most {limit} characters", {"limit": LONGEST_MESSAGE}
            )
        return message


class ChatReply(BaseModel):
    conversation_id: str
    token: str | None
    request_id: str
    degraded: bool
    messages: list[Reply]


@router.post(
    "/chat",
    response_model=ChatReply,
    summary="Send a message, get replies",
    openapi_extra=documented(ChatRequest, 400, 413, 415, 422, 429, 503),
)
async def chat(request: Request) -> Response:
    asked = await read(request, ChatRequest)
    conversations: Conversations = request.app.state.conversations
    try:
        turn = await conversations.turn(
            asked.conversation_id,
            asked.message,
            request_id=request.scope["request_id"],
            client_id=asked.client_id,
        )
    except ClientIdTaken:
        detail = texts.field_problem("client_id_taken", "client_id")
        raise Problem("invalid", fields=[("client_id", detail)]) from None
    except LaneFull:
        raise Problem("conversation_busy", headers={"Retry-After": "2"}) from None
    except NobodyAnswers:
        raise Problem("unavailable", headers={"Retry-After": "10"}) from None
    content = {
        "conversation_id": turn.conversation_id,
        "token": turn.token,
        "request_id": turn.request_id,
        "degraded": turn.degraded,
        "messages": [on_wire(reply) for reply in turn.messages],
    }
    return JSONResponse(content)


def clean(text: str) -> str:
    """Without control characters, line breaks and tabs aside, without invisible signs, and trimmed."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    kept = (
        letter
        for letter in text
        if letter in _KEPT or (unicodedata.category(letter) != "Cc" and letter not in _INVISIBLE)
    )
    return "".join(kept).strip()
