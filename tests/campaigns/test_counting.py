from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest
from sqlalchemy import Engine, event, insert

from campaigns.errors import InvalidInput, UnknownTopic
from campaigns.model import Subscriber
from campaigns.store.tables import subscription_topics, subscriptions
from campaigns.subscriptions import Subscriptions
from tests.campaigns.parts import NOON, subscribe

DISTRICTS = [f"{name}区" for name in "万黔涪渝江沙九南北巴长合永綦大璧铜潼荣开梁武"] + ["城口县", None]


def test_counts_are_of_what_is_active(service: Subscriptions) -> None:
    people = [Subscriber(f"p{number}", "web") for number in range(4)]
    subscribe(service, "节能节水", "旧物回收", subscriber=people[0], district="渝北区", setting="学校")
    subscribe(service, "节能节水", subscriber=people[1], district="渝北区")
    subscribe(service, "旧物回收", subscriber=people[2])
    subscribe(service, "旧物回收", subscriber=people[3], district="城口县")
    service.unsubscribe(subscriber=people[3])
    service.unsubscribe(subscriber=people[0], topics=["旧物回收"])
    assert service.count() == 3
    assert service.count(district="渝北区") == 2
    assert service.count(district=None) == 1
    assert service.count(district="城口县") == 0
    assert service.count(topic="旧物回收") == 1
    assert service.count(topic="旧物回收", district="渝北区") == 0
    assert service.count(setting="学校") == 1
    assert service.count(channel="telegram") == 0
    assert service.count_by_district() == {None: 1, "渝北区": 2}
    assert service.count_by_district(topic="节能节水", channel="web") == {"渝北区": 2}


def test_counting_what_does_not_exist_is_refused(service: Subscriptions) -> None:
    with pytest.raises(UnknownTopic, match="'没有' is not offered"):
        service.count(topic="没有")
    with pytest.raises(InvalidInput, match="The setting is '火星'"):
        service.count_by_district(setting="火星")
    with pytest.raises(InvalidInput, match="The district is '渝北'"):
        service.count(district="渝北")
    with pytest.raises(InvalidInput, match="The channel is '网 页'"):
        service.count(channel="网 页")


@pytest.fixture
def crowd(engine: Engine) -> list[str | None]:
    """10,000 active subscribers and 1,000 who left; gives the districts of the former."""
    rows: list[dict[str, Any]] = [
        {
            "id": f"s{number}",
            "person": f"p{number}",
            "channel": "web",
            "district": DISTRICTS[number * number % len(DISTRICTS)],
            "setting": None,
            "frequency": "digest",
            "state": "active" if number < 10_000 else "ended",
            "consented_at": NOON,
            "ended_at": None if number < 10_000 else NOON,
            "end_reason": None if number < 10_000 else "asked",
        }
        for number in range(11_000)
    ]
    topics = [
        {"subscription_id": row["id"], "topic": topic, "since": NOON, "ended_at": row["ended_at"]}
        for number, row in enumerate(rows)
        for topic in ("节能节水", "旧物回收")[: 1 + number % 2]
    ]
    with engine.begin() as connection:
        connection.execute(insert(subscriptions), rows)
        connection.execute(insert(subscription_topics), topics)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE" if engine.dialect.name == "sqlite" else "VACUUM ANALYZE")
    return [row["district"] for row in rows[:10_000]]


def plan_of(engine: Engine, call: Any) -> str:
    """The database's own plan for the one SELECT that `call` sends, with the values that it sends."""
    sent: list[tuple[str, Any]] = []

    def note(_c: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        if statement.startswith("SELECT"):
            sent.append((statement, parameters))

    event.listen(engine, "before_cursor_execute", note)
    call()
    event.remove(engine, "before_cursor_execute", note)
    ((statement, parameters),) = sent
    with engine.connect() as connection:
        explain = "EXPLAIN QUERY PLAN " if engine.dialect.name == "sqlite" else "EXPLAIN (FORMAT JSON) "
        rows = connection.exec_driver_sql(explain + statement, parameters).all()
    return "\n".join(str(row[3]) if len(row) > 1 else json.dumps(row[0]) for row in rows)


def test_ten_thousand_subscribers_are_counted_by_district_from_the_index(
    service: Subscriptions, engine: Engine, crowd: list[str | None]
) -> None:
    counted = Counter(crowd)
    assert service.count_by_district() == counted
    assert service.count(district="万区") == counted["万区"]
    assert service.count(district=None) == counted[None]
    assert sum(counted.values()) == service.count() == 10_000
    for call in (
        service.count_by_district,
        lambda: service.count(district="万区"),
        lambda: service.count(district=None),
    ):
        plan = plan_of(engine, call)
        assert "ix_subscriptions_state_district" in plan
        assert "SCAN" not in plan
        assert "Seq Scan" not in plan


def test_a_topic_is_counted_from_its_index(
    service: Subscriptions, engine: Engine, crowd: list[str | None]
) -> None:
    assert service.count(topic="旧物回收") == 5_000
    assert service.count(topic="旧物回收", district="万区") == Counter(crowd[1::2])["万区"]
    plan = plan_of(engine, lambda: service.count(topic="反食品浪费"))
    assert "uq_subscription_topics_running" in plan
