"""Transactions that write from their first statement, and on SQLite those that survive a loss of power."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that holds SQLite's write lock from its beginning, so that reading first is safe."""
    with engine.connect().execution_options(immediate=True) as connection, connection.begin():
        yield connection


class Ledger:
    """Many such transactions one after the other, on one connection; of one thread.

    What is committed here is on the disk, as PostgreSQL has it by default: the mark before a send must not be
    lost with the power, or the message would go out again.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._connection: Connection | None = None

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """After a failure the next one begins on a new connection."""
        try:
            with (connection := self._open()).begin():
                yield connection
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            self._pragma(connection, "NORMAL")
            connection.close()

    def _open(self) -> Connection:
        if self._connection is None:
            self._connection = self._engine.connect().execution_options(immediate=True)
            self._pragma(self._connection, "FULL")
        return self._connection

    def _pragma(self, connection: Connection, synchronous: str) -> None:
        if self._engine.dialect.name != "sqlite" or connection.invalidated:
            return
        raw: Any = connection.connection.dbapi_connection
        raw.execute(f"PRAGMA synchronous={synchronous}")
