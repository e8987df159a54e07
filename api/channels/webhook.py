"""A channel over plain HTTP: another system posts what residents say, and gets replies posted back.

Both ways are signed: `X-Signature` is the HMAC-SHA-256, in hex, of `X-Timestamp`, a dot and the body, with a
secret that both hold. Written as docs/channels.md tells; the example for any channel to come.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any

import httpx
from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.responses import JSONResponse, Response

from actions.replies import Reply
from api.channels.desk import ChannelDesk
from api.channels.protocol import Incoming, Kind, Undelivered, Unreachable
from api.channels.text import in_words, split
from api.settings import SettingsError
from campaigns.delivery.senders import Capabilities, Outgoing, Refused, Sent

NAME = "webhook"
PATH = f"/channels/{NAME}"
LONGEST, FRESH_S, TIMEOUT_S = 2000, 300, 10.0
router = APIRouter()


class Posted(BaseModel):
    """What the other system posts; `id` is its own id of the message, `chat` its own name of the chat."""

    model_config = ConfigDict(extra="forbid", strict=True)

    id: Annotated[str, Field(min_length=1, max_length=128)]
    chat: Annotated[str, Field(min_length=1, max_length=256)]
    kind: Kind = "text"
    text: Annotated[str, Field(max_length=4000)] = ""


class WebhookChannel:
    """`chat_of` gives the chat of a channel's person (`AddressBook.chat_of`)."""

    name = channel = NAME
    capabilities = Capabilities(
        pictures=False, links=False, quick_replies=False, quiz=False, longest_text=LONGEST, per_second=20.0
    )

    def __init__(
        self, url: str, secret: bytes, *, site: str, chat_of: Callable[[str, str], str | None]
    ) -> None:
        self._url, self._secret, self._site, self._chat_of = url, secret, site, chat_of

    async def deliver(self, chat: str, replies: Sequence[Reply], *, in_reply_to: Incoming | None) -> None:
        texts = [part for text in in_words(replies, site=self._site) for part in split(text, LONGEST)]
        answers = in_reply_to.update_id if in_reply_to else None
        body = json.dumps({"chat": chat, "in_reply_to": answers, "texts": texts}, ensure_ascii=False).encode()
        try:
            async with httpx.AsyncClient(timeout=TIMEOUT_S) as client:
                answer = await client.post(self._url, content=body, headers=self._headers(body))
        except httpx.HTTPError as error:
            raise Undelivered(type(error).__name__) from None
        if answer.status_code == 410:
            raise Unreachable("gone")
        if not answer.is_success:
            raise Undelivered(f"status_{answer.status_code}")

    def send(self, delivery: Outgoing) -> Sent | Refused:
        """A campaign's message; the receiver knows it again by its `id`."""
        chat = self._chat_of(NAME, delivery.person)
        if chat is None:
            return Refused("blocked", "address_gone")
        told = {"chat": chat, "id": delivery.idempotency_key, "texts": [delivery.content.text]}
        body = json.dumps(told, ensure_ascii=False).encode()
        try:
            status = httpx.post(
                self._url, content=body, headers=self._headers(body), timeout=TIMEOUT_S
            ).status_code
        except httpx.ConnectError:
            return Refused("retry", "not_connected", 30.0)
        except httpx.HTTPError as error:
            return Refused("unknown", type(error).__name__.lower())
        if 200 <= status < 300:
            return Sent()
        if status in {429, 503}:
            return Refused("retry", f"status_{status}", 30.0)
        return Refused("blocked" if status == 410 else "permanent", f"status_{status}")

    def is_signed(self, request: Request, body: bytes) -> bool:
        """Whether the other system sent `body` in these minutes."""
        stamp = request.headers.get("x-timestamp", "")
        given = request.headers.get("x-signature", "")
        fresh = stamp.isdecimal() and len(stamp) <= 12 and abs(time.time() - int(stamp)) <= FRESH_S
        return fresh and hmac.compare_digest(given.encode(), self.sign(stamp, body).encode())

    def sign(self, stamp: str, body: bytes) -> str:
        return hmac.new(self._secret, stamp.encode() + b"." + body, hashlib.sha256).hexdigest()

    def _headers(self, body: bytes) -> dict[str, str]:
        stamp = str(int(time.time()))
        return {
            "Content-Type": "application/json",
            "X-Timestamp": stamp,
            "X-Signature": self.sign(stamp, body),
        }


@router.post(PATH, include_in_schema=False)
async def receive(request: Request) -> Response:
    channel: WebhookChannel = request.app.state.services.channels.webhook
    desk: ChannelDesk = request.app.state.channel_desk
    body = await request.body()
    if not channel.is_signed(request, body):
        return JSONResponse({"detail": "X-Signature or X-Timestamp does not match."}, status_code=403)
    try:
        posted = Posted.model_validate_json(body)
    except ValidationError as error:
        problems: list[Any] = [{"field": list(each["loc"]), "detail": each["msg"]} for each in error.errors()]
        return JSONResponse({"detail": problems}, status_code=422)
    incoming = Incoming(
        NAME, posted.chat, posted.id, posted.kind, posted.text, request.app.state.services.clock.now()
    )
    new = await desk.accept(incoming)
    if new:
        desk.begin(incoming)
    return JSONResponse({"accepted": new}, status_code=202)


def read_secret(path: Path) -> bytes:
    """The secret in `path`. Raises SettingsError naming the file."""
    try:
        secret = path.read_bytes().strip()
    except OSError as error:
        raise SettingsError(f"{path} cannot be read: {error.strerror}. Check the file's owner.") from error
    if len(secret) < 32:
        raise SettingsError(f"{path} holds fewer than 32 bytes. Put a longer secret in it.")
    return secret
