"""Which chat has which conversation, and where somebody known only by a pseudonym can be reached.

A chat is found by a keyed hash of its address; the address itself is sealed with the key for contacts, bound
to the pseudonym. All methods block.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement, Connection, Engine, delete, exists, insert, select, update
from sqlalchemy.exc import IntegrityError

from api.channels.tables import channel_addresses
from api.channels.wechat.tables import wechat_waiting, wechat_ways
from api.clock import Clock
from api.keys import Keys
from api.store.erasing import erasing, writing
from api.store.tables import conversations
from api.tickets.contacts import ContactBox
from api.tickets.errors import ContactUnreadable
from campaigns.store.tables import subscriptions

_C = channel_addresses.c


@dataclass(frozen=True, slots=True)
class Address:
    """One chat. `person` is the pseudonym of its conversation; `choices` what its numbers meant last;
    `noticed`: whether the privacy notice was shown."""

    channel: str
    chat_key: str
    conversation_id: str
    person: str
    choices: tuple[str, ...]
    noticed: bool


class AddressBook:
    def __init__(self, engine: Engine, *, keys: Keys, clock: Clock) -> None:
        self._engine, self._keys, self._clock = engine, keys, clock
        self._box = ContactBox(keys.contact_key)

    def key(self, channel: str, chat: str) -> str:
        """The name of a chat that leads back to nobody without the key."""
        return self._keys.derived("chat", channel, chat)

    def open(self, channel: str, chat: str) -> Address:
        """The chat's address, made with a conversation of its own where there is none; now used."""
        key, now = self.key(channel, chat), self._clock.now()
        used = update(channel_addresses).where(_C.channel == channel, _C.chat_key == key).values(last_at=now)
        for _ in range(2):
            with writing(self._engine) as connection:
                connection.execute(used)
                found = _find(connection, channel, key)
                if found is not None:
                    return found
                conversation_id = secrets.token_urlsafe(16)
                person = self._keys.pseudonym(conversation_id)
                row = {
                    "channel": channel,
                    "chat_key": key,
                    "conversation_id": conversation_id,
                    "person": person,
                    "sealed": self._box.seal(chat, owner=person),
                    "created_at": now,
                    "last_at": now,
                }
                try:
                    connection.execute(insert(channel_addresses).values(**row))
                except IntegrityError:  # another process met the same chat between our two statements
                    connection.rollback()
                    continue
                return Address(channel, key, conversation_id, person, (), noticed=False)
        raise RuntimeError(f"A chat of {channel} is opened and forgotten by others again and again.")

    def find(self, channel: str, chat: str) -> Address | None:
        with self._engine.connect() as connection:
            return _find(connection, channel, self.key(channel, chat))

    def chat_of(self, channel: str, person: str) -> str | None:
        """The channel's own address of `person`, None for nobody who can be reached there."""
        sealed = select(_C.sealed).where(_C.channel == channel, _C.person == person)
        with self._engine.connect() as connection:
            found = connection.scalar(sealed)
        try:
            return None if found is None else self._box.unseal(found, owner=person)
        except ContactUnreadable:
            return None

    def chat_in(self, channel: str, conversation_id: str) -> str | None:
        """The channel's own address of the chat that has the conversation."""
        return self.chat_of(channel, self._keys.pseudonym(conversation_id))

    def reopen(self, channel: str, person: str) -> bool:
        """Open the conversation of `person` anew, which was deleted unused while a subscription went on.

        False: nobody known by that pseudonym.
        """
        now = self._clock.now()
        with writing(self._engine) as connection:
            mine = select(_C.conversation_id).where(_C.channel == channel, _C.person == person)
            conversation_id = connection.scalar(mine)
            if conversation_id is None:
                return False
            there = select(conversations.c.id).where(conversations.c.id == conversation_id)
            if connection.scalar(there) is None:
                connection.execute(
                    insert(conversations).values(
                        id=conversation_id,
                        channel=channel,
                        pseudonym=person,
                        token_hash=hashlib.sha256(secrets.token_bytes(32)).hexdigest(),
                        created_at=now,
                        last_at=now,
                    )
                )
        return True

    def noticed(self, address: Address) -> None:
        """The privacy notice was shown in the chat."""
        self._set(address, noticed_at=self._clock.now())

    def remember(self, address: Address, choices: Sequence[str]) -> None:
        """What the numbers mean that the chat was shown."""
        self._set(address, choices=list(choices) or None)

    def forget(self, channel: str, person: str) -> None:
        """The chat of `person` is not known any more; whoever writes from it is new."""
        with erasing(self._engine) as connection:
            _forget(connection, _C.channel == channel, _C.person == person)

    def sweep(self, keep_days: int) -> int:
        """Forget chats that were not used for `keep_days`, unless a subscription still reaches them."""
        before = self._clock.now() - timedelta(days=keep_days)
        subscribed = exists().where(
            subscriptions.c.person == _C.person,
            subscriptions.c.channel == _C.channel,
            subscriptions.c.state == "active",
        )
        talking = exists().where(conversations.c.id == _C.conversation_id)
        gone = delete(channel_addresses).where(_C.last_at <= before, ~subscribed, ~talking)
        with erasing(self._engine) as connection:
            return len(connection.scalars(gone.returning(_C.chat_key)).all())

    def _set(self, address: Address, **values: object) -> None:
        mine = (_C.channel == address.channel, _C.chat_key == address.chat_key)
        with writing(self._engine) as connection:
            connection.execute(update(channel_addresses).where(*mine).values(**values))


def forget_conversation(connection: Connection, conversation_id: str) -> None:
    """Delete the address of a conversation in the transaction that erases the conversation."""
    _forget(connection, _C.conversation_id == conversation_id)


def _forget(connection: Connection, *which: ColumnElement[bool]) -> None:
    """Delete addresses with what a channel keeps beside them under the same names."""
    gone = delete(channel_addresses).where(*which).returning(_C.person, _C.chat_key)
    for row in connection.execute(gone).all():
        connection.execute(delete(wechat_ways).where(wechat_ways.c.person == row.person))
        connection.execute(delete(wechat_waiting).where(wechat_waiting.c.chat_key == row.chat_key))


def _find(connection: Connection, channel: str, key: str) -> Address | None:
    row = connection.execute(
        select(channel_addresses).where(_C.channel == channel, _C.chat_key == key)
    ).one_or_none()
    if row is None:
        return None
    return Address(
        channel,
        key,
        row.conversation_id,
        row.person,
        tuple(row.choices or ()),
        noticed=row.noticed_at is not None,
    )
