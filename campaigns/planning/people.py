"""Whom a campaign would go to now: its audience, or for a correction those whom the corrected run reached."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, func, select

from campaigns import audiences
from campaigns.planning.model import Campaign
from campaigns.store.delivery_tables import deliveries
from campaigns.store.tables import subscriptions


def people_of(connection: Connection, campaign: Campaign, now: datetime) -> dict[str, int]:
    """How many a channel it would go to now; a correction goes to those whom the run it corrects reached."""
    if campaign.corrects is None:
        return audiences.by_channel(connection, campaign.audience, now)
    columns = deliveries.c
    reached = columns.run_id == campaign.corrects, columns.state.in_(audiences.REACHED)
    wanted = select(columns.channel, func.count()).where(*reached).group_by(columns.channel)
    return {row[0]: row[1] for row in connection.execute(wanted)}


def persons_of(campaign: Campaign, channel: str, now: datetime) -> Select[Any]:
    """A SELECT of `person`: whom it would go to on the channel."""
    if campaign.corrects is None:
        wanted = audiences.recipients_of(campaign.audience, now)
        return wanted.with_only_columns(subscriptions.c.person).where(subscriptions.c.channel == channel)
    columns = deliveries.c
    return select(columns.person).where(
        columns.run_id == campaign.corrects,
        columns.channel == channel,
        columns.state.in_(audiences.REACHED),
    )
