"""What comes of each send: sent, failed, skipped, waiting or unknown, by what the channel answers."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, select, update

from campaigns import figures
from campaigns.delivery.batching import Limits
from campaigns.delivery.senders import Outgoing, Quota, Refused, Sent
from campaigns.model import Subscriber
from campaigns.planning.schedule import Schedule
from campaigns.store.delivery_tables import deliveries
from campaigns.subscriptions import Subscriptions
from tests.campaigns.parts import NOON
from tests.campaigns.sending_world import (
    HOUR,
    OTHER_TOPIC,
    TOPIC,
    Answer,
    Scripted,
    ScriptedMany,
    World,
    person,
    plan,
    running,
    subscribe_many,
)


def test_a_429_waits_as_long_as_the_channel_says_and_holds_up_nobody_else(engine: Engine) -> None:
    world, _ = running(
        engine, 5, lambda d: Refused("retry", "429", 10_000) if d.person == person(3) else Sent()
    )
    world.work()
    assert world.states() == {"sent": 4, "queued:429": 1}
    world.clock.ahead(seconds=9_990)
    world.work()
    assert len(world.sender.got) == 5
    world.sender.answer = lambda _: Sent()
    world.clock.ahead(seconds=20)
    world.work()
    assert world.states() == {"sent": 5}


@pytest.mark.parametrize("asked", [float("nan"), float("inf"), -5.0, 1e300, "soon", None])
def test_a_senseless_retry_time_is_brought_within_reason(engine: Engine, asked: object) -> None:
    world, _ = running(engine, 1, lambda _: Refused("retry", "429", asked))  # type: ignore[arg-type]
    world.work()
    with engine.connect() as connection:
        waits = connection.scalar(select(deliveries.c.not_before)) - NOON  # type: ignore[operator]
    assert timedelta(seconds=1) <= waits <= timedelta(days=7)


def test_a_row_that_is_refused_again_and_again_fails_in_the_end(engine: Engine) -> None:
    world, run_id = running(engine, 1, lambda _: Refused("retry", "busy", 1))
    for _ in range(12):
        world.work()
        world.clock.ahead(seconds=2)
    assert (world.states(), len(world.sender.got)) == ({"failed:busy": 1}, 8)
    assert world.run(run_id).state == "finished"


def raises(_: Outgoing) -> object:
    raise TimeoutError("read timed out")


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        (raises, "unknown:TimeoutError"),
        (lambda _: Refused("unknown", "timeout"), "unknown:timeout"),
        (lambda _: {"ok": True}, "unknown:nonsense"),
        (lambda _: None, "unknown:nonsense"),
        (lambda _: Refused("permanent", "bad_content"), "failed:bad_content"),
    ],
)
def test_what_nobody_can_tell_is_unknown_and_never_sent_again(
    engine: Engine, answer: Answer, state: str
) -> None:
    world, run_id = running(engine, 3, answer)
    world.work()
    world.clock.ahead(hours=5)
    world.work()
    assert (world.states(), len(world.sender.got)) == ({state: 3}, 3)
    assert world.run(run_id).state == "finished"


def test_a_send_that_never_returns_is_unknown_and_does_not_hold_up_the_others(engine: Engine) -> None:
    over = threading.Event()

    def hangs(delivery: Outgoing) -> object:
        if delivery.person == person(0):
            over.wait(60)
        return Sent()

    subscribe_many(engine, 9)
    world = World(engine, Scripted(hangs), limits=Limits(batch=9, send_timeout_s=0.2))
    world.started(plan(engine))
    try:
        world.work()
        assert world.states() == {"sent": 8, "unknown:timeout": 1}
    finally:
        over.set()


def test_whoever_blocks_us_is_no_longer_subscribed(engine: Engine) -> None:
    world, _ = running(engine, 3, lambda d: Refused("blocked", "403") if d.person == person(1) else Sent())
    world.work()
    assert world.states() == {"sent": 2, "failed:blocked": 1}
    (ended,) = Subscriptions(engine).subscriptions_of(
        subscriber=Subscriber(person(1), "null"), include_ended=True
    )
    assert (ended.state, ended.end_reason) == ("ended", "unreachable")


def test_who_unsubscribes_between_queueing_and_sending_gets_nothing(engine: Engine) -> None:
    world, _ = running(engine, 6)
    service = Subscriptions(engine)
    service.unsubscribe(subscriber=Subscriber(person(2), "null"))
    service.unsubscribe(subscriber=Subscriber(person(4), "null"), topics=[TOPIC])
    service.unsubscribe(subscriber=Subscriber(person(5), "null"), topics=[OTHER_TOPIC])
    world.work()
    assert world.sender.persons == [person(n) for n in (0, 1, 3, 5)]
    assert world.states() == {"sent": 4, "skipped:no_consent": 2}


def test_who_unsubscribes_while_the_run_goes_on_gets_nothing(engine: Engine) -> None:
    service = Subscriptions(engine)

    def first_ends_last(delivery: Outgoing) -> object:
        if delivery.person == person(0):
            service.unsubscribe(subscriber=Subscriber(person(7), "null"))
        return Sent()

    world, _ = running(engine, 8, first_ends_last, concurrency=2)
    world.work()
    assert person(7) not in world.sender.persons
    assert world.states() == {"sent": 7, "skipped:no_consent": 1}


def test_a_quota_is_kept_across_campaigns_and_opens_again_with_the_next_period(engine: Engine) -> None:
    subscribe_many(engine, 2)
    world = World(engine, Scripted(quota=Quota(1, "day")))
    for _ in range(2):
        world.started(plan(engine))
        world.work()
    assert world.states() == {"sent": 2, "skipped:quota": 2}
    world.clock.ahead(days=1)
    world.started(plan(engine, due=world.clock()))
    world.work()
    assert world.states() == {"sent": 4, "skipped:quota": 2}


def test_over_the_quota_a_message_waits_for_the_next_period_where_its_schedule_says_so(
    engine: Engine,
) -> None:
    world = World(engine, Scripted(quota=Quota(1, "day")))
    subscribe_many(engine, 2)
    world.started(plan(engine))
    world.work()
    subscribe_many(engine, 1, first=5)
    waits = Schedule(first_at=NOON, quiet=None, over_quota="wait")
    run_id = world.started(plan(engine, schedule=waits)).run_id
    world.work()
    assert world.states(run_id) == {"queued:quota": 2, "sent": 1}
    with engine.connect() as connection:
        (found,) = figures.of_runs(connection, [run_id])
    assert (found.waiting, found.put_off, found.adds_up) == (2, {"quota": 2}, True)
    assert "waiting.quota" in figures.as_csv([found])
    world.clock.at = datetime(2026, 11, 20, 15, 59, tzinfo=UTC)  # a minute before midnight in Chongqing
    world.work()
    assert world.run(run_id).state == "running"
    assert world.runs.progress(run_id).ends_at == datetime(2026, 11, 20, 16, tzinfo=UTC)
    Subscriptions(engine).unsubscribe(subscriber=Subscriber(person(1), "null"))
    world.clock.ahead(minutes=1)
    world.work()
    assert world.states(run_id) == {"sent": 2, "skipped:no_consent": 1}
    assert world.run(run_id).state == "finished"
    assert world.sender.persons == [person(n) for n in (0, 0, 1, 5)]


def test_nobody_waits_for_a_second_period_or_past_the_end_of_the_campaign(engine: Engine) -> None:
    world = World(engine, Scripted(quota=Quota(1, "day")))
    subscribe_many(engine, 2)
    world.started(plan(engine))
    world.work()
    waits = Schedule(first_at=NOON, quiet=None, over_quota="wait")
    over_today = world.started(plan(engine, schedule=replace(waits, ends_on=NOON.date()))).run_id
    tomorrow = world.started(plan(engine, schedule=waits)).run_id
    world.work()
    assert (world.states(over_today), world.states(tomorrow)) == ({"skipped:quota": 2}, {"queued:quota": 2})
    world.clock.ahead(days=1)
    world.started(plan(engine, due=world.clock()))
    with engine.begin() as connection:  # the newer run is first at it
        held = update(deliveries).where(deliveries.c.run_id == tomorrow)
        connection.execute(held.values(not_before=world.clock() + HOUR))
    world.work()
    world.clock.ahead(hours=2)
    world.work()
    assert world.states(tomorrow) == {"skipped:quota": 2}
    assert world.run(tomorrow).state == "finished"


def test_a_message_too_long_for_the_channel_fails_whole(engine: Engine) -> None:
    world, _ = running(engine, 2, longest_text=5)
    world.work()
    assert (world.states(), world.sender.got) == ({"failed:content": 2}, [])


def test_a_channel_that_nobody_serves_is_skipped_and_counted(engine: Engine) -> None:
    subscribe_many(engine, 2)
    subscribe_many(engine, 3, channel="fax")
    world = World(engine)
    assert world.started(plan(engine)).recipients == 5
    world.work()
    assert world.states() == {"sent": 2, "skipped:no_channel": 3}


def test_a_channel_that_takes_many_is_called_once_for_as_many_as_it_takes(engine: Engine) -> None:
    world, run_id = running(engine, 9, sender=ScriptedMany, concurrency=4)
    world.work()
    assert (world.states(), world.sender.calls) == ({"sent": 9}, [4, 4, 1])
    assert world.sender.persons == [person(number) for number in range(9)]
    assert world.run(run_id).state == "finished"


def test_each_of_many_has_an_outcome_of_its_own(engine: Engine) -> None:
    refusals = {
        person(1): Refused("blocked", "gone"),
        person(2): Refused("retry", "busy", 5.0),
        person(3): {"ok": True},
    }
    world, _ = running(
        engine, 4, lambda one: refusals.get(one.person, Sent()), sender=ScriptedMany, concurrency=8
    )
    world.work()
    assert world.states() == {"sent": 1, "failed:blocked": 1, "queued:busy": 1, "unknown:nonsense": 1}


@pytest.mark.parametrize(
    ("answers", "state"),
    [
        (lambda many: [Sent()] * (len(many) - 1), "unknown:nonsense"),
        (lambda many: [Sent()] * (len(many) + 1), "unknown:nonsense"),
        (lambda _: None, "unknown:TypeError"),
        (lambda many: raises(many[0]), "unknown:TimeoutError"),
    ],
)
def test_a_call_for_many_that_nobody_can_tell_is_unknown_for_all_of_them(
    engine: Engine, answers: Callable[[Sequence[Outgoing]], object], state: str
) -> None:
    world, _ = running(engine, 5, sender=ScriptedMany, answers_to=answers, concurrency=8)
    world.work()
    world.clock.ahead(hours=5)
    world.work()
    assert (world.states(), len(world.sender.got)) == ({state: 5}, 5)


def test_a_call_for_many_that_never_returns_holds_up_nobody_else(engine: Engine) -> None:
    over = threading.Event()

    def hangs(many: Sequence[Outgoing]) -> object:
        if person(0) in {one.person for one in many}:
            over.wait(60)
        return [Sent()] * len(many)

    subscribe_many(engine, 9)
    sender = ScriptedMany(answers_to=hangs, concurrency=3)
    world = World(engine, sender, limits=Limits(batch=9, send_timeout_s=0.2))
    world.started(plan(engine))
    try:
        world.work()
        assert world.states() == {"sent": 6, "unknown:timeout": 3}
    finally:
        over.set()
