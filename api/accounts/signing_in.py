"""Signing in: a password, or a person whom the office's own provider vouches for, becomes a session.

Whatever is wrong, the answer is the same and takes as long. A new session always has a new id, and the one
that the browser had before ends: nobody can hand a session to somebody else.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, Row, insert, select, update

from api.accounts.errors import REFUSED, AccountTaken, SignInRefused
from api.accounts.lockout import Lockout
from api.accounts.model import checked_name, keep_an_administrator, normal_name, stored_roles
from api.accounts.passwords import Passwords
from api.accounts.roles import Role
from api.accounts.sessions import Sessions, hash_of
from api.accounts.tables import staff, staff_sessions
from api.clock import Clock
from knowledge.journal import Journal

NO_ROLE = "您的单位账号还没有分配本系统的角色，请联系管理员。"


@dataclass(frozen=True, slots=True)
class Vouched:
    """Somebody whom the provider vouches for. `external_id` never changes, `name` may."""

    external_id: str
    name: str
    display_name: str
    roles: frozenset[Role]


class SignIn:
    def __init__(
        self,
        engine: Engine,
        *,
        clock: Clock,
        journal: Journal,
        sessions: Sessions,
        lockout: Lockout,
        passwords: Passwords,
    ) -> None:
        self._engine, self._clock, self._journal = engine, clock, journal
        self._sessions, self._lockout, self._passwords = sessions, lockout, passwords

    def by_password(self, name: str, password: str, *, address: str, replacing: str | None = None) -> str:
        """A new session's id; `replacing` is what the browser had. Raises SignInRefused, SignInLocked."""
        name = normal_name(name)
        self._lockout.attempt(name, address)
        with self._engine.connect() as connection:
            row = connection.execute(select(staff).where(staff.c.name == name)).one_or_none()
        fits = self._passwords.fits(row.password_hash if row is not None else None, password)
        if row is None or not fits or not row.active:
            with self._engine.begin() as connection:
                self._record(connection, "sign_in.refused", row.name if row is not None else "?", address)
            raise SignInRefused(REFUSED)
        self._lockout.succeeded(name, address)
        rehashed = self._passwords.hash(password) if self._passwords.is_stale(row.password_hash) else None
        with self._engine.begin() as connection:
            if rehashed:
                mine = (staff.c.name == name) & (staff.c.password_hash == row.password_hash)
                connection.execute(update(staff).where(mine).values(password_hash=rehashed))
            token, ended = self._open(connection, name, address, replacing)
        self._sessions.announce(ended)
        return token

    def by_provider(self, person: Vouched, *, address: str, replacing: str | None = None) -> str:
        """The same for somebody whom the provider vouches for; the account is made at the first time, and has
        the roles that the provider gives. Raises AccountError: refused, name taken or not possible."""
        if not person.roles:
            raise SignInRefused(NO_ROLE)
        roles = stored_roles(person.roles)
        with self._engine.connect().execution_options(immediate=True) as connection, connection.begin():
            mine = staff.c.external_id == person.external_id
            row = connection.execute(select(staff).where(mine).with_for_update()).one_or_none()
            dropped: tuple[str, ...] = ()
            if row is None:
                name = self._add(connection, person, roles)
            elif not row.active:
                raise SignInRefused(REFUSED)
            else:
                name, dropped = row.name, self._follow(connection, row, person, roles)
            token, ended = self._open(connection, name, address, replacing)
        self._sessions.announce((*dropped, *ended))
        return token

    def _add(self, connection: Connection, person: Vouched, roles: list[str]) -> str:
        name = checked_name(person.name)
        if connection.scalar(select(staff.c.name).where(staff.c.name == name)):
            raise AccountTaken(f"本系统已有同名账号“{name}”，不能自动关联单位账号，请联系管理员。")
        values = {"roles": roles, "display_name": person.display_name[:64]}
        connection.execute(
            insert(staff).values(
                name=name,
                active=True,
                must_change=False,
                external_id=person.external_id,
                created_at=self._clock.now(),
                created_by=name,
                **values,
            )
        )
        self._journal.record(
            connection, by=name, what="account.added", kind="account", subject=name, after=values
        )
        return name

    def _follow(
        self, connection: Connection, row: Row[Any], person: Vouched, roles: list[str]
    ) -> tuple[str, ...]:
        """Take over what the provider says now. Returns the sessions that other roles have ended."""
        before = {"roles": row.roles, "display_name": row.display_name}
        after = {"roles": roles, "display_name": person.display_name[:64]}
        if after == before:
            return ()
        if Role.administrator not in person.roles:
            keep_an_administrator(connection, row)
        connection.execute(update(staff).where(staff.c.name == row.name).values(after))
        self._journal.record(
            connection,
            by=row.name,
            what="account.changed",
            kind="account",
            subject=row.name,
            before=before,
            after=after,
        )
        if roles == row.roles:
            return ()
        return self._sessions.end_where(connection, staff_sessions.c.name == row.name)

    def _open(
        self, connection: Connection, name: str, address: str, replacing: str | None
    ) -> tuple[str, tuple[str, ...]]:
        ended: tuple[str, ...] = ()
        if replacing:
            ended = self._sessions.end_where(connection, staff_sessions.c.id_hash == hash_of(replacing))
        token = self._sessions.open(connection, name, address=address)
        connection.execute(update(staff).where(staff.c.name == name).values(signed_in_at=self._clock.now()))
        self._record(connection, "sign_in.done", name, address)
        return token, ended

    def _record(self, connection: Connection, what: str, name: str, address: str) -> None:
        """A name that nobody has is not written down: it may be a password."""
        after = {"address": address}
        self._journal.record(connection, by=name, what=what, kind="session", subject=name, after=after)
