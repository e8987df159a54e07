from __future__ import annotations

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, inspect

import api.accounts.tables
from api.migrations import config_for, upgrade
from api.store.tables import metadata

OURS = {"staff", "staff_sessions", "sign_in_failures", "audit_log"}


def test_models_and_migration_agree(database: Engine) -> None:
    assert set(metadata.tables) >= OURS
    assert api.accounts.tables.audit_log.metadata is metadata

    def only_ours(_item: object, name: str | None, kind: str, _reflected: bool, _compare: object) -> bool:
        return kind != "table" or name in OURS

    with database.connect() as connection:
        options = {"compare_type": True, "include_object": only_ours}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, metadata) == []


def test_going_back_takes_everything_away_and_coming_again_brings_it(database: Engine) -> None:
    with database.connect() as connection:
        command.downgrade(config_for(connection), "0008")
        connection.commit()
    assert OURS.isdisjoint(inspect(database).get_table_names())
    upgrade(database)
    assert set(inspect(database).get_table_names()) >= OURS
