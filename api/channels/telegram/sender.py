"""Telegram as campaigns see it: one message to one person, its outcome told truly.

A message is kept as a notice of the person's conversation first: its buttons lead there, and what is said
next may reply to it.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy.exc import OperationalError
from telegram.error import TelegramError

from api.channels.addresses import AddressBook
from api.channels.telegram import CHANNEL
from api.channels.telegram.channel import CAPABILITIES, send
from api.channels.telegram.line import Failure, Line, failure_of
from api.channels.telegram.reading import group_of
from api.channels.telegram.showing import show_notice
from api.web_channel.notices import NoticeStore
from campaigns.delivery.senders import Outgoing, Refused, Sent

OFF_S = 600.0
BUSY_S = 5.0


class TelegramSender:
    """`allowed` tells whether an administrator has confirmed the channel; it is asked before each message."""

    channel = CHANNEL
    capabilities = CAPABILITIES

    def __init__(
        self,
        line: Line,
        *,
        addresses: AddressBook,
        notices: NoticeStore,
        allowed: Callable[[], bool],
        site: str,
    ) -> None:
        self._line, self._addresses, self._notices = line, addresses, notices
        self._allowed, self._site = allowed, site

    def send(self, delivery: Outgoing) -> Sent | Refused:
        try:
            if not self._allowed():
                return Refused("retry", "not_confirmed", OFF_S)
            chat = self._addresses.chat_of(CHANNEL, delivery.person)
            notice_id = self._kept(delivery) if chat else None
        except OperationalError:
            return Refused("retry", "database_busy", BUSY_S)
        if chat is None or notice_id is None:
            return Refused("blocked", "address_gone")
        shown = show_notice(delivery.content, notice_id, site=self._site)
        if len(shown) != 1:
            return Refused("permanent", "too_long")
        _, person = group_of(chat)  # what somebody asked for in a group still goes to themselves
        try:
            self._line.call(lambda bot: send(bot, int(person), shown[0], urgency="broadcast"))
        except TelegramError as error:
            return self._refused(failure_of(error), delivery.person)
        self._notices.shown(notice_id)
        return Sent()

    def _kept(self, delivery: Outgoing) -> str | None:
        """The notice's id; None for somebody who has no conversation and is to have none."""

        if self._notices.keep(delivery) == "nobody":
            if not self._addresses.reopen(CHANNEL, delivery.person):
                return None
            self._notices.keep(delivery)
        return self._notices.kept_as(delivery.idempotency_key)

    def _refused(self, failure: Failure, person: str) -> Refused:
        if failure.kind == "gone":
            self._addresses.forget(CHANNEL, person)
            return Refused("blocked", failure.reason)
        if failure.kind == "never":
            return Refused("permanent", failure.reason)
        if failure.kind == "unknown":
            return Refused("unknown", failure.reason)
        return Refused("retry", failure.reason, failure.after_s)
