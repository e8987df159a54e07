"""Campaign messages in a conversation: waiting for them, and what a resident does with one.

Everything here needs the conversation's own token, as its history does.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response, StreamingResponse

from api.problems import Problem
from api.routes.body import documented, read
from api.routes.conversations import ConversationId, admit
from api.services import Services
from api.web_channel.notices import NoSuchOption, NoticeStore
from api.web_channel.streams import Stream, Streams

router = APIRouter(prefix="/api/v1/conversations/{conversation_id}/notices", tags=["chat"])

NoticeId = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{1,40}$")]
ALIVE_EVERY_S = 15.0
LONGEST_S = 600.0
"""After which a page asks anew; by then its token may hold no more."""
AGAIN_MS, AGAIN_LATER_MS = 3_000, 60_000
"""When a page asks anew after a stream has ended: at once, or later where the server has too many."""


class Opened(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    ids: Annotated[
        list[Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,40}$")]], Field(min_length=1, max_length=50)
    ]


class Choice(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    option: Annotated[int, Field(ge=0, le=20)]


@router.get("", summary="Campaign messages not opened yet")
async def waiting(request: Request, conversation_id: ConversationId) -> dict[str, Any]:
    """Send the token as `Authorization: Bearer …`."""
    await admit(request, conversation_id)
    return {"notices": await asyncio.to_thread(_unopened, request, conversation_id)}


@router.get("/stream", summary="Campaign messages as they come")
async def stream(request: Request, conversation_id: ConversationId) -> Response:
    """Server-sent events: a `notice` for each message not opened yet, at once and when another comes."""
    await admit(request, conversation_id)
    return StreamingResponse(
        _events(request, conversation_id),
        media_type="text/event-stream",
        headers={"X-Accel-Buffering": "no", "Cache-Control": "no-store"},
    )


@router.post(
    "/opened",
    status_code=204,
    summary="Say which messages the resident has seen",
    openapi_extra=documented(Opened, 400, 401, 404, 413, 415, 422, 429),
)
async def opened(request: Request, conversation_id: ConversationId) -> Response:
    await admit(request, conversation_id)
    given = await read(request, Opened)
    await asyncio.to_thread(_notices(request).open, conversation_id, given.ids)
    return Response(status_code=204)


@router.post(
    "/{notice_id}/quiz",
    summary="Answer a message's quiz",
    openapi_extra=documented(Choice, 400, 401, 404, 413, 415, 422, 429),
)
async def quiz(request: Request, conversation_id: ConversationId, notice_id: NoticeId) -> dict[str, Any]:
    """The right option and why, citing the clause. The option taken first stays."""
    await admit(request, conversation_id)
    given = await read(request, Choice)
    services: Services = request.app.state.services

    def answer() -> dict[str, Any] | None:
        channel = services.web_channel
        notice = channel.notices.answer(conversation_id, notice_id, given.option)
        return None if notice is None else channel.showing.explained(notice)

    try:
        explained = await asyncio.to_thread(answer)
    except NoSuchOption:
        raise Problem("option_unknown") from None
    if explained is None:
        raise Problem("notice_unknown")
    return explained


@router.post(
    "/{notice_id}/pledge",
    summary="Take a message's pledge",
    responses={404: {"description": "problem document"}},
)
async def pledge(request: Request, conversation_id: ConversationId, notice_id: NoticeId) -> dict[str, Any]:
    await admit(request, conversation_id)
    if await asyncio.to_thread(_notices(request).pledge, conversation_id, notice_id) is None:
        raise Problem("notice_unknown")
    return {"taken": True}


async def _events(request: Request, conversation_id: str) -> AsyncIterator[str]:
    streams: Streams = request.app.state.streams
    sent: set[str] = set()
    until = time.monotonic() + LONGEST_S
    with streams.opened(conversation_id) as page:
        yield f"retry: {AGAIN_LATER_MS if page.ended else AGAIN_MS}\n\n"
        while True:
            page.news.clear()
            for notice in await asyncio.to_thread(_unopened, request, conversation_id):
                if notice["id"] not in sent:
                    sent.add(notice["id"])
                    yield f"event: notice\ndata: {json.dumps(notice, ensure_ascii=False)}\n\n"
            if page.ended or time.monotonic() > until:
                return
            if not await _news(page):
                yield ": alive\n\n"


async def _news(page: Stream) -> bool:
    try:
        async with asyncio.timeout(ALIVE_EVERY_S):
            await page.news.wait()
    except TimeoutError:
        return False
    return True


def _unopened(request: Request, conversation_id: str) -> list[dict[str, Any]]:
    services: Services = request.app.state.services
    channel = services.web_channel
    return channel.showing.shown(channel.notices.of(conversation_id, unopened=True))


def _notices(request: Request) -> NoticeStore:
    services: Services = request.app.state.services
    return services.web_channel.notices
