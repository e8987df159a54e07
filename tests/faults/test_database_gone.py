"""The database goes away while messages go out: what was sent is written down once it is back."""

from __future__ import annotations

import os
import pwd
import shutil
import sqlite3
import subprocess
import tempfile
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import Engine, event

from api.migrations import upgrade
from campaigns.delivery.batching import Limits
from campaigns.delivery.senders import Outgoing, Sent
from knowledge.store import create_engine_for
from tests.campaigns.sending_world import Scripted, World, person, plan, subscribe_many

PEOPLE = 60


@dataclass
class Store:
    """`gone_s`: how long it stays away."""

    engine: Engine
    take_away: Callable[[], None]
    bring_back: Callable[[], None]
    gone_s: float = 1.0


def sqlite_store(folder: Path) -> Iterator[Store]:
    """Somebody else holds the file's lock for longer than anybody waits."""
    address = f"sqlite:///{folder / 'app.db'}"
    upgrade(address)
    engine = create_engine_for(address)
    event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA busy_timeout=20"))
    other = sqlite3.connect(folder / "app.db", isolation_level=None, check_same_thread=False)
    yield Store(engine, lambda: _quietly(other, "BEGIN IMMEDIATE"), lambda: _quietly(other, "ROLLBACK"))
    other.close()
    engine.dispose()


def _quietly(connection: sqlite3.Connection, statement: str) -> None:
    connection.execute("PRAGMA busy_timeout=20000")
    connection.execute(statement)


def postgresql_store(_: Path) -> Iterator[Store]:
    """A server of its own, which dies at once and is started again."""
    found = shutil.which("pg_config")
    if found is None:
        pytest.skip("PostgreSQL's programs are not installed")
    programs = Path(
        subprocess.run([found, "--bindir"], capture_output=True, text=True, check=True).stdout.strip()
    )
    if not (programs / "initdb").exists():
        pytest.skip("PostgreSQL's server programs are not installed")
    folder = Path(tempfile.mkdtemp(prefix="pg-gone-"))
    options: dict[str, object] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": folder}
    if os.geteuid() == 0:  # the server refuses to run as root
        nobody = pwd.getpwnam("nobody")
        os.chown(folder, nobody.pw_uid, nobody.pw_gid)
        options |= {"user": "nobody", "group": nobody.pw_gid, "extra_groups": []}
    data = str(folder / "data")

    def call(program: str, *arguments: str) -> None:
        subprocess.run([str(programs / program), *arguments], check=True, timeout=60, **options)  # type: ignore[call-overload]

    def start() -> None:
        call("pg_ctl", "-D", data, "-w", "-o", f"-c listen_addresses= -k {folder}", "start")

    def stop() -> None:
        call("pg_ctl", "-D", data, "-m", "immediate", "stop")

    call("initdb", "-D", data, "-A", "trust", "-U", "test", "--no-sync", "-E", "UTF8", "--locale=C")
    start()
    try:
        address = f"postgresql+psycopg://test@/postgres?host={folder}"
        upgrade(address)
        engine = create_engine_for(address)
        yield Store(engine, stop, start, gone_s=61.0)
        engine.dispose()
    finally:
        stop()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=[sqlite_store, postgresql_store], ids=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    yield from request.param(tmp_path)


def test_what_was_sent_while_the_database_was_gone_is_written_down_when_it_is_back(store: Store) -> None:
    subscribe_many(store.engine, PEOPLE)
    gone = threading.Event()

    def answer(_: Outgoing) -> object:
        if len(world.sender.got) == 21:
            store.take_away()
            gone.set()
        return Sent()

    world = World(store.engine, Scripted(answer, concurrency=1), limits=Limits(batch=10))
    run_id = world.started(plan(store.engine)).run_id
    working = threading.Thread(target=world.dispatcher.work, args=(run_id, "null"))
    working.start()
    assert gone.wait(60)
    assert len(world.sender.got) == 21
    working.join(store.gone_s)
    assert working.is_alive()  # it insists on writing down what it sent
    assert len(world.sender.got) == 21
    store.bring_back()
    working.join(60)
    assert not working.is_alive()
    world.work()  # where its next lease met the database still starting
    assert Counter(world.sender.persons) == Counter(person(n) for n in range(PEOPLE))
    assert world.states() == {"sent": PEOPLE}


def test_a_worker_asked_to_stop_meanwhile_leaves_at_most_what_was_under_way_unknown(store: Store) -> None:
    subscribe_many(store.engine, PEOPLE)
    stop = threading.Event()

    def answer(_: Outgoing) -> object:
        if len(world.sender.got) == 21:
            store.take_away()
            stop.set()
        return Sent()

    limits = Limits(batch=10, patience_s=0.3)
    world = World(store.engine, Scripted(answer, concurrency=1), limits=limits)
    run_id = world.started(plan(store.engine)).run_id
    with pytest.raises(Exception, match=r"Operational|locked|connection"):
        world.dispatcher.work(run_id, "null", stop)
    store.bring_back()
    world.clock.ahead(seconds=121)
    world.work()
    assert Counter(world.sender.persons) == Counter(person(n) for n in range(PEOPLE))
    assert world.states() == {"sent": PEOPLE - 1, "unknown:worker_lost": 1}
