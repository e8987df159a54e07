"""From due to finished: a run is started once, in one piece or not at all, and staff decide where we can't."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, select, update

from campaigns.audience import Audience
from campaigns.content import Content, Message
from campaigns.delivery import starting
from campaigns.delivery.runs import Decision
from campaigns.delivery.senders import Outgoing, Refused, Sent
from campaigns.errors import KeyTaken, NotAllowed, UnknownCampaign
from campaigns.grounds import AllHold
from campaigns.journal import NoJournal
from campaigns.model import Subscriber
from campaigns.offer import load_offer
from campaigns.planning.schedule import Schedule
from campaigns.planning.service import Campaigns
from campaigns.store.campaign_tables import campaign_history
from campaigns.store.delivery_tables import deliveries, runs
from campaigns.subscriptions import Subscriptions
from tests.campaigns.parts import NOON
from tests.campaigns.sending_world import TOPIC, Scripted, World, person, plan, subscribe_many


def only_run(world: World) -> Any:
    with world.engine.connect() as connection:
        return connection.execute(select(runs)).one()


def history(world: World) -> list[tuple[str, str, str]]:
    rows = campaign_history.c
    with world.engine.connect() as connection:
        wanted = select(rows.by, rows.what, rows.state).order_by(rows.id)
        return [tuple(row) for row in connection.execute(wanted)]


def test_nothing_starts_before_it_is_due(engine: Engine) -> None:
    subscribe_many(engine, 1)
    world = World(engine)
    campaign_id = plan(engine, due=NOON + timedelta(seconds=1))
    world.work()
    assert (world.count(), world.campaign(campaign_id).state) == (0, "scheduled")
    world.clock.ahead(seconds=1)
    world.work()
    assert world.states() == {"sent": 1}


@pytest.mark.parametrize("state", ["draft", "in_review", "approved", "paused", "finished", "cancelled"])
def test_only_what_is_scheduled_starts(engine: Engine, state: str) -> None:
    subscribe_many(engine, 1)
    world = World(engine)
    plan(engine, state=state)
    world.work()
    assert world.count() == 0


def test_two_schedulers_start_it_once(engine: Engine) -> None:
    subscribe_many(engine, 50)
    world = World(engine)
    campaign_id = plan(engine)
    ((_, due_at),) = world.runs.starter.due()
    found: list[Any] = []
    threads = [
        threading.Thread(target=lambda: found.append(world.runs.starter.start(campaign_id, due_at)))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(each is not None for each in found) == 1
    assert world.states() == {"queued": 50}


def interrupted(monkeypatch: pytest.MonkeyPatch, world: World, act: Callable[[str], object]) -> str:
    """Starts a run of 25 whose writing, five at a time, meets `act` at the third time; the run's id."""
    subscribe_many(world.engine, 25)
    campaign_id, times, write_some = plan(world.engine), count(1), starting.write_some
    ((_, due_at),) = world.runs.starter.due()

    def writing_some(connection: Connection, run_id: str, *given: Any, **named: Any) -> int:
        if next(times) == 3:
            act(run_id)
        return write_some(connection, run_id, *given, **named)

    monkeypatch.setattr(starting, "WRITTEN_AT_ONCE", 5)
    monkeypatch.setattr(starting, "write_some", writing_some)
    with suppress(OSError):
        world.runs.starter.start(campaign_id, due_at)
    return str(only_run(world).id)


