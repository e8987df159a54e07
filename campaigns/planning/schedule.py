"""When a campaign goes out: first time, recurrence, sending window and quiet hours.

Immutable; every moment is aware UTC, every clock time and day is Chongqing's (Asia/Shanghai, which has no
daylight saving). Knows nothing of runs: those ask what is due, and whether sending is open.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Literal, cast, get_args
from zoneinfo import ZoneInfo, available_timezones

from apscheduler.triggers.cron import CronTrigger

from campaigns.content import hash_of
from campaigns.errors import InvalidInput, shown
from campaigns.words import say

ZONE = "Asia/Shanghai"
LOCAL = ZoneInfo(ZONE)
QUIET = (time(21), time(8))
MISFIRE_LIMIT_MIN = 60
LONGEST_MISFIRE_MIN = 7 * 24 * 60
FASTEST = 10_000.0
RECURS = ("month", "day", "week", "day_of_week")
_FIELDS = {
    "first_at", "recurrence", "ends_on", "window", "quiet", "misfire_limit_min", "per_second", "over_quota",
    "zone",
}  # fmt: skip
_DAY = timedelta(days=1)
OverQuota = Literal["skip", "wait"]

Hours = tuple[time, time]
"""From the first until just before the second; past midnight where the second is not later."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """`first_at` None: as soon as somebody starts it. `recurrence`: days in cron's words (`RECURS`), each at
    the local time of `first_at`, from `first_at` until the end of the day `ends_on`. Sending is open inside
    `window` (None: all day) and outside `quiet` (None: never quiet). `per_second` None: as fast as the
    channels allow. `over_quota`: whoever has had as many messages of a day or month as the channel may send
    is skipped, or waits for the next day or month. Raises InvalidInput where the parts don't fit together.
    """

    first_at: datetime | None = None
    recurrence: Mapping[str, str] | None = None
    ends_on: date | None = None
    window: Hours | None = None
    quiet: Hours | None = QUIET
    misfire_limit_min: int = MISFIRE_LIMIT_MIN
    per_second: float | None = None
    over_quota: OverQuota = "skip"

    def __post_init__(self) -> None:
        if self.first_at is not None and self.first_at.tzinfo is None:
            raise InvalidInput(say("schedule_naive"))
        if self.recurrence is not None:
            if self.first_at is None:
                raise InvalidInput(say("schedule_recurs_without_start"))
            self._trigger()
        if self.ends_on is not None and self.first_at is not None and self.ends_on < local_day(self.first_at):
            raise InvalidInput(say("schedule_ends_before", day=self.ends_on))
        for hours, name in ((self.window, "window"), (self.quiet, "quiet")):
            if hours is not None and hours[0] == hours[1]:
                raise InvalidInput(say(f"schedule_{name}_empty", time=f"{hours[0]:%H:%M}"))
        if not 0 < self.misfire_limit_min <= LONGEST_MISFIRE_MIN:
            raise InvalidInput(
                say("schedule_misfire", value=self.misfire_limit_min, most=LONGEST_MISFIRE_MIN)
            )
        if self.per_second is not None and not 0 < self.per_second <= FASTEST:
            raise InvalidInput(say("schedule_rate", value=self.per_second, most=int(FASTEST)))
        if not any(_open_parts(self.window, self.quiet)):
            raise InvalidInput(say("schedule_never_open"))

    def next_due(self, after: datetime) -> datetime | None:
        """The first due time later than `after`; None where none is left or there is no fixed time."""
        if self.first_at is None:
            return None
        if self.recurrence is None:
            return self.first_at.astimezone(UTC) if self.first_at > after else None
        earliest = max(self.first_at, after + timedelta(microseconds=1)).astimezone(LOCAL)
        found = self._trigger().get_next_fire_time(None, earliest)
        if found is None or (self.ends_on is not None and local_day(found) > self.ends_on):
            return None
        due: datetime = found.astimezone(UTC)
        return due

    def dues(self, after: datetime, most: int) -> list[datetime]:
        """The next due times, at most so many: for calendars."""
        found: list[datetime] = []
        while len(found) < most and (due := self.next_due(found[-1] if found else after)) is not None:
            found.append(due)
        return found

    def open_at(self, moment: datetime) -> bool:
        """Whether messages may go out then."""
        clock = moment.astimezone(LOCAL).time()
        return any(start <= clock and (end == time(0) or clock < end) for start, end in self._open())

    def next_opening(self, moment: datetime) -> datetime:
        """The first moment from `moment` on at which messages may go out: `moment` itself if they may."""
        return next(self._spans(moment))[0]

    def closes_after(self, moment: datetime) -> datetime | None:
        """When sending, open at or after `moment`, is shut next; None if it never is."""
        end: datetime | None = None
        for start, until in self._spans(moment):
            if end is not None and start > end:
                return end
            end = until
            if end - moment > 2 * _DAY:
                return None
        return None

    def done_after(self, moment: datetime, sending_s: float) -> datetime:
        """When a run begun at `moment` that needs so many seconds of sending is through, breaks counted."""
        left = timedelta(seconds=sending_s)
        day = sum((_length(part) for part in self._open()), timedelta())
        whole = max(0, left // day - 1)
        moment, left = moment + whole * _DAY, left - whole * day
        for start, end in self._spans(moment):
            if left <= end - start:
                return start + left
            left -= end - start
        raise AssertionError("a schedule opens every day")

    def as_json(self) -> dict[str, Any]:
        """What was approved before there was a choice over quotas keeps its form, and so its hash."""
        plain = {
            "first_at": None if self.first_at is None else self.first_at.astimezone(UTC).isoformat(),
            "recurrence": None if self.recurrence is None else dict(sorted(self.recurrence.items())),
            "ends_on": None if self.ends_on is None else self.ends_on.isoformat(),
            "window": _hours_json(self.window),
            "quiet": _hours_json(self.quiet),
            "misfire_limit_min": self.misfire_limit_min,
            "per_second": self.per_second,
            "zone": ZONE,
        }
        return plain if self.over_quota == "skip" else plain | {"over_quota": self.over_quota}

    @property
    def hash(self) -> str:
        return hash_of(self.as_json())

    def _trigger(self) -> CronTrigger:
        assert self.first_at is not None
        assert self.recurrence is not None
        if unknown := sorted(set(self.recurrence) - set(RECURS)):
            raise InvalidInput(say("schedule_recurrence_field", field=unknown[0], known="、".join(RECURS)))
        at = self.first_at.astimezone(LOCAL)
        try:
            return CronTrigger(
                **({"day": "*"} | dict(self.recurrence)),
                hour=at.hour, minute=at.minute, second=at.second, timezone=LOCAL,
            )  # fmt: skip
        except (ValueError, TypeError) as error:
            given = "，".join(f"{name} {value}" for name, value in self.recurrence.items())
            raise InvalidInput(say("schedule_recurrence", given=given)) from error

    def _open(self) -> list[Hours]:
        return list(_open_parts(self.window, self.quiet))

    def _spans(self, moment: datetime) -> Iterator[tuple[datetime, datetime]]:
        """The open times from `moment` on, in order; one that runs past midnight comes in two that touch."""
        day = local_day(moment)
        while True:
            for start, end in self._open():
                begins = datetime.combine(day, start, LOCAL).astimezone(UTC)
                ends = datetime.combine(day + _DAY if end == time(0) else day, end, LOCAL).astimezone(UTC)
                if ends > moment:
                    yield max(begins, moment.astimezone(UTC)), ends
            day += _DAY


def local_day(moment: datetime) -> date:
    """The day that people in Chongqing have then."""
    return moment.astimezone(LOCAL).date()


def check_zone(name: object) -> str:
    """The one time zone there is. Raises InvalidInput in words for any other, daylight saving or not."""
    if name == ZONE:
        return ZONE
    if not isinstance(name, str) or name not in available_timezones():
        raise InvalidInput(say("zone_unknown", value=shown(name), zone=ZONE))
    zone = ZoneInfo(name)
    year = datetime(2026, 1, 1, tzinfo=UTC)
    offsets = {(year + timedelta(days=30 * month)).astimezone(zone).utcoffset() for month in range(12)}
    raise InvalidInput(say("zone_saving" if len(offsets) > 1 else "zone_other", value=name, zone=ZONE))


def schedule_from(raw: object) -> Schedule:
    """A schedule from its JSON form; what is left out has its default. Raises InvalidInput naming the
    field."""
    if not isinstance(raw, Mapping):
        raise InvalidInput(say("schedule_shape", value=shown(raw)))
    if unknown := sorted(set(map(str, raw)) - _FIELDS):
        raise InvalidInput(say("schedule_field", field=unknown[0], known="、".join(sorted(_FIELDS))))
    check_zone(raw.get("zone", ZONE))
    recurrence = raw.get("recurrence")
    if recurrence is not None and (
        not isinstance(recurrence, Mapping)
        or not recurrence
        or not all(
            isinstance(value, str | int) and not isinstance(value, bool) for value in recurrence.values()
        )
    ):
        raise InvalidInput(say("schedule_recurrence", given=shown(recurrence)))
    limit, rate = raw.get("misfire_limit_min", MISFIRE_LIMIT_MIN), raw.get("per_second")
    if type(limit) is not int:
        raise InvalidInput(say("schedule_misfire", value=shown(limit), most=LONGEST_MISFIRE_MIN))
    if rate is not None and (isinstance(rate, bool) or not isinstance(rate, int | float)):
        raise InvalidInput(say("schedule_rate", value=shown(rate), most=int(FASTEST)))
    if (over_quota := raw.get("over_quota", "skip")) not in get_args(OverQuota):
        raise InvalidInput(say("schedule_over_quota", value=shown(over_quota)))
    return Schedule(
        first_at=_moment(raw.get("first_at")),
        recurrence=None if recurrence is None else {str(k): str(v) for k, v in recurrence.items()},
        ends_on=_day(raw.get("ends_on")),
        window=_hours(raw.get("window"), "window"),
        quiet=_hours(raw["quiet"], "quiet") if "quiet" in raw else QUIET,
        misfire_limit_min=limit,
        per_second=None if rate is None else float(rate),
        over_quota=cast(OverQuota, over_quota),
    )


def _open_parts(window: Hours | None, quiet: Hours | None) -> Iterator[Hours]:
    """Within one day, in order; an end of 00:00 is midnight."""
    loud = (quiet[1], quiet[0]) if quiet else None
    for a_start, a_end in _within_a_day(window):
        for b_start, b_end in _within_a_day(loud):
            start, end = max(a_start, b_start), min(a_end, b_end)
            if start < end:
                yield _time(start), _time(end)


def _within_a_day(hours: Hours | None) -> list[tuple[int, int]]:
    """As seconds of the day, in order; hours past midnight become two parts."""
    if hours is None:
        return [(0, 86_400)]
    start, end = _seconds(hours[0]), _seconds(hours[1])
    if start < end:
        return [(start, end)]
    return [part for part in ((0, end), (start, 86_400)) if part[0] < part[1]]


def _seconds(clock: time) -> int:
    return clock.hour * 3600 + clock.minute * 60 + clock.second


def _time(seconds: int) -> time:
    return time(seconds // 3600 % 24, seconds // 60 % 60, seconds % 60)


def _length(part: Hours) -> timedelta:
    return timedelta(seconds=(_seconds(part[1]) or 86_400) - _seconds(part[0]))


def _moment(raw: object) -> datetime | None:
    if raw is None or isinstance(raw, datetime):
        return raw
    try:
        return datetime.fromisoformat(str(raw))
    except ValueError:
        raise InvalidInput(say("schedule_moment", value=shown(raw))) from None


def _day(raw: object) -> date | None:
    if raw is None or type(raw) is date:
        return raw
    try:
        return date.fromisoformat(str(raw))
    except ValueError:
        raise InvalidInput(say("schedule_day", value=shown(raw))) from None


def _hours(raw: object, name: str) -> Hours | None:
    if raw is None:
        return None
    try:
        if not isinstance(raw, list | tuple) or len(raw) != 2:
            raise ValueError
        start, end = (each if isinstance(each, time) else time.fromisoformat(str(each)) for each in raw)
        if start.tzinfo is not None or end.tzinfo is not None:
            raise ValueError
    except ValueError:
        raise InvalidInput(say(f"schedule_{name}", value=shown(raw))) from None
    return start.replace(microsecond=0), end.replace(microsecond=0)


def _hours_json(hours: Hours | None) -> list[str] | None:
    return (
        None
        if hours is None
        else [each.isoformat("minutes" if not each.second else "seconds") for each in hours]
    )
