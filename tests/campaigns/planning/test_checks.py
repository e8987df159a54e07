from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from campaigns.delivery.senders import Quota
from tests.campaigns.planning.world import (
    AUDIENCE,
    CONTENT,
    NOW,
    PLAIN,
    SCHEDULE,
    WEB,
    World,
    received,
    subscribers,
)


def text_of(world: World, made: object, code: str) -> str:
    return next(each.text for each in world.campaigns.problems(made) if each.code == code)  # type: ignore[arg-type]


def test_a_sound_campaign_has_nothing_against_it(world: World) -> None:
    subscribers(world.engine, 3)
    assert world.codes(world.draft()) == []
    assert world.grounds.asked == [date(2026, 11, 25)]


def test_a_start_in_the_past(world: World) -> None:
    subscribers(world.engine, 3)
    made = world.draft(schedule={"first_at": "2026-11-20T11:59+08:00"})
    assert text_of(world, made, "start_in_the_past").startswith("开始时间2026年11月20日11:59已经过了。")


def test_a_recurrence_that_began_and_goes_on_is_no_fault(world: World) -> None:
    subscribers(world.engine, 3)
    weekly = {"first_at": "2026-11-02T09:30+08:00", "recurrence": {"day_of_week": "mon"}}
    assert world.codes(world.draft(schedule=weekly)) == []
    assert world.codes(world.draft(schedule=weekly | {"ends_on": "2026-11-17"})) == ["recurrence_over"]


def test_a_window_shorter_than_the_run_needs_says_when_it_will_end(world: World) -> None:
    world.capabilities["web"] = replace(WEB, per_second=0.01)
    subscribers(world.engine, 3)
    made = world.draft(schedule=SCHEDULE | {"window": ["09:30", "09:35"]})
    assert text_of(world, made, "window_too_short") == (
        "全部发完要6分钟，到2026年11月25日09:35时段结束还发不完，剩下的等下一个时段接着发，"
        "预计2026年11月26日09:31发完。确定吗？"
    )
    assert world.codes(world.draft(schedule=SCHEDULE)) == []


def test_the_campaigns_own_rate_counts_too(world: World) -> None:
    subscribers(world.engine, 3)
    made = world.draft(schedule=SCHEDULE | {"window": ["09:30", "09:35"], "per_second": 0.005})
    assert world.codes(made) == ["window_too_short"]


def test_an_audience_of_nobody_and_of_everybody(world: World) -> None:
    assert world.codes(world.draft()) == ["audience_nobody"]
    subscribers(world.engine, 3)
    everybody = world.draft(audience={})
    assert [(each.code, each.asks) for each in world.campaigns.problems(everybody)] == [
        ("audience_everybody", True)
    ]
    assert "现在是3人" in text_of(world, everybody, "audience_everybody")


def test_a_clause_not_in_force_and_a_quiz_that_rests_on_one(world: World) -> None:
    subscribers(world.engine, 3)
    world.grounds.gone = {"cq-2022-11#2.3": "已经撤回。", "old#1": "已经过期。"}
    quiz = {
        "question": "？",
        "options": ["甲", "乙"],
        "right": 0,
        "explanation": "因为",
        "clause_id": "old#1",
    }
    made = world.draft(
        content=CONTENT | {"versions": {"default": {"text": "好", "quiz": quiz}}}
    )  # fmt: skip
    assert [(each.code, each.where) for each in world.campaigns.problems(made)] == [
        ("clause_not_in_force", "cq-2022-11#2.3"),
        ("clause_not_in_force", "old#1"),
    ]


def test_a_message_that_rests_on_nothing_asks(world: World) -> None:
    subscribers(world.engine, 3)
    made = world.draft(content={"versions": CONTENT["versions"]})
    assert world.codes(made) == ["nothing_cited"]
    assert world.codes(world.draft(content=CONTENT | {"clause_ids": [], "activity_id": "a"})) == []


def test_the_same_text_to_the_same_audience_within_48_hours_asks(world: World) -> None:
    people = subscribers(world.engine, 3)
    made = world.draft(schedule={})
    received(world.engine, world.draft(title="上一次"), people, NOW - timedelta(hours=47))
    assert "“上一次”（2026年11月18日13:00）" in text_of(world, made, "same_text_again")
    other = CONTENT | {"versions": {"default": {"text": "另一句话"}}}
    assert world.codes(world.draft(schedule={}, content=other)) == []
    assert world.codes(world.draft(schedule={}, audience=AUDIENCE | {"settings": ["学校"]})) == [
        "audience_nobody"
    ]
    world.clock.at = NOW + timedelta(hours=2)
    assert world.codes(made) == []


