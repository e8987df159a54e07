"""Senders killed at random moments: nobody gets a message twice, nobody is lost, little is unknown."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from campaigns.planning.schedule import Schedule
from campaigns.store.delivery_tables import deliveries, runs
from tests.campaigns.conftest import engine, postgresql
from tests.campaigns.sending_world import person, plan, subscribe_many
from tests.faults.killed_senders import IN_FLIGHT

__all__ = ["engine", "postgresql"]
ROOT = Path(__file__).parents[2]
PEOPLE = 5000
KILLS = 10
"""A run; the three runs on each database make up thirty."""


@pytest.fixture
def redis() -> Iterator[str]:
    """The address of a Redis of our own."""
    program = shutil.which("redis-server")
    if program is None:
        pytest.skip("redis-server is not installed")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    until = time.monotonic() + 20
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            break
        except OSError:
            assert time.monotonic() < until
            time.sleep(0.05)
    yield f"redis://127.0.0.1:{port}/0"
    server.terminate()
    server.wait(20)


def due(engine: Engine, people: int = PEOPLE) -> None:
    subscribe_many(engine, people)
    now = datetime.now(UTC)
    at = now - timedelta(seconds=1)
    plan(engine, due=at, schedule=Schedule(first_at=at, quiet=None))


def kill(engine: Engine, folder: Path, *more: str, people: int = PEOPLE, kills: int = KILLS) -> int:
    """How many processes were killed while they sent."""
    address = engine.url.render_as_string(hide_password=False)
    done = subprocess.run(
        [
            sys.executable, "-m", "tests.faults.killed_senders", address, str(folder),
            "--kills", str(kills), "--rows", str(people), *more,
        ],
        cwd=ROOT, capture_output=True, text=True, timeout=240, check=False, env=os.environ | {"PYTHONPATH": "."},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    return int(done.stdout.split()[-1])


def check(engine: Engine, folder: Path, *, killed: int, people: int = PEOPLE) -> None:
    taken = Counter(line.split()[1] for line in (folder / "taken").read_text().splitlines())
    with engine.connect() as connection:
        run_states = connection.scalars(select(runs.c.state)).all()
        found = connection.execute(select(deliveries.c.person, deliveries.c.state)).all()
    stored = {row.person: row.state for row in found}
    assert run_states == ["finished"]
    assert [who for who, times in taken.items() if times > 1] == []
    assert sorted(stored) == [person(n) for n in range(people)]
    assert set(stored.values()) <= {"sent", "unknown"}
    sent = {who for who, state in stored.items() if state == "sent"}
    unknown = set(stored) - sent
    assert sent <= set(taken)
    assert set(taken) - sent <= unknown
    assert len(unknown) <= killed * IN_FLIGHT


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_killed_at_random_moments_nobody_gets_it_twice_and_nobody_is_lost(
    engine: Engine, tmp_path: Path, seed: int
) -> None:
    due(engine)
    killed = kill(engine, tmp_path, "--seed", str(seed))
    assert killed >= KILLS // 2
    check(engine, tmp_path, killed=killed)


def test_two_senders_side_by_side_are_killed_in_turn(engine: Engine, tmp_path: Path) -> None:
    due(engine)
    killed = kill(engine, tmp_path, "--side-by-side", "2", "--seed", "4")
    check(engine, tmp_path, killed=killed)


def test_two_senders_killed_over_redis(engine: Engine, tmp_path: Path, redis: str) -> None:
    due(engine)
    killed = kill(engine, tmp_path, "--side-by-side", "2", "--seed", "5", "--redis", redis)
    check(engine, tmp_path, killed=killed)


def test_killed_with_the_clock_set_back_an_hour(engine: Engine, tmp_path: Path) -> None:
    due(engine)
    killed = kill(engine, tmp_path, "--set-back", "--seed", "6")
    check(engine, tmp_path, killed=killed)
