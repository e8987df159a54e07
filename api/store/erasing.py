"""Transactions whose deletions are meant: what they remove is gone from the file as well.

SQLite would leave deleted bytes on free pages, and in its write-ahead log until the next checkpoint. On
PostgreSQL nothing more is done: autovacuum frees what was deleted, and its files are the administrator's.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine

_PATIENCE_MS = 500


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that is going to write: on SQLite it has the write lock from its beginning."""
    with engine.connect().execution_options(immediate=True) as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA secure_delete=ON")
        yield connection
        connection.commit()


@contextmanager
def erasing(engine: Engine) -> Iterator[Connection]:
    """`writing`, and then what it deleted is taken out of the write-ahead log."""
    with writing(engine) as connection:
        yield connection
    empty_log(engine)


def empty_log(engine: Engine) -> None:
    """Bring SQLite's log into the file and cut it off. Where others read, their next checkpoint does it."""
    if engine.dialect.name != "sqlite":
        return
    connection = engine.raw_connection()
    try:
        cursor = connection.cursor()
        waits = cursor.execute("PRAGMA busy_timeout").fetchone()[0]
        cursor.execute(f"PRAGMA busy_timeout={_PATIENCE_MS}")
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        cursor.execute(f"PRAGMA busy_timeout={int(waits)}")
        cursor.close()
    finally:
        connection.close()
