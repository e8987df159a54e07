"""Staff's replies on their way into a chat app, as rows: which are to be sent, and which are being sent.

A row is made in the transaction that stores the reply, claimed by one process just before it sends, and
deleted in the transaction that notes what became of it. It must not know how anything is sent. Each function
works in its caller's transaction and blocks.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import Connection, delete, insert, select, update

from api.store.tables import ticket_replies
from api.tickets.model import Ticket

PostState = Literal["waiting", "sending"]
HELD_FOR = timedelta(minutes=5)
"""Longer than any channel waits with a reply; who has not said by then how it went is taken for dead."""
_C = ticket_replies.c


def add(connection: Connection, ticket: Ticket, message_id: str, *, state: PostState, at: datetime) -> None:
    row = {
        "message_id": message_id,
        "ticket_id": ticket.id,
        "channel": ticket.channel,
        "state": state,
        "claimed_at": at if state == "sending" else None,
    }
    connection.execute(insert(ticket_replies).values(row))


def take(connection: Connection, channel: str, at: datetime) -> tuple[str, str] | None:
    """The oldest reply that waits, as (message id, ticket id), now being sent; None where none waits."""
    waiting = (_C.channel == channel, _C.state == "waiting")
    oldest = select(_C.message_id, _C.ticket_id).where(*waiting).order_by(_C.position).limit(1)
    while (row := connection.execute(oldest).first()) is not None:
        mine = update(ticket_replies).where(_C.message_id == row.message_id, *waiting)
        if connection.execute(mine.values(state="sending", claimed_at=at)).rowcount:
            return row.message_id, row.ticket_id
    return None


def drop(connection: Connection, message_id: str) -> None:
    connection.execute(delete(ticket_replies).where(_C.message_id == message_id))


def drop_left(connection: Connection, channel: str, at: datetime) -> Sequence[str]:
    """The tickets of replies that somebody began to send and never came back from, deleted here."""
    left = (_C.channel == channel, _C.state == "sending", _C.claimed_at <= at - HELD_FOR)
    return connection.scalars(delete(ticket_replies).where(*left).returning(_C.ticket_id)).all()
