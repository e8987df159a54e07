"""What staff write to a resident of a chat app, delivered there.

Written in this process, it goes out at once; written elsewhere, such as on the command line, it waits in
the database, and the first process of the app that sees it sends it. So the app alone speaks to a chat app,
at the pace that its channel keeps.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import structlog
from sqlalchemy.exc import SQLAlchemyError

from actions.replies import Reply
from api.channels.addresses import AddressBook
from api.channels.desk import ChannelDesk
from api.tickets.model import Outcome
from api.tickets.service import Tickets

log = structlog.get_logger(__name__)

LOOK_EVERY_S = 1.0


class InChat:
    """One channel. `allowed` tells whether it may be spoken to; it is asked before each message."""

    def __init__(
        self,
        channel: str,
        desk: ChannelDesk,
        addresses: AddressBook,
        allowed: Callable[[], bool] = lambda: True,
    ) -> None:
        self._channel, self._desk = channel, desk
        self._addresses, self._allowed = addresses, allowed

    def deliver(self, conversation_id: str, message: Reply) -> Outcome:
        """Blocks; to be called from a thread without an event loop."""
        return asyncio.run(self.send(conversation_id, message))

    async def send(self, conversation_id: str, message: Reply) -> Outcome:
        chat = await asyncio.to_thread(self._chat_in, conversation_id)
        return "undelivered" if chat is None else await self._desk.tell(self._channel, chat, message)

    async def post(self, tickets: Tickets) -> None:
        """Send what was written elsewhere, one after the other, until cancelled."""
        while True:
            try:
                while (post := await asyncio.to_thread(tickets.next_post, self._channel)) is not None:
                    outcome = await self.send(post.conversation_id, post.message)
                    await asyncio.to_thread(tickets.settle, post, outcome)
            except SQLAlchemyError as error:
                log.error("staff_reply_not_sent", channel=self._channel, exc_type=type(error).__name__)
            await asyncio.sleep(LOOK_EVERY_S)

    def _chat_in(self, conversation_id: str) -> str | None:
        return self._addresses.chat_in(self._channel, conversation_id) if self._allowed() else None
