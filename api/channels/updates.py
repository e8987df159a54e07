"""Updates that channels received: each handled once, by one process, over restarts.

An update is `received` until its answer is known, `answering` from before the first word is sent, `settled`
after. Who works at it holds it; what nobody holds any more was left behind by a process that ended. What an
update says is sealed, and gone once it is settled. All methods block.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import asdict
from datetime import timedelta
from typing import Any, Literal

from sqlalchemy import Engine, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from api.channels.protocol import Incoming
from api.channels.tables import channel_updates
from api.clock import Clock
from api.keys import Keys
from api.store.erasing import writing
from api.tickets.contacts import ContactBox
from api.tickets.errors import ContactUnreadable

State = Literal["received", "answering"]
HELD_FOR = timedelta(seconds=30)
"""How long an update stays with a process that gives no sign of life."""
KEPT_FOR = timedelta(days=7)
"""How long an update's id is known; Telegram repeats one for a day at most."""
_C = channel_updates.c


class Updates:
    def __init__(self, engine: Engine, *, keys: Keys, clock: Clock) -> None:
        self._engine, self._clock = engine, clock
        self._box = ContactBox(keys.derived("updates"))

    def accept(self, incoming: Incoming) -> bool:
        """Store what was received, held by this process. False: it was received before."""
        row = {
            "channel": incoming.channel,
            "update_id": incoming.update_id,
            "state": "received",
            "sealed": self._box.seal(_as_json(incoming), owner=incoming.update_id),
            "held_until": self._clock.now() + HELD_FOR,
            "received_at": incoming.received_at,
        }
        dialect = sqlite if self._engine.dialect.name == "sqlite" else postgresql
        new = dialect.insert(channel_updates).values(row).on_conflict_do_nothing().returning(_C.update_id)
        with writing(self._engine) as connection:
            return connection.scalar(new) is not None

    def advance(self, incoming: Incoming, state: State) -> bool:
        """Whether the update may go on to `state`: it was received and nobody else took it there."""
        taken = (
            update(channel_updates)
            .where(*_this(incoming), _C.state == "received")
            .values(state=state, held_until=self._clock.now() + HELD_FOR)
        )
        with writing(self._engine) as connection:
            return bool(connection.execute(taken).rowcount)

    def settle(self, incoming: Incoming) -> bool:
        """Done with it, and what it said is forgotten. False: it was settled before."""
        done = update(channel_updates).where(*_this(incoming), _C.state != "settled")
        with writing(self._engine) as connection:
            return bool(connection.execute(done.values(state="settled", sealed=None)).rowcount)

    def is_settled(self, incoming: Incoming) -> bool:
        """Whether nobody is to answer it any more."""
        state = select(_C.state).where(*_this(incoming))
        with self._engine.connect() as connection:
            return connection.scalar(state) in (None, "settled")

    def hold(self, mine: Collection[tuple[str, str]]) -> None:
        """Keep holding these, each a channel and an update id."""
        until = self._clock.now() + HELD_FOR
        with writing(self._engine) as connection:
            for channel, update_id in mine:
                this = (_C.channel == channel, _C.update_id == update_id, _C.state != "settled")
                connection.execute(update(channel_updates).where(*this).values(held_until=until))

    def take_left_behind(self, channel: str, limit: int = 100) -> list[tuple[Incoming, State]]:
        """What nobody holds any more, now held by this process, the oldest first."""
        now = self._clock.now()
        left = (_C.channel == channel, _C.state != "settled", _C.held_until <= now)
        order = select(_C.update_id).where(*left).order_by(_C.received_at, _C.update_id).limit(limit)
        with writing(self._engine) as connection:
            rows = connection.execute(
                update(channel_updates)
                .where(_C.channel == channel, _C.update_id.in_(order.scalar_subquery()), *left)
                .values(held_until=now + HELD_FOR)
                .returning(_C.update_id, _C.state, _C.sealed, _C.received_at)
            ).all()
        found = []
        for row in sorted(rows, key=lambda row: (row.received_at, row.update_id)):
            try:
                said = json.loads(self._box.unseal(row.sealed or "", owner=row.update_id))
            except ContactUnreadable:  # sealed with a key that is gone: nobody can tell where it came from
                self._drop(channel, row.update_id)
                continue
            said["received_at"] = row.received_at
            found.append((Incoming(**said), row.state))
        return found

    def sweep(self) -> int:
        """Forget the ids of old updates."""
        old = delete(channel_updates).where(_C.received_at < self._clock.now() - KEPT_FOR)
        with writing(self._engine) as connection:
            return len(connection.scalars(old.returning(_C.update_id)).all())

    def counts(self, channel: str) -> dict[str, int]:
        """How many updates are in each state."""
        states = select(_C.state).where(_C.channel == channel)
        counted: dict[str, int] = {}
        with self._engine.connect() as connection:
            for state in connection.scalars(states):
                counted[state] = counted.get(state, 0) + 1
        return counted

    def _drop(self, channel: str, update_id: str) -> None:
        this = (_C.channel == channel, _C.update_id == update_id)
        with writing(self._engine) as connection:
            connection.execute(update(channel_updates).where(*this).values(state="settled", sealed=None))


def _this(incoming: Incoming) -> tuple[Any, Any]:
    return _C.channel == incoming.channel, _C.update_id == incoming.update_id


def _as_json(incoming: Incoming) -> str:
    fields = asdict(incoming)
    del fields["received_at"]
    return json.dumps(fields, ensure_ascii=False)
