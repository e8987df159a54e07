"""Rows of subscriptions and consents as the model's data."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, select

from campaigns.model import Consent, Subscriber, Subscription, Wording
from campaigns.store.tables import consent_wordings, consents, subscription_topics, subscriptions


def subscriptions_of(connection: Connection, subscriber: Subscriber, *, ended: bool) -> list[Subscription]:
    """The active subscription; with `ended` the ended ones before it, the oldest first."""
    wanted = select(subscriptions).where(
        subscriptions.c.person == subscriber.person, subscriptions.c.channel == subscriber.channel
    )
    if not ended:
        wanted = wanted.where(subscriptions.c.state == "active")
    rows = connection.execute(wanted.order_by(subscriptions.c.consented_at, subscriptions.c.id)).all()
    ordered = sorted(rows, key=lambda row: row.state == "active")
    return [subscription_from(connection, row) for row in ordered]


def subscription_from(connection: Connection, row: Row[Any]) -> Subscription:
    """The subscription of a row of `subscriptions`, with its topics in the order in which they were added."""
    return Subscription(
        id=row.id,
        subscriber=Subscriber(row.person, row.channel),
        district=row.district,
        topics=topics_of(connection, row),
        setting=row.setting,
        frequency=row.frequency,
        state=row.state,
        consented_at=row.consented_at,
        ended_at=row.ended_at,
        end_reason=row.end_reason,
    )


def topics_of(connection: Connection, row: Row[Any]) -> tuple[str, ...]:
    """The topics that run, or those that ended with the subscription."""
    ended = subscription_topics.c.ended_at
    found = connection.scalars(
        select(subscription_topics.c.topic)
        .where(subscription_topics.c.subscription_id == row.id)
        .where(ended.is_(None) if row.ended_at is None else ended == row.ended_at)
        .order_by(subscription_topics.c.id)
    )
    return tuple(found)


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
    """The hash of the wording that holds now ("" before the first event), and that of each topic's last consent."""
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
