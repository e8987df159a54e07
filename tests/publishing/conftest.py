"""A world a test, on both kinds of database where the test asks for `any_world`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from api.migrations import upgrade
from knowledge.store import create_engine_for
from tests.knowledge.conftest import engine, postgresql
from tests.publishing.world import World, fill, open_world

__all__ = ["engine", "postgresql"]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    address = f"sqlite:///{tmp_path / 'lvxiaoyu.db'}"
    upgrade(address)
    database = create_engine_for(address)
    fill(database)
    yield open_world(database, tmp_path / "snapshots")
    database.dispose()


@pytest.fixture
def any_world(engine: Engine, tmp_path: Path) -> World:
    """On SQLite and on PostgreSQL."""
    fill(engine)
    return open_world(engine, tmp_path / "snapshots")
