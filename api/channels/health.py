"""How each channel does: when something last went through it, and what last went wrong, for the console.

Written by whichever process serves the channel, every few seconds at most. A reason is a code, never what a
resident said. All methods block.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Engine, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError

from api.channels.tables import channel_health
from api.clock import Clock
from api.store.erasing import writing

log = structlog.get_logger(__name__)

EVERY = timedelta(seconds=10)
"""How often the same is written again."""
LONGEST_REASON = 60
_C = channel_health.c


@dataclass(frozen=True, slots=True)
class Health:
    """`reason` is a code of the channel's adapter, such as `not_connected` or `http_503`."""

    worked_at: datetime | None = None
    failed_at: datetime | None = None
    reason: str = ""

    @property
    def fails(self) -> bool:
        """Whether nothing has gone through since it went wrong."""
        return self.failed_at is not None and (self.worked_at is None or self.worked_at < self.failed_at)


class ChannelHealth:
    def __init__(self, engine: Engine, *, clock: Clock) -> None:
        self._engine, self._clock = engine, clock
        self._written: dict[tuple[str, str], datetime] = {}
        self._last: dict[str, str] = {}
        self._lock = threading.Lock()

    def worked(self, channel: str) -> None:
        """Something was sent or received. What cannot be written down is left out."""
        self._put(channel, "", worked_at=self._clock.now())

    def failed(self, channel: str, reason: str) -> None:
        """It did not work; `reason` is a code. What cannot be written down is left out."""
        said = reason[:LONGEST_REASON]
        self._put(channel, said, failed_at=self._clock.now(), reason=said)

    def of(self, channel: str) -> Health:
        found = select(_C.worked_at, _C.failed_at, _C.reason).where(_C.channel == channel)
        with self._engine.connect() as connection:
            row = connection.execute(found).one_or_none()
        return Health() if row is None else Health(row.worked_at, row.failed_at, row.reason or "")

    def _put(self, channel: str, what: str, **values: object) -> None:
        if not self._due(channel, what):
            return
        dialect = sqlite if self._engine.dialect.name == "sqlite" else postgresql
        put = dialect.insert(channel_health).values(channel=channel, **values)
        try:
            with writing(self._engine) as connection:
                connection.execute(put.on_conflict_do_update(index_elements=["channel"], set_=values))
        except SQLAlchemyError as error:
            log.warning("channel_health_not_written", channel=channel, exc_type=type(error).__name__)

    def _due(self, channel: str, what: str) -> bool:
        """Whether this is news: another outcome than the last, or some time after it was written."""
        now = self._clock.now()
        with self._lock:
            changed = self._last.get(channel) != what
            self._last[channel] = what
            at = self._written.get((channel, what))
            if at is not None and timedelta() <= now - at < EVERY and not changed:
                return False
            self._written[channel, what] = now
            return True
