"""What every test may rely on."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

SHARING = ("console", "dialogue", "e2e")
"""Folders whose tests share something that takes long to start, so that one worker runs all of them."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A file's tests stay on one worker, for the sake of what its fixtures start."""
    here = Path(__file__).parent
    for item in items:
        parts = item.path.relative_to(here).parts
        item.add_marker(pytest.mark.xdist_group(parts[0] if parts[0] in SHARING else "/".join(parts)))


@pytest.fixture(autouse=True)
def _logging_as_it_was() -> Iterator[None]:
    """The app sets up the root logger of its process; a test's process has more than one test."""
    root = logging.getLogger()
    level, handlers = root.level, root.handlers[:]
    yield
    root.setLevel(level)
    root.handlers[:] = handlers
