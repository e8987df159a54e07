"""A run as a whole: everybody gets it once, it pauses, holds, waits for its hours, and ends."""

from __future__ import annotations

from datetime import time, timedelta

from sqlalchemy import Engine

from campaigns.audience import Audience
from campaigns.content import Content, Message
from campaigns.delivery.senders import Outgoing, Refused, Sent
from campaigns.planning.schedule import Schedule
from tests.campaigns.parts import NOON
from tests.campaigns.sending_world import (
    OTHER_TOPIC,
    Scripted,
    World,
    person,
    plan,
    running,
    subscribe_many,
)


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


def test_an_audience_of_topics_reaches_only_them(engine: Engine) -> None:
    subscribe_many(engine, 2)
    subscribe_many(engine, 2, topic=OTHER_TOPIC, first=10)
    world = World(engine)
    world.started(plan(engine, audience=Audience(topics=(OTHER_TOPIC,))))
    world.work()
    assert world.sender.persons == [person(10), person(11)]
