"""What the tests of tickets, feedback and retention share: a clock that is set, conversations, a look at all rows."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import Engine, MetaData, select

from actions.replies import Kind, Reply
from api.clock import LOCAL
from api.keys import Keys
from api.store.conversations import ConversationStore, Turn
from api.tickets.contacts import ContactBox
from api.tickets.hours import StaffHours
from api.tickets.service import InHistory, Tickets

FRIDAY = datetime(2026, 11, 20, 16, 0, tzinfo=LOCAL).astimezone(UTC)
"""Four in the afternoon in Chongqing, a working day."""
KEYS = Keys("p" * 40, "a" * 40, "d" * 40, "c" * 40, "k" * 40)
PHONE = "13812345678"


class SetClock:
    """Stands still until it is set."""

    def __init__(self, now: datetime = FRIDAY) -> None:
        self.moment = now

    def now(self) -> datetime:
        return self.moment

    def today(self) -> date:
        return self.moment.astimezone(LOCAL).date()

    def later(self, **by: float) -> None:
        self.moment += timedelta(**by)


def tickets_over(engine: Engine, clock: SetClock, key: str = KEYS.contact_key) -> Tickets:
    return Tickets(
        engine,
        box=ContactBox(key),
        clock=clock,
        hours=StaffHours.parse("mon-fri 09:00-17:30"),
        deliveries={"web": InHistory()},
    )


def talk(
    engine: Engine,
    conversation_id: str,
    at: datetime = FRIDAY,
    *,
    asked: str = "旧冰箱怎么换新",
    number: int = 1,
    kind: Kind = "answer",
    channel: str = "web",
    snapshot: str | None = "snap-1",
) -> str:
    """Stores one turn; returns the id of its reply, `<conversation>-r<number>`."""
    reply = Reply(
        id=f"{conversation_id}-r{number}",
        as_of=date(2026, 11, 20),
        snapshot=snapshot,
        kind=kind,
        text=f"答{number}",
    )
    turn = Turn(
        conversation_id=conversation_id,
        pseudonym=KEYS.pseudonym(conversation_id),
        channel=channel,
        request_id=f"{conversation_id}-q{number}",
        message_id=f"{conversation_id}-m{number}",
        asked=asked,
        asked_at=at,
        replies=[reply],
        replied_at=at,
        degraded=False,
    )
    ConversationStore(engine).record(turn)
    return reply.id


def everything(engine: Engine) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table that is in the database, whoever owns it."""
    found = MetaData()
    found.reflect(engine)
    with engine.connect() as connection:
        return {
            table.name: [dict(row) for row in connection.execute(select(table)).mappings()]
            for table in found.sorted_tables
        }


def tables_with(engine: Engine, trace: str) -> list[str]:
    """The tables that hold `trace` in some column of some row."""
    return sorted(name for name, rows in everything(engine).items() if trace in repr(rows))
