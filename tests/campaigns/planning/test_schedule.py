from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from campaigns.errors import InvalidInput
from campaigns.planning.schedule import LOCAL, Schedule, check_zone, schedule_from


def at(day: int, clock: str, month: int = 11) -> datetime:
    hour, minute = map(int, clock.split(":"))
    return datetime(2026, month, day, hour, minute, tzinfo=LOCAL)


def test_a_one_off_is_due_once() -> None:
    schedule = Schedule(first_at=at(25, "09:30"))
    assert schedule.next_due(at(20, "12:00")) == at(25, "09:30")
    assert schedule.next_due(at(25, "09:30")) is None


def test_without_a_first_time_nothing_is_due_by_itself() -> None:
    assert Schedule().next_due(at(20, "12:00")) is None


def test_a_recurrence_keeps_the_clock_of_its_first_time_and_ends_with_its_last_day() -> None:
    schedule = Schedule(
        first_at=at(24, "09:30"), recurrence={"day_of_week": "mon,thu"}, ends_on=date(2026, 12, 3)
    )
    assert schedule.dues(at(20, "12:00"), 9) == [
        at(26, "09:30"),
        at(30, "09:30"),
        at(3, "09:30", month=12),
    ]


def test_a_recurrence_by_the_day_of_the_month_skips_months_without_it() -> None:
    schedule = Schedule(first_at=at(30, "10:00"), recurrence={"day": "31"})
    assert schedule.dues(at(20, "12:00"), 2) == [
        datetime(2026, 12, 31, 10, tzinfo=LOCAL),
        datetime(2027, 1, 31, 10, tzinfo=LOCAL),
    ]


@pytest.mark.parametrize(
    ("clock", "is_open"),
    [
        ("07:59", False),
        ("08:00", True),
        ("20:59", True),
        ("21:00", False),
        ("23:59", False),
        ("00:00", False),
    ],
)
def test_quiet_hours_are_from_nine_to_eight_by_default(clock: str, is_open: bool) -> None:
    assert Schedule().open_at(at(25, clock)) is is_open


def test_what_is_left_at_night_waits_for_the_morning() -> None:
    schedule = Schedule()
    assert schedule.next_opening(at(25, "22:00")) == at(26, "08:00")
    assert schedule.next_opening(at(26, "03:00")) == at(26, "08:00")
    assert schedule.next_opening(at(26, "12:00")) == at(26, "12:00")
    assert schedule.closes_after(at(26, "12:00")) == at(26, "21:00")
    assert schedule.closes_after(at(25, "22:00")) == at(26, "21:00")


def test_a_window_and_quiet_hours_hold_together() -> None:
    schedule = Schedule(window=(time(18), time(23)))
    assert schedule.next_opening(at(25, "09:00")) == at(25, "18:00")
    assert schedule.closes_after(at(25, "18:30")) == at(25, "21:00")


def test_a_window_past_midnight_is_one_window() -> None:
    schedule = Schedule(window=(time(22), time(2)), quiet=None)
    assert schedule.open_at(at(25, "23:30"))
    assert schedule.open_at(at(26, "01:59"))
    assert not schedule.open_at(at(26, "02:00"))
    assert schedule.closes_after(at(25, "23:30")) == at(26, "02:00")


def test_without_quiet_hours_sending_never_closes() -> None:
    assert Schedule(quiet=None).closes_after(at(25, "23:30")) is None
    assert Schedule(quiet=None).open_at(at(25, "23:59"))


@pytest.mark.parametrize(
    ("hours", "ends"),
    [
        (1.0, at(25, "21:00")),
        (2.0, at(26, "09:00")),
        (1 + 13 * 3 + 2, at(29, "10:00")),
        (1 + 13 * 4, at(29, "21:00")),
    ],
)
def test_a_long_run_is_through_when_its_open_hours_add_up(hours: float, ends: datetime) -> None:
    assert Schedule().done_after(at(25, "20:00"), hours * 3600) == ends


