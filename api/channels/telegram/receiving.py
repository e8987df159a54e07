"""Updates from Telegram into the desk: by polling for development, by webhook for service.

An update is stored before Telegram is told that it has arrived, so none is lost and none handled twice.
"""

from __future__ import annotations

import asyncio
import hmac
import time
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import structlog
from fastapi import APIRouter, Request
from sqlalchemy.exc import SQLAlchemyError
from starlette.responses import JSONResponse, Response
from telegram import BotCommand, Update
from telegram.error import TelegramError

from api.channels.confirming import Confirmations
from api.channels.desk import ChannelDesk
from api.channels.health import ChannelHealth
from api.channels.telegram import CHANNEL
from api.channels.telegram.buttons import Buttons
from api.channels.telegram.channel import TelegramChannel
from api.channels.telegram.line import Line, failure_of
from api.channels.telegram.reading import Me, Pressed, read
from api.channels.words import table
from api.clock import Clock

log = structlog.get_logger(__name__)

PATH = "/channels/telegram"
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - the header's name
ALLOWED = ["message", "edited_message", "callback_query", "my_chat_member"]
IDLE_S, LOOK_S = 1.0, 5.0
"""How often it is looked whether the channel may run, and how soon a failed request is made again."""

router = APIRouter()


class TelegramReceiver:
    def __init__(
        self,
        line: Line,
        desk: ChannelDesk,
        *,
        channel: TelegramChannel,
        buttons: Buttons,
        confirmations: Confirmations,
        health: ChannelHealth,
        clock: Clock,
        secret: str,
    ) -> None:
        """`secret` is what Telegram sends along with each update of the webhook."""
        self._line, self._desk, self._channel, self._buttons = line, desk, channel, buttons
        self._confirmations, self._health = confirmations, health
        self._clock, self.secret = clock, secret
        self._small: set[asyncio.Task[None]] = set()

    async def allowed(self) -> bool:
        return await asyncio.to_thread(self._confirmations.of, CHANNEL) is not None

    async def take(self, raw: Any) -> bool:
        """Store one update and begin to answer it. False: it is not for us, or was taken before.

        Raises TelegramError while the bot's own name is not known, SQLAlchemyError.
        """
        me = Me(self._line.bot_id, await self._line.username())
        try:
            if isinstance(pressed := raw.get("callback_query"), dict):
                pressed.setdefault("chat_instance", "")  # never needed here, and emulators leave it out
            update = Update.de_json(raw, None)
            found = None if update is None else read(update, me, self._clock)
        except (TypeError, KeyError, ValueError, AttributeError) as error:
            log.warning("telegram_update_unread", exc_type=type(error).__name__)
            return False
        if isinstance(found, Pressed):
            outcome = await asyncio.to_thread(self._buttons.outcome, found)
            self._beside(self._buttons.answer(found, outcome))
            found = self._buttons.said(found, outcome)
        if found is None or not await self._desk.accept(found):
            return False
        if found.kind not in {"blocked", "unblocked", "joined"}:
            self._beside(self._channel.typing(found.chat))
        self._desk.begin(found)
        return True

    async def poll(self) -> None:
        """Ask Telegram for updates again and again, until cancelled."""
        await self._until_done("telegram_not_ready", self._prepare_polling)
        offset = 0
        while True:
            if not await self.allowed():
                await asyncio.sleep(LOOK_S)
                continue
            asked_at = time.monotonic()
            try:
                updates = await self._line.updates(offset, ALLOWED)
                await asyncio.to_thread(self._health.worked, CHANNEL)
                if not updates and time.monotonic() - asked_at < IDLE_S:
                    await asyncio.sleep(IDLE_S)  # a server that doesn't hold the request open
                for raw in updates:
                    await self.take(raw)
                    offset = max(offset, int(raw["update_id"]) + 1)
            except (TelegramError, SQLAlchemyError) as error:
                log.warning("telegram_polling_failed", exc_type=type(error).__name__)
                await self._failed(error)
                await asyncio.sleep(LOOK_S)

    async def announce(self, site: str) -> None:
        """Have Telegram send updates to the webhook at `site`."""

        async def set_webhook() -> None:
            await self._line.do(
                lambda bot: bot.set_webhook(
                    f"{site}{PATH}", secret_token=self.secret, allowed_updates=ALLOWED, max_connections=40
                )
            )
            await asyncio.to_thread(self._health.worked, CHANNEL)
            await self._set_commands()

        await self._until_done("telegram_webhook_not_set", set_webhook)

    async def _prepare_polling(self) -> None:
        await self._line.do(lambda bot: bot.delete_webhook())
        await self._set_commands()

    async def _set_commands(self) -> None:
        commands = [BotCommand(name, about) for name, about in table("command_about").items()]
        try:
            await self._line.do(lambda bot: bot.set_my_commands(commands))
        except TelegramError as error:  # they can be typed without being listed
            log.warning("telegram_commands_not_set", exc_type=type(error).__name__)

    async def _until_done(self, event: str, attempt: Callable[[], Awaitable[None]]) -> None:
        """`attempt` once the channel is confirmed, again until it succeeds."""
        while True:
            if await self.allowed():
                try:
                    return await attempt()
                except TelegramError as error:
                    log.warning(event, exc_type=type(error).__name__)
                    await self._failed(error)
            await asyncio.sleep(LOOK_S)

    async def _failed(self, error: Exception) -> None:
        if isinstance(error, TelegramError):
            await asyncio.to_thread(self._health.failed, CHANNEL, failure_of(error).reason)

    def _beside(self, work: Coroutine[Any, Any, None]) -> None:
        """What need not arrive, done while the next update is taken."""
        task = asyncio.create_task(work)
        self._small.add(task)
        task.add_done_callback(self._small.discard)


@router.post(PATH, include_in_schema=False)
async def webhook(request: Request) -> Response:
    """One update. Whatever is not Telegram's own gets no further than its secret."""
    receiver: TelegramReceiver | None = getattr(request.app.state, "telegram", None)
    if receiver is None or not await receiver.allowed():
        return JSONResponse({"ok": False}, status_code=404)
    given = request.headers.get(SECRET_HEADER, "")
    if not hmac.compare_digest(given.encode(), receiver.secret.encode()):
        return JSONResponse({"ok": False}, status_code=403)
    try:
        raw = await request.json()
    except ValueError:
        return JSONResponse({"ok": False}, status_code=400)
    if not isinstance(raw, dict) or type(raw.get("update_id")) is not int:
        return JSONResponse({"ok": False}, status_code=400)
    try:
        await receiver.take(raw)
    except (TelegramError, SQLAlchemyError) as error:  # Telegram sends it again
        log.warning("telegram_update_not_taken", exc_type=type(error).__name__)
        return JSONResponse({"ok": False}, status_code=503)
    return JSONResponse({"ok": True})