def test_the_same_text_that_only_waits_to_go_out_asks_too(world: World) -> None:
    subscribers(world.engine, 3)
    world.scheduled(title="排好的", schedule={"first_at": "2026-11-26T09:30+08:00"})
    assert world.codes(world.draft()) == ["same_text_again"]
    assert world.codes(world.draft(schedule={"first_at": "2026-11-28T09:30+08:00"})) == []
    assert world.codes(world.draft(audience=AUDIENCE | {"exclude_recent_h": 3})) == ["same_text_again"]


def test_a_daily_recurrence_of_the_same_words_asks(world: World) -> None:
    subscribers(world.engine, 3)
    made = world.draft(schedule=SCHEDULE | {"recurrence": {"day": "*"}})
    assert world.codes(made) == ["same_text_each_time"]


def test_sending_at_night_asks(world: World) -> None:
    subscribers(world.engine, 3)
    night = {"first_at": "2026-11-25T22:00+08:00"}
    assert "要等到2026年11月26日08:00" in text_of(world, world.draft(schedule=night), "start_while_closed")
    assert world.codes(world.draft(schedule=night | {"quiet": None})) == ["quiet_hours_off"]


SAYS_ELSE = CONTENT | {"versions": {"default": {"text": "随手关灯。"}}}
TWICE_A_WEEK = {
    "first_at": "2026-12-01T09:30+08:00", "recurrence": {"day_of_week": "mon,thu"}, "ends_on": "2026-12-31",
}  # fmt: skip


def test_a_quota_says_how_many_it_will_hit(world: World) -> None:
    world.capabilities["sms"] = PLAIN
    subscribers(world.engine, 3, channel="sms")
    assert text_of(world, world.draft(schedule=TWICE_A_WEEK), "quota_month") == (
        "渠道 sms 每人每月最多收4条，2026年12月有3人会超出。"
        "超出的这次收不到；也可以改成等下一个额度周期再发。确定吗？"
    )
    assert world.codes(world.draft(schedule=SCHEDULE)) == []


def test_who_waits_for_the_next_period_is_told_until_when(world: World) -> None:
    world.capabilities["sms"] = PLAIN
    subscribers(world.engine, 3, channel="sms")
    waits = {"first_at": "2026-12-01T09:30+08:00", "recurrence": {"day": "*"}, "over_quota": "wait"}
    said = text_of(world, world.draft(schedule=waits), "quota_month")
    assert said.endswith("超出的等到2027年1月1日08:00再发。确定吗？")
    late = world.draft(schedule=waits | {"ends_on": "2026-12-31"})
    assert text_of(world, late, "quota_month").endswith(
        "下一个额度周期要到2027年1月1日08:00，已经过了截止日期，超出的这次收不到。确定吗？"
    )


ONCE_A_MONTH = replace(PLAIN, quota=Quota(1, "month"))
IN_DECEMBER = {"first_at": "2026-12-25T09:30+08:00"}


def test_a_quota_hits_only_those_who_have_had_enough_or_will_have(world: World) -> None:
    world.capabilities["sms"] = ONCE_A_MONTH
    people = subscribers(world.engine, 4, channel="sms", district="渝中区")
    subscribers(world.engine, 3, channel="sms", district="江北区")
    subscribers(world.engine, 2)
    received(world.engine, world.draft(), people[:2], NOW - timedelta(hours=72), channel="sms")
    assert "2026年11月有2人会超出" in text_of(world, world.draft(), "quota_month")
    world.scheduled(
        title="先发的", audience=AUDIENCE | {"districts": ["江北区"]}, content=SAYS_ELSE,
        schedule={"first_at": "2026-11-24T09:30+08:00"},
    )  # fmt: skip
    assert "2026年11月有5人会超出" in text_of(world, world.draft(), "quota_month")
    assert world.codes(world.draft(schedule=IN_DECEMBER)) == []
    before = world.draft(schedule={"first_at": "2026-11-23T09:30+08:00"})
    assert "2026年11月有2人会超出" in text_of(world, before, "quota_month")


def test_what_waits_in_a_run_counts_in_the_period_in_which_it_goes_out(world: World) -> None:
    world.capabilities["sms"] = ONCE_A_MONTH
    people = subscribers(world.engine, 3, channel="sms")
    december = datetime(2026, 11, 30, 16, tzinfo=UTC)
    received(world.engine, world.draft(), people[:2], NOW, channel="sms", waits_until=december)
    assert world.codes(world.draft(content=SAYS_ELSE)) == []
    world.clock.at = december + timedelta(hours=1)
    said = text_of(world, world.draft(content=SAYS_ELSE, schedule=IN_DECEMBER), "quota_month")
    assert "2026年12月有2人会超出" in said


def test_a_channel_that_nobody_sends_through_is_named(world: World) -> None:
    subscribers(world.engine, 1)
    subscribers(world.engine, 2, channel="telegram")
    assert "渠道 telegram 还没接通，那里的2人收不到" in text_of(
        world, world.draft(), "channel_without_sender"
    )  # fmt: skip
