"""Threads of one process that write to one SQLite file: each waits for its turn, and none is left out."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, event, text
from sqlalchemy.exc import OperationalError

from knowledge.store import create_engine_for


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """SQLite's own patience is next to none: whoever had to rely on it would fail."""
    engine = create_engine_for(f"sqlite:///{tmp_path / 'app.db'}")
    event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA busy_timeout=1"))
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE told (who INTEGER)"))
    yield engine
    engine.dispose()


def write(engine: Engine, who: int) -> None:
    with engine.connect().execution_options(immediate=True) as connection, connection.begin():
        connection.execute(text("INSERT INTO told VALUES (:who)"), {"who": who})


def told(engine: Engine) -> list[int]:
    with engine.connect() as connection:
        return sorted(connection.scalars(text("SELECT who FROM told")))


def test_many_that_write_at_once_all_come_through(engine: Engine) -> None:
    failed: list[Exception] = []

    def writes(first: int) -> None:
        try:
            for number in range(first, first + 40):
                write(engine, number)
        except Exception as error:  # noqa: BLE001 - whatever it is, the test says it
            failed.append(error)

    threads = [threading.Thread(target=writes, args=(at * 40,)) for at in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert told(engine) == list(range(200))


def test_the_turn_ends_with_a_rollback_and_with_a_connection_that_is_dropped(engine: Engine) -> None:
    def raises() -> None:
        with engine.connect().execution_options(immediate=True) as connection, connection.begin():
            raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        raises()
    left = engine.connect().execution_options(immediate=True)
    left.begin()
    left.close()
    gone = engine.connect().execution_options(immediate=True)
    gone.begin()
    gone.invalidate()
    gone.close()
    write(engine, 1)
    assert told(engine) == [1]


def test_a_file_that_another_process_holds_is_refused_and_the_turn_goes_on(
    engine: Engine, tmp_path: Path
) -> None:
    other = sqlite3.connect(tmp_path / "app.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    for _ in range(2):
        with pytest.raises(OperationalError, match="locked"):
            write(engine, 1)
    other.execute("ROLLBACK")
    other.close()
    write(engine, 2)
    assert told(engine) == [2]


def test_readers_do_not_wait_for_a_writer(engine: Engine) -> None:
    with engine.connect().execution_options(immediate=True) as connection, connection.begin():
        connection.execute(text("INSERT INTO told VALUES (1)"))
        assert told(engine) == []
    assert told(engine) == [1]
