"""How often somebody may fail to sign in: counted by person, by address and by both, locked ever longer.

An attempt is counted before the password is looked at, in a transaction that holds the counters, so that a
hundred attempts at once are a hundred attempts. Being locked counts nothing: who waits gets in.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, Row, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from api.accounts.errors import SignInLocked
from api.accounts.tables import sign_in_failures
from api.clock import Clock

FORGOTTEN_AFTER = timedelta(hours=24)
FIRST_LOCK = timedelta(seconds=30)
LONGEST_LOCK = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Allowed:
    """Failures in a row before the first lock. A person from one address gets few. A person from anywhere
    gets more, so that a stranger does not lock them out easily; an office behind one address the most."""

    both: int = 5
    person: int = 15
    address: int = 50


class Lockout:
    def __init__(self, engine: Engine, *, clock: Clock, allowed: Allowed | None = None) -> None:
        self._engine, self._clock = engine, clock
        self._allowed = allowed or Allowed()

    def attempt(self, name: str, address: str) -> None:
        """Count an attempt as failed until `succeeded` takes it back. Raises SignInLocked."""
        now = self._clock.now()
        counters = self._counters(name, address)
        with self._engine.connect().execution_options(immediate=True) as connection, connection.begin():
            rows = _held(connection, counters, now)
            locks = [row.locked_until for row in rows if row.locked_until and row.locked_until > now]
            if locks:
                raise SignInLocked(math.ceil((max(locks) - now).total_seconds()))
            allowed = {counter.key: counter.allowed for counter in counters}
            for row in rows:
                failures = 1 if row.last_at < now - FORGOTTEN_AFTER else row.failures + 1
                _set(connection, row.key, failures, _lock(failures, allowed[row.key], now), last_at=now)
            old = sign_in_failures.c.last_at < now - FORGOTTEN_AFTER
            connection.execute(delete(sign_in_failures).where(old))

    def succeeded(self, name: str, address: str) -> None:
        """Forget the person's failures from here and in all; take one back from the address."""
        now = self._clock.now()
        counters = self._counters(name, address)
        with self._engine.connect().execution_options(immediate=True) as connection, connection.begin():
            allowed = {counter.key: counter.allowed for counter in counters if counter.person is None}
            for row in _held(connection, counters, now):
                if row.key in allowed:
                    failures = max(row.failures - 1, 0)
                    until = row.locked_until if failures >= allowed[row.key] else None
                    _set(connection, row.key, failures, until, last_at=row.last_at)
                else:
                    connection.execute(delete(sign_in_failures).where(sign_in_failures.c.key == row.key))

    def unlock(self, connection: Connection, name: str) -> bool:
        """Forget all failures of a person. True if there were any."""
        mine = sign_in_failures.c.name_hash == _hash("person", name)
        return bool(connection.execute(delete(sign_in_failures).where(mine)).rowcount)

    def locked_until(self, names: list[str]) -> dict[str, datetime]:
        """Until when each of these who cannot sign in from somewhere, or at all, has to wait."""
        column = sign_in_failures.c
        wanted = (
            select(column.name_hash, func.max(column.locked_until).label("until"))
            .where(column.name_hash.in_([_hash("person", name) for name in names]))
            .where(column.locked_until > self._clock.now())
            .group_by(column.name_hash)
        )
        with self._engine.connect() as connection:
            found = {row.name_hash: row.until for row in connection.execute(wanted)}
        return {name: found[key] for name in names if (key := _hash("person", name)) in found}

    def _counters(self, name: str, address: str) -> tuple[_Counter, ...]:
        person = _hash("person", name)
        return (
            _Counter(_hash("both", name, address), person, self._allowed.both),
            _Counter(person, person, self._allowed.person),
            _Counter(_hash("address", address), None, self._allowed.address),
        )


@dataclass(frozen=True, slots=True)
class _Counter:
    key: str
    person: str | None
    allowed: int


def _held(connection: Connection, counters: Sequence[_Counter], now: datetime) -> Sequence[Row[Any]]:
    """The counters' rows, made where they are missing; locked in one order, so that no two attempts wait
    for each other."""
    ordered = sorted(counters, key=lambda counter: counter.key)
    made = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    connection.execute(
        made(sign_in_failures).on_conflict_do_nothing(),
        [{"key": each.key, "name_hash": each.person, "failures": 0, "last_at": now} for each in ordered],
    )
    column = sign_in_failures.c
    wanted = select(sign_in_failures).where(column.key.in_([each.key for each in ordered]))
    return connection.execute(wanted.order_by(column.key).with_for_update()).all()


def _set(
    connection: Connection, key: str, failures: int, until: datetime | None, *, last_at: datetime
) -> None:
    connection.execute(
        update(sign_in_failures)
        .where(sign_in_failures.c.key == key)
        .values(failures=failures, locked_until=until, last_at=last_at)
    )


def _lock(failures: int, allowed: int, now: datetime) -> datetime | None:
    """Until when this many failures lock: half a minute, then twice as long each time."""
    if failures < allowed:
        return None
    doublings = min(failures - allowed, 20)
    return now + min(FIRST_LOCK * int(2**doublings), LONGEST_LOCK)


def _hash(*parts: str) -> str:
    return hashlib.sha256("\x00".join(parts).encode("utf-8", "replace")).hexdigest()
