from __future__ import annotations

from datetime import UTC, date, datetime, time

import pytest

from api.clock import LOCAL
from api.tickets.hours import HoursError, StaffHours

WEEK = "mon-fri 09:00-17:30"
WITH_A_BREAK = "mon-fri 09:00-12:00 14:00-17:30"
NATIONAL_DAY = f"{WEEK}; 2026-10-01..2026-10-08 closed; 2026-10-10 09:00-12:00"


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LOCAL)


@pytest.mark.parametrize(
    ("hours", "asked", "days", "due"),
    [
        (WEEK, "2026-11-18 10:20", 1, "2026-11-19 10:20"),
        (WEEK, "2026-11-20 16:00", 1, "2026-11-23 16:00"),
        (WEEK, "2026-11-20 17:30", 1, "2026-11-23 17:30"),
        (WEEK, "2026-11-21 12:00", 1, "2026-11-23 17:30"),
        (WEEK, "2026-11-22 23:59", 1, "2026-11-23 17:30"),
        (WEEK, "2026-11-23 08:59", 1, "2026-11-23 17:30"),
        (WEEK, "2026-11-23 09:00", 1, "2026-11-24 09:00"),
        (WEEK, "2026-11-20 16:00", 3, "2026-11-25 16:00"),
        (WEEK, "2026-11-21 12:00", 2, "2026-11-24 17:30"),
        (WITH_A_BREAK, "2026-11-18 13:00", 1, "2026-11-19 14:00"),
        (NATIONAL_DAY, "2026-09-30 10:00", 1, "2026-10-09 10:00"),
        (NATIONAL_DAY, "2026-10-03 10:00", 1, "2026-10-09 17:30"),
        (NATIONAL_DAY, "2026-10-09 11:00", 1, "2026-10-10 11:00"),
        (NATIONAL_DAY, "2026-10-09 16:00", 1, "2026-10-10 12:00"),
        (NATIONAL_DAY, "2026-10-09 18:00", 1, "2026-10-10 12:00"),
        ("sat,sun 10:00-16:00", "2026-11-18 10:20", 1, "2026-11-21 16:00"),
        ("fri-mon 10:00-16:00", "2026-11-20 11:00", 2, "2026-11-22 11:00"),
    ],
)
def test_an_answer_is_due_after_working_days(hours: str, asked: str, days: int, due: str) -> None:
    found = StaffHours.parse(hours).due(local(asked), days)
    assert found == local(due)
    assert found.tzinfo is UTC


def test_a_later_part_overrules_an_earlier_one() -> None:
    hours = StaffHours.parse(NATIONAL_DAY)
    assert hours.spans(date(2026, 10, 10)) == ((time(9), time(12)),)
    assert hours.spans(date(2026, 10, 5)) == ()
    assert hours.spans(date(2026, 10, 9)) == ((time(9), time(17, 30)),)
    assert hours.spans(date(2026, 10, 11)) == ()


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("", "no weekday has hours"),
        ("mon-fri closed", "no weekday has hours"),
        (f"{WEEK}; mon-fri closed", "no weekday has hours"),
        ("2026-10-10 09:00-12:00", "no weekday has hours"),
        ("mon-fri", "'mon-fri' has no hours"),
        ("mon-fry 09:00-12:00", "'mon-fry' names no days"),
        ("mon-fri 9-12", "'9-12' is no span of time"),
        ("mon-fri 09:00-25:00", "'09:00-25:00' is no span of time"),
        ("mon-fri 12:00-09:00", "'12:00-09:00' ends before it begins"),
        ("mon-fri 09:00-12:00 11:00-13:00", "overlap or are out of order"),
        (f"{WEEK}; 2026-10-08..2026-10-01 closed", "'2026-10-08..2026-10-01' ends before it begins"),
        (f"{WEEK}; 2026-02-30 closed", "'2026-02-30' names no days"),
    ],
)
def test_a_line_that_cannot_be_read_says_which_part_is_wrong(line: str, message: str) -> None:
    with pytest.raises(HoursError, match=message):
        StaffHours.parse(line)
