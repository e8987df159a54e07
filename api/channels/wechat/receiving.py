"""Messages of WeChat's into the desk, and the answer back within the five seconds that WeChat waits.

A message is stored before it is answered. What is not ready in time goes by the second way; a message that
comes again is answered by whichever request WeChat still listens to, and never twice.
"""

from __future__ import annotations

import asyncio
import unicodedata

import structlog
from fastapi import APIRouter, Request
from sqlalchemy.exc import SQLAlchemyError
from starlette.background import BackgroundTask
from starlette.responses import PlainTextResponse, Response

from api.channels.addresses import AddressBook
from api.channels.desk import CLOSING_WAITS_S, ChannelDesk
from api.channels.protocol import Incoming
from api.channels.updates import Updates
from api.channels.wechat import CHANNEL
from api.channels.wechat.account import Abilities
from api.channels.wechat.ages import Ages
from api.channels.wechat.channel import WeChatChannel
from api.channels.wechat.envelope import Envelope, NotFromWeChat
from api.channels.wechat.mass import MassSends
from api.channels.wechat.reading import MassResult, Received, Unreadable, answer_xml, read
from api.channels.wechat.slots import Slot, is_late
from api.channels.wechat.waiting import Waiting
from api.channels.wechat.words import say
from api.keys import Keys

log = structlog.get_logger(__name__)

PATH = "/channels/wechat"
ANSWER_WITHIN_S = 3.8
"""Of WeChat's five seconds; the rest is for the way."""
TURNS_AT_ONCE = 4
"""Fewer than the loop's threads, five at least: what is stored and promised in time needs one too."""
LOOK_EVERY_S = 0.25
FETCHING = frozenset({"1", "回复1", "取答案"})
NOTHING = "success"
"""What tells WeChat that all is well and nothing is to be shown."""

router = APIRouter()


