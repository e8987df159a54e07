"""Every table that the code declares: what the migrations have to make, on both databases alike."""

from __future__ import annotations

from sqlalchemy import MetaData

from api.accounts import tables as accounts
from api.channels import tables as channels
from api.channels.wechat import tables as wechat
from api.insights import tables as insights
from api.publishing import tables as publishing
from api.store.tables import metadata as app
from api.web_channel import tables as web_channel
from campaigns.store import campaign_tables, delivery_tables
from campaigns.store.tables import metadata as campaigns
from knowledge.conflicts import setting_aside
from knowledge.store import draft_tables, publishing_tables, version_tables
from knowledge.store.tables import metadata as knowledge

DECLARING = (
    accounts,
    campaign_tables,
    channels,
    delivery_tables,
    insights,
    publishing,
    setting_aside,
    draft_tables,
    publishing_tables,
    version_tables,
    web_channel,
    wechat,
)
"""Modules whose tables are known to a MetaData only once they are imported."""


def every_metadata() -> list[MetaData]:
    return [knowledge, app, campaigns]
