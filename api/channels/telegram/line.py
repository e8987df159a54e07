"""The connection to Telegram: one bot in an event loop of its own, for replies and broadcasts alike.

Campaigns send from worker threads and residents are answered from the app's event loop; both come here, so
that one pace holds for all. The token is in the addresses that are called: nothing of them is ever logged.
"""

from __future__ import annotations

import asyncio
import json
import logging
import threading
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar
from urllib.parse import urlencode

import httpx
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
)
from telegram.ext import ExtBot
from telegram.request import HTTPXRequest

from api.channels.telegram.pacing import Pace, Urgency
from api.settings import SettingsError

Bot = ExtBot[Urgency]
Result = TypeVar("Result")
TIMEOUT_S = 10.0
POLL_S = 20
CONNECTIONS = 32
_NEVER_LEFT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)
_CUT_SHORT = ("restart", "abort", "timeout", "timed out", "closing")
_GONE = ("chat not found", "user is deactivated", "peer_id_invalid", "bot was kicked", "user not found")


class TokenError(SettingsError):
    """The bot's token cannot be read or has the wrong shape."""


def read_token(path: Path) -> str:
    """The token in `path`. Raises TokenError naming the file and the remedy, never the token."""
    try:
        token = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise TokenError(
            f"{path} cannot be read as the bot's token: check the file and its owner."
        ) from error
    number, _, rest = token.partition(":")
    if not number.isdecimal() or len(rest) < 20 or not rest.replace("-", "").replace("_", "").isalnum():
        raise TokenError(f"{path} holds no bot token: put the one line in it that @BotFather gave.")
    return token


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a request failed. `gone`: the chat takes nothing more. `wait`: not taken, later perhaps. `never`:
    not taken, and never will be. `unsent`: surely not taken, soon perhaps. `unknown`: it may have been taken.
    """

    kind: Literal["gone", "wait", "never", "unsent", "unknown"]
    reason: str
    after_s: float | None = None


class ServerTrouble(NetworkError):
    """Telegram answered with a status of 500 or more; `refused`: the request was surely not done."""

    def __init__(self, status: int, *, refused: bool) -> None:
        super().__init__(f"HTTP {status}")
        self.status, self.refused = status, refused


class _Request(HTTPXRequest):
    """Keeps apart what python-telegram-bot makes one error of: refused, and nobody can tell."""

    async def do_request(self, *given: Any, **named: Any) -> tuple[int, bytes]:
        status, payload = await super().do_request(*given, **named)
        if status < 500:
            return status, payload
        try:
            said = json.loads(payload)
        except ValueError:
            said = None
        if isinstance(said, dict) and said.get("parameters"):  # python-telegram-bot reads those
            return status, payload
        raise ServerTrouble(status, refused=_refused(status, said))


def _refused(status: int, said: object) -> bool:
    """Whether the request was surely not done.

    503 means so in HTTP. Of the rest, the Bot API documents `"ok": false` as an unsuccessful request
    (core.telegram.org/bots/api#making-requests); but a server that is shut down answers so for what it was in
    the middle of, and a gateway (502, 504) speaks for a server that it did not hear.
    """
    if status == 503:
        return True
    if status in {502, 504} or not isinstance(said, dict) or said.get("ok") is not False:
        return False
    description = str(said.get("description", "")).lower()
    return not any(sign in description for sign in _CUT_SHORT)


def failure_of(error: TelegramError) -> Failure:
    if isinstance(error, RetryAfter):
        after = error.retry_after
        return Failure("wait", "too_many", float(after if isinstance(after, int) else after.total_seconds()))
    if isinstance(error, Forbidden):
        return Failure("gone", "forbidden")
    if isinstance(error, ChatMigrated):
        return Failure("gone", "migrated")
    if isinstance(error, InvalidToken):
        return Failure("wait", "token_rejected", 600.0)
    if isinstance(error, BadRequest):
        gone = any(sign in error.message.lower() for sign in _GONE)
        return Failure("gone", "chat_unknown") if gone else Failure("never", "bad_request")
    if isinstance(error, ServerTrouble):
        kind: Literal["unsent", "unknown"] = "unsent" if error.refused else "unknown"
        return Failure(kind, f"http_{error.status}", 5.0 if error.refused else None)
    if isinstance(error.__cause__, _NEVER_LEFT):
        return Failure("unsent", "not_connected", 5.0)
    return Failure("unknown", type(error).__name__.lower())


class Line:
    """Starts with its first use. `api_url` is Telegram's, or that of a server that behaves like it."""

    def __init__(self, token: str, *, api_url: str, timeout_s: float = TIMEOUT_S) -> None:
        for name in ("httpx", "httpcore", "telegram"):
            logging.getLogger(name).setLevel(max(logging.WARNING, logging.getLogger(name).level))
        logging.getLogger("telegram").setLevel(logging.CRITICAL)  # it logs answers that it cannot read
        self.bot_id = int(token.partition(":")[0])
        self._token, self._api_url, self._timeout_s = token, api_url.rstrip("/"), timeout_s
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._requests: tuple[HTTPXRequest, ...] = ()
        self._bot: Bot | None = None
        self._username: str | None = None

    async def do(self, ask: Callable[[Bot], Awaitable[Result]]) -> Result:
        """What `ask` asks of the bot, awaited from any event loop. Raises TelegramError."""
        return await asyncio.wrap_future(self._submit(ask))

    def call(self, ask: Callable[[Bot], Awaitable[Result]]) -> Result:
        """The same for worker threads: blocks."""
        return self._submit(ask).result()

    async def username(self) -> str:
        """The bot's own name, asked for once. Raises TelegramError."""
        if self._username is None:
            me = await self._asked(0, "getMe")
            if not isinstance(me, dict) or not isinstance(me.get("username"), str):
                raise TelegramError("getMe named no bot")
            self._username = me["username"]
        return self._username

    async def updates(self, offset: int, allowed: Sequence[str]) -> list[dict[str, Any]]:
        """Updates from `offset` on, waited for, as they came: one that cannot be read hides no others.

        Raises TelegramError.
        """
        fields = {"offset": offset, "timeout": POLL_S, "allowed_updates": json.dumps(list(allowed))}

        answer = await self._asked(1, f"getUpdates?{urlencode(fields)}")
        if not isinstance(answer, list):
            raise TelegramError("getUpdates answered no list")
        return [each for each in answer if isinstance(each, dict) and type(each.get("update_id")) is int]

    async def _asked(self, pool: int, method: str) -> Any:
        """The result of a method as it came. Raises TelegramError."""

        async def ask(_bot: Bot) -> Any:
            return await self._requests[pool].post(f"{self._api_url}/bot{self._token}/{method}")

        return await self.do(ask)

    def stop(self) -> None:
        """Close the connections. Blocks for a moment."""
        with self._lock:
            loop, thread = self._loop, self._thread
            self._loop = self._thread = self._bot = None
        if loop is None or thread is None:
            return
        asyncio.run_coroutine_threadsafe(self._close(), loop).result(timeout=5)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(timeout=5)
        loop.close()

    def _submit(self, ask: Callable[[Bot], Awaitable[Result]]) -> Future[Result]:
        async def asked() -> Result:
            return await ask(self._ready())

        return asyncio.run_coroutine_threadsafe(asked(), self._running())

    def _running(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                self._thread = threading.Thread(
                    target=self._loop.run_forever, name="telegram-line", daemon=True
                )
                self._thread.start()
            return self._loop

    def _ready(self) -> Bot:
        """The bot, made inside its loop."""
        if self._bot is None:
            self._requests = (self._request(CONNECTIONS, 0), self._request(1, POLL_S))
            self._bot = ExtBot(
                self._token,
                base_url=f"{self._api_url}/bot",
                base_file_url=f"{self._api_url}/file/bot",
                request=self._requests[0],
                get_updates_request=self._requests[1],
                rate_limiter=Pace(),
            )
        return self._bot

    def _request(self, connections: int, waits_s: float) -> HTTPXRequest:
        """A pool of connections; an answer may take `waits_s` longer than usual."""
        return _Request(
            connection_pool_size=connections,
            read_timeout=self._timeout_s + waits_s,
            write_timeout=self._timeout_s,
            connect_timeout=self._timeout_s,
            pool_timeout=self._timeout_s,
        )

    async def _close(self) -> None:
        me = asyncio.current_task()
        others = [task for task in asyncio.all_tasks() if task is not me]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        for request in self._requests:
            await request.shutdown()
        self._requests = ()


__all__ = ["Bot", "Failure", "Line", "TokenError", "Urgency", "failure_of", "read_token"]
