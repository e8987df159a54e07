"""When a message may go to Telegram: one chat's limits stop nobody else, and replies go before broadcasts.

Telegram takes about 30 messages a second from a bot, about one a second in a private chat and 20 a minute in
a group (core.telegram.org/bots/faq). Runs in the event loop of its bot.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, Literal

from telegram.error import RetryAfter
from telegram.ext import BaseRateLimiter

Urgency = Literal["reply", "broadcast"]
PER_SECOND, AT_ONCE = 26.0, 4
"""Together 30 in any second."""
KEPT_FOR_REPLIES = 0.2
CHAT_PER_SECOND, CHAT_AT_ONCE = 1.0, 3
GROUP_PER_SECOND, GROUP_AT_ONCE = 15 / 60, 5
"""Together 20 in any minute."""
LONGEST_WAIT_S = 60.0
"""A reply that a chat may not get for longer than this is given up."""
TRIES = 5
MOST_LANES = 1000
_ORDER: dict[Urgency, int] = {"reply": 0, "broadcast": 1}
Answer = bool | dict[str, Any] | list[dict[str, Any]]


class Bucket:
    """`per_second` on the average, `at_once` in a burst."""

    def __init__(self, per_second: float, at_once: float, monotonic: Callable[[], float]) -> None:
        self._rate, self._most, self._now = per_second, float(at_once), monotonic
        self._left, self._at = float(at_once), monotonic()

    def wait_s(self) -> float:
        """How long until one more may go; 0 is now."""
        self._fill()
        return 0.0 if self._left >= 1 else (1 - self._left) / self._rate

    def take(self) -> None:
        self._fill()
        self._left -= 1

    def full(self) -> bool:
        self._fill()
        return self._left >= self._most

    def _fill(self) -> None:
        now = self._now()
        self._left = min(self._most, self._left + (now - self._at) * self._rate)
        self._at = now


@dataclass(slots=True)
class _Chat:
    """One chat's own limits: one message at a time, in order."""

    bucket: Bucket
    free_at: float = 0.0
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    inside: int = 0


class Pace(BaseRateLimiter[Urgency]):
    """`rate_limit_args` is the message's urgency; a reply by default. What names no chat is not paced."""

    def __init__(
        self,
        *,
        per_second: float = PER_SECOND,
        at_once: int = AT_ONCE,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._now = monotonic
        self._all = Bucket(per_second, at_once, monotonic)
        self._broadcasts = Bucket(per_second * (1 - KEPT_FOR_REPLIES), 1, monotonic)
        self._chats: dict[str, _Chat] = {}
        self._waiting: list[tuple[int, int, asyncio.Future[None]]] = []
        self._counter = itertools.count()
        self._timer: asyncio.TimerHandle | None = None

    async def initialize(self) -> None:
        """Nothing to prepare."""

    async def shutdown(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    async def process_request(
        self,
        callback: Callable[..., Coroutine[Any, Any, Answer]],
        args: Any,
        kwargs: dict[str, Any],
        endpoint: str,
        data: dict[str, Any],
        rate_limit_args: Urgency | None,
    ) -> Answer:
        """Raises RetryAfter: for a broadcast at once, for a reply after its tries and its time."""
        chat_id = data.get("chat_id")
        if chat_id is None or endpoint == "sendChatAction":
            return await callback(*args, **kwargs)
        urgency: Urgency = rate_limit_args or "reply"
        chat = self._chat(str(chat_id))
        chat.inside += 1
        try:
            async with chat.lock:
                return await self._in_turn(chat, urgency, lambda: callback(*args, **kwargs))
        finally:
            chat.inside -= 1

    async def _in_turn(
        self, chat: _Chat, urgency: Urgency, send: Callable[[], Coroutine[Any, Any, Answer]]
    ) -> Answer:
        tries = 1 if urgency == "broadcast" else TRIES
        while True:
            wait_s = max(chat.free_at - self._now(), chat.bucket.wait_s())
            if wait_s > (0 if urgency == "broadcast" else LONGEST_WAIT_S):
                raise RetryAfter(int(wait_s) + 1)
            if wait_s > 0:
                await asyncio.sleep(wait_s)
            await self._slot(urgency)
            chat.bucket.take()
            try:
                return await send()
            except RetryAfter as refused:
                chat.free_at = self._now() + _seconds(refused)
                tries -= 1
                if not tries:
                    raise

    async def _slot(self, urgency: Urgency) -> None:
        """Wait until the bot as a whole may send one more, replies before broadcasts."""
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (_ORDER[urgency], next(self._counter), turn))
        self._let_go()
        await turn

    def _let_go(self) -> None:
        """Let those go whose turn it is, and come back when the next one may."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        while self._waiting:
            order, _, turn = self._waiting[0]
            if turn.cancelled():
                heapq.heappop(self._waiting)
                continue
            broadcast = order == _ORDER["broadcast"]
            wait_s = max(self._all.wait_s(), self._broadcasts.wait_s() if broadcast else 0.0)
            if wait_s > 0:
                self._timer = asyncio.get_running_loop().call_later(wait_s, self._let_go)
                return
            heapq.heappop(self._waiting)
            self._all.take()
            if broadcast:
                self._broadcasts.take()
            turn.set_result(None)

    def _chat(self, chat_id: str) -> _Chat:
        if len(self._chats) > MOST_LANES:
            now = self._now()
            self._chats = {
                name: chat
                for name, chat in self._chats.items()
                if chat.inside or chat.free_at > now or not chat.bucket.full()
            }
        if chat_id not in self._chats:
            group = chat_id.startswith(("-", "@"))
            rate = (GROUP_PER_SECOND, GROUP_AT_ONCE) if group else (CHAT_PER_SECOND, CHAT_AT_ONCE)
            self._chats[chat_id] = _Chat(Bucket(*rate, self._now))
        return self._chats[chat_id]


def _seconds(refused: RetryAfter) -> float:
    after = refused.retry_after
    return float(after) if isinstance(after, int) else after.total_seconds()
