"""Who gets a run's message on WeChat, as SELECTs: who waits for the same text, who can be written to."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, exists, func, select

from api.channels.tables import channel_addresses
from api.channels.wechat import CHANNEL
from api.channels.wechat.account import Abilities, capabilities_of
from api.channels.wechat.windows import in_window
from campaigns.audiences import REACHED
from campaigns.content import message_from
from campaigns.delivery.quotas import period_start
from campaigns.errors import InvalidInput
from campaigns.rendering import names_for, render
from campaigns.store.delivery_tables import deliveries, runs
from campaigns.store.tables import subscription_topics, subscriptions

_D, _S, _A = deliveries.c, subscriptions.c, channel_addresses.c
_TWO_DISTRICTS = ("渝中区", "江北区")


def also_waiting(
    connection: Connection, run_id: str, delivery_id: int, abilities: Abilities, now: datetime
) -> Select[Any]:
    """People of the run who wait for the text of this delivery, may have it and can't be written to now.

    The conditions are those of the outbox when it marks a row: consent that runs, and the quota.
    """
    row = connection.execute(select(runs.c.content, runs.c.audience).where(runs.c.id == run_id)).one_or_none()
    topics = tuple((row.audience or {}).get("topics") or ()) if row is not None else ()
    conditions: list[ColumnElement[bool]] = [
        _D.run_id == run_id,
        _D.channel == CHANNEL,
        _D.state.in_(("queued", "leased", "sending")),
        consents(topics),
        ~exists().where(_A.channel == CHANNEL, _A.person == _D.person, in_window(now)).correlate(deliveries),
    ]
    if row is not None and varies(row.content, abilities):
        district = connection.scalar(select(_D.district).where(_D.id == delivery_id))
        conditions.append(_D.district.is_(None) if district is None else _D.district == district)
    if abilities.quota is not None:
        other = deliveries.alias("other")
        had = (
            select(func.count())
            .where(
                other.c.person == _D.person,
                other.c.channel == CHANNEL,
                other.c.state.in_(REACHED),
                other.c.settled_at >= period_start(now, abilities.quota.period),
            )
            .correlate(deliveries)
            .scalar_subquery()
        )
        conditions.append(had < abilities.quota.count)
    return select(_D.person).where(*conditions)


def varies(content: object, abilities: Abilities) -> bool:
    """Whether the text is another one in another district: each such text is a mass send of its own."""
    try:
        message, able = message_from(content), capabilities_of(abilities)
        texts = {render(message, CHANNEL, able, names_for(name)).text for name in _TWO_DISTRICTS}
    except InvalidInput:
        return False
    return len(texts) > 1


def consents(topics: tuple[str, ...]) -> ColumnElement[bool]:
    """Of a delivery: its person's subscription goes on, with one of the topics if any are given."""
    conditions: list[ColumnElement[bool]] = [
        _S.person == _D.person, _S.channel == CHANNEL, _S.state == "active",
    ]  # fmt: skip
    if topics:
        topic = subscription_topics.c
        conditions.append(
            exists().where(topic.subscription_id == _S.id, topic.topic.in_(topics), topic.ended_at.is_(None))
        )
    return exists().where(and_(*conditions)).correlate(deliveries)


def count_direct(connection: Connection, people: Select[Any], at: datetime) -> tuple[int, int]:
    """How many of `people` (a SELECT of `person`) can be written to at that time, and how many have an
    address at all."""
    wanted = people.subquery()
    known = (
        select(func.count())
        .select_from(wanted)
        .join(channel_addresses, and_(_A.channel == CHANNEL, _A.person == wanted.c.person))
    )
    return (
        connection.scalar(known.where(in_window(at))) or 0,
        connection.scalar(known) or 0,
    )
