"""Two devices at once, and a process killed half-way."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import Engine, event

from campaigns.outcomes import Subscribed
from campaigns.subscriptions import Subscriptions
from tests.campaigns.parts import FIRST, LAN, SECOND, everything_stored, subscribe


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """The results of calls that start together, each in its own thread; raises what one of them raised."""
    gate = threading.Barrier(len(calls))

    def run(call: Callable[[], Any]) -> Any:
        gate.wait(timeout=30)
        return call()

    with ThreadPoolExecutor(len(calls)) as pool:
        return [future.result(timeout=60) for future in [pool.submit(run, call) for call in calls]]


def test_two_devices_at_once_leave_one_subscription_and_one_consent(engine: Engine) -> None:
    service = Subscriptions(engine)
    for _ in range(10):
        done: list[Subscribed] = at_once(
            *[lambda: subscribe(service, "节能节水", "旧物回收", district="渝北区")] * 4
        )
        assert len({each.subscription for each in done}) == 1
        assert sorted(each.changed for each in done) == [False, False, False, True]
        stored = everything_stored(engine)
        assert [len(stored[name]) for name in ("subscriptions", "subscription_topics", "consents")] == [
            1,
            2,
            1,
        ]
        service.erase(person=LAN.person)


def test_an_insert_that_waited_for_another_finds_its_subscription(engine: Engine) -> None:
    """Both see no subscription and insert; SQLite lets only one write at a time, so this is PostgreSQL's."""
    if engine.dialect.name == "sqlite":
        pytest.skip("On SQLite the second transaction cannot read before the first has committed")
    subscribe(Subscriptions(engine), "新能源汽车", subscriber=LAN)  # the wording is there: no wait on it
    Subscriptions(engine).erase(person=LAN.person)
    meeting = threading.Barrier(2)
    waited = threading.local()

    @event.listens_for(engine, "before_cursor_execute")
    def meet(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.startswith("INSERT INTO subscriptions ") and not getattr(waited, "once", False):
            waited.once = True
            meeting.wait(timeout=30)

    service = Subscriptions(engine)
    first, second = at_once(lambda: subscribe(service, "节能节水"), lambda: subscribe(service, "旧物回收"))
    assert first.subscription.id == second.subscription.id
    (standing,) = service.subscriptions_of(subscriber=LAN)
    assert set(standing.topics) == {"节能节水", "旧物回收"}
    assert meeting.broken is False


def test_different_topics_at_once_are_both_kept(engine: Engine) -> None:
    service = Subscriptions(engine)
    topics = service.offer.topics.names[:4]
    at_once(*[lambda topic=topic: subscribe(service, topic, message_id="m") for topic in topics])
    (standing,) = service.subscriptions_of(subscriber=LAN)
    assert set(standing.topics) == set(topics)
    assert len(service.consents_of(subscriber=LAN)) == 4


def test_ending_and_subscribing_at_once_never_leave_a_topic_in_an_ended_subscription(engine: Engine) -> None:
    service = Subscriptions(engine)
    for _ in range(10):
        subscribe(service, "节能节水")
        at_once(
            lambda: service.unsubscribe(subscriber=LAN),
            lambda: subscribe(service, "旧物回收", wording=SECOND),
        )
        active = service.subscriptions_of(subscriber=LAN)
        running = [row for row in everything_stored(engine)["subscription_topics"] if row[4] is None]
        expected = [(each.id, topic) for each in active for topic in each.topics]
        assert sorted((row[1], row[2]) for row in running) == sorted(expected)
        for ended in service.subscriptions_of(subscriber=LAN, include_ended=True)[: -len(active) or None]:
            assert ended.topics
        service.erase(person=LAN.person)


def test_ending_twice_at_once_ends_once(engine: Engine) -> None:
    service = Subscriptions(engine)
    subscribe(service, "节能节水")
    done = at_once(*[lambda: service.unsubscribe(subscriber=LAN)] * 4)
    assert sorted(each.ended for each in done) == [(), (), (), ("节能节水",)]
    assert [each.kind for each in service.consents_of(subscriber=LAN)] == ["given", "withdrawn"]


def test_erasing_while_subscribing_leaves_all_or_nothing(engine: Engine) -> None:
    service = Subscriptions(engine)
    for _ in range(10):
        subscribe(service, "节能节水")
        at_once(lambda: service.erase(person=LAN.person), lambda: subscribe(service, "旧物回收"))
        stored = everything_stored(engine)
        standing = {row[0] for row in stored["subscriptions"]}
        assert {row[1] for row in stored["subscription_topics"]} == standing
        assert {row[1] for row in stored["consents"]} == standing
        service.erase(person=LAN.person)


KILLED = """
import os, signal, sys
from sqlalchemy import event
from campaigns.model import Subscriber, Wording
from campaigns.subscriptions import Subscriptions
from knowledge.store import create_engine_for

url, person, call, statement = sys.argv[1:]
engine = create_engine_for(url)

@event.listens_for(engine, "before_cursor_execute")
def die(_connection, _cursor, sent, *_rest):
    if sent.startswith(statement):
        os.kill(os.getpid(), signal.SIGKILL)

service, subscriber = Subscriptions(engine), Subscriber(person, "web")
if call == "subscribe":
    service.subscribe(subscriber=subscriber, topics=["节能节水"], wording=Wording("v", "同意吗？"), message_id="m")
elif call == "unsubscribe":
    service.unsubscribe(subscriber=subscriber)
else:
    service.erase(person=person)
"""


@pytest.mark.parametrize(
    ("call", "statement"),
    [
        ("subscribe", "INSERT INTO subscription_topics"),
        ("subscribe", "INSERT INTO consents"),
        ("unsubscribe", "UPDATE subscriptions SET state=%s, ended_at"),
        ("unsubscribe", "INSERT INTO consents"),
        ("erase", "DELETE FROM subscriptions"),
        ("erase", "INSERT INTO subscription_erasures"),
    ],
)
def test_a_process_killed_half_way_leaves_everything_as_it_was(
    engine: Engine, call: str, statement: str
) -> None:
    service = Subscriptions(engine)
    if call != "subscribe":
        subscribe(service, "节能节水", "旧物回收")
    before = everything_stored(engine)
    if engine.dialect.name == "sqlite":
        statement = statement.replace("%s", "?")
    else:
        statement = statement.replace("%s", "%(state)s::VARCHAR")
    url = engine.url.render_as_string(hide_password=False)
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, url, LAN.person, call, statement],
        env=os.environ | {"PYTHONPATH": "."},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert everything_stored(engine) == before
    assert subscribe(service, "反食品浪费", wording=FIRST).added == ("反食品浪费",)
