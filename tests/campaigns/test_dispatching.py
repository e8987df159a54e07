"""What comes of each row: sent once, skipped, failed, waiting or unknown, and the run that it belongs to."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import time, timedelta

import pytest
from sqlalchemy import Engine, select, update

from campaigns.audience import Audience
from campaigns.content import Content, Message
from campaigns.delivery.batching import Limits
from campaigns.delivery.senders import Outgoing, Quota, Refused, Sent
from campaigns.model import Subscriber
from campaigns.planning.schedule import Schedule
from campaigns.store.delivery_tables import deliveries, runs
from campaigns.subscriptions import Subscriptions
from tests.campaigns.parts import NOON
from tests.campaigns.sending_world import (
    OTHER_TOPIC,
    TOPIC,
    Scripted,
    World,
    person,
    plan,
    subscribe_many,
)

Answer = Callable[[Outgoing], object]


def running(
    engine: Engine, people: int, answer: Answer = lambda _: Sent(), **given: object
) -> tuple[World, str]:
    """A run of so many people, written and not yet sent."""
    subscribe_many(engine, people)
    world = World(engine, Scripted(answer, **given))  # type: ignore[arg-type]
    return world, world.started(plan(engine)).run_id


def test_everybody_gets_it_once_and_the_campaign_is_finished(engine: Engine) -> None:
    world, run_id = running(engine, 21)
    assert world.states() == {"queued": 21}
    world.work()
    assert world.states() == {"sent": 21}
    assert world.sender.persons == [person(n) for n in range(21)]
    world.work()
    assert len(world.sender.got) == 21
    row = world.run(run_id)
    assert (row.state, row.recipients) == ("finished", 21)
    assert world.campaign(row.campaign_id).state == "finished"


def test_each_gets_the_words_for_their_district_and_the_same_key_at_every_attempt(engine: Engine) -> None:
    subscribe_many(engine, 2)
    tries: list[str] = []

    def once_busy(delivery: Outgoing) -> object:
        tries.append(delivery.idempotency_key)
        return Refused("retry", "busy", 60) if len(tries) <= 2 else Sent()

    world = World(engine, Scripted(once_busy))
    world.started(plan(engine, message=Message({"default": Content("{district}节电")})))
    world.work()
    world.clock.ahead(seconds=61)
    world.work()
    assert sorted({each.content.text for each in world.sender.got}) == ["渝中区节电", "重庆节电"]
    assert sorted(tries[:2]) == sorted(tries[2:])
    assert len(set(tries)) == 2


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


def test_a_pause_takes_hold_within_what_is_being_sent(engine: Engine) -> None:
    world: World

    def pauses(delivery: Outgoing) -> object:
        if len(world.sender.got) == 5:
            world.runs.pause(run_id, by="anna", key="k1", reason="写错了")
        return Sent()

    world, run_id = running(engine, 40, pauses, concurrency=4)
    world.work()
    assert len(world.sender.got) <= 8
    sent = len(world.sender.got)
    assert world.states() == {"sent": sent, "queued": 40 - sent}
    assert (world.run(run_id).state, world.run(run_id).held_for) == ("paused", "写错了")
    world.work()
    assert len(world.sender.got) == sent
    world.runs.let_go(run_id, by="anna", key="k2")
    world.work()
    assert world.states() == {"sent": 40}
    assert len(set(world.sender.persons)) == len(world.sender.got) == 40


def test_a_paused_campaign_sends_nothing_whatever_its_run_says(engine: Engine) -> None:
    world, run_id = running(engine, 4)
    world.set_campaign(world.run(run_id).campaign_id, state="paused")
    world.work()
    assert (world.sender.got, world.states()) == ([], {"queued": 4})


def test_a_cancelled_run_skips_the_rest(engine: Engine) -> None:
    world, run_id = running(engine, 7)
    world.runs.cancel(run_id, by="anna", key="k1")
    world.work()
    assert (world.sender.got, world.states()) == ([], {"skipped:cancelled": 7})
    assert world.campaign(world.run(run_id).campaign_id).state == "finished"


def test_a_run_pauses_itself_past_an_error_rate_and_says_why(engine: Engine) -> None:
    world, run_id = running(engine, 100, lambda _: Refused("permanent", "template_rejected"))
    world.work()
    row = world.run(run_id)
    assert row.state == "paused"
    assert "20条里有20条" in row.held_for
    assert "template_rejected" in row.held_for
    assert world.campaign(row.campaign_id).paused_for == row.held_for
    assert world.states() == {"failed:template_rejected": 20, "queued": 80}


def test_people_who_block_do_not_pause_a_run(engine: Engine) -> None:
    world, run_id = running(engine, 60, lambda _: Refused("blocked", "403"))
    world.work()
    assert (world.run(run_id).state, world.states()) == ("finished", {"failed:blocked": 60})


def test_a_channel_that_asks_to_wait_does_not_pause_a_run(engine: Engine) -> None:
    world, run_id = running(engine, 60, lambda _: Refused("retry", "429", retry_after_s=10_000))
    world.work()
    assert (world.run(run_id).state, world.states()) == ("running", {"queued:429": 60})


def test_quiet_hours_and_the_window_are_kept_and_what_is_left_waits(engine: Engine) -> None:
    world: World

    def evening_comes(_: Outgoing) -> object:
        if len(world.sender.got) == 4:
            world.clock.at = NOON + timedelta(hours=8)  # 20:00 in Chongqing
        return Sent()

    subscribe_many(engine, 40)
    world = World(engine, Scripted(evening_comes))
    schedule = Schedule(first_at=NOON, window=(time(9), time(20)))
    world.started(plan(engine, schedule=schedule))
    world.work()
    sent = len(world.sender.got)
    assert sent <= 8
    world.work()
    assert (len(world.sender.got), world.queue.offered) == (sent, [])
    world.clock.at = NOON + timedelta(hours=21)  # 09:00 the next day
    world.work()
    assert world.states() == {"sent": 40}


def test_a_run_is_held_once_its_clause_no_longer_holds(engine: Engine) -> None:
    world, run_id = running(engine, 4)
    world.grounds.fallen["cq-2022-11#2.6"] = "已于昨天废止"
    world.work()
    row = world.run(run_id)
    assert (row.state, world.sender.got) == ("held", [])
    assert "cq-2022-11#2.6" in row.held_for
    assert "已于昨天废止" in row.held_for


def test_two_dispatchers_on_one_run_send_everything_once(engine: Engine) -> None:
    subscribe_many(engine, 300)
    world = World(engine, Scripted(concurrency=3), limits=Limits(batch=7))
    run_id = world.started(plan(engine)).run_id
    threads = [
        threading.Thread(target=world.another_dispatcher().work, args=(run_id, "null")) for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert world.sender.persons == [person(n) for n in range(300)]
    assert world.states() == {"sent": 300}


def test_expired_leases_go_back_and_only_what_was_being_sent_is_unknown(engine: Engine) -> None:
    world, run_id = running(engine, 5)
    with engine.begin() as connection:
        ids = connection.scalars(select(deliveries.c.id).order_by(deliveries.c.id)).all()
        for row_id, state in ((ids[0], "leased"), (ids[1], "sending")):
            connection.execute(
                update(deliveries)
                .where(deliveries.c.id == row_id)
                .values(state=state, leased_by="dead", lease_until=NOON + timedelta(seconds=120))
            )
    world.work()
    assert world.states() == {"sent": 3, "leased": 1, "sending": 1}
    world.clock.ahead(seconds=121)
    world.work()
    assert world.states() == {"sent": 4, "unknown:worker_lost": 1}
    assert world.run(run_id).state == "finished"


def test_a_lease_from_before_the_clock_was_set_back_is_taken_back(engine: Engine) -> None:
    world, _ = running(engine, 3)
    with engine.begin() as connection:
        connection.execute(
            update(deliveries).values(
                state="leased", leased_by="dead", lease_until=NOON + timedelta(seconds=120)
            )
        )
    world.clock.ahead(hours=-1)
    world.work()
    assert world.states() == {"sent": 3}


def test_a_worker_slower_than_its_lease_still_tells_how_its_send_ended(engine: Engine) -> None:
    world: World

    def slow(_: Outgoing) -> object:
        world.clock.ahead(hours=1)
        world.scheduler.sweep()
        return Sent()

    world, _ = running(engine, 1, slow, concurrency=1)
    world.work()
    assert (world.states(), len(world.sender.got)) == ({"sent": 1}, 1)


def test_a_worker_slower_than_its_lease_sends_nothing_that_another_took_over(engine: Engine) -> None:
    world: World

    def slow_at_first(delivery: Outgoing) -> object:
        if len(world.sender.got) == 1:
            world.clock.ahead(hours=1)
            world.scheduler.sweep()
            world.another_dispatcher().work(run_id, "null")
        return Refused("retry", "429", 10_000) if delivery.person == person(5) else Sent()

    world, run_id = running(engine, 6, slow_at_first, concurrency=1)
    world.dispatcher.work(run_id, "null")
    assert world.sender.persons == [person(n) for n in range(6)]
    assert world.states() == {"sent": 5, "queued:429": 1}


def test_a_run_has_a_rate_of_its_own_and_a_channel_keeps_a_fifth_for_replies(engine: Engine) -> None:
    subscribe_many(engine, 400)
    world = World(engine, Scripted(per_second=100), limits=Limits(batch=100, slice_s=0.0))
    stop = threading.Event()
    stop.wait = lambda timeout=None: stop.set() or True  # type: ignore[assignment, func-returns-value]
    dispatcher = world.another_dispatcher()
    dispatcher.limits = Limits(batch=100)
    run_id = world.started(plan(engine)).run_id
    got: list[int] = []
    for _ in range(8):  # a quarter of a second at a time, until the bucket is empty
        stop.clear()
        dispatcher.work(run_id, "null", stop)
        got.append(len(world.sender.got))
        world.clock.ahead(seconds=0.25)
    assert got == [20 * (n + 1) for n in range(8)]


def test_the_bucket_is_shared_and_a_clock_set_back_empties_nothing(engine: Engine) -> None:
    from campaigns.delivery import rates

    def take(wanted: int, **by: float) -> int:
        with engine.begin() as connection:
            return rates.take(connection, {"null": 80.0, "run": 40.0}, wanted, NOON + timedelta(**by))

    with engine.begin() as connection:
        connection.execute(runs.delete())
        rates.drop(connection, "null")
        rates.drop(connection, "run")
    assert [take(100), take(100), take(100, seconds=0.1), take(100, hours=-1), take(3, seconds=10)] == [
        10, 0, 4, 0, 3,
    ]  # fmt: skip


def test_an_audience_of_topics_reaches_only_them(engine: Engine) -> None:
    subscribe_many(engine, 2)
    subscribe_many(engine, 2, topic=OTHER_TOPIC, first=10)
    world = World(engine)
    world.started(plan(engine, audience=Audience(topics=(OTHER_TOPIC,))))
    world.work()
    assert world.sender.persons == [person(10), person(11)]
