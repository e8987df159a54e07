"""Sessions of people who are signed in. The browser holds a random id, the database its hash.

A session ends after a time without use, after a time in any case, and when it is ended. Whoever must know
that at once, such as open sockets, watches. All functions block; the app calls them in a worker thread.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, Engine, and_, delete, insert, select, update

from api.accounts.roles import Actor, Role
from api.accounts.tables import staff, staff_sessions
from api.clock import Clock

TOUCHED_EVERY = timedelta(seconds=30)
"""How exactly the last use is known: not every request writes."""

Watcher = Callable[[Collection[str]], None]


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session that is open. `session` is its hash; `csrf` proves that a form came from one of its pages."""

    session: str
    csrf: str
    actor: Actor
    must_change: bool


class Sessions:
    def __init__(self, engine: Engine, *, clock: Clock, idle: timedelta, longest: timedelta) -> None:
        self._engine, self._clock, self._idle, self._longest = engine, clock, idle, longest
        self._watchers: list[Watcher] = []

    def watch(self, watcher: Watcher) -> None:
        """Have `watcher` called, in whichever thread it happens, with the hashes of sessions that ended."""
        self._watchers.append(watcher)

    def open(self, connection: Connection, name: str, *, address: str) -> str:
        """A new session's id, which nothing but the browser keeps. Those long over are swept away."""
        now, token = self._clock.now(), secrets.token_urlsafe(32)
        connection.execute(delete(staff_sessions).where(~self._open_at(now)))
        connection.execute(
            insert(staff_sessions).values(
                id_hash=hash_of(token),
                name=name,
                address=address[:64],
                opened_at=now,
                last_at=now,
                ends_at=now + self._longest,
            )
        )
        return token

    def find(self, token: str) -> SignedIn | None:
        """Who holds the session with this id, None where there is none or it is over. Counts as use."""
        found = self._find(hash_of(token))
        return replace(found, csrf=csrf_of(token)) if found else None

    def touch(self, session: str) -> bool:
        """Count as use what comes through an open socket. False where the session is over."""
        return self._find(session) is not None

    def _find(self, session: str) -> SignedIn | None:
        now = self._clock.now()
        wanted = (
            select(
                staff_sessions.c.last_at,
                staff.c.name,
                staff.c.display_name,
                staff.c.roles,
                staff.c.must_change,
            )
            .join_from(staff_sessions, staff)
            .where(staff_sessions.c.id_hash == session, self._open_at(now), staff.c.active)
        )
        with self._engine.connect() as connection:
            row = connection.execute(wanted).one_or_none()
        if row is None:
            return None
        if now - row.last_at >= TOUCHED_EVERY:
            mine = staff_sessions.c.id_hash == session
            with self._engine.begin() as connection:
                connection.execute(update(staff_sessions).where(mine).values(last_at=now))
        actor = Actor(row.name, frozenset(Role(role) for role in row.roles), row.display_name)
        return SignedIn(session, "", actor, row.must_change)

    def end(self, token: str) -> None:
        """End the session with this id; nothing happens where there is none."""
        with self._engine.begin() as connection:
            ended = self.end_where(connection, staff_sessions.c.id_hash == hash_of(token))
        self.announce(ended)

    def end_where(self, connection: Connection, which: ColumnElement[bool]) -> tuple[str, ...]:
        """Remove sessions within a change; their hashes are to be announced once it is committed."""
        ended = tuple(connection.scalars(select(staff_sessions.c.id_hash).where(which)))
        connection.execute(delete(staff_sessions).where(staff_sessions.c.id_hash.in_(ended)))
        return ended

    def announce(self, ended: Collection[str]) -> None:
        if ended:
            for watcher in self._watchers:
                watcher(ended)

    def still_open(self, sessions: Collection[str]) -> set[str]:
        """Which of these go on; using none of them."""
        if not sessions:
            return set()
        wanted = (
            select(staff_sessions.c.id_hash)
            .join_from(staff_sessions, staff)
            .where(staff_sessions.c.id_hash.in_(sessions), self._open_at(self._clock.now()), staff.c.active)
        )
        with self._engine.connect() as connection:
            return set(connection.scalars(wanted))

    def _open_at(self, now: datetime) -> ColumnElement[bool]:
        return and_(staff_sessions.c.ends_at > now, staff_sessions.c.last_at > now - self._idle)


def hash_of(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def csrf_of(token: str) -> str:
    """What forms of the session carry: it follows from the id and does not lead back to it."""
    return hashlib.sha256(b"form:" + token.encode("utf-8", "replace")).hexdigest()
