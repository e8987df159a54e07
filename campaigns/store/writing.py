"""The statements that change subscriptions. Each runs inside the caller's transaction.

`hold` and `open_new` lock the row they return until the transaction ends, and are written as UPDATE and
INSERT, so that on SQLite too the transaction begins as a writer and never fails half-way.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple
from uuid import uuid4

from sqlalchemy import ColumnElement, Connection, Row, Table, delete, exists, insert, update
from sqlalchemy.dialects import postgresql, sqlite

from campaigns.model import ConsentKind, EndReason, Subscriber, Wording
from campaigns.store import outbox
from campaigns.store.tables import (
    consent_wordings,
    consents,
    subscription_erasures,
    subscription_topics,
    subscriptions,
)


def hold(connection: Connection, subscriber: Subscriber) -> Row[Any] | None:
    """The subscriber's active subscription, locked; None where there is none."""
    return connection.execute(
        update(subscriptions)
        .where(
            subscriptions.c.person == subscriber.person,
            subscriptions.c.channel == subscriber.channel,
            subscriptions.c.state == "active",
        )
        .values(state="active")
        .returning(subscriptions)
    ).one_or_none()


def open_new(connection: Connection, subscriber: Subscriber, now: datetime, **choices: Any) -> bool:
    """Add an active subscription. False where another transaction added one first and has committed it."""
    values = {
        "id": uuid4().hex,
        "person": subscriber.person,
        "channel": subscriber.channel,
        "state": "active",
        "consented_at": now,
        **choices,
    }
    return _insert_unless_there(connection, subscriptions, values)


def keep_wording(connection: Connection, wording: Wording, now: datetime) -> None:
    values = {"hash": wording.hash, "version": wording.version, "text": wording.text, "first_shown_at": now}
    _insert_unless_there(connection, consent_wordings, values)


def add_topics(connection: Connection, subscription_id: str, topics: Iterable[str], now: datetime) -> None:
    rows = [{"subscription_id": subscription_id, "topic": topic, "since": now} for topic in topics]
    if rows:
        connection.execute(insert(subscription_topics), rows)


def end_topics(connection: Connection, subscription_id: str, topics: Iterable[str], now: datetime) -> None:
    connection.execute(
        update(subscription_topics)
        .where(
            subscription_topics.c.subscription_id == subscription_id,
            subscription_topics.c.topic.in_(list(topics)),
            subscription_topics.c.ended_at.is_(None),
        )
        .values(ended_at=now)
    )


def end_if_empty(connection: Connection, subscription_id: str, reason: EndReason, now: datetime) -> bool:
    """End a subscription that no topic runs in any more; whether it did."""
    running = exists().where(
        subscription_topics.c.subscription_id == subscription_id, subscription_topics.c.ended_at.is_(None)
    )
    done = connection.execute(
        update(subscriptions)
        .where(subscriptions.c.id == subscription_id, subscriptions.c.state == "active", ~running)
        .values(state="ended", ended_at=now, end_reason=reason)
    )
    return done.rowcount == 1


def choose(connection: Connection, subscription_id: str, **choices: Any) -> Row[Any]:
    """Set the given choices of an active subscription; the row as it is then."""
    return connection.execute(
        update(subscriptions)
        .where(subscriptions.c.id == subscription_id, subscriptions.c.state == "active")
        .values(**choices)
        .returning(subscriptions)
    ).one()


def append(
    connection: Connection,
    row: Row[Any],
    *,
    kind: ConsentKind,
    wording_hash: str,
    topics: Iterable[str],
    message_id: str | None,
    at: datetime,
) -> None:
    """Add one event to the subscription of `row`, with the choices that `row` holds."""
    connection.execute(
        insert(consents).values(
            subscription_id=row.id,
            kind=kind,
            wording_hash=wording_hash,
            at=at,
            message_id=message_id,
            topics=list(topics),
            district=row.district,
            setting=row.setting,
            frequency=row.frequency,
        )
    )


class Gone(NamedTuple):
    """How many were deleted; `active` are those of the subscriptions that had not ended before."""

    subscriptions: int
    consents: int
    active: int


def erase_where(connection: Connection, condition: ColumnElement[bool], *, cause: str, now: datetime) -> Gone:
    """Delete subscriptions with their topics and consents; leaves one row of figures, none for nothing. What
    was sent to them stays counted, under a random name."""
    locked = update(subscriptions).where(condition).values(state=subscriptions.c.state)
    if not connection.execute(locked).rowcount:
        return Gone(0, 0, 0)
    outbox.forget_persons(connection, condition, now)
    rows = subscriptions.select().with_only_columns(subscriptions.c.id).where(condition)
    connection.execute(delete(subscription_topics).where(subscription_topics.c.subscription_id.in_(rows)))
    said = connection.execute(delete(consents).where(consents.c.subscription_id.in_(rows))).rowcount
    states = connection.scalars(delete(subscriptions).where(condition).returning(subscriptions.c.state)).all()
    connection.execute(
        insert(subscription_erasures).values(
            erased_on=now.date(), cause=cause, subscriptions=len(states), consents=said
        )
    )
    return Gone(len(states), said, states.count("active"))


def _insert_unless_there(connection: Connection, table: Table, values: dict[str, Any]) -> bool:
    """INSERT … ON CONFLICT DO NOTHING, which waits for a transaction that is adding the same row."""
    make = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    return connection.execute(make(table).values(values).on_conflict_do_nothing()).rowcount == 1
