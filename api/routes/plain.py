"""Pages that work without any script: asking by an HTML form, and what residents are told of their data.

Owns reading the form and choosing what the page shows; answering, keeping and deleting are those of
the widget. The conversation's token travels in the form itself: there is no cookie, and so nothing to forge.
"""

from __future__ import annotations

import asyncio
import re
import secrets
from typing import Any

from fastapi import APIRouter, Request, Response
from starlette.datastructures import FormData
from starlette.responses import JSONResponse

from api import texts
from api.channels.updates import KEPT_FOR as UPDATES_KEPT_FOR
from api.channels.wechat.tables import WAYS_KEPT_FOR
from api.channels.wechat.waiting import KEPT_FOR as WAITING_KEPT_FOR
from api.channels.words import table
from api.conversation import ClientIdTaken, Conversations, NobodyAnswers
from api.lanes import LaneFull
from api.own_data import own_data
from api.problems import Problem
from api.routes.chat import LONGEST_MESSAGE, clean
from api.services import Services
from api.store.conversations import ConversationStore
from api.tickets.contacts import KEPT_FOR as STASH_KEPT_FOR
from api.web import page

router = APIRouter(include_in_schema=False)

SHOWN = 40
"""Messages on the page: without a script there is no going back through more of them."""
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


@router.get("/privacy")
def privacy(request: Request) -> Response:
    """Who keeps what of residents, why, for how long, and what they can do about it."""
    services: Services = request.app.state.services
    settings = services.settings
    channels = {
        "telegram": settings.telegram_token_file is not None,
        "wechat": settings.wechat_keys_file is not None,
        "webhook": bool(settings.webhook_url),
    }
    names = [name for channel, name in table("privacy_named").items() if channels[channel]]
    return page(
        "privacy.html",
        channel_names="、".join(names),
        channels=channels,
        operator=settings.operator or texts.notice("operator_unnamed"),
        keep_days=settings.keep_days,
        ended_days=services.terms.kept_days_after_end,
        update_days=UPDATES_KEPT_FOR.days,
        fetch_hours=round(WAITING_KEPT_FOR.total_seconds() / 3600),
        ways_days=WAYS_KEPT_FOR.days,
        contact_minutes=round(STASH_KEPT_FOR.total_seconds() / 60),
    )


@router.get("/chat/ask")
def start(request: Request) -> Response:
    """The form, with nothing asked yet."""
    return _shown("", "", [])


@router.post("/chat/ask")
async def ask(request: Request) -> Response:
    """Answer what was written and show the conversation. Sent again by a reload, it is answered once."""
    form = await request.form()
    conversation_id, token = await _held(request, form)
    client_id, message = _id(form, "client_id"), clean(_words(form, "message"))
    if not message or len(message) > LONGEST_MESSAGE:
        note = texts.notice("plain_too_long" if message else "plain_empty", limit=LONGEST_MESSAGE)
        return await _conversation(request, conversation_id, token, note=note, kept=message)
    conversations: Conversations = request.app.state.conversations
    try:
        turn = await conversations.turn(
            conversation_id or None,
            message,
            request_id=request.scope["request_id"],
            client_id=client_id or None,
        )
    except ClientIdTaken:
        return await _conversation(request, conversation_id, token, kept=message)
    except (LaneFull, NobodyAnswers):
        note = texts.notice("plain_unavailable")
        return await _conversation(request, conversation_id, token, note=note, kept=message)
    return await _conversation(request, turn.conversation_id, turn.token or token)


@router.post("/chat/export")
async def export(request: Request) -> Response:
    """All that is kept of the conversation, as a file."""
    conversation_id, token = await _held(request, await request.form())
    if not token:
        raise Problem("conversation_unknown")
    store: ConversationStore = request.app.state.store
    content = await asyncio.to_thread(own_data, request.app.state.services, store, conversation_id)
    return JSONResponse(content, headers={"Content-Disposition": 'attachment; filename="lvxiaoyu.json"'})


@router.post("/chat/delete")
async def delete(request: Request) -> Response:
    """Delete the conversation with all that hangs on it."""
    conversation_id, token = await _held(request, await request.form())
    if not token:
        raise Problem("conversation_unknown")
    conversations: Conversations = request.app.state.conversations
    await conversations.erase(conversation_id)
    return _shown("", "", [], note=texts.notice("plain_erased"))


async def _held(request: Request, form: FormData) -> tuple[str, str]:
    """The form's conversation and token, empty where the token does not open it: a new one begins then."""
    conversation_id, token = _id(form, "conversation_id"), _words(form, "token")
    store: ConversationStore = request.app.state.store
    if not conversation_id or not await asyncio.to_thread(store.opens, conversation_id, token):
        return "", ""
    return conversation_id, token


async def _conversation(
    request: Request, conversation_id: str, token: str, *, note: str = "", kept: str = ""
) -> Response:
    messages: list[dict[str, Any]] = []
    if token:
        store: ConversationStore = request.app.state.store
        messages = await asyncio.to_thread(store.history, conversation_id, limit=SHOWN)
    return _shown(conversation_id, token, messages, note=note, kept=kept)


def _shown(
    conversation_id: str, token: str, messages: list[dict[str, Any]], *, note: str = "", kept: str = ""
) -> Response:
    shown = page(
        "plain_chat.html",
        conversation_id=conversation_id,
        token=token,
        messages=messages,
        note=note,
        kept=kept,
        limit=LONGEST_MESSAGE,
        new_id=lambda: secrets.token_hex(16),
    )
    shown.headers["Cache-Control"] = "no-store"
    return shown


def _words(form: FormData, name: str) -> str:
    value = form.get(name)
    return value if isinstance(value, str) else ""


def _id(form: FormData, name: str) -> str:
    value = _words(form, name)
    return value if _ID.fullmatch(value) else ""
