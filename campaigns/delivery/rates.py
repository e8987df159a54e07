"""How fast a channel may be sent to: one bucket of tokens a channel, in the database, for all processes.

Broadcasts get four fifths of a channel's rate, so that replies to residents always find room. A bucket never
holds more than a quarter of a second's worth: no second sees more than the channel's whole rate.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from campaigns.store.delivery_tables import channel_rates

FOR_BROADCASTS = 0.8
BURST_S = 0.25
_BUCKET = channel_rates.c


def take(connection: Connection, buckets: Mapping[str, float], wanted: int, now: datetime) -> int:
    """Take up to `wanted` tokens out of every bucket alike. Returns how many there were.

    `buckets`: messages a second by name (a channel, or a run with a rate of its own). The rows stay locked
    until the transaction ends. A clock that was set back fills nothing and takes nothing away.
    """
    held = {name: _filled(connection, name, rate, now) for name, rate in sorted(buckets.items())}
    granted = max(0, min([wanted, *(int(tokens) for tokens in held.values())]))
    for name, tokens in held.items():
        connection.execute(
            update(channel_rates)
            .where(_BUCKET.channel == name)
            .values(tokens=tokens - granted, filled_at=now)
        )
    return granted


def wait_s(buckets: Mapping[str, float]) -> float:
    """How long after an empty bucket to look again: a good part of a burst at once costs the database less
    than a message now and then."""
    return max(0.4 * BURST_S, min(1.0, max(1 / rate for rate in buckets.values())))


def drop(connection: Connection, name: str) -> None:
    """A run that is over needs its bucket no more."""
    connection.execute(delete(channel_rates).where(_BUCKET.channel == name))


def _filled(connection: Connection, name: str, rate: float, now: datetime) -> float:
    most = max(1.0, rate * BURST_S)
    found = connection.execute(
        select(_BUCKET.tokens, _BUCKET.filled_at).where(_BUCKET.channel == name).with_for_update()
    ).one_or_none()
    if found is None:
        make = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
        connection.execute(
            make(channel_rates).values(channel=name, tokens=most, filled_at=now).on_conflict_do_nothing()
        )
        return _filled(connection, name, rate, now)
    elapsed = max(0.0, (now - found.filled_at).total_seconds())
    tokens: float = found.tokens
    return float(min(most, tokens + elapsed * rate))
