"""The history of the database's schema, run by the app itself: no alembic.ini, no command to remember."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine

from knowledge.store.engine import create_engine_for


def config_for(connection: Connection) -> Config:
    """Alembic's configuration for one open connection."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["connection"] = connection
    return config


def upgrade(url: str | Engine, revision: str = "head") -> None:
    """Brings a database to `revision`; does nothing where it is there already."""
    engine = create_engine_for(url) if isinstance(url, str) else url
    try:
        with engine.connect().execution_options(immediate=True) as connection:
            command.upgrade(config_for(connection), revision)
            connection.commit()
    finally:
        if isinstance(url, str):
            engine.dispose()
