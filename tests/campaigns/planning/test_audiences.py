from __future__ import annotations

from dataclasses import fields
from datetime import date, timedelta

import pytest
from sqlalchemy import Engine

from campaigns import audiences
from campaigns.audience import WHOLE_CITY, Audience
from campaigns.audiences import Counted, Sampled
from tests.campaigns.planning.world import NOW, TOPIC, World, received, subscribers


def people(engine: Engine, audience: Audience) -> set[str]:
    with engine.connect() as connection:
        return {row.person for row in connection.execute(audiences.recipients_of(audience, NOW))}


def test_only_active_subscriptions_of_the_topic_are_meant(engine: Engine) -> None:
    wanted = subscribers(engine, 3)
    subscribers(engine, 2, topic="旧物回收")
    subscribers(engine, 2, state="ended")
    assert people(engine, Audience(topics=(TOPIC,))) == set(wanted)
    assert len(people(engine, Audience(topics=(TOPIC, "旧物回收")))) == 5
    assert len(people(engine, Audience())) == 5


def test_a_topic_that_was_given_up_is_no_longer_meant(engine: Engine) -> None:
    (one,) = subscribers(engine, 1)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE subscription_topics SET ended_at = since")
    assert people(engine, Audience(topics=(TOPIC,))) == set()
    assert people(engine, Audience()) == {one}


def test_each_filter_narrows(engine: Engine) -> None:
    yubei = subscribers(engine, 1, district="渝北区", setting="学校")
    city = subscribers(engine, 1, frequency="digest")
    late = subscribers(engine, 1, district="万州区", channel="telegram", since=NOW - timedelta(days=1))
    both = Audience(districts=("渝北区", WHOLE_CITY))
    assert people(engine, Audience(districts=("渝北区",))) == set(yubei)
    assert people(engine, both) == {*yubei, *city}
    assert people(engine, Audience(districts=(WHOLE_CITY,))) == set(city)
    assert people(engine, Audience(channels=("telegram",))) == set(late)
    assert people(engine, Audience(settings=("学校", "家庭"))) == set(yubei)
    assert people(engine, Audience(frequency="digest")) == set(city)
    assert people(engine, Audience(since=date(2026, 11, 19))) == set(late)


def test_since_is_a_day_in_chongqing(engine: Engine) -> None:
    (one,) = subscribers(engine, 1, since=NOW.replace(day=18, hour=17))
    assert people(engine, Audience(since=date(2026, 11, 19))) == {one}
    assert people(engine, Audience(since=date(2026, 11, 20))) == set()


@pytest.mark.parametrize(("state", "left"), [("sent", 1), ("unknown", 1), ("failed", 2), ("skipped", 2)])
def test_recent_receivers_are_left_out(world: World, state: str, left: int) -> None:
    first, _ = subscribers(world.engine, 2)
    received(world.engine, world.draft(), [first], NOW - timedelta(hours=5), state=state)
    audience = Audience(topics=(TOPIC,), exclude_recent_h=6)
    assert len(people(world.engine, audience)) == left
    assert len(people(world.engine, Audience(topics=(TOPIC,), exclude_recent_h=4))) == 2
    with world.engine.connect() as connection:
        assert audiences.counted(connection, audience, NOW) == Counted(left, {"web": left}, 2 - left)


def test_counts_add_up_by_channel_and_district(engine: Engine) -> None:
    subscribers(engine, 3, district="渝北区")
    subscribers(engine, 2, channel="telegram")
    with engine.connect() as connection:
        assert audiences.count(connection, Audience(), NOW) == 5
        assert audiences.by_channel(connection, Audience(), NOW) == {"telegram": 2, "web": 3}
        assert audiences.by_district(connection, Audience(), NOW) == {"渝北区": 3, None: 2}


def test_a_sample_names_nobody_and_nobody_twice(engine: Engine) -> None:
    everybody = subscribers(engine, 30, district="渝北区")
    with engine.connect() as connection:
        found = audiences.sample(connection, Audience(), NOW, 10)
        assert len(found) == 10
        assert len(audiences.sample(connection, Audience(), NOW, 40)) == 30
        assert len(audiences.sample(connection, Audience(), NOW, 4000)) == 30
    assert {field.name for field in fields(Sampled)} == {
        "channel",
        "district",
        "setting",
        "frequency",
        "since",
    }
    assert not set(everybody) & {str(value) for each in found for value in (each.channel, each.district)}