def test_a_run_that_takes_years_is_reckoned_without_walking_through_them() -> None:
    assert Schedule().done_after(at(25, "08:00"), 13 * 3600 * 100_000) == at(24, "21:00") + timedelta(
        days=100_000
    )


def test_json_gives_the_same_schedule_again() -> None:
    schedule = Schedule(
        first_at=at(24, "09:30"), recurrence={"day_of_week": "mon"}, ends_on=date(2026, 12, 31),
        window=(time(9), time(18, 30)), quiet=(time(20), time(9)), misfire_limit_min=30, per_second=5.5,
    )  # fmt: skip
    assert schedule_from(schedule.as_json()) == schedule
    assert schedule_from(schedule.as_json()).hash == schedule.hash
    assert schedule.as_json() == {
        "first_at": "2026-11-24T01:30:00+00:00", "recurrence": {"day_of_week": "mon"}, "ends_on": "2026-12-31",
        "window": ["09:00", "18:30"], "quiet": ["20:00", "09:00"], "misfire_limit_min": 30, "per_second": 5.5,
        "zone": "Asia/Shanghai",
    }  # fmt: skip


def test_waiting_for_a_quota_is_part_of_the_hash_and_skipping_is_not() -> None:
    waits = schedule_from({"over_quota": "wait"})
    assert waits == Schedule(over_quota="wait")
    assert schedule_from(waits.as_json()) == waits
    assert waits.hash != Schedule().hash
    assert schedule_from({"over_quota": "skip"}).as_json() == Schedule().as_json()


def test_the_same_moment_written_otherwise_has_the_same_hash() -> None:
    there = schedule_from({"first_at": "2026-11-25T09:30+08:00"})
    assert there.hash == schedule_from({"first_at": "2026-11-25T01:30:00Z"}).hash


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ({"first_at": "2026-11-25T09:30"}, "开始时间没有时区"),
        ({"first_at": "明天"}, "看不懂"),
        ({"recurrence": {"day_of_week": "mon"}}, "先定下第一次的时间"),
        ({"first_at": "2026-11-25T09:30Z", "recurrence": {"day_of_week": "someday"}}, "day_of_week someday"),
        ({"first_at": "2026-11-25T09:30Z", "recurrence": {"second": "*"}}, "不认识的项“second”"),
        ({"first_at": "2026-11-25T09:30Z", "recurrence": {}}, "重复规则"),
        ({"first_at": "2026-11-25T09:30Z", "ends_on": "2026-11-24"}, "在第一次发送之前"),
        ({"window": ["09:00"]}, "请写成两个钟点"),
        ({"window": ["09:00", "09:00"]}, "一分钟也发不了"),
        ({"window": ["22:00", "23:00"]}, "永远发不出去"),
        ({"quiet": ["25:00", "08:00"]}, "免打扰时段"),
        ({"misfire_limit_min": 0}, "填的是0"),
        ({"misfire_limit_min": True}, "填1到10080的整数"),
        ({"per_second": -1}, "填的是-1"),
        ({"per_second": float("nan")}, "填的是nan"),
        ({"over_quota": "later"}, "请填 skip（跳过不发）或 wait"),
        ({"over_quota": ["wait"]}, "额度用完的人怎么办"),
        ({"colour": "red"}, "不认识的项“colour”"),
        ({"zone": "America/New_York"}, "有夏令时"),
        ({"zone": "Asia/Tokyo"}, "不能用"),
        ({"zone": "Chongqing"}, "不认识"),
        ([], "请填写"),
    ],
)
def test_a_schedule_that_cannot_be_is_refused_in_words(raw: Any, said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        schedule_from(raw)


def test_the_one_zone_passes() -> None:
    assert check_zone("Asia/Shanghai") == "Asia/Shanghai"
    assert at(25, "09:30").astimezone(UTC).hour == 1