class WeChatReceiver:
    def __init__(
        self,
        desk: ChannelDesk,
        *,
        channel: WeChatChannel,
        envelope: Envelope,
        abilities: Abilities,
        addresses: AddressBook,
        updates: Updates,
        waiting: Waiting,
        mass: MassSends,
        keys: Keys,
        within_s: float = ANSWER_WITHIN_S,
    ) -> None:
        self._desk, self._channel, self.envelope = desk, channel, envelope
        self._abilities, self._addresses, self._updates = abilities, addresses, updates
        self._waiting, self._mass, self._keys, self._within_s = waiting, mass, keys, within_s
        self._ages = Ages()
        self._turns = asyncio.Semaphore(TURNS_AT_ONCE)
        self._at_work: set[asyncio.Task[None]] = set()

    async def take(self, request: Request) -> Response:
        """Answer one request of WeChat's. Raises NotFromWeChat, Unreadable, SQLAlchemyError."""
        now = asyncio.get_running_loop().time()
        xml = self.envelope.open(request.query_params, await request.body())
        until = now + self._within_s - self._ages.age_s(int(request.query_params["timestamp"]))
        received = read(xml, name=self._keys.derived)
        if isinstance(received.what, MassResult):
            await asyncio.to_thread(self._mass.ended, received.what)
            return PlainTextResponse(NOTHING)
        incoming = received.what
        if incoming is None:
            return PlainTextResponse(NOTHING)
        key = self._addresses.key(CHANNEL, incoming.chat)
        slot = self._channel.slot(incoming.update_id)
        if slot is None:
            slot = self._channel.open_slot(incoming.update_id)
            try:
                new = await self._desk.accept(incoming)
            except SQLAlchemyError:
                self._channel.close_slot(incoming.update_id)
                raise
            if not new:
                self._channel.close_slot(incoming.update_id)
                return await self._again(incoming, received, key)
            self._begin(incoming, key, slot, until)
        text = await slot.wait(until, request.is_disconnected)
        if text is not None:
            return self._answered(received, text, BackgroundTask(slot.sent))
        if slot.over or self._abilities.customer_service:
            return PlainTextResponse(NOTHING)
        await asyncio.to_thread(self._waiting.promise, key)
        if is_late(until) or await request.is_disconnected() or not slot.promise():
            return PlainTextResponse(NOTHING)
        return self._answered(received, say("promised"))

    async def _again(self, incoming: Incoming, received: Received, key: str) -> Response:
        """To a message that was stored before and is not answered here: by another process, or by one that
        ended. Who may not be written to has to know that the answer is to be fetched."""
        if self._abilities.customer_service:
            return PlainTextResponse(NOTHING)
        if await asyncio.to_thread(self._updates.is_settled, incoming):
            waits = await asyncio.to_thread(self._waiting.look, key)
            return self._answered(received, say("ready")) if waits else PlainTextResponse(NOTHING)
        await asyncio.to_thread(self._waiting.promise, key)
        return self._answered(received, say("promised"))

    async def close(self) -> None:
        """Let what is being answered end; what takes too long is taken up by the next start."""
        if self._at_work:
            _, late = await asyncio.wait(self._at_work, timeout=CLOSING_WAITS_S)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    def _begin(self, incoming: Incoming, key: str, slot: Slot, until: float) -> None:
        task = asyncio.create_task(self._answer(incoming, key, slot, until), name=f"update {CHANNEL}")
        self._at_work.add(task)
        task.add_done_callback(self._at_work.discard)

    async def _answer(self, incoming: Incoming, key: str, slot: Slot, until: float) -> None:
        try:
            if not (_fetches(incoming) and await self._fetch(incoming, key, slot, until)):
                async with self._turns:
                    await self._desk.work(incoming)
        except SQLAlchemyError as error:  # it stays as it is, and is taken up once nobody holds it
            log.error("wechat_not_answered", exc_type=type(error).__name__)
        finally:
            self._channel.close_slot(incoming.update_id)

    async def _fetch(self, incoming: Incoming, key: str, slot: Slot, until: float) -> bool:
        """Give what waits for the chat. False: nothing does, so it is a message like any other."""
        waits = await asyncio.to_thread(self._waiting.look, key)
        if waits is None:
            return False
        if not await asyncio.to_thread(self._updates.advance, incoming, "answering"):
            return True
        now = asyncio.get_running_loop().time
        while waits == 0 and now() < until - 2 * LOOK_EVERY_S:
            await asyncio.sleep(LOOK_EVERY_S)
            waits = await asyncio.to_thread(self._waiting.look, key)
        taken = await asyncio.to_thread(self._waiting.take, key)
        if taken is None:
            await slot.offer(say("still_looking" if waits == 0 else "lost"))
        else:
            text, left = taken
            tail = f"\n\n{say('more', count=left)}" if left else ""
            if not await slot.offer(text + tail):
                await asyncio.to_thread(self._waiting.put, key, [text], first=True)
        await self._desk.settle(incoming)
        return True

    def _answered(self, received: Received, text: str, after: BackgroundTask | None = None) -> Response:
        body = self.envelope.seal(answer_xml(received, text))
        return Response(body, media_type="application/xml", background=after)


def _fetches(incoming: Incoming) -> bool:
    said = unicodedata.normalize("NFKC", incoming.text).strip(' \t\r\n。.!！“”"')
    return incoming.kind in {"text", "voice"} and said in FETCHING


@router.get(PATH, include_in_schema=False)
async def confirm(request: Request) -> Response:
    """WeChat asks whether this address knows the token."""
    receiver: WeChatReceiver = request.app.state.wechat
    try:
        receiver.envelope.check(request.query_params)
    except NotFromWeChat as error:
        return _refused(error)
    return PlainTextResponse(request.query_params.get("echostr", ""))


@router.post(PATH, include_in_schema=False)
async def receive(request: Request) -> Response:
    receiver: WeChatReceiver = request.app.state.wechat
    try:
        return await receiver.take(request)
    except NotFromWeChat as error:
        return _refused(error)
    except Unreadable as error:
        log.warning("wechat_unreadable", reason=str(error))
        return PlainTextResponse("This is no message of WeChat's.", status_code=400)
    except SQLAlchemyError as error:  # WeChat asks twice more
        log.error("wechat_not_stored", exc_type=type(error).__name__)
        return PlainTextResponse("Not stored; send it again.", status_code=503)


def _refused(error: NotFromWeChat) -> Response:
    log.warning("wechat_refused", reason=error.reason)
    return PlainTextResponse("The signature does not hold.", status_code=403)
