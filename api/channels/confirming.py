"""Whether a channel that keeps data abroad may run: off until an administrator confirms to have assessed it.

Each step is in the audit log. All methods block.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, delete, insert, select

from api.channels.tables import channel_confirmations
from api.channels.words import listed
from api.clock import Clock
from api.store.erasing import writing
from knowledge.journal import Journal

_C = channel_confirmations.c


class NotAbroad(ValueError):
    def __init__(self, channel: str) -> None:
        names = ", ".join(listed("stored_abroad"))
        super().__init__(f"'{channel}' needs no confirmation; those that keep data abroad are: {names}.")


@dataclass(frozen=True, slots=True)
class Confirmation:
    by: str
    at: datetime


class Confirmations:
    def __init__(self, engine: Engine, *, journal: Journal, clock: Clock) -> None:
        self._engine, self._journal, self._clock = engine, journal, clock

    def confirm(self, channel: str, *, by: str) -> bool:
        """`by` has assessed that the channel's data goes abroad. False: it was confirmed before; that stays.

        Raises NotAbroad.
        """
        if channel not in listed("stored_abroad"):
            raise NotAbroad(channel)
        with writing(self._engine) as connection:
            if connection.scalar(select(_C.channel).where(_C.channel == channel)) is not None:
                return False
            row = {"channel": channel, "confirmed_by": by[:64], "confirmed_at": self._clock.now()}
            connection.execute(insert(channel_confirmations).values(**row))
            self._journal.record(
                connection, by=by, what="channel.confirmed", kind="channel", subject=channel, after=row
            )
        return True

    def withdraw(self, channel: str, *, by: str) -> bool:
        """The channel stops, until it is confirmed again. False: it was not confirmed."""
        with writing(self._engine) as connection:
            gone = delete(channel_confirmations).where(_C.channel == channel).returning(_C.confirmed_by)
            before = connection.scalar(gone)
            if before is None:
                return False
            self._journal.record(
                connection,
                by=by,
                what="channel.withdrawn",
                kind="channel",
                subject=channel,
                before={"confirmed_by": before},
            )
        return True

    def of(self, channel: str) -> Confirmation | None:
        found = select(_C.confirmed_by, _C.confirmed_at).where(_C.channel == channel)
        with self._engine.connect() as connection:
            row = connection.execute(found).one_or_none()
        return None if row is None else Confirmation(row.confirmed_by, row.confirmed_at)
