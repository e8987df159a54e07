"""Rows of subscriptions and consents as the model's data."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, select

from campaigns.model import Consent, Subscriber, Subscription, Wording
from campaigns.store.tables import consent_wordings, consents, subscription_topics, subscriptions


def subscriptions_of(connection: Connection, subscriber: Subscriber, *, ended: bool) -> list[Subscription]:
    """The active subscription; with `ended` the ended ones before it, the oldest first.

    One statement, so that a change at the same moment is seen whole or not at all.
    """
    topic = subscription_topics.c
    wanted = (
        select(subscriptions, topic.topic)
        .outerjoin(subscription_topics, (topic.subscription_id == subscriptions.c.id) & _current())
        .where(subscriptions.c.person == subscriber.person, subscriptions.c.channel == subscriber.channel)
        .order_by(subscriptions.c.consented_at, subscriptions.c.id, topic.id)
    )
    if not ended:
        wanted = wanted.where(subscriptions.c.state == "active")
    found = groupby(connection.execute(wanted), key=lambda row: row.id)
    each = [list(rows) for _, rows in found]
    each.sort(key=lambda rows: rows[0].state == "active")
    return [_subscription(rows[0], (row.topic for row in rows if row.topic is not None)) for rows in each]


def subscription_from(connection: Connection, row: Row[Any]) -> Subscription:
    """The subscription of a row that this transaction holds."""
    return _subscription(row, running_topics(connection, row.id))


def running_topics(connection: Connection, subscription_id: str) -> tuple[str, ...]:
    """The topics that have not ended, in the order in which they were added."""
    topic = subscription_topics.c
    running = (topic.subscription_id == subscription_id) & topic.ended_at.is_(None)
    return tuple(connection.scalars(select(topic.topic).where(running).order_by(topic.id)))


def _current() -> ColumnElement[bool]:
    """The topics that run in an active subscription, and those that an ended one ended with."""
    ended, with_it = subscription_topics.c.ended_at, subscriptions.c.ended_at
    return (ended == with_it) | (ended.is_(None) & with_it.is_(None))


def _subscription(row: Row[Any], topics: Iterable[str]) -> Subscription:
    return Subscription(
        id=row.id,
        subscriber=Subscriber(row.person, row.channel),
        district=row.district,
        topics=tuple(topics),
        setting=row.setting,
        frequency=row.frequency,
        state=row.state,
        consented_at=row.consented_at,
        ended_at=row.ended_at,
        end_reason=row.end_reason,
    )


def consents_of(connection: Connection, subscriber: Subscriber) -> list[Consent]:
    """Every event of a subscriber, in the order in which it happened, with the words that were shown."""
    events = (
        select(consents, consent_wordings.c.version, consent_wordings.c.text)
        .join(subscriptions, subscriptions.c.id == consents.c.subscription_id)
        .join(consent_wordings, consent_wordings.c.hash == consents.c.wording_hash)
        .where(subscriptions.c.person == subscriber.person, subscriptions.c.channel == subscriber.channel)
        .order_by(consents.c.id)
    )
    return [
        Consent(
            subscription_id=row.subscription_id,
            subscriber=subscriber,
            kind=row.kind,
            wording=Wording(row.version, row.text),
            at=row.at,
            message_id=row.message_id,
            topics=tuple(row.topics),
            district=row.district,
            setting=row.setting,
            frequency=row.frequency,
        )
        for row in connection.execute(events)
    ]


def wordings_consented_to(connection: Connection, subscription_id: str) -> tuple[str, dict[str, str]]:
    """Hashes: of the wording that holds now ("" before any event), and of each topic's last consent."""
    events = connection.execute(
        select(consents.c.kind, consents.c.wording_hash, consents.c.topics)
        .where(consents.c.subscription_id == subscription_id)
        .order_by(consents.c.id)
    )
    holding, by_topic = "", dict[str, str]()
    for kind, wording_hash, topics in events:
        holding = wording_hash
        if kind == "given":
            by_topic |= dict.fromkeys(topics, wording_hash)
    return holding, by_topic
