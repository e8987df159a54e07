"""Asks Rasa for a turn and takes nothing for one that is not whole.

Owns the escape of typed commands, the time-out, and the rule that a turn is complete only when its last reply
carries the request id: Rasa answers 200 with an empty or partial list when an action fails. It must not know
what happens when the dialogue is unavailable.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import httpx

from api.dialogue.errors import DialogueError, DialogueUnavailable

WEBHOOK = "/webhooks/lvxiaoyu/webhook"
READY = "/webhooks/lvxiaoyu/ready"
FORGET = "/webhooks/lvxiaoyu/forget"
TOKEN_HEADER = "X-Channel-Token"  # noqa: S105
NOTHING_SAID = "…"
FORGET_TIMEOUT_S = 15.0
"""Forgetting may wait for turns under way, and nobody waits for it."""


def escape_command(message: str) -> str:
    """The message as Rasa may see it: a leading `/` would act as a command, an empty text has no features."""
    stripped = message.strip()
    if not stripped:
        return NOTHING_SAID
    return "／" + stripped[1:] if stripped.startswith("/") else stripped


class DialogueClient:
    """One keep-alive connection pool to a Rasa on loopback."""

    def __init__(
        self,
        base_url: str,
        token: str,
        *,
        timeout_s: float,
        max_connections: int = 64,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        if timeout_s <= 0:
            raise DialogueError(
                f"timeout_s is {timeout_s}: the dialogue client needs a number of seconds above 0."
            )
        self._http = httpx.AsyncClient(
            base_url=base_url,
            headers={TOKEN_HEADER: token},
            timeout=httpx.Timeout(timeout_s, connect=min(timeout_s, 2.0)),
            limits=httpx.Limits(max_connections=max_connections, max_keepalive_connections=max_connections),
            transport=transport,
            trust_env=False,
        )

    async def send(
        self, sender: str, message: str, request_id: str, metadata: Mapping[str, Any] | None = None
    ) -> list[dict[str, Any]]:
        """The replies' `custom` objects, in order; raises `DialogueUnavailable` for a broken turn."""
        body = {
            "sender": sender,
            "message": escape_command(message),
            "metadata": {**(metadata or {}), "request_id": request_id},
        }
        try:
            response = await self._http.post(WEBHOOK, json=body)
        except httpx.TimeoutException:
            raise DialogueUnavailable("timeout") from None
        except httpx.HTTPError as error:
            raise DialogueUnavailable("connection", type(error).__name__) from None
        if response.status_code != httpx.codes.OK:
            raise DialogueUnavailable("status", str(response.status_code))
        return _complete_turn(response, request_id)

    async def forget(self, senders: Sequence[str]) -> None:
        """Have Rasa delete the conversations of `senders`; raises `DialogueUnavailable` where it did not."""
        try:
            response = await self._http.post(
                FORGET, json={"senders": list(senders)}, timeout=FORGET_TIMEOUT_S
            )
        except httpx.TimeoutException:
            raise DialogueUnavailable("timeout") from None
        except httpx.HTTPError as error:
            raise DialogueUnavailable("connection", type(error).__name__) from None
        if response.status_code != httpx.codes.NO_CONTENT:
            raise DialogueUnavailable("status", str(response.status_code))

    async def ready(self, timeout_s: float | None = None) -> bool:
        """Whether Rasa has its model and has understood a first message."""
        try:
            response = await self._http.get(READY, timeout=timeout_s or httpx.USE_CLIENT_DEFAULT)
        except httpx.HTTPError:
            return False
        return response.status_code == httpx.codes.OK

    async def aclose(self) -> None:
        await self._http.aclose()


def _complete_turn(response: httpx.Response, request_id: str) -> list[dict[str, Any]]:
    try:
        items = response.json()
    except ValueError:
        raise DialogueUnavailable("malformed") from None
    if not isinstance(items, list):
        raise DialogueUnavailable("malformed")
    if not items:
        raise DialogueUnavailable("empty")
    replies = [item.get("custom") if isinstance(item, dict) else None for item in items]
    whole = [reply for reply in replies if isinstance(reply, dict)]
    if len(whole) != len(items):
        raise DialogueUnavailable("malformed", "a reply without custom")
    if whole[-1].get("request_id") != request_id:
        raise DialogueUnavailable("incomplete")
    return whole
