from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.dialogue.rasa_world import World
from tests.dialogue.tasks import task_services


@pytest.fixture(scope="session")
def started_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    world = World(tmp_path_factory.mktemp("dialogue"), task_services())
    yield world
    world.close()


@pytest.fixture
def world(started_world: World) -> World:
    started_world.reset()
    return started_world
