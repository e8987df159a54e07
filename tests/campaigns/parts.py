"""Persons, wordings and a clock that the tests share."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Engine, select

from campaigns.model import Subscriber, Wording
from campaigns.store.tables import metadata
from campaigns.subscriptions import Subscriptions

NOON = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
PERSON = "5f1c0a9be27d44d3"
LAN = Subscriber(PERSON, "web")
OTHER = Subscriber("77aa0c31e5", "web")
FIRST = Wording("2026-11", "同意收活动消息吗？随时可以退订。")
SECOND = Wording("2027-01", "同意收活动和政策消息吗？随时可以退订。")


class SteppingClock:
    """Noon at the first reading, then a minute later each time; `ahead` moves it by more."""

    def __init__(self) -> None:
        self.next = NOON

    def __call__(self) -> datetime:
        now, self.next = self.next, self.next + timedelta(minutes=1)
        return now

    def ahead(self, **by: int) -> None:
        self.next += timedelta(**by)


def minute(number: int) -> datetime:
    return NOON + timedelta(minutes=number)


def subscribe(service: Subscriptions, *topics: str, **given: Any) -> Any:
    """A call with everything that a test doesn't care about filled in."""
    filled = {"subscriber": LAN, "wording": FIRST, "message_id": "m-1"} | given
    return service.subscribe(topics=topics, **filled)


def everything_stored(engine: Engine) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table."""
    with engine.connect() as connection:
        return {
            table.name: [tuple(row) for row in connection.execute(select(table))]
            for table in metadata.sorted_tables
        }
