"""How many subscriptions there are, straight from an index; never who."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, select

from campaigns.model import UNSET, Unset
from campaigns.store.tables import subscription_topics, subscriptions


def count(
    connection: Connection,
    *,
    topic: str | None = None,
    channel: str | None = None,
    setting: str | None = None,
    district: str | Unset | None = UNSET,
) -> int:
    conditions = list(_conditions(channel, setting))
    if district is not UNSET:
        conditions.append(subscriptions.c.district == district)  # None becomes IS NULL
    return connection.scalar(_of(topic, select(func.count()).select_from(subscriptions), conditions)) or 0


def count_by_district(
    connection: Connection,
    *,
    topic: str | None = None,
    channel: str | None = None,
    setting: str | None = None,
) -> dict[str | None, int]:
    each = select(subscriptions.c.district, func.count().label("number")).group_by(subscriptions.c.district)
    rows = connection.execute(_of(topic, each, _conditions(channel, setting))).all()
    return {row.district: row.number for row in sorted(rows, key=lambda row: row.district or "")}


def _conditions(channel: str | None, setting: str | None) -> Iterable[ColumnElement[bool]]:
    yield subscriptions.c.state == "active"
    if channel is not None:
        yield subscriptions.c.channel == channel
    if setting is not None:
        yield subscriptions.c.setting == setting


def _of(topic: str | None, statement: Select[Any], conditions: Iterable[ColumnElement[bool]]) -> Select[Any]:
    if topic is not None:
        statement = statement.join(
            subscription_topics, subscription_topics.c.subscription_id == subscriptions.c.id
        ).where(subscription_topics.c.topic == topic, subscription_topics.c.ended_at.is_(None))
    return statement.where(*conditions)
