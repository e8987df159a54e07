"""The desk between channels and conversations: an update in, replies out, each update once and in its order.

Owns what is the same in every channel: the privacy notice at the first contact, kind words for what can't be
read, choosing by number, what becomes of who left. It must not know how a channel sends or is reached.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from typing import Any

import structlog
from sqlalchemy.exc import SQLAlchemyError

from actions.replies import Reply
from api.channels.addresses import Address, AddressBook
from api.channels.commands import Commands
from api.channels.protocol import Channel, Incoming, KeptBack, Undelivered, Unreachable
from api.channels.text import choices_of, chosen
from api.channels.words import say
from api.conversation import Conversations, NobodyAnswers
from api.lanes import LaneFull, Lanes
from api.routes.chat import LONGEST_MESSAGE, clean
from api.services import Services
from api.store.conversations import ConversationStore
from api.tickets.model import Outcome
from campaigns.model import Subscriber

log = structlog.get_logger(__name__)

WAITING = 20
"""Updates of one chat that may wait for the one before them."""
PATIENCE_S = 120.0
LATEST_S = 600.0
"""An update that was left behind longer ago is not answered any more; its sender is asked to ask again."""
LOOK_EVERY_S = 10.0
"""A third of the time that an update is held for (`updates.HELD_FOR`): who lives holds on in time."""
CLOSING_WAITS_S = 5.0
_TURNS = frozenset({"text", "voice", "photo", "file", "edited"})
"""Kinds whose words are answered."""
_NOTED = frozenset({"photo", "file", "edited"})
"""Kinds about which something is said before the answer."""


class ChannelDesk:
    def __init__(self, services: Services, conversations: Conversations) -> None:
        self._services, self._conversations = services, conversations
        self._book: AddressBook = services.channels.addresses
        self._updates, self._health = services.channels.updates, services.channels.health
        self._store = ConversationStore(services.engine)
        self._commands = Commands(services)
        self._lanes = Lanes(waiting=WAITING, patience_s=PATIENCE_S)
        self._channels: dict[str, Channel] = {}
        self._held: set[tuple[str, str]] = set()
        self._at_work: set[asyncio.Task[None]] = set()

    def join(self, channel: Channel) -> None:
        """Make a channel known by its name."""
        self._channels[channel.name] = channel

    async def accept(self, incoming: Incoming) -> bool:
        """Store what was received; from here on it is answered, whatever ends. False: it was here before."""
        mine = (incoming.channel, incoming.update_id)
        new = await asyncio.to_thread(self._updates.accept, incoming)
        if new:
            self._held.add(mine)
        return new

    async def receive(self, incoming: Incoming) -> list[Reply]:
        """The replies to an update, for a channel that answers in the response itself.

        Nothing for an update that was received before. Once they are delivered, call `settle`.
        """
        if not await self.accept(incoming):
            return []
        return await self._in_order(incoming, self._prepared)

    async def settle(self, incoming: Incoming) -> None:
        """The replies to `incoming` are delivered, or never will be."""
        await asyncio.to_thread(self._updates.settle, incoming)
        self._held.discard((incoming.channel, incoming.update_id))

    async def handle(self, incoming: Incoming) -> bool:
        """Receive, answer and deliver. False: the update was received before."""
        if not await self.accept(incoming):
            return False
        await self.work(incoming)
        return True

    def begin(self, incoming: Incoming, *, again: bool = False) -> None:
        """`work` beside everything else; chats wait for nobody but themselves."""
        self._beside(self.work(incoming, again=again), incoming)

    async def work(self, incoming: Incoming, *, again: bool = False) -> None:
        """Answer and deliver an accepted update; `again` where a process before may have begun with it."""

        async def answer(incoming: Incoming) -> list[Reply]:
            replies = await self._prepared(incoming, again=again)
            if replies:
                await self._deliver(incoming, replies)
            return replies

        try:
            await self._in_order(incoming, answer)
        except SQLAlchemyError as error:  # it stays as it is, and is taken up once nobody holds it
            log.error("update_not_handled", channel=incoming.channel, exc_type=type(error).__name__)
            self._held.discard((incoming.channel, incoming.update_id))
        else:
            await self.settle(incoming)

    async def tell(self, name: str, chat: str, message: Reply) -> Outcome:
        """What staff write to a chat of the channel `name`, unasked; from whichever event loop."""
        try:
            await self._channels[name].deliver(chat, [message], in_reply_to=None)
        except Unreachable:
            await asyncio.to_thread(self.leave, name, chat)
            return "undelivered"
        except Undelivered as error:
            log.warning("staff_reply_not_delivered", channel=name, reason=error.reason)
            if not isinstance(error, KeptBack) or error.trouble:
                await asyncio.to_thread(self._health.failed, name, error.reason)
            return "kept" if isinstance(error, KeptBack) else "undelivered"
        await asyncio.to_thread(self._health.worked, name)
        return "delivered"

    async def watch(self, channel: Channel) -> None:
        """Hold what this process works at and take up what another left behind, until cancelled."""
        while True:
            try:
                await self.take_up(channel)
            except SQLAlchemyError as error:
                log.error("updates_not_taken_up", channel=channel.name, exc_type=type(error).__name__)
            await asyncio.sleep(LOOK_EVERY_S)

    async def take_up(self, channel: Channel) -> int:
        """Answer what was left behind, and ask those to ask again whose answer may be half sent."""
        await asyncio.to_thread(self._updates.hold, sorted(self._held))
        left = await asyncio.to_thread(self._updates.take_left_behind, channel.name)
        for incoming, state in left:
            self._held.add((incoming.channel, incoming.update_id))
            age_s = (self._services.clock.now() - incoming.received_at).total_seconds()
            if state == "received" and age_s < LATEST_S:
                self.begin(incoming, again=True)
            else:
                self._beside(self._ask_again(channel, incoming), incoming)
        return len(left)

    async def close(self) -> None:
        """Let what is being answered end; what takes too long is taken up by the next start."""
        if self._at_work:
            _, late = await asyncio.wait(self._at_work, timeout=CLOSING_WAITS_S)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def _in_order(
        self, incoming: Incoming, answer: Callable[[Incoming], Awaitable[list[Reply]]]
    ) -> list[Reply]:
        try:
            async with self._lanes.enter(self._book.key(incoming.channel, incoming.chat)):
                return await answer(incoming)
        except LaneFull:
            if not await asyncio.to_thread(self._updates.advance, incoming, "answering"):
                return []
            replies = [self._commands.words(say("busy"))]
            if answer != self._prepared:
                await self._deliver(incoming, replies)
            return replies

    async def _prepared(self, incoming: Incoming, again: bool = False) -> list[Reply]:
        """The replies, the update marked as being answered; nothing where another process was first."""
        replies = await self._replies(incoming, again)
        return replies if await asyncio.to_thread(self._updates.advance, incoming, "answering") else []

    async def _deliver(self, incoming: Incoming, replies: list[Reply]) -> None:
        channel = self._channels[incoming.channel]
        try:
            await channel.deliver(incoming.chat, replies, in_reply_to=incoming)
        except Unreachable:
            await self._gone(incoming)
        except Undelivered as error:
            log.warning("replies_not_delivered", channel=channel.name, reason=error.reason)
            if not isinstance(error, KeptBack) or error.trouble:
                await asyncio.to_thread(self._health.failed, channel.name, error.reason)
            if not isinstance(error, KeptBack):
                await self._excuse(channel, incoming)
        else:
            await asyncio.to_thread(self._health.worked, channel.name)

    def _beside(self, work: Coroutine[Any, Any, None], incoming: Incoming) -> None:
        task = asyncio.create_task(work, name=f"update {incoming.channel}")
        self._at_work.add(task)
        task.add_done_callback(self._at_work.discard)

    async def _ask_again(self, channel: Channel, incoming: Incoming) -> None:
        """Settled only after it was said: who dies in between has it said once more, and not never."""
        await self._excuse(channel, incoming)
        try:
            await self.settle(incoming)
        except SQLAlchemyError as error:
            log.error("update_not_settled", channel=channel.name, exc_type=type(error).__name__)
            self._held.discard((incoming.channel, incoming.update_id))

    async def _excuse(self, channel: Channel, incoming: Incoming) -> None:
        """Asks once to ask again; where that doesn't arrive either, nobody insists."""
        with suppress(Undelivered):
            sorry = self._commands.words(say("interrupted"))
            await channel.deliver(incoming.chat, [sorry], in_reply_to=incoming)

    async def _replies(self, incoming: Incoming, again: bool) -> list[Reply]:
        if incoming.kind == "blocked":
            await self._gone(incoming)
            return []
        if incoming.kind == "joined":
            return [self._commands.words(say("joined_group"))]
        address = await asyncio.to_thread(self._book.open, incoming.channel, incoming.chat)
        replies = await self._answer(incoming, address, again)
        if not address.noticed:
            notice = self._commands.privacy(incoming.channel)
            if all(reply.text != notice.text for reply in replies):
                replies = [notice, *replies]
            await asyncio.to_thread(self._book.noticed, address)
        if not self._has_buttons(incoming.channel) and (address.choices or choices_of(replies)):
            await asyncio.to_thread(self._book.remember, address, choices_of(replies))
        return replies

    async def _answer(self, incoming: Incoming, address: Address, again: bool) -> list[Reply]:
        words = self._commands.words
        if incoming.kind == "unblocked":
            return [words(say("welcome_back"))]
        message = clean(incoming.text)
        if incoming.kind not in _TURNS or (not message and incoming.kind != "text"):
            return [words(say(incoming.kind if incoming.kind != "edited" else "unknown"))]
        if len(message) > LONGEST_MESSAGE:
            return [words(say("too_long", length=len(message), most=LONGEST_MESSAGE))]
        first = [words(say(incoming.kind))] if incoming.kind in _NOTED else []
        if not self._has_buttons(incoming.channel):
            message = chosen(message, address.choices) or message
        done = await asyncio.to_thread(self._commands.run, message, address)
        if isinstance(done, list):
            return [*first, *done]
        return [*first, *await self._turn(done, address, incoming, again)]

    async def _turn(self, message: str, address: Address, incoming: Incoming, again: bool) -> list[Reply]:
        """One turn of the conversation, its request named after the update, so that none is taken twice."""
        request_id = "ch_" + self._services.keys.derived("turn", incoming.channel, incoming.update_id)[:32]
        if again and (said := await asyncio.to_thread(self._store.replies_to, request_id)):
            return said
        try:
            turn = await self._conversations.turn(
                address.conversation_id, message, request_id=request_id, channel=incoming.channel
            )
        except LaneFull:
            return [self._commands.words(say("busy"))]
        except NobodyAnswers:
            return [self._commands.words(say("unavailable"))]
        return turn.messages

    async def _gone(self, incoming: Incoming) -> None:
        """Who blocked the assistant: the subscription ends as unreachable, the address is forgotten."""
        await asyncio.to_thread(self.leave, incoming.channel, incoming.chat)

    def leave(self, channel: str, chat: str) -> None:
        """End what `chat` subscribed to and forget its address. Blocks."""
        address = self._book.find(channel, chat)
        if address is not None:
            subscriber = Subscriber(address.person, channel)
            self._services.subscriptions.unsubscribe(subscriber=subscriber, reason="unreachable")
            self._book.forget(channel, address.person)

    def _has_buttons(self, name: str) -> bool:
        channel = self._channels.get(name)
        return channel is not None and channel.capabilities.quick_replies
