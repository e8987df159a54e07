"""What staff write to a resident of a chat app, delivered there."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import structlog

from actions.replies import Reply
from api.channels.addresses import AddressBook
from api.channels.protocol import Channel, Undelivered

log = structlog.get_logger(__name__)


class InChat:
    """`allowed` tells whether the channel may be spoken to; it is asked before each message."""

    def __init__(
        self, channel: Channel, addresses: AddressBook, allowed: Callable[[], bool] = lambda: True
    ) -> None:
        self._channel, self._addresses, self._allowed = channel, addresses, allowed

    def deliver(self, conversation_id: str, message: Reply) -> bool:
        """Blocks; to be called from a thread without an event loop."""
        chat = self._addresses.chat_in(self._channel.name, conversation_id)
        if chat is None or not self._allowed():
            return False
        try:
            asyncio.run(self._channel.deliver(chat, [message], in_reply_to=None))
        except Undelivered as error:
            log.warning("staff_reply_not_delivered", channel=self._channel.name, reason=error.reason)
            return False
        return True
