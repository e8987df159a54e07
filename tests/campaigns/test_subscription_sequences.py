"""Any sequence of calls leaves what a dictionary kept by hand says, and events that tell the whole story."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from api.migrations import upgrade
from campaigns.errors import NotSubscribed
from campaigns.model import Subscriber
from campaigns.subscriptions import Subscriptions
from knowledge.store import create_engine_for
from tests.campaigns.parts import FIRST, SECOND, SteppingClock, subscribe

PEOPLE = [Subscriber("p1", "web"), Subscriber("p1", "telegram"), Subscriber("p2", "web")]
TOPICS = ["节能节水", "旧物回收", "新能源汽车"]

some_topics = st.lists(st.sampled_from(TOPICS), min_size=1, max_size=3)
calls = st.lists(
    st.tuples(
        st.sampled_from(["subscribe", "unsubscribe", "end", "move", "erase"]),
        st.sampled_from(PEOPLE),
        some_topics,
        st.sampled_from([FIRST, SECOND]),
        st.sampled_from([None, "渝北区", "城口县"]),
    ),
    max_size=20,
)


@pytest.fixture(scope="module")
def sqlite(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    path: Path = tmp_path_factory.mktemp("sequences") / "app.db"
    upgrade(f"sqlite:///{path}")
    return create_engine_for(f"sqlite:///{path}")


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(calls=calls)
def test_every_sequence_ends_where_it_should(sqlite: Engine, calls: list) -> None:  # type: ignore[type-arg]
    service = Subscriptions(sqlite, now=SteppingClock())
    for subscriber in PEOPLE:
        service.erase(person=subscriber.person)
    expected: dict[Subscriber, tuple[set[str], str | None]] = {}
    for call, who, topics, wording, district in calls:
        running, lives_in = expected.get(who, (set(), None))
        if call == "subscribe":
            done = subscribe(service, *topics, subscriber=who, wording=wording)
            assert set(done.added) == set(topics) - running
            expected[who] = (running | set(topics), lives_in)
        elif call == "erase":
            service.erase(person=who.person)
            expected = {other: kept for other, kept in expected.items() if other.person != who.person}
        elif call == "move":
            if who in expected:
                assert service.change(subscriber=who, message_id="m", district=district).district == district
                expected[who] = (running, district)
            else:
                with pytest.raises(NotSubscribed):
                    service.change(subscriber=who, message_id="m", district=district)
        else:
            wanted = None if call == "end" else topics
            ended = set(service.unsubscribe(subscriber=who, topics=wanted).ended)
            assert ended == (running if wanted is None else running & set(topics))
            expected[who] = (running - ended, lives_in)
        expected = {each: kept for each, kept in expected.items() if kept[0]}

    for who in PEOPLE:
        standing = service.subscriptions_of(subscriber=who)
        found = [(set(each.topics), each.district) for each in standing]
        assert found == ([expected[who]] if who in expected else [])
        assert replayed(service, who) == expected.get(who, (set(), None))[0]
        for each in service.subscriptions_of(subscriber=who, include_ended=True):
            assert each.topics
            assert each.state == ("ended" if each.ended_at else "active")


def replayed(service: Subscriptions, who: Subscriber) -> set[str]:
    """The topics that the events alone say are running."""
    running: set[str] = set()
    for consent in service.consents_of(subscriber=who):
        if consent.kind == "given":
            running |= set(consent.topics)
        elif consent.kind == "withdrawn":
            running -= set(consent.topics)
        else:
            assert set(consent.topics) == running
    return running
