"""What residents did with a message, counted in sum by run and day: no row of it leads to a person."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Date, Integer, String, literal, select
from sqlalchemy.dialects import postgresql, sqlite

from campaigns.store.delivery_tables import run_sums, runs

What = Literal["opened", "clicked", "quiz", "pledge", "asked", "unsubscribed"]
SHANGHAI = ZoneInfo("Asia/Shanghai")


def add(connection: Connection, run_id: str, what: What, at: datetime, *, which: str = "0") -> bool:
    """One more of `what` on the day of `at` in Chongqing. False where there is no such run (a test send has
    none), and then nothing is counted. `which`: the number of a link or option, from 0."""
    day = at.astimezone(SHANGHAI).date()
    values = select(
        runs.c.id,
        literal(what, String),
        literal(which, String),
        literal(day, Date),
        literal(1, Integer),
    ).where(runs.c.id == run_id)
    columns = ["run_id", "what", "which", "day", "count"]
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    counted = (
        dialect.insert(run_sums)
        .from_select(columns, values)
        .on_conflict_do_update(
            index_elements=["run_id", "what", "which", "day"], set_={"count": run_sums.c.count + 1}
        )
        .returning(run_sums.c.run_id)
    )
    return connection.execute(counted).first() is not None
