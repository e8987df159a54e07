"""The app's way into Rasa: one message in, the list of its replies out.

Owns the token check, the escape of typed commands, the time-out of actions and the readiness route. Keeps the
text of messages out of the log. It must not know what the replies mean.
"""

from __future__ import annotations

import asyncio
import hmac
import logging
from typing import Any, Awaitable, Callable, Dict, Optional, Text

import rasa.core.actions.action as rasa_actions
from rasa.core.channels.channel import CollectingOutputChannel, InputChannel, UserMessage
from rasa.shared.exceptions import RasaException
from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse, empty, json

from bot.rasa_ext import forgetting, logs, speedups

logger = logging.getLogger(__name__)

TOKEN_HEADER = "X-Channel-Token"  # noqa: S105
COMMAND_PREFIX = "/"
FULL_WIDTH_PREFIX = "\uff0f"
# Understood before the first resident's: it has words enough to compare ways of finding the intent.
FIRST_MESSAGE = "\u4f60\u597d\uff0c\u65e7\u51b0\u7bb1\u6362\u65b0\u6709\u8865\u8d34\u5417"


class AppChannel(InputChannel):
    """A collecting channel for one caller, the app."""

    @classmethod
    def name(cls) -> Text:
        return "lvxiaoyu"

    @classmethod
    def from_credentials(cls, credentials: Optional[Dict[Text, Any]]) -> "AppChannel":
        """Where our changes to Rasa take hold too: `rasa run` and our own launcher both pass here."""
        settings = credentials or {}
        token = str(settings.get("token") or "")
        if not token or token.startswith("${"):
            raise RasaException("The channel 'lvxiaoyu' needs a token: set RASA_CHANNEL_TOKEN.")
        rasa_actions.DEFAULT_REQUEST_TIMEOUT = seconds(settings.get("action_timeout_s"))
        if str(settings.get("speedups", "on")) != "off":
            speedups.install()
        logs.guard()
        return cls(token)

    def __init__(self, token: Text) -> None:
        self._token = token.encode()
        self._ready = False

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        routes = Blueprint("lvxiaoyu_channel")

        @routes.route("/ready", methods=["GET"])
        async def ready(request: Request) -> HTTPResponse:
            """200 once a model is loaded and a first message, which pays for the dictionary, understood."""
            if not self._allowed(request):
                return json({"error": "token"}, status=401)
            if not self._ready:
                agent = getattr(request.app.ctx, "agent", None)
                if agent is None or not agent.is_ready():
                    return json({"ready": False, "error": "no model is loaded"}, status=503)
                await agent.parse_message(FIRST_MESSAGE)
                logs.guard()
                speedups.settle()
                self._ready = True
            return json({"ready": True})

        @routes.listener("after_server_stop")
        async def stop(*_: Any) -> None:
            await speedups.close()

        @routes.route("/webhook", methods=["POST"])
        async def receive(request: Request) -> HTTPResponse:
            if not self._allowed(request):
                return json({"error": "token"}, status=401)
            body = request.json
            sender, text, metadata = body.get("sender"), body.get("message"), body.get("metadata") or {}
            if (
                not sender
                or not isinstance(sender, str)
                or not isinstance(text, str)
                or not isinstance(metadata, dict)
            ):
                return json({"error": "sender and message must be strings, metadata an object"}, status=400)
            return await self._handle(on_new_message, sender, escaped(text), metadata)

        @routes.route("/forget", methods=["POST"])
        async def forget_conversations(request: Request) -> HTTPResponse:
            """204 once nothing is stored of the conversations in `senders` any more."""
            if not self._allowed(request):
                return json({"error": "token"}, status=401)
            senders = request.json.get("senders") if isinstance(request.json, dict) else None
            if not isinstance(senders, list) or not all(isinstance(item, str) and item for item in senders):
                return json({"error": "senders must be a list of strings"}, status=400)
            agent = getattr(request.app.ctx, "agent", None)
            if agent is None or not agent.is_ready():
                return json({"error": "no model is loaded"}, status=503)
            try:
                await forgetting.forget(agent, senders)
            except forgetting.CannotForget as error:
                return json({"error": f"{error} cannot forget"}, status=501)
            return empty()

        return routes

    def _allowed(self, request: Request) -> bool:
        return hmac.compare_digest(request.headers.get(TOKEN_HEADER, "").encode(), self._token)

    async def _handle(
        self,
        on_new_message: Callable[[UserMessage], Awaitable[Any]],
        sender: Text,
        text: Text,
        metadata: Dict[Text, Any],
    ) -> HTTPResponse:
        collector = CollectingOutputChannel()
        logs.text_in_progress.set(text)
        try:
            await on_new_message(
                UserMessage(text, collector, sender, input_channel=self.name(), metadata=metadata)
            )
        except asyncio.CancelledError:
            logger.error(
                "Message was given up before it was answered, request %s.", metadata.get("request_id")
            )
            raise
        except Exception:  # the edge of this process: the caller gets a 500 and falls back
            logger.exception("Message failed, request %s.", metadata.get("request_id"))
            return json({"error": "failed"}, status=500)
        return json(collector.messages)


def escaped(text: Text) -> Text:
    """The same words, without the prefix by which Rasa would take them for a command."""
    stripped = text.strip()
    return FULL_WIDTH_PREFIX + stripped[1:] if stripped.startswith(COMMAND_PREFIX) else stripped


def seconds(value: Any) -> float:
    """A time-out from the credentials; Rasa's own default of 300 s is never what we want."""
    try:
        timeout_s = float(value)
    except (TypeError, ValueError):
        timeout_s = 0.0
    if timeout_s <= 0:
        raise RasaException(f"RASA_ACTION_TIMEOUT_S is {value!r}: give a number of seconds above 0.")
    return timeout_s
