"""Alembic's entry: runs migrations on the connection that `upgrade` hands over."""

from __future__ import annotations

from alembic import context
from sqlalchemy import Connection

from api.migrations.schema import every_metadata


def run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=every_metadata(),
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
