"""Whom a channel's quota will hit, before anything is sent: counted by person from what each has had in the
period, what is on its way, and what is planned before.

Reads the store; changes nothing. Audiences are those of now: who subscribes or unsubscribes until then, or
has had another message too short a time ago by then, is not foreseen.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Integer, case, func, literal, select
from sqlalchemy.sql import FromClause

from campaigns.audiences import REACHED
from campaigns.delivery.quotas import next_period, period_start, put_off_to
from campaigns.delivery.senders import Quota
from campaigns.planning.model import Campaign
from campaigns.planning.people import persons_of
from campaigns.store.delivery_tables import deliveries, runs
from campaigns.store.tables import UtcDateTime

_MOST_DUES = 31
_ROW = deliveries.c


@dataclass(frozen=True, slots=True)
class Over:
    """`people` would be over the quota in the period from `since` on. `next_opens`: when sending is open
    first in the next period; `waits_until`: when they get the message then, None where they never do."""

    since: datetime
    people: int
    next_opens: datetime
    waits_until: datetime | None


def over_quota(
    connection: Connection,
    campaign: Campaign,
    others: Sequence[Campaign],
    channel: str,
    quota: Quota,
    now: datetime,
) -> Over | None:
    """The first period in which somebody would be over it; None for none. `others`: campaigns that will go
    out, each counted where it comes before this one."""
    mine: defaultdict[datetime, list[datetime]] = defaultdict(list)
    for due in dues_of(campaign, now):
        mine[_period_of(campaign, due, quota)].append(due)
    rivals = [
        (_period_of(other, due, quota), due, other)
        for other in others
        if not other.audience.channels or channel in other.audience.channels
        for due in dues_of(other, now)
    ]
    present = period_start(now, quota.period)
    for since, dues in sorted(mine.items()):
        before = [other for period, due, other in rivals if period == since and due <= dues[-1]]
        if since > present and len(before) + len(dues) <= quota.count:
            continue  # nobody has had anything in a period that is still to come
        people = _people(connection, campaign, before, len(dues), channel, quota, since, now)
        if people:
            return Over(
                since,
                people,
                campaign.schedule.next_opening(next_period(since, quota.period)),
                put_off_to(campaign.schedule, dues[-1], quota),
            )
    return None


def dues_of(campaign: Campaign, now: datetime) -> list[datetime]:
    """When it goes out next, as far as that is reckoned ahead; now where somebody starts it by hand and has
    not yet."""
    if campaign.schedule.first_at is None:
        begun = campaign.state in ("running", "paused") and campaign.next_due_at is None
        return [] if begun else [campaign.next_due_at or now]
    return campaign.schedule.dues(now, _MOST_DUES)


def _period_of(campaign: Campaign, due: datetime, quota: Quota) -> datetime:
    """The period in which a run due then begins to go out."""
    return period_start(campaign.schedule.next_opening(due), quota.period)


def _people(
    connection: Connection,
    campaign: Campaign,
    before: Sequence[Campaign],
    times: int,
    channel: str,
    quota: Quota,
    since: datetime,
    now: datetime,
) -> int:
    """How many of the campaign's people would be over the quota with the last of `times` messages."""
    whom = persons_of(campaign, channel, now).subquery()
    until = next_period(since, quota.period)
    counts: list[ColumnElement[int]] = [
        _had(whom, channel, since, until),
        _on_its_way(whom, channel, since, until, now),
        *(
            case((whom.c.person.in_(persons_of(other, channel, now)), 1), else_=0)
            for other in before
        ),
    ]  # fmt: skip
    total: ColumnElement[int] = literal(times, Integer)
    for count in counts:
        total = total + count
    return connection.scalar(select(func.count()).select_from(whom).where(total > quota.count)) or 0


def _had(whom: FromClause, channel: str, since: datetime, until: datetime) -> ColumnElement[int]:
    return (
        select(func.count())
        .where(
            _ROW.person == whom.c.person,
            _ROW.channel == channel,
            _ROW.state.in_(REACHED),
            _ROW.settled_at >= since,
            _ROW.settled_at < until,
        )
        .correlate(whom)
        .scalar_subquery()
    )


def _on_its_way(
    whom: FromClause, channel: str, since: datetime, until: datetime, now: datetime
) -> ColumnElement[int]:
    """Rows of runs that are not over, which go out in that period."""
    going = select(runs.c.id).where(runs.c.state.in_(("writing", "running", "paused")))
    goes_at = func.coalesce(_ROW.not_before, literal(now, UtcDateTime))
    return (
        select(func.count())
        .where(
            _ROW.run_id.in_(going),
            _ROW.person == whom.c.person,
            _ROW.channel == channel,
            _ROW.settled_at.is_(None),
            goes_at >= since,
            goes_at < until,
        )
        .correlate(whom)
        .scalar_subquery()
    )
