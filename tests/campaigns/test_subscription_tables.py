"""The migration builds what the tables declare, and the database itself holds the invariants."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, insert, inspect, text
from sqlalchemy.exc import IntegrityError, StatementError

from api.migrations import config_for, upgrade
from campaigns.store.tables import metadata, subscription_topics, subscriptions
from tests.campaigns.parts import NOON


def row(**given: Any) -> dict[str, Any]:
    standing = {"id": "a", "person": "p", "channel": "web", "frequency": "digest", "state": "active"}
    return standing | {"consented_at": NOON} | given


def test_the_migration_and_the_tables_agree(engine: Engine) -> None:
    def only_ours(_item: object, name: str | None, kind: str, _reflected: bool, _compare: object) -> bool:
        return kind != "table" or name in metadata.tables

    with engine.connect() as connection:
        options = {"compare_type": True, "include_object": only_ours}
        assert compare_metadata(MigrationContext.configure(connection, opts=options), metadata) == []


def test_the_partial_indexes_are_partial_in_the_database_too(engine: Engine) -> None:
    catalogue = (
        "SELECT sql FROM sqlite_master WHERE name = :name"
        if engine.dialect.name == "sqlite"
        else "SELECT indexdef FROM pg_indexes WHERE indexname = :name"
    )
    with engine.connect() as connection:
        for name, condition in (
            ("uq_subscriptions_active", "state"),
            ("uq_subscription_topics_running", "ended_at IS NULL"),
        ):
            made = connection.scalar(text(catalogue), {"name": name})
            assert made is not None
            assert "UNIQUE" in made
            assert condition in made.split("WHERE")[1]


def test_the_migration_can_be_taken_back_and_made_again(engine: Engine) -> None:
    with engine.connect() as connection:
        command.downgrade(config_for(connection), "0005")
        connection.commit()
    assert not set(metadata.tables) & set(inspect(engine).get_table_names())
    upgrade(engine)
    assert set(metadata.tables) <= set(inspect(engine).get_table_names())


def test_the_database_refuses_a_second_active_subscription(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(insert(subscriptions), row())
        connection.execute(
            insert(subscriptions), row(id="b", state="ended", ended_at=NOON, end_reason="asked")
        )
    with pytest.raises(IntegrityError), engine.begin() as connection:
        connection.execute(insert(subscriptions), row(id="c"))


def test_the_database_refuses_a_topic_that_runs_twice(engine: Engine) -> None:
    topic = {"subscription_id": "a", "topic": "节能节水", "since": NOON}
    with engine.begin() as connection:
        connection.execute(insert(subscriptions), row())
        connection.execute(insert(subscription_topics), [topic | {"ended_at": NOON}])
        connection.execute(insert(subscription_topics), [topic])
    with pytest.raises(IntegrityError), engine.begin() as connection:
        connection.execute(insert(subscription_topics), [topic])


@pytest.mark.parametrize("wrong", [{"state": "ended"}, {"ended_at": NOON}])
def test_the_database_refuses_a_state_that_contradicts_its_end(engine: Engine, wrong: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError), engine.begin() as connection:
        connection.execute(insert(subscriptions), row(**wrong))


def test_a_time_without_a_zone_is_refused(engine: Engine) -> None:
    naive = datetime(2026, 11, 20, 4, 0)
    with pytest.raises(StatementError, match="has no time zone; use an aware UTC time"), engine.begin() as c:
        c.execute(insert(subscriptions), row(consented_at=naive))
