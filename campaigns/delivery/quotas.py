"""The periods of a channel's quota, which are days and months of Chongqing, and how long a message that is
over the quota may wait for the next one. Knows nothing of rows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from campaigns.delivery.senders import Period, Quota
from campaigns.planning.schedule import LOCAL, Schedule, local_day


def period_start(now: datetime, period: Period) -> datetime:
    """When the present day or month began."""
    midnight = now.astimezone(LOCAL).replace(hour=0, minute=0, second=0, microsecond=0)
    return (midnight if period == "day" else midnight.replace(day=1)).astimezone(UTC)


def next_period(now: datetime, period: Period) -> datetime:
    """When the next day or month begins: some days past the start of the present one, never further."""
    past_its_end = timedelta(days=1) if period == "day" else timedelta(days=31)
    return period_start(period_start(now, period) + past_its_end, period)


def put_off_to(schedule: Schedule, due_at: datetime, quota: Quota) -> datetime | None:
    """When people whose quota is used up get the message of a run after all: in the period after the one in
    which the run begins, if the schedule says so and is not over by then. None for never."""
    if schedule.over_quota != "wait":
        return None
    until = next_period(schedule.next_opening(due_at), quota.period)
    over = schedule.ends_on is not None and local_day(until) > schedule.ends_on
    return None if over else until


def waits_until(schedule: Schedule, due_at: datetime, quota: Quota, now: datetime) -> datetime | None:
    """`put_off_to` for somebody whose quota is used up `now`. None too in the period that was waited for: a
    message is never put off twice, for what it says would be stale."""
    until = put_off_to(schedule, due_at, quota)
    return until if until is not None and now < until else None
