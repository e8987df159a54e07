"""Migrated databases of both kinds, and a service whose clock moves on by a minute a reading."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from api.migrations import upgrade
from campaigns.store.tables import metadata
from campaigns.subscriptions import Subscriptions
from knowledge.store import create_engine_for
from tests.campaigns.parts import SteppingClock
from tests.knowledge.conftest import postgresql

__all__ = ["postgresql"]


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """An empty, migrated database: each test runs on both kinds."""
    if request.param == "sqlite":
        address = f"sqlite:///{tmp_path / 'var' / 'app.db'}"
    else:
        address = request.getfixturevalue("postgresql")
    upgrade(address)
    engine = create_engine_for(address)
    with engine.begin() as connection:
        for table in reversed(metadata.sorted_tables):
            connection.execute(table.delete())
    yield engine
    engine.dispose()


@pytest.fixture
def clock() -> SteppingClock:
    return SteppingClock()


@pytest.fixture
def service(engine: Engine, clock: SteppingClock) -> Subscriptions:
    return Subscriptions(engine, now=clock)