def test_what_a_process_left_half_written_is_finished_and_nothing_goes_out_before(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dies(_: str) -> None:
        raise OSError("no more")

    world = World(engine)
    run_id = interrupted(monkeypatch, world, dies)
    assert (only_run(world).state, only_run(world).recipients, world.count()) == ("writing", 10, 10)
    world.dispatcher.work(run_id, "null")
    assert world.sender.got == []
    with pytest.raises(NotAllowed):
        world.runs.pause(run_id, by="anna", key="k1")
    world.work()
    assert (world.states(), only_run(world).recipients) == ({"sent": 25}, 25)
    assert world.sender.persons == [person(number) for number in range(25)]
    assert only_run(world).state == "finished"


def test_two_that_write_one_run_write_everybody_once(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(engine)
    others: list[threading.Thread] = []

    def another(run_id: str) -> None:
        others.append(threading.Thread(target=world.runs.starter.write, args=(run_id,)))
        others[0].start()

    interrupted(monkeypatch, world, another)
    for thread in others:
        thread.join()
    assert (world.states(), only_run(world).recipients, only_run(world).state) == (
        {"queued": 25},
        25,
        "running",
    )


def test_a_run_cancelled_while_it_is_written_sends_nothing(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World(engine)
    cancelled: list[threading.Thread] = []

    def cancels(run_id: str) -> None:
        steps = {"target": world.runs.cancel, "args": (run_id,), "kwargs": {"by": "anna", "key": "k1"}}
        cancelled.append(threading.Thread(**steps))  # it waits for the transaction that is under way
        cancelled[0].start()

    run_id = interrupted(monkeypatch, world, cancels)
    cancelled[0].join()
    world.work()
    assert world.sender.got == []
    assert only_run(world).state == "cancelled"
    assert world.states() == {"skipped:cancelled": only_run(world).recipients}
    assert world.runs.progress(run_id).waiting == 0


def test_a_recurring_campaign_runs_each_time_and_waits_in_between(engine: Engine) -> None:
    subscribe_many(engine, 2)
    world = World(engine)
    campaign_id = plan(engine, schedule=Schedule(first_at=NOON, recurrence={"day": "*"}))
    for day in range(3):
        world.clock.at = NOON + timedelta(days=day)
        world.work()
        row = world.campaign(campaign_id)
        assert (row.state, row.next_due_at) == ("scheduled", NOON + timedelta(days=day + 1))
    assert world.states() == {"sent": 6}


def test_a_clock_set_back_an_hour_starts_nothing_again(engine: Engine) -> None:
    subscribe_many(engine, 3)
    world = World(engine)
    plan(engine, schedule=Schedule(first_at=NOON, recurrence={"day": "*"}, quiet=None))
    world.work()
    world.clock.ahead(hours=-1)
    world.work()
    world.clock.ahead(hours=1)
    world.work()
    assert (world.states(), len(world.sender.got)) == ({"sent": 3}, 3)


def test_a_run_missed_by_more_than_its_limit_waits_for_a_person(engine: Engine) -> None:
    subscribe_many(engine, 3)
    world = World(engine)
    campaign_id = plan(engine)
    world.clock.ahead(minutes=61)
    world.work()
    run = only_run(world)
    assert (run.state, run.recipients, world.count()) == ("held", 0, 0)
    assert "2026年11月20日12:00" in run.held_for
    assert [each.id for each in world.runs.waiting_for_staff()] == [run.id]
    subscribe_many(engine, 1, first=50)
    world.runs.let_go(run.id, by="anna", key="k1")
    world.work()
    assert world.states() == {"sent": 4}
    assert world.campaign(campaign_id).state == "finished"
    assert history(world) == [
        ("system", "run_held", "scheduled"), ("anna", "run_let_go", "running"),
    ]  # fmt: skip


def test_days_of_missed_runs_are_one_matter_for_a_person(engine: Engine) -> None:
    subscribe_many(engine, 1)
    world = World(engine)
    campaign_id = plan(engine, schedule=Schedule(first_at=NOON, recurrence={"day": "*"}))
    world.clock.ahead(days=9, hours=5)
    world.work()
    world.work()
    assert only_run(world).state == "held"
    assert world.campaign(campaign_id).next_due_at == NOON + timedelta(days=10)


def test_a_run_within_its_misfire_limit_goes_out(engine: Engine) -> None:
    subscribe_many(engine, 1)
    world = World(engine)
    plan(engine)
    world.clock.ahead(minutes=59)
    world.work()
    assert world.states() == {"sent": 1}


def test_what_was_changed_after_its_approval_is_held_and_cannot_be_let_go(engine: Engine) -> None:
    subscribe_many(engine, 1)
    world = World(engine)
    plan(engine, content=Message({"default": Content("别的话")}).as_json())
    world.work()
    run = only_run(world)
    assert (run.state, world.count()) == ("held", 0)
    assert "批准" in run.held_for


def test_a_run_whose_clause_fell_is_held_and_goes_once_it_holds_again(engine: Engine) -> None:
    subscribe_many(engine, 1)
    world = World(engine)
    plan(engine)
    world.grounds.fallen["cq-2022-11#2.6"] = "已废止"
    world.work()
    run = only_run(world)
    with pytest.raises(NotAllowed, match="已废止"):
        world.runs.let_go(run.id, by="anna", key="k1")
    assert only_run(world).state == "held"
    world.grounds.fallen.clear()
    world.runs.let_go(run.id, by="anna", key="k1")
    world.work()
    assert world.states() == {"sent": 1}


def test_an_audience_that_is_empty_by_then_ends_at_once(engine: Engine) -> None:
    world = World(engine)
    campaign_id = plan(engine)
    world.work()
    assert (only_run(world).state, only_run(world).recipients) == ("finished", 0)
    assert world.campaign(campaign_id).state == "finished"


def test_those_whom_another_message_reached_lately_are_left_out(engine: Engine) -> None:
    subscribe_many(engine, 3)
    world = World(engine)
    plan(engine)
    world.work()
    subscribe_many(engine, 1, first=9)
    world.clock.ahead(hours=5)
    second = plan(
        engine, due=world.clock(), audience=Audience(topics=(TOPIC,), exclude_recent_h=6),
        message=Message({"default": Content("再说一遍")}),
    )  # fmt: skip
    assert world.started(second).recipients == 1


def test_progress_adds_up_and_says_when_it_will_be_through(engine: Engine) -> None:
    subscribe_many(engine, 60)
    world = World(engine, Scripted(per_second=10))
    run_id = world.started(plan(engine)).run_id
    found = world.runs.progress(run_id)
    assert (found.recipients, found.waiting, found.under_way, found.done) == (60, 60, 0, 0)
    assert found.ends_at == NOON + timedelta(seconds=60 / 8)
    tomorrow = NOON + timedelta(days=1)
    with engine.begin() as connection:
        one = (deliveries.c.run_id == run_id) & (deliveries.c.person == person(7))
        connection.execute(update(deliveries).where(one).values(not_before=tomorrow))
    assert world.runs.progress(run_id).ends_at == tomorrow


def unknown_run(engine: Engine) -> tuple[World, str]:
    subscribe_many(engine, 4)

    def answer(delivery: Outgoing) -> object:
        return Sent() if delivery.person == person(0) else Refused("unknown", "timeout")

    world = World(engine, Scripted(answer))
    run_id = world.started(plan(engine)).run_id
    world.work()
    assert world.states() == {"sent": 1, "unknown:timeout": 3}
    return world, run_id


@pytest.mark.parametrize(
    ("decision", "states"),
    [("sent", {"sent": 1, "sent:decided": 3}), ("failed", {"sent": 1, "failed:decided": 3})],
)
def test_staff_decide_what_became_of_the_unknown(
    engine: Engine, decision: Decision, states: dict[str, int]
) -> None:
    world, run_id = unknown_run(engine)
    assert world.runs.decide(run_id, decision, by="anna", key="k1") == 3
    assert world.runs.decide(run_id, decision, by="anna", key="k1") == 3
    world.work()
    assert (world.states(), len(world.sender.got)) == (states, 4)


def test_only_a_person_sends_the_unknown_again(engine: Engine) -> None:
    world, run_id = unknown_run(engine)
    world.sender.answer = lambda _: Sent()
    assert world.runs.decide(run_id, "again", by="anna", key="k1") == 3
    world.work()
    assert (world.states(), len(world.sender.got)) == ({"sent": 4}, 7)
    assert world.run(run_id).state == "finished"
    with pytest.raises(KeyTaken):
        world.runs.decide(run_id, "failed", by="anna", key="k1")


def test_steps_on_a_run_are_refused_in_words(engine: Engine) -> None:
    world, run_id = unknown_run(engine)
    with pytest.raises(NotAllowed, match="已发完"):
        world.runs.pause(run_id, by="anna", key="k1")
    with pytest.raises(NotAllowed, match="已发完"):
        world.runs.cancel(run_id, by="anna", key="k2")
    with pytest.raises(UnknownCampaign, match="nowhere"):
        world.runs.read("nowhere")


def test_a_correction_goes_to_exactly_those_who_received_the_first(engine: Engine) -> None:
    subscribe_many(engine, 6)
    answers = {person(1): Refused("permanent", "bad"), person(2): Refused("unknown", "timeout")}
    world = World(engine, Scripted(lambda d: answers.get(d.person, Sent())))
    run_id = world.started(plan(engine)).run_id
    world.work()
    subscribe_many(engine, 5, first=20)
    Subscriptions(engine).unsubscribe(subscriber=Subscriber(person(5), "null"))
    planning = Campaigns(
        engine, now=world.clock, journal=NoJournal(), grounds=AllHold(), offer=load_offer(), runs=world.runs
    )
    made = world.runs.correct(run_id, planning, title="更正", by="anna", key="k1")
    assert made == world.runs.correct(run_id, planning, title="更正", by="anna", key="k1")
    draft = planning.read(made)
    assert (draft.state, draft.approved, draft.copied_from) == ("draft", False, world.run(run_id).campaign_id)
    world.set_campaign(made, state="scheduled", approved_hash=draft.frozen_hash, next_due_at=NOON)
    world.sender.answer, world.sender.got = lambda _: Sent(), []
    started = world.started(made)
    assert (started.recipients, world.run(started.run_id).corrects) == (4, run_id)
    world.work()
    assert world.sender.persons == [person(0), person(3), person(4)]
    assert world.states(started.run_id) == {"sent": 3, "skipped:no_consent": 1}


def test_planning_pauses_resumes_and_cancels_what_runs(engine: Engine) -> None:
    subscribe_many(engine, 9)
    world = World(engine)
    planning = Campaigns(
        engine, now=world.clock, journal=NoJournal(), grounds=AllHold(), offer=load_offer(), runs=world.runs
    )
    campaign_id = plan(engine)
    run_id = world.started(campaign_id).run_id
    planning.pause(campaign_id, by="anna", key="k1")
    world.work()
    assert (world.run(run_id).state, world.sender.got) == ("paused", [])
    planning.resume(campaign_id, by="anna", key="k2")
    assert (world.run(run_id).state, world.campaign(campaign_id).state) == ("running", "running")
    planning.cancel(campaign_id, by="anna", key="k3")
    world.work()
    assert (world.states(), world.campaign(campaign_id).state) == ({"skipped:cancelled": 9}, "cancelled")


def test_a_campaign_that_fails_to_start_holds_up_no_other(engine: Engine) -> None:
    subscribe_many(engine, 1)
    world = World(engine)
    plan(engine, audience=Audience(topics=("没有的主题",)))
    plan(engine)
    world.work()
    assert world.states() == {"sent": 1}


def test_the_sweep_never_fills_a_queue_that_nobody_empties(engine: Engine) -> None:
    subscribe_many(engine, 1)
    world = World(engine)
    world.started(plan(engine))
    for _ in range(5):
        world.scheduler.sweep()
    assert len(world.queue.offered) == 2
