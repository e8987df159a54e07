from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from campaigns.errors import InvalidInput, UnknownCampaign
from campaigns.journal import NoJournal
from campaigns.planning.schedule import LOCAL
from campaigns.planning.week import Weeks
from tests.campaigns.planning.world import PLAIN, TOPIC, World, key

SOURCE = "渝发改〔2026〕88号通知"
DAYS = ["节粮", "节水", "节电", "绿色出行", "绿色购物", "旧物回收", "绿色居家"]


@pytest.fixture
def weeks(world: World) -> Weeks:
    return Weeks(
        world.engine, world.campaigns, now=world.clock, journal=NoJournal(), capabilities=world.capabilities
    )


def start_of(campaign: object) -> datetime:
    moment = campaign.schedule.first_at  # type: ignore[attr-defined]
    assert moment is not None
    return moment.astimezone(LOCAL).replace(tzinfo=None)


def test_a_week_is_laid_out_as_seven_days_and_a_digest(weeks: Weeks) -> None:
    week = weeks.create(starts_on="2026-11-23", source=SOURCE, by="lan", key=key())
    assert (week.title, week.starts_on, week.ends_on, week.source) == (
        "绿色消费活动周", date(2026, 11, 23), date(2026, 11, 29), SOURCE,
    )  # fmt: skip
    drafts = weeks.messages(week.id)
    assert {each.state for each in drafts} == {"draft"}
    daily = [each for each in drafts if each.audience.frequency == "daily"]
    assert [each.title for each in daily] == [f"绿色消费活动周 · {name}" for name in DAYS]
    assert [start_of(each) for each in daily] == [datetime(2026, 11, day, 9, 30) for day in range(23, 30)]
    assert daily[0].audience.topics == (TOPIC, "反食品浪费")
    (digest,) = [each for each in drafts if each.audience.frequency == "digest"]
    assert (digest.title, digest.audience.exclude_recent_h) == ("绿色消费活动周 · 一周汇总", 144)


def test_channels_with_a_monthly_quota_get_the_short_form(world: World, weeks: Weeks) -> None:
    world.capabilities["sms"] = PLAIN
    week = weeks.create(starts_on=date(2026, 11, 23), source=SOURCE, by="lan", key=key(), title="我们的周")
    drafts = weeks.messages(week.id)
    short = [each for each in drafts if each.audience.channels == ("sms",)]
    assert [(each.title, start_of(each).day) for each in short] == [
        ("我们的周 · 开周：节粮、节水", 23),
        ("我们的周 · 节电、绿色出行", 26),
        ("我们的周 · 绿色购物、旧物和居家", 29),
    ]
    assert {each.audience.channels for each in drafts if each not in short} == {("web",)}
    assert len(drafts) == 11


def test_the_short_form_alone_goes_to_every_channel(weeks: Weeks) -> None:
    week = weeks.create(starts_on="2026-11-23", source=SOURCE, by="lan", key=key(), short_only=True)
    assert [each.audience.channels for each in weeks.messages(week.id)] == [(), (), ()]


def test_pressing_twice_lays_out_one_week(weeks: Weeks) -> None:
    pressed = key()
    first = weeks.create(starts_on="2026-11-23", source=SOURCE, by="lan", key=pressed)
    assert weeks.create(starts_on="2026-11-23", source=SOURCE, by="lan", key=pressed) == first
    assert len(weeks.list()) == 1


@pytest.mark.parametrize(
    ("starts_on", "source", "said"),
    [
        ("2026-11-19", SOURCE, "已经过了"),
        ("下周一", SOURCE, "看不懂"),
        (None, SOURCE, "看不懂"),
        ("2026-11-23", " ", "系统不推算"),
    ],
)
def test_a_week_needs_a_day_to_come_and_a_source(
    weeks: Weeks, starts_on: object, source: str, said: str
) -> None:
    with pytest.raises(InvalidInput, match=said):
        weeks.create(starts_on=starts_on, source=source, by="lan", key=key())
    assert weeks.list() == []


def test_last_years_week_is_copied_with_its_edits(world: World, weeks: Weeks) -> None:
    old = weeks.create(starts_on="2026-11-23", source=SOURCE, by="lan", key=key())
    first = weeks.messages(old.id)[0]
    world.save(first, schedule={"first_at": "2026-11-23T10:15+08:00", "ends_on": "2026-11-24"})
    world.campaigns.cancel(weeks.messages(old.id)[-1].id, by="lan", key=key())
    world.clock.at += timedelta(days=300)
    new = weeks.copy(old.id, starts_on="2027-11-22", source="2027年通知", by="jun", key=key(), title="新一周")
    assert (new.copied_from, new.starts_on, new.ends_on) == (old.id, date(2027, 11, 22), date(2027, 11, 28))
    drafts = weeks.messages(new.id)
    assert len(drafts) == 7
    copied = next(each for each in drafts if each.copied_from == first.id)
    assert start_of(copied) == datetime(2027, 11, 22, 10, 15)
    assert copied.schedule.ends_on == date(2027, 11, 23)
    assert (copied.state, copied.created_by, copied.message) == ("draft", "jun", first.message)
    assert all(each.title.startswith("新一周 · ") for each in drafts)


def test_days_are_typed_with_their_source_and_corrected_by_typing_again(weeks: Weeks) -> None:
    typed = {"name": "六五环境日", "starts_on": "2027-06-05", "by": "lan"}
    weeks.type_day(**typed, source="旧", key=key())
    again = weeks.type_day(**typed, source="环境保护法", key=key())
    week = weeks.type_day(
        name="全国节能宣传周",
        starts_on="2027-06-14",
        ends_on="2027-06-20",
        source="通知",
        by="lan",
        key=key(),
    )
    assert weeks.days() == [again, week]
    assert weeks.days(since=date(2027, 6, 6)) == [week]
    weeks.remove_day(week.id, by="lan")
    weeks.remove_day(week.id, by="lan")
    assert weeks.days() == [again]
    with pytest.raises(InvalidInput, match="不对"):
        weeks.type_day(
            name="x", starts_on="2027-06-14", ends_on="2027-06-13", source="通知", by="lan", key=key()
        )


def test_a_week_that_is_not_there_is_said(weeks: Weeks) -> None:
    with pytest.raises(UnknownCampaign, match="没有编号是“none”的活动周"):
        weeks.messages("none")
