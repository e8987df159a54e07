"""Engines that behave alike on SQLite and PostgreSQL: real transactions, real foreign keys, patient locks."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.pool import StaticPool

_BUSY_TIMEOUT_MS = 10_000
_turns: dict[str, threading.Lock] = {}
"""Whose turn it is to write, for each SQLite file that this process has open."""


def create_engine_for(url: str) -> Engine:
    """An engine for `url` (`sqlite:///path`, `postgresql+psycopg://…`); a missing SQLite folder is made.

    On SQLite a connection with the execution option `immediate=True` takes the write lock when its
    transaction begins, so that read-then-write never fails half-way.
    """
    address = make_url(url)
    if address.get_backend_name() != "sqlite":
        return create_engine(address, pool_pre_ping=True)
    if address.database in (None, "", ":memory:"):
        engine = create_engine(address, poolclass=StaticPool, connect_args={"check_same_thread": False})
    else:
        file = Path(str(address.database))
        file.parent.mkdir(parents=True, exist_ok=True)
        turn = _turns.setdefault(str(file.resolve()), threading.Lock())
        engine = create_engine(address, connect_args={"factory": _TakingTurns})
        event.listen(engine, "connect", lambda connection, _: setattr(connection, "turn", turn))
    event.listen(engine, "connect", _on_connect)
    event.listen(engine, "begin", _on_begin)
    return engine


class _TakingTurns(sqlite3.Connection):
    """Of one process's threads one writes at a time, and the next begins when it has ended.

    SQLite itself only looks again whether the file is free, after longer and longer pauses: beside a
    campaign's hundred transactions a second a resident's turn slept through one gap after the other.
    """

    turn: threading.Lock | None = None
    _writing = False

    def begin_writing(self) -> None:
        """Wait for the turn; whoever waits too long leaves it to SQLite to refuse."""
        if self.turn is not None and not self._writing:
            self._writing = self.turn.acquire(timeout=_BUSY_TIMEOUT_MS / 1000)

    def commit(self) -> None:
        try:
            super().commit()
        finally:
            self._end()

    def rollback(self) -> None:
        try:
            super().rollback()
        finally:
            self._end()

    def close(self) -> None:
        try:
            super().close()
        finally:
            self._end()

    def _end(self) -> None:
        if self.turn is not None and self._writing:
            self._writing = False
            self.turn.release()


def _on_connect(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # the driver's own BEGIN would come too late
    cursor = connection.cursor()
    for pragma in (
        f"busy_timeout={_BUSY_TIMEOUT_MS}",
        "journal_mode=WAL",
        "synchronous=NORMAL",
        "foreign_keys=ON",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _on_begin(connection: Connection) -> None:
    immediate = connection.get_execution_options().get("immediate", False)
    raw: Any = connection.connection.dbapi_connection
    if immediate and isinstance(raw, _TakingTurns):
        raw.begin_writing()
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")
