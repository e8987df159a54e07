"""`GET /api/v1/conversations/{id}`: the history, for whoever holds the conversation's own token."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import JSONResponse, Response

from api.conversation import Conversations
from api.lanes import LaneFull
from api.own_data import own_data
from api.problems import Problem
from api.services import Services
from api.store.conversations import ConversationStore

router = APIRouter(prefix="/api/v1", tags=["chat"])


ConversationId = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{1,64}$")]


@router.get("/conversations/{conversation_id}", summary="The history of a conversation")
async def history(
    request: Request,
    conversation_id: ConversationId,
    token: Annotated[str | None, Query(max_length=128)] = None,
) -> dict[str, Any]:
    """Send the token as `Authorization: Bearer …`; `?token=` works too, but ends up in proxies' logs.

    Campaign messages stand among the others, as a `notice` with a `campaign` of its own.
    """
    await admit(request, conversation_id, token)
    store: ConversationStore = request.app.state.store
    services: Services = request.app.state.services

    def read() -> list[dict[str, Any]]:
        channel = services.web_channel
        notices = channel.showing.shown(channel.notices.of(conversation_id))
        return sorted([*store.history(conversation_id), *notices], key=lambda item: str(item["created_at"]))

    return {"conversation_id": conversation_id, "messages": await asyncio.to_thread(read)}


@router.get("/conversations/{conversation_id}/export", summary="All that is kept of a conversation")
async def export(request: Request, conversation_id: ConversationId) -> JSONResponse:
    """A copy for the resident: messages, judgements, subscriptions and consents, as a file."""
    await admit(request, conversation_id)
    services: Services = request.app.state.services
    content = await asyncio.to_thread(own_data, services, request.app.state.store, conversation_id)
    return JSONResponse(content, headers={"Content-Disposition": 'attachment; filename="lvxiaoyu.json"'})


@router.delete("/conversations/{conversation_id}", status_code=204, summary="Delete a conversation")
async def erase(request: Request, conversation_id: ConversationId) -> Response:
    """Deletes it now, with all that hangs on it, subscriptions and consents included."""
    await admit(request, conversation_id)
    conversations: Conversations = request.app.state.conversations
    try:
        await conversations.erase(conversation_id)
    except LaneFull:
        raise Problem("conversation_busy", headers={"Retry-After": "2"}) from None
    return Response(status_code=204)


async def admit(request: Request, conversation_id: str, token: str | None = None) -> None:
    """Let whoever holds the conversation's token pass; raises `Problem` for everybody else."""
    given = _bearer(request) or token
    if not given:
        raise Problem("token_missing", headers={"WWW-Authenticate": "Bearer"})
    store: ConversationStore = request.app.state.store
    if not await asyncio.to_thread(store.opens, conversation_id, given):
        raise Problem("conversation_unknown")


def _bearer(request: Request) -> str | None:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None
