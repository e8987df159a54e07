"""Answers that a chat fetches by saying 1, because they could not be sent when they were ready.

A promise stands here before its answer does. What is said is sealed and kept for a day, and what staff wrote
for a month. All methods block.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine, delete, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from api.channels.wechat.tables import wechat_waiting
from api.clock import Clock
from api.keys import Keys
from api.store.erasing import writing
from api.tickets.contacts import ContactBox
from api.tickets.errors import ContactUnreadable

KEPT_FOR = timedelta(days=1)
STAFF_KEPT_FOR = timedelta(days=30)
"""Staff answer once; who was away from WeChat meanwhile finds it when they write next."""
PROMISED_FOR = timedelta(minutes=10)
"""After which nobody believes any more that a promised answer comes."""
_C = wechat_waiting.c


class Waiting:
    def __init__(self, engine: Engine, *, keys: Keys, clock: Clock) -> None:
        self._engine, self._clock = engine, clock
        self._box = ContactBox(keys.derived("wechat-waiting"))

    def promise(self, chat_key: str) -> None:
        """An answer is on its way, to be fetched."""
        with writing(self._engine) as connection:
            self._there(connection, chat_key)

    def put(
        self, chat_key: str, texts: Sequence[str], *, first: bool = False, by_staff: bool = False
    ) -> None:
        """More to fetch: after what waits, or `first`."""
        with writing(self._engine) as connection:
            self._there(connection, chat_key)
            waits = self._read(connection, chat_key)
            left = [] if waits is None else waits[0]
            self._write(connection, chat_key, [*texts, *left] if first else [*left, *texts])
            if by_staff:
                until = self._clock.now() + STAFF_KEPT_FOR
                mine = update(wechat_waiting).where(_C.chat_key == chat_key)
                connection.execute(mine.values(keep_until=until))

    def look(self, chat_key: str) -> int | None:
        """How many texts wait; 0 for a promise, None for nothing. An old promise is forgotten."""
        with self._engine.connect() as connection:
            waits = self._read(connection, chat_key)
        if waits is None:
            return None
        if not waits[0] and waits[1] < self._clock.now() - PROMISED_FOR:
            self.forget(chat_key)
            return None
        return len(waits[0])

    def take(self, chat_key: str) -> tuple[str, int] | None:
        """The next text, now taken, and how many are left; None where there is none."""
        with writing(self._engine) as connection:
            waits = self._read(connection, chat_key)
            if waits is None or not waits[0]:
                return None
            text, *left = waits[0]
            if left:
                self._write(connection, chat_key, left)
            else:
                connection.execute(delete(wechat_waiting).where(_C.chat_key == chat_key))
            return text, len(left)

    def kept(self, chat_key: str) -> None:
        """A promise was kept in another way, or will not be: no more is to be waited for."""
        with writing(self._engine) as connection:
            waits = self._read(connection, chat_key)
            if waits is not None and not waits[0]:
                connection.execute(delete(wechat_waiting).where(_C.chat_key == chat_key))

    def forget(self, chat_key: str) -> None:
        with writing(self._engine) as connection:
            connection.execute(delete(wechat_waiting).where(_C.chat_key == chat_key))

    def sweep(self) -> int:
        """Forget what nobody fetched."""
        now = self._clock.now()
        old = delete(wechat_waiting).where(
            _C.promised_at < now - KEPT_FOR, or_(_C.keep_until.is_(None), _C.keep_until < now)
        )
        with writing(self._engine) as connection:
            return len(connection.scalars(old.returning(_C.chat_key)).all())

    def _read(self, connection: Connection, chat_key: str) -> tuple[list[str], datetime] | None:
        row = connection.execute(
            select(_C.sealed, _C.promised_at).where(_C.chat_key == chat_key).with_for_update()
        ).one_or_none()
        if row is None:
            return None
        try:
            texts = [] if row.sealed is None else json.loads(self._box.unseal(row.sealed, owner=chat_key))
        except ContactUnreadable:  # sealed with a key that is gone
            texts = []
        return texts, row.promised_at

    def _there(self, connection: Connection, chat_key: str) -> None:
        """A row for the chat, whoever else makes one now."""
        dialect = sqlite if self._engine.dialect.name == "sqlite" else postgresql
        row = {"chat_key": chat_key, "promised_at": self._clock.now()}
        connection.execute(dialect.insert(wechat_waiting).values(row).on_conflict_do_nothing())

    def _write(self, connection: Connection, chat_key: str, texts: Sequence[str]) -> None:
        values = {"sealed": self._sealed(chat_key, texts), "promised_at": self._clock.now()}
        connection.execute(update(wechat_waiting).where(_C.chat_key == chat_key).values(**values))

    def _sealed(self, chat_key: str, texts: Sequence[str]) -> str | None:
        return self._box.seal(json.dumps(list(texts), ensure_ascii=False), owner=chat_key) if texts else None
