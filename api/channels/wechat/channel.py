"""WeChat as the desk sees it: an answer goes out with the response, else by the second way.

The second way is the customer-service message where the account may send one; what cannot go that way waits
until the chat fetches it with 1. Nothing is sent a second time where nobody knows whether it arrived.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from functools import partial

import structlog

from actions.replies import Reply
from api.channels.addresses import AddressBook
from api.channels.protocol import Incoming, KeptBack, Undelivered, Unreachable
from api.channels.text import in_words, split, utf8
from api.channels.wechat import CHANNEL
from api.channels.wechat.account import LONGEST_BYTES, Abilities, capabilities_of
from api.channels.wechat.line import Failure, Line
from api.channels.wechat.reading import opens_window, plain
from api.channels.wechat.slots import Slot
from api.channels.wechat.waiting import Waiting
from api.channels.wechat.windows import Windows
from api.channels.wechat.words import say

log = structlog.get_logger(__name__)

ROOM_BYTES = 160
"""Kept free in each part, for the line that says what else waits."""
_PART = LONGEST_BYTES - ROOM_BYTES
_BETWEEN = "\n\n"


class WeChatChannel:
    name = CHANNEL

    def __init__(
        self,
        line: Line,
        *,
        abilities: Abilities,
        addresses: AddressBook,
        windows: Windows,
        waiting: Waiting,
        site: str,
    ) -> None:
        """`site` is the app's public address, which citations lead to; empty for none."""
        self.capabilities = capabilities_of(abilities)
        self._line, self._abilities, self._addresses = line, abilities, addresses
        self._windows, self._waiting, self._site = windows, waiting, site
        self._slots: dict[str, Slot] = {}

    def open_slot(self, update_id: str) -> Slot:
        """Where the answer to an update is waited for; one for all requests that bring it."""
        return self._slots.setdefault(update_id, Slot())

    def slot(self, update_id: str) -> Slot | None:
        return self._slots.get(update_id)

    def close_slot(self, update_id: str) -> None:
        slot = self._slots.pop(update_id, None)
        if slot is not None:
            slot.end()

    async def deliver(self, chat: str, replies: Sequence[Reply], *, in_reply_to: Incoming | None) -> None:
        """Raises Unreachable, KeptBack, Undelivered."""
        texts = parts_of(in_words(replies, site=self._site))
        key = self._addresses.key(CHANNEL, chat)
        waits = await asyncio.to_thread(self._prepare, chat, key, in_reply_to)
        slot = self._slots.get(in_reply_to.update_id) if in_reply_to else None
        if texts and slot is not None and await slot.offer(self._first(texts, waits)):
            await asyncio.to_thread(self._waiting.kept, key)
            texts = texts[1:]
        if texts:
            await self._second_way(chat, key, texts, unasked=in_reply_to is None)

    def _prepare(self, chat: str, key: str, in_reply_to: Incoming | None) -> int:
        """How many texts wait for the chat from before; a resident's message opens its window."""
        if self._addresses.find(CHANNEL, chat) is None:  # all of theirs was deleted: what waits goes too
            if self._waiting.look(key):
                self._waiting.forget(key)
            return 0
        if in_reply_to is not None and opens_window(in_reply_to):
            self._windows.opened(key)
        return self._waiting.look(key) or 0

    def _first(self, texts: Sequence[str], waits: int) -> str:
        """What goes out with the response, and how to get the rest where it has to be fetched."""
        if waits:
            return f"{texts[0]}{_BETWEEN}{say('another', count=waits)}"
        if len(texts) > 1 and not self._abilities.customer_service:
            return f"{texts[0]}{_BETWEEN}{say('more', count=len(texts) - 1)}"
        return texts[0]

    async def _second_way(self, chat: str, key: str, texts: list[str], *, unasked: bool) -> None:
        """`unasked`: staff wrote it, so that nobody looks for it who is not told."""
        put = partial(self._waiting.put, key, by_staff=unasked)
        if not self._abilities.customer_service:
            await asyncio.to_thread(put, texts)
            if unasked:
                raise KeptBack("account_may_not", trouble=False)
            return
        for at, text in enumerate(texts):
            try:
                await self._line.later(self._line.send_text, chat, text)
            except Failure as failure:
                await self._not_sent(failure, key, texts[at:], put)
                return
            await asyncio.to_thread(self._windows.take, key)
        await asyncio.to_thread(self._waiting.kept, key)

    async def _not_sent(
        self, failure: Failure, key: str, texts: list[str], put: Callable[[Sequence[str]], None]
    ) -> None:
        """What was surely not taken waits to be fetched; what may have been is not kept."""
        if failure.kind == "gone":
            raise Unreachable(failure.reason)
        if failure.kind == "window":
            await asyncio.to_thread(self._windows.close, key)
        left = texts[1:] if failure.kind == "unknown" else texts
        if left:
            await asyncio.to_thread(put, left)
        log.warning("wechat_not_sent", reason=failure.reason, kind=failure.kind, waiting=len(left))
        if failure.kind == "unknown":
            raise Undelivered(failure.reason)
        raise KeptBack(failure.reason, trouble=failure.kind != "window")


def parts_of(texts: Sequence[str]) -> list[str]:
    """`texts` as few messages as WeChat's length allows: short ones joined, long ones split at sentences."""
    found: list[str] = []
    for text in texts:
        for part in split(plain(text), _PART, utf8):
            joined = f"{found[-1]}{_BETWEEN}{part}" if found else part
            if found and utf8(joined) <= _PART:
                found[-1] = joined
            else:
                found.append(part)
    return found
