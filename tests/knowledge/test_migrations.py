"""The migrations build the tables that the models describe, on both databases."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, MetaData, inspect, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from api.migrations import config_for, upgrade
from knowledge.model import Entry, Quote
from knowledge.shipped import ShippedEntry
from knowledge.store import create_engine_for, metadata
from knowledge.store.rows import entry_of
from knowledge.store.tables import EntryRow


def _differences(engine: Engine) -> list[object]:
    ours = set(metadata.tables)

    def only_ours(_item: object, name: str | None, kind: str, _reflected: bool, _compare: object) -> bool:
        return kind != "table" or name in ours

    with engine.connect() as connection:
        options = {"compare_type": True, "include_object": only_ours}
        return list(compare_metadata(MigrationContext.configure(connection, opts=options), metadata))


def test_models_and_migrations_agree(engine: Engine) -> None:
    assert _differences(engine) == []


def test_a_difference_would_be_seen(tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path / 'app.db'}"
    upgrade(address)
    engine = create_engine_for(address)
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE entries ADD COLUMN extra TEXT"))
    assert _differences(engine)


def test_upgrading_twice_does_nothing(tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path / 'deep' / 'app.db'}"
    upgrade(address)
    before = MetaData()
    engine = create_engine_for(address)
    before.reflect(engine)
    upgrade(address)
    after = MetaData()
    after.reflect(engine)
    assert sorted(before.tables) == sorted(after.tables)
    assert set(metadata.tables) < set(after.tables)


OLD_ENTRY = (
    "INSERT INTO entries (id, question, tags, state, content_hash, updated_at, updated_by)"
    " VALUES ('old-01', '甲？', '[\"居民\"]', 'published', 'x', '2026-11-01 08:00:00', 'editor')"
)


def test_an_entry_of_an_older_store_keeps_its_parts_and_shows_no_programme(engine: Engine) -> None:
    with engine.connect() as connection:
        command.downgrade(config_for(connection), "0002")
        connection.commit()
    assert "programmes" not in {column["name"] for column in inspect(engine).get_columns("entries")}
    with engine.begin() as connection:
        connection.execute(text(OLD_ENTRY))
        connection.execute(text("INSERT INTO entry_variants VALUES ('old-01', 0, '乙？')"))
        connection.execute(text("INSERT INTO entry_quotes VALUES ('old-01', 0, 'a#1', 0, 2, '节水')"))
    upgrade(engine)
    with Session(engine) as session:
        row = session.get(EntryRow, "old-01")
        assert row is not None
        assert entry_of(row) == ShippedEntry(
            Entry("old-01", "甲？", ("乙？",), (Quote("a#1", 0, 2, "节水"),), tags=("居民",), programmes=())
        )


def test_sqlite_waits_for_locks_and_keeps_foreign_keys(tmp_path: Path) -> None:
    engine = create_engine_for(f"sqlite:///{tmp_path / 'app.db'}")
    with engine.connect() as connection:
        settings = {
            name: connection.execute(text(f"PRAGMA {name}")).scalar_one()
            for name in ("journal_mode", "foreign_keys", "busy_timeout")
        }
    assert settings == {"journal_mode": "wal", "foreign_keys": 1, "busy_timeout": 10_000}


def test_a_failed_migration_leaves_nothing_behind(tmp_path: Path) -> None:
    engine = create_engine_for(f"sqlite:///{tmp_path / 'app.db'}")
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE publications (id INTEGER)"))
    with pytest.raises(OperationalError, match="publications"):
        upgrade(engine)
    assert inspect(engine).get_table_names() == ["publications"]
