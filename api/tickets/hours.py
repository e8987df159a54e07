"""When staff answer: a line such as `mon-fri 09:00-17:30`, and the moment by which an answer is due.

Owns the grammar and the reckoning of working days, in Chongqing's time. It must not know of tickets or
settings.

    hours = part *( ";" part )          a later part overrules the earlier ones on its days
    part  = days ( "closed" / 1*span )  mon-fri 09:00-12:00 14:00-17:30
    days  = day *( "," day )            sat   mon-fri   2026-10-10   2026-10-01..2026-10-08
    span  = HH:MM-HH:MM
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

from api.clock import LOCAL

Span = tuple[time, time]
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_SPAN = re.compile(r"(\d{1,2}:\d{2})-(\d{1,2}:\d{2})")


class HoursError(ValueError):
    """The line cannot be read; the message quotes the part that is wrong and shows how one looks."""


@dataclass(frozen=True, slots=True)
class _Part:
    covers: Callable[[date], bool]
    weekly: bool
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class StaffHours:
    """`text` is the line as it was given."""

    text: str
    _parts: tuple[_Part, ...] = field(repr=False)

    @classmethod
    def parse(cls, text: str) -> StaffHours:
        """Raises `HoursError`, also where no weekday is ever open: then nothing would ever be due."""
        parts = tuple(part for piece in text.split(";") if piece.strip() for part in _read_part(piece))
        monday = date(2024, 1, 1)
        week = [monday + timedelta(days=n) for n in range(7)]
        if not any(_last(parts, day, weekly_only=True) for day in week):
            raise HoursError("no weekday has hours: give one such as mon-fri 09:00-17:30")
        return cls(text, parts)

    def spans(self, day: date) -> tuple[Span, ...]:
        """The hours of `day`, in order; none on a day off."""
        return _last(self._parts, day)

    def due(self, asked_at: datetime, working_days: int) -> datetime:
        """The latest moment, aware UTC, at which something asked at `asked_at` is answered.

        Asked within the hours: the same time of day, `working_days` working days later. Asked outside: the
        end of the hours of the last of the `working_days` days that follow.
        """
        local = asked_at.astimezone(LOCAL)
        day, at = local.date(), local.time()
        spans = self.spans(day)
        if spans and spans[0][0] <= at < spans[-1][1]:
            due_day = self._nth_open(day + timedelta(days=1), working_days)
            due_time = _within(at, self.spans(due_day))
        else:
            early = bool(spans) and at < spans[0][0]
            due_day = self._nth_open(day if early else day + timedelta(days=1), working_days)
            due_time = self.spans(due_day)[-1][1]
        return datetime.combine(due_day, due_time, LOCAL).astimezone(UTC)

    def _nth_open(self, first: date, number: int) -> date:
        """The `number`th day with hours, `first` counted. Days off are finite, so that there is one."""
        day, left = first, number
        while True:
            left -= bool(self.spans(day))
            if left == 0:
                return day
            day += timedelta(days=1)


def _last(parts: tuple[_Part, ...], day: date, weekly_only: bool = False) -> tuple[Span, ...]:
    for part in reversed(parts):
        if part.covers(day) and (part.weekly or not weekly_only):
            return part.spans
    return ()


def _within(at: time, spans: tuple[Span, ...]) -> time:
    """`at`, or the nearest moment after it that lies in `spans`; their end where there is none."""
    for start, end in spans:
        if at <= end:
            return max(at, start)
    return spans[-1][1]


def _read_part(piece: str) -> Iterator[_Part]:
    days, *rest = piece.split()
    if not rest:
        raise HoursError(f"'{piece.strip()}' has no hours: write it like mon-fri 09:00-17:30, or with closed")
    spans = () if rest == ["closed"] else tuple(_read_span(word) for word in rest)
    if any(earlier[1] > later[0] for earlier, later in pairwise(spans)):
        raise HoursError(f"the hours in '{piece.strip()}' overlap or are out of order")
    for name in days.lower().split(","):
        covers, weekly = _read_days(name)
        yield _Part(covers, weekly, spans)


def _read_span(word: str) -> Span:
    found = _SPAN.fullmatch(word)
    try:
        if found is None:
            raise ValueError
        start, end = (time.fromisoformat(clock.zfill(5)) for clock in found.groups())
    except ValueError:
        raise HoursError(f"'{word}' is no span of time: write it like 09:00-17:30") from None
    if start >= end:
        raise HoursError(f"'{word}' ends before it begins")
    return start, end


def _read_days(name: str) -> tuple[Callable[[date], bool], bool]:
    """What tells whether a day is meant by `name`, and whether `name` is a weekday."""
    first, _, last = name.partition("-")
    if first in _WEEKDAYS and (not last or last in _WEEKDAYS):
        start, end = _WEEKDAYS.index(first), _WEEKDAYS.index(last or first)
        numbers = {(start + n) % 7 for n in range((end - start) % 7 + 1)}
        return (lambda day: day.weekday() in numbers), True
    begin, _, end_day = name.partition("..")
    try:
        from_day = date.fromisoformat(begin)
        to_day = date.fromisoformat(end_day) if end_day else from_day
    except ValueError:
        raise HoursError(
            f"'{name}' names no days: write mon, mon-fri, 2026-10-01 or 2026-10-01..2026-10-08"
        ) from None
    if from_day > to_day:
        raise HoursError(f"'{name}' ends before it begins")
    return (lambda day: from_day <= day <= to_day), False
