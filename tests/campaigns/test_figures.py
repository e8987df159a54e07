"""Figures of runs: whatever happened, every recipient is counted once, and erasing a person changes no sum."""

from __future__ import annotations

import csv
import io
from collections import Counter
from datetime import date, timedelta
from uuid import uuid4

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, delete, insert, select

from campaigns import figures, sums
from campaigns.delivery.senders import Outgoing, Refused, Sent
from campaigns.model import Subscriber
from campaigns.store.delivery_tables import deliveries, run_sums, runs
from campaigns.subscriptions import Subscriptions
from tests.campaigns.parts import NOON, subscribe
from tests.campaigns.sending_world import Scripted, World, person, plan, subscribe_many

ANSWERS = {
    0: Sent(),
    1: Refused("permanent", "bad_content"),
    2: Refused("blocked", "403"),
    3: Refused("unknown", "timeout"),
    4: Refused("retry", "429", 10_000),
}


def answered(delivery: Outgoing) -> object:
    return ANSWERS[int(delivery.person[1:]) % 5]


def mixed(engine: Engine, people: int = 10) -> tuple[World, str]:
    subscribe_many(engine, people)
    subscribe_many(engine, 2, channel="fax", first=100)
    Subscriptions(engine).unsubscribe(subscriber=Subscriber(person(5), "null"))
    world = World(engine, Scripted(answered))
    campaign_id = plan(engine)
    run_id = world.started(campaign_id).run_id
    Subscriptions(engine).unsubscribe(subscriber=Subscriber(person(0), "null"))
    world.work()
    return world, run_id


def of(world: World, run_id: str) -> figures.Figures:
    with world.engine.connect() as connection:
        (found,) = figures.of_runs(connection, [run_id])
    return found


def test_every_figure_of_a_mixed_run(engine: Engine) -> None:
    world, run_id = mixed(engine)
    found = of(world, run_id)
    assert (found.recipients, found.counted, found.adds_up) == (11, 11, True)
    assert (found.waiting, found.sending, found.sent) == (2, 0, 0)
    assert found.failed == {"bad_content": 2, "blocked": 2}
    assert found.skipped == {"no_channel": 2, "no_consent": 1}
    assert found.unknown == {"timeout": 2}
    assert found.blocked == 2
    with engine.connect() as connection:
        channels = figures.by_channel(connection, run_id)
        districts = figures.by_district(connection, run_id)
    assert [(each.name, each.recipients) for each in channels] == [("null", 9), ("fax", 2)]
    assert sum(each.recipients for each in districts) == 11
    assert {each.name for each in districts} == {None, "渝中区"}


def test_what_residents_did_stands_beside_it_and_in_the_csv(engine: Engine) -> None:
    world, run_id = mixed(engine)
    with engine.begin() as connection:
        for what, which in (("clicked", "0"), ("clicked", "0"), ("clicked", "1"), ("quiz", "2"), ("pledge", "0"),
                            ("asked", "0"), ("unsubscribed", "0"), ("opened", "0")):  # fmt: skip
            assert sums.add(connection, run_id, what, NOON, which=which)  # type: ignore[arg-type]
    world.set_campaign(world.run(run_id).campaign_id, title="=1+1")
    found = of(world, run_id)
    assert (found.clicked, found.quiz) == ({"0": 2, "1": 1}, {"2": 1})
    assert (found.opened, found.pledged, found.asked, found.unsubscribed) == (1, 1, 1, 1)
    (line,) = csv.DictReader(io.StringIO(figures.as_csv([found]).removeprefix("\ufeff")))
    assert line["campaign"] == "'=1+1"
    parts = ("waiting", "sending", "sent", "failed", "skipped", "unknown")
    assert sum(int(line[part]) for part in parts) == int(line["recipients"]) == 11
    assert (line["failed.blocked"], line["skipped.no_channel"], line["clicked.0"]) == ("2", "2", "2")


