"""Whom a run goes to: picked once, and written as one row a recipient, so many in a transaction.

The picked ones stand in a table of the connection's own, which locks nothing. Writing takes SQLite's only
write lock, and residents' turns wait for it: so it takes it often and shortly.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Engine,
    Integer,
    MetaData,
    Select,
    String,
    Table,
    case,
    func,
    insert,
    literal,
    null,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.schema import CreateTable, DropTable

from campaigns.store.delivery_tables import deliveries
from campaigns.store.tables import UtcDateTime

_picked = Table(
    "picked_recipients",
    MetaData(),
    Column("n", Integer, primary_key=True),
    Column("person", String(64), nullable=False),
    Column("channel", String(32), nullable=False),
    Column("district", String(32), nullable=True),
    prefixes=["TEMPORARY"],
)


def receivers_of(run_id: str) -> Select[Any]:
    """Exactly those who received a run: whom a correction goes to."""
    row = deliveries.c
    return select(row.person, row.channel, row.district).where(row.run_id == run_id, row.state == "sent")


@contextmanager
def picked(engine: Engine, wanted: Select[Any]) -> Iterator[tuple[Connection, int]]:
    """A connection on which `wanted` (person, channel, district) is picked, and how many they are.

    Transactions on it hold SQLite's write lock from their beginning.
    """
    found = wanted.subquery()
    # In the order of the outbox's unique index: twice as fast to write.
    rows = select(found.c.person, found.c.channel, found.c.district).order_by(found.c.person, found.c.channel)
    with engine.connect() as connection:
        with connection.begin():
            connection.execute(DropTable(_picked, if_exists=True))
            connection.execute(CreateTable(_picked))
            connection.execute(insert(_picked).from_select(["person", "channel", "district"], rows))
            count = connection.scalar(select(func.count()).select_from(_picked)) or 0
        try:
            yield connection.execution_options(immediate=True), count
        finally:
            if not connection.invalidated:
                with connection.begin():
                    connection.execute(DropTable(_picked, if_exists=True))


def write_some(
    connection: Connection, run_id: str, start: int, most: int, *, channels: Collection[str], now: datetime
) -> int:
    """One row for each of `most` picked ones after the first `start` who has none yet. Returns how many.

    A channel that nobody serves gets its rows too, skipped at once, so that the figures add up.
    """
    found = _picked.c
    served = found.channel.in_(sorted(channels))
    rows = select(
        literal(run_id),
        found.person,
        found.channel,
        found.district,
        case((served, "queued"), else_="skipped"),
        case((served, null()), else_="no_channel"),
        literal(0),
        case((served, null()), else_=literal(now, UtcDateTime)),
    ).where(found.n > start, found.n <= start + most)
    columns = ["run_id", "person", "channel", "district", "state", "reason", "attempts", "settled_at"]
    make = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    written = make(deliveries).from_select(columns, rows.order_by(found.n)).on_conflict_do_nothing()
    return connection.execute(written.execution_options(preserve_rowcount=True)).rowcount
