"""Alembic's entry: runs migrations on the connection that `upgrade` hands over."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

from alembic import context
from sqlalchemy import Connection, MetaData

from campaigns.store.tables import metadata as campaign_metadata
from knowledge.store.tables import metadata


def target_metadata() -> list[MetaData]:
    """The tables of every package that keeps some."""
    found = [metadata, campaign_metadata]
    if find_spec("api.store") is not None and find_spec("api.store.tables") is not None:
        found.append(import_module("api.store.tables").metadata)
    return found


def run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=target_metadata(),
        render_as_batch=connection.dialect.name == "sqlite",
        compare_type=True,
        transactional_ddl=True,  # our SQLite engine begins real transactions, so a failed step leaves nothing
    )
    with context.begin_transaction():
        context.run_migrations()


handed_over = context.config.attributes.get("connection")
if handed_over is None:
    raise RuntimeError("Run migrations through api.migrations.upgrade(url).")
run(handed_over)
