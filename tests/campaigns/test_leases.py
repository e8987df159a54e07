"""Several workers on one run: leases, marks and the rate that they share."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select, update

from campaigns.delivery import rates
from campaigns.delivery.batching import Limits
from campaigns.delivery.dispatching import Dispatcher
from campaigns.delivery.senders import Outgoing, Refused, Sent
from campaigns.store.delivery_tables import deliveries, runs
from tests.campaigns.parts import NOON
from tests.campaigns.sending_world import (
    Scripted,
    World,
    person,
    plan,
    running,
    subscribe_many,
)


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


def test_who_has_used_the_rate_up_takes_a_part_of_a_burst_at_once(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    granted: list[int] = []
    take = rates.take

    def counting(*given: Any) -> int:
        granted.append(take(*given))
        return granted[-1]

    monkeypatch.setattr(rates, "take", counting)
    subscribe_many(engine, 90)
    sender = Scripted(per_second=250.0, concurrency=16)  # 200 a second for broadcasts, 50 in a burst
    world = World(engine, sender, limits=Limits(batch=200))
    run_id = world.started(plan(engine)).run_id
    world.dispatcher = Dispatcher(
        engine, {"null": sender}, now=lambda: datetime.now(UTC), grounds=world.grounds, limits=world.limits
    )
    world.dispatcher.work(run_id, "null")
    assert (sum(granted), granted[0]) == (90, 50)
    assert len(granted) <= 2 + 40 // 15
