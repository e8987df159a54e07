"""Rows of campaigns and their history as the model's data, and the guarded change of one.

Each function runs inside the caller's transaction. A change names the state and the revision it starts from:
no row changed means that somebody else was first.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, insert, select, update

from campaigns.audience import audience_from
from campaigns.content import message_from
from campaigns.errors import ChangedMeanwhile, UnknownCampaign
from campaigns.offer import Offer, load_offer
from campaigns.planning.model import Campaign, Event
from campaigns.planning.schedule import schedule_from
from campaigns.store.campaign_tables import campaign_history, campaigns
from campaigns.words import say

_MOMENTS = ("tested_at", "approved_at", "next_due_at", "created_at", "updated_at")


def campaign_from(row: Mapping[str, Any], offer: Offer | None = None) -> Campaign:
    """A campaign from a row, or from the JSON form that `Campaign.as_json` gives."""
    values = {name: row[name] for name in Campaign.__dataclass_fields__ if name != "message"}
    for name in _MOMENTS:
        if isinstance(values[name], str):
            values[name] = datetime.fromisoformat(values[name])
    values["message"] = message_from(row["content"])
    values["audience"] = audience_from(row["audience"], offer or load_offer())
    values["schedule"] = schedule_from(row["schedule"])
    return Campaign(**values)


def read(
    connection: Connection, campaign_id: str, offer: Offer | None = None, *, lock: bool = False
) -> Campaign:
    """Raises UnknownCampaign. `lock`: nobody else changes it until this transaction ends."""
    wanted: Select[Any] = select(campaigns).where(campaigns.c.id == campaign_id)
    row = connection.execute(wanted.with_for_update() if lock else wanted).mappings().one_or_none()
    if row is None:
        raise UnknownCampaign(say("campaign_unknown", id=str(campaign_id)[:40]))
    return campaign_from(dict(row), offer)


def change(connection: Connection, campaign: Campaign, **values: Any) -> None:
    """Raises ChangedMeanwhile where it is no longer as `campaign` says."""
    done = connection.execute(
        update(campaigns)
        .where(
            campaigns.c.id == campaign.id,
            campaigns.c.state == campaign.state,
            campaigns.c.revision == campaign.revision,
        )
        .values(revision=campaign.revision + 1, **values)
    )
    if done.rowcount != 1:
        raise ChangedMeanwhile(say("campaign_changed", title=campaign.title))


def note_down(
    connection: Connection,
    campaign_id: str,
    *,
    at: datetime,
    by: str,
    what: str,
    state: str,
    hash: str,
    edited: bool = False,
    note: str | None = None,
) -> None:
    """Add one line to the history."""
    connection.execute(
        insert(campaign_history).values(
            campaign_id=campaign_id, at=at, by=by, what=what, state=state, edited=edited, note=note, hash=hash
        )
    )


def history(connection: Connection, campaign_id: str) -> list[Event]:
    """The oldest first."""
    rows = campaign_history.c
    wanted = select(campaign_history).where(rows.campaign_id == campaign_id).order_by(rows.id)
    return [
        Event(row.at, row.by, row.what, row.state, row.edited, row.note, row.hash)
        for row in connection.execute(wanted)
    ]


def writers(connection: Connection, campaign_id: str) -> set[str]:
    """Who wrote or edited it since it was last approved, or ever if it never was."""
    events = history(connection, campaign_id)
    last = max((at for at, event in enumerate(events) if event.what == "approved"), default=-1)
    found = {event.by for event in events[last + 1 :] if event.edited}
    return found or {event.by for event in events if event.edited}