def test_days_are_compared_and_the_pace_counts_what_was_sent(engine: Engine) -> None:
    subscribe_many(engine, 6)
    world = World(engine)
    for day in range(2):
        world.clock.at = NOON + timedelta(days=day)
        world.started(plan(engine, due=world.clock()))
        world.work()
    with engine.connect() as connection:
        every = figures.of_runs(connection, connection.scalars(select(runs.c.id)).all())
        assert figures.pace(connection, every[0].run_id) == [(NOON, 6)]
    compared = figures.by_day(every)
    assert [(day.isoformat(), found["sent"], found["recipients"]) for day, found in compared.items()] == [
        ("2026-11-20", 6, 6), ("2026-11-21", 6, 6),
    ]  # fmt: skip


def test_erasing_persons_leaves_every_sum_and_no_trace(engine: Engine) -> None:
    world, run_id = mixed(engine)
    before = of(world, run_id)
    service = Subscriptions(engine, now=world.clock)
    for number in (1, 3, 4):  # failed, unknown, and one that waits
        service.erase(person=person(number))
    after = of(world, run_id)
    assert after.adds_up
    assert (after.failed, after.unknown) == (before.failed, before.unknown)
    assert (after.waiting, after.skipped) == (1, {"no_channel": 2, "no_consent": 1, "erased": 1})
    with engine.connect() as connection:
        names = connection.scalars(select(deliveries.c.person)).all()
    assert len(set(names)) == 11
    assert not {person(1), person(3), person(4)} & set(names)
    world.clock.ahead(hours=4)
    world.work()
    assert len([each for each in world.sender.got if each.person == person(4)]) == 1


def test_erased_after_a_message_counts_among_those_who_unsubscribed_after_it(engine: Engine) -> None:
    world, run_id = mixed(engine)
    service = Subscriptions(engine, now=world.clock)
    for number in (4, 8):  # one that waits, one whose outcome nobody knows
        service.erase(person=person(number), after_run=run_id)
    service.erase(person=person(4), after_run=run_id)  # nothing is left of them
    service.erase(person=person(2), after_run=run_id)  # blocked us, so the subscription had ended
    service.erase(person=person(9), after_run="no-such-run")
    service.erase(person=person(1))
    found = of(world, run_id)
    assert (found.unsubscribed, found.counted, found.adds_up) == (2, found.recipients, True)
    assert found.skipped == {"no_channel": 2, "no_consent": 1, "erased": 2}
    with engine.connect() as connection:
        kept = connection.execute(select(run_sums)).all()
    assert [tuple(row) for row in kept] == [(run_id, "unsubscribed", "0", date(2026, 11, 20), 2)]


def test_deleting_what_ended_long_ago_keeps_who_subscribed_again(engine: Engine) -> None:
    world, run_id = mixed(engine)
    service = Subscriptions(engine, now=world.clock)
    world.clock.ahead(days=1)
    subscribe(service, "绿色消费活动周", subscriber=Subscriber(person(0), "null"))
    world.clock.ahead(days=800)
    service.delete_ended(kept_days=730)
    with engine.connect() as connection:
        names = set(connection.scalars(select(deliveries.c.person)).all())
    assert person(0) in names
    assert person(2) not in names  # blocked us, so the contact ended
    assert of(world, run_id).adds_up


STATES = ("queued", "leased", "sending", "sent", "failed", "skipped", "unknown")


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(
        st.tuples(st.sampled_from(STATES), st.sampled_from([None, "a", "blocked", "b"])), max_size=40
    )
)
def test_figures_add_up_for_any_mix_of_rows(engine: Engine, rows: list[tuple[str, str | None]]) -> None:
    campaign_id = plan(engine)
    with engine.begin() as connection:
        for table in (deliveries, run_sums, runs):
            connection.execute(delete(table))
        run_id = uuid4().hex
        connection.execute(
            insert(runs).values(
                id=run_id, campaign_id=campaign_id, due_at=NOON, state="running", content={}, audience={},
                schedule={}, frozen_hash="x", recipients=len(rows), created_at=NOON,
            )
        )  # fmt: skip
        for number, (state, reason) in enumerate(rows):
            connection.execute(
                insert(deliveries).values(
                    run_id=run_id,
                    person=person(number),
                    channel="null",
                    state=state,
                    reason=reason,
                    attempts=0,
                )
            )
        (found,) = figures.of_runs(connection, [run_id])
    assert found.adds_up
    states = Counter(state for state, _ in rows)
    assert (found.sent, found.waiting) == (states["sent"], states["queued"] + states["leased"])
