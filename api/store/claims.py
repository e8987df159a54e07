"""Who answers a message that reached two processes at once: known by its client id, one of them holds it.

A claim stands only while its message is being answered; one that a process left behind when it ended is
somebody else's after twice the time that a turn may take.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta

import structlog
from sqlalchemy import Connection, Engine, delete
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError

from api.clock import Clock
from api.lanes import LaneFull
from api.store.erasing import writing
from api.store.tables import turn_claims

log = structlog.get_logger(__name__)

LOOK_EVERY_S = 0.1
_C = turn_claims.c


@dataclass(slots=True)
class Held:
    """`over`: nothing is held (any more), so there is nothing to release."""

    over: bool


class Claims:
    """`patience_s`: how long a turn may take, and one process waits for the other's answer."""

    def __init__(self, engine: Engine, clock: Clock, *, patience_s: float) -> None:
        self._engine, self._clock, self._patience_s = engine, clock, patience_s
        self._held_for = timedelta(seconds=2 * patience_s)

    @asynccontextmanager
    async def held(self, conversation_id: str, client_id: str | None) -> AsyncIterator[Held]:
        """Hold the message while it is answered; one without a client id is nobody else's anyway.

        Raises `LaneFull` where another process holds it for longer than one waits. A database that fails
        holds up nobody.
        """
        if client_id is None:
            yield Held(over=True)
            return
        held = Held(over=not await self._hold(conversation_id, client_id))
        try:
            yield held
        finally:
            if not held.over:
                await asyncio.to_thread(self._release, conversation_id, client_id)

    async def _hold(self, conversation_id: str, client_id: str) -> bool:
        """True once it is held; False where the database can't tell."""
        until = time.monotonic() + self._patience_s
        try:
            while True:
                if await asyncio.to_thread(self._claim, conversation_id, client_id):
                    return True
                if time.monotonic() >= until:
                    raise LaneFull
                await asyncio.sleep(LOOK_EVERY_S)
        except SQLAlchemyError as error:
            log.error("turn_not_claimed", exc_type=type(error).__name__)
            return False

    def _claim(self, conversation_id: str, client_id: str) -> bool:
        now = self._clock.now()
        dialect = sqlite if self._engine.dialect.name == "sqlite" else postgresql
        row = {"conversation_id": conversation_id, "client_id": client_id, "held_until": now + self._held_for}
        put = dialect.insert(turn_claims).values(row)
        taken = put.on_conflict_do_update(
            index_elements=["conversation_id", "client_id"],
            set_={"held_until": put.excluded.held_until},
            where=_C.held_until <= now,
        )
        with writing(self._engine) as connection:
            return connection.scalar(taken.returning(_C.client_id)) is not None

    def _release(self, conversation_id: str, client_id: str) -> None:
        with suppress(SQLAlchemyError), writing(self._engine) as connection:
            release(connection, conversation_id, client_id)


def release(connection: Connection, conversation_id: str, client_id: str) -> None:
    """The message is answered, or will not be by who claimed it."""
    mine = (_C.conversation_id == conversation_id, _C.client_id == client_id)
    connection.execute(delete(turn_claims).where(*mine))
