"""A world over each kind of database; `engine` comes from the folder above."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

from tests.campaigns.planning.world import World


@pytest.fixture
def world(engine: Engine) -> World:
    return World(engine)
