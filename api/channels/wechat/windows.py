"""Until when a chat may get customer-service messages, and how many still: as WeChat counts, kept here.

A resident's message opens it anew; each message of ours takes one away. All methods block.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, Engine, and_, exists, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError

from api.channels.tables import channel_addresses
from api.channels.wechat import CHANNEL
from api.channels.wechat.account import WINDOW, WINDOW_MESSAGES
from api.channels.wechat.tables import wechat_windows
from api.clock import Clock
from api.store.erasing import writing

_C = wechat_windows.c


class Windows:
    def __init__(self, engine: Engine, *, clock: Clock) -> None:
        self._engine, self._clock = engine, clock

    def opened(self, chat_key: str) -> None:
        """The resident has written. A chat that is not known (any more) gets none."""
        values = {"open_until": self._clock.now() + WINDOW, "messages_left": WINDOW_MESSAGES}
        dialect = sqlite if self._engine.dialect.name == "sqlite" else postgresql
        row = {"channel": CHANNEL, "chat_key": chat_key, **values}
        put = dialect.insert(wechat_windows).values(row)
        put = put.on_conflict_do_update(index_elements=["channel", "chat_key"], set_=values)
        try:
            with writing(self._engine) as connection:
                connection.execute(put)
        except IntegrityError:  # its address was deleted, or never made
            return

    def take(self, chat_key: str) -> bool:
        """Whether one more message may go, now counted."""
        one = update(wechat_windows).where(_C.chat_key == chat_key, is_open(self._clock.now()))
        with writing(self._engine) as connection:
            done = connection.execute(one.values(messages_left=_C.messages_left - 1))
            return bool(done.rowcount)

    def close(self, chat_key: str) -> None:
        """WeChat takes no more, whatever we counted."""
        with writing(self._engine) as connection:
            connection.execute(update(wechat_windows).where(_C.chat_key == chat_key).values(messages_left=0))

    def of_person(self, person: str) -> str | None:
        """The chat's key of a person who can be written to now."""
        mine = select(channel_addresses.c.chat_key).where(
            channel_addresses.c.channel == CHANNEL,
            channel_addresses.c.person == person,
            in_window(self._clock.now()),
        )
        with self._engine.connect() as connection:
            return connection.scalar(mine)


def is_open(at: datetime) -> ColumnElement[bool]:
    return and_(_C.channel == CHANNEL, _C.open_until > at, _C.messages_left > 0)


def in_window(at: datetime) -> ColumnElement[bool]:
    """Of a chat in `channel_addresses`: that customer-service messages go to it at that time."""
    there = exists().where(
        _C.channel == channel_addresses.c.channel, _C.chat_key == channel_addresses.c.chat_key, is_open(at)
    )
    return there.correlate(channel_addresses)
