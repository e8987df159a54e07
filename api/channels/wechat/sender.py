"""WeChat as campaigns see it: a customer-service message while its window is open, else part of a mass send.

A message is kept as a notice of the person's conversation first, so that what is said next may reply to it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, func, select
from sqlalchemy.exc import OperationalError

from api.campaigning.testing import TEST_RUN
from api.channels.addresses import AddressBook
from api.channels.text import utf8
from api.channels.wechat import CHANNEL
from api.channels.wechat.account import LONGEST_BYTES, Abilities, capabilities_of
from api.channels.wechat.line import Failure, Line
from api.channels.wechat.mass import Delayed, MassSends
from api.channels.wechat.reading import plain
from api.channels.wechat.recipients import count_direct
from api.channels.wechat.windows import Windows
from api.channels.wechat.words import say
from api.web_channel.notices import NoticeStore
from campaigns.delivery.senders import Outgoing, Refused, Sent, Way

BUSY_S = 5.0


class WeChatSender:
    channel = CHANNEL

    def __init__(
        self,
        line: Line,
        *,
        abilities: Abilities,
        addresses: AddressBook,
        windows: Windows,
        mass: MassSends,
        notices: NoticeStore,
    ) -> None:
        self.capabilities = capabilities_of(abilities)
        self._line, self._abilities, self._addresses = line, abilities, addresses
        self._windows, self._mass, self._notices = windows, mass, notices

    def send(self, delivery: Outgoing) -> Sent | Refused:
        text = plain(delivery.content.text)
        if not (self._abilities.customer_service or self._abilities.mass):
            return Refused("permanent", "account_may_not")
        if utf8(text) > LONGEST_BYTES:
            return Refused("permanent", "too_long")
        try:
            chat = self._addresses.chat_of(CHANNEL, delivery.person)
            if chat is None or not self._kept(delivery):
                return Refused("blocked", "address_gone")
            if delivery.run_id.startswith(TEST_RUN):
                outcome = self._test(delivery.person, chat, text)
            else:
                outcome = self._direct(delivery, chat, text) or self._by_mass(delivery, text)
        except OperationalError:
            return Refused("retry", "database_busy", BUSY_S)
        if isinstance(outcome, Sent):
            self._shown(delivery)
        elif outcome.kind == "blocked":
            self._addresses.forget(CHANNEL, delivery.person)
        return outcome

    def ways(self, connection: Connection, people: Select[Any], at: datetime) -> Sequence[Way]:
        """By which way so many of `people` (a SELECT of `person`) would get a message at that time."""
        total = connection.scalar(select(func.count()).select_from(people.subquery())) or 0
        if not (self._abilities.customer_service or self._abilities.mass):
            return _some(Way(say("way_may_not"), total, reached=False))
        direct, known = count_direct(connection, people, at)
        rest = Way(say("way_mass"), known - direct)
        if not self._mass.left_today(connection, at):
            rest = Way(say("way_mass_used"), known - direct, reached=False)
        return _some(
            Way(say("way_direct"), direct), rest, Way(say("way_no_address"), total - known, reached=False)
        )

    def _direct(self, delivery: Outgoing, chat: str, text: str) -> Sent | Refused | None:
        """By customer service; None where that is not this person's way."""
        decided = self._mass.way_of(delivery.run_id, delivery.person)
        if decided is not None and decided[0] != "direct":
            return None
        key = self._windows.of_person(delivery.person)
        if key is None:
            return None
        if not self._mass.claim_direct(delivery.run_id, delivery.person):
            return None
        if not self._windows.take(key):
            return None
        try:
            self._line.send_text(chat, text)
        except Failure as failure:
            if failure.kind == "window":
                self._windows.close(key)
                return None
            return _refused(failure)
        return Sent()

    def _by_mass(self, delivery: Outgoing, text: str) -> Sent | Refused:
        decided = self._mass.way_of(delivery.run_id, delivery.person)
        if decided is not None and decided[0] == "gone":
            return Refused("blocked", "follows_no_more")
        mass_id = decided[1] if decided is not None else None
        if mass_id is None:
            mass_id = self._mass.join(
                delivery.run_id, delivery.person, text=text, delivery_id=delivery.delivery_id
            )
        if mass_id is None:
            return Refused("permanent", "mass_went_before")
        stands = self._mass.go_on(mass_id, text)
        if isinstance(stands, Delayed):
            return Refused("retry", stands.reason, stands.after_s)
        decided = self._mass.way_of(delivery.run_id, delivery.person)
        if decided is not None and decided[0] == "gone":
            return Refused("blocked", "follows_no_more")
        return Sent() if stands.state == "sent" else Refused("permanent", stands.reason or "mass_failed")

    def _test(self, person: str, chat: str, text: str) -> Sent | Refused:
        """To one person: by customer service where that goes, else as WeChat's preview of a mass send."""
        key = self._windows.of_person(person)
        try:
            if key is not None and self._windows.take(key):
                self._line.send_text(chat, text)
            else:
                self._line.preview(chat, text)
        except Failure as failure:
            return _refused(failure)
        return Sent()

    def _kept(self, delivery: Outgoing) -> bool:
        """Whether the notice stands in the person's conversation."""
        if self._notices.keep(delivery) != "nobody":
            return True
        reopened = self._addresses.reopen(CHANNEL, delivery.person)
        return reopened and self._notices.keep(delivery) != "nobody"

    def _shown(self, delivery: Outgoing) -> None:
        notice_id = self._notices.kept_as(delivery.idempotency_key)
        if notice_id is not None:
            self._notices.shown(notice_id)


def _some(*ways: Way) -> Sequence[Way]:
    return [way for way in ways if way.people]


def _refused(failure: Failure) -> Refused:
    if failure.kind == "gone":
        return Refused("blocked", failure.reason)
    if failure.kind == "unknown":
        return Refused("unknown", failure.reason)
    if failure.kind == "again":
        return Refused("retry", failure.reason, failure.after_s)
    return Refused("permanent", failure.reason)
