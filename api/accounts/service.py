"""Accounts: making, changing, closing them. Each change is one transaction with its line in the audit log.

What takes rights away ends the sessions of the account at once. The last administrator who can sign in is
neither closed nor demoted. All functions block; the app calls them in a worker thread.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, Engine, insert, select, update
from sqlalchemy.exc import IntegrityError

from api.accounts.errors import REFUSED, AccountTaken, InvalidAccount, SignInRefused
from api.accounts.lockout import Lockout
from api.accounts.model import (
    Account,
    account_from,
    administrators,
    checked_name,
    checked_roles,
    holding_all,
    keep_an_administrator,
    normal_name,
    row_of,
    stored_roles,
)
from api.accounts.passwords import Passwords, check_password, make_password
from api.accounts.roles import Role
from api.accounts.sessions import Sessions
from api.accounts.tables import staff, staff_sessions
from api.clock import Clock
from knowledge.journal import Journal


class Accounts:
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
        self.sessions, self.lockout, self._passwords = sessions, lockout, passwords

    def listed(self) -> list[Account]:
        with self._engine.connect() as connection:
            rows = connection.execute(select(staff).order_by(staff.c.name)).all()
        locked = self.lockout.locked_until([row.name for row in rows])
        return [account_from(row, locked.get(row.name)) for row in rows]

    def get(self, name: str) -> Account:
        """Raises UnknownAccount."""
        with self._engine.connect() as connection:
            row = row_of(connection, normal_name(name))
        return account_from(row, self.lockout.locked_until([row.name]).get(row.name))

    def has_administrator(self) -> bool:
        """Whether somebody can sign in who may make accounts."""
        with self._engine.connect() as connection:
            return administrators(connection) > 0

    def add(
        self, name: str, *, roles: Iterable[Role], password: str, by: str, display_name: str = ""
    ) -> Account:
        """Raises InvalidAccount, AccountTaken."""
        name, wanted = checked_name(name), checked_roles(roles)
        check_password(password, name=name)
        hashed = self._passwords.hash(password)
        self._insert(name, display_name, wanted, by=by, hashed=hashed, must_change=False)
        return self.get(name)

    def invite(self, name: str, *, roles: Iterable[Role], by: str, display_name: str = "") -> str:
        """Make an account with a password made here, which its holder changes at first. Returns the password,
        the only time that anybody sees it. Raises as `add`."""
        name, wanted, password = checked_name(name), checked_roles(roles), make_password()
        hashed = self._passwords.hash(password)
        self._insert(name, display_name, wanted, by=by, hashed=hashed, must_change=True)
        return password

    def _insert(
        self, name: str, display_name: str, roles: frozenset[Role], *, by: str, hashed: str, must_change: bool
    ) -> None:
        values = {
            "name": name,
            "display_name": display_name.strip()[:64],
            "roles": stored_roles(roles),
            "active": True,
            "must_change": must_change,
            "password_hash": hashed,
            "created_at": self._clock.now(),
            "created_by": by,
        }
        try:
            with self._engine.begin() as connection:
                connection.execute(insert(staff).values(values))
                after = {"roles": values["roles"], "display_name": values["display_name"]}
                self._record(connection, by, "account.added", name, after=after)
        except IntegrityError:
            raise AccountTaken(f"已经有账号“{name}”，请换一个账号名。") from None

    def change(
        self, name: str, *, by: str, roles: Iterable[Role] | None = None, display_name: str | None = None
    ) -> Account:
        """Other roles end the account's sessions. Raises UnknownAccount, InvalidAccount, AccountError."""
        name = normal_name(name)
        wanted = None if roles is None else checked_roles(roles)
        ended: tuple[str, ...] = ()
        with holding_all(self._engine) as connection:
            row = row_of(connection, name)
            before = {"roles": row.roles, "display_name": row.display_name}
            after = {
                "roles": before["roles"] if wanted is None else stored_roles(wanted),
                "display_name": before["display_name"] if display_name is None else display_name.strip()[:64],
            }
            if after != before:
                if after["roles"] != before["roles"]:
                    if wanted is not None and Role.administrator not in wanted:
                        keep_an_administrator(connection, row)
                    ended = self.sessions.end_where(connection, staff_sessions.c.name == name)
                connection.execute(update(staff).where(staff.c.name == name).values(after))
                self._record(connection, by, "account.changed", name, before=before, after=after)
        self.sessions.announce(ended)
        return self.get(name)

    def set_password(self, name: str, password: str, *, by: str) -> None:
        """Give an account a password that its holder knows. Ends its sessions. Raises UnknownAccount,
        InvalidAccount."""
        name = normal_name(name)
        check_password(password, name=name)
        self._put_password(name, password, by=by, must_change=False)

    def reset_password(self, name: str, *, by: str) -> str:
        """Make a password that the holder changes at the next sign-in, and unlock the account. Returns it,
        the only time that anybody sees it. Raises UnknownAccount."""
        name, password = normal_name(name), make_password()
        self._put_password(name, password, by=by, must_change=True)
        return password

    def change_own_password(self, name: str, *, old: str, new: str, address: str) -> None:
        """Ends all sessions of the account, this one too. Raises SignInRefused, SignInLocked where the old
        one is wrong, InvalidAccount."""
        if not self._proven(name, old, address):
            raise SignInRefused("原密码不正确。")
        if old == new:
            raise InvalidAccount("新密码不能和原密码相同。")
        check_password(new, name=name)
        self._put_password(name, new, by=name, must_change=False)

    def prove(self, name: str, password: str, *, address: str) -> None:
        """That whoever names an account holds it, for one step without a session. Raises UnknownAccount,
        SignInRefused, SignInLocked."""
        if not self._proven(normal_name(name), password, address):
            with self._engine.begin() as connection:
                self._record(connection, normal_name(name), "sign_in.refused", normal_name(name))
            raise SignInRefused(REFUSED)

    def _proven(self, name: str, password: str, address: str) -> bool:
        self.lockout.attempt(name, address)
        with self._engine.connect() as connection:
            row = row_of(connection, name)
        fits = row.active and self._passwords.fits(row.password_hash, password)
        if fits:
            self.lockout.succeeded(name, address)
        return bool(fits)

    def _put_password(self, name: str, password: str, *, by: str, must_change: bool) -> None:
        hashed = self._passwords.hash(password)
        with holding_all(self._engine) as connection:
            row_of(connection, name)
            values = {"password_hash": hashed, "must_change": must_change}
            connection.execute(update(staff).where(staff.c.name == name).values(values))
            self.lockout.unlock(connection, name)
            ended = self.sessions.end_where(connection, staff_sessions.c.name == name)
            what = "account.password_reset" if must_change else "account.password_set"
            self._record(connection, by, what, name)
        self.sessions.announce(ended)

    def close(self, name: str, *, by: str) -> None:
        """The account may not sign in any more; what it did stays. Raises UnknownAccount, AccountError."""
        self._activate(normal_name(name), False, by=by)

    def reopen(self, name: str, *, by: str) -> None:
        """Raises UnknownAccount."""
        self._activate(normal_name(name), True, by=by)

    def _activate(self, name: str, active: bool, *, by: str) -> None:
        ended: tuple[str, ...] = ()
        with holding_all(self._engine) as connection:
            row = row_of(connection, name)
            if row.active == active:
                return
            if not active:
                keep_an_administrator(connection, row)
                ended = self.sessions.end_where(connection, staff_sessions.c.name == name)
            connection.execute(update(staff).where(staff.c.name == name).values(active=active))
            self._record(connection, by, "account.reopened" if active else "account.closed", name)
        self.sessions.announce(ended)

    def unlock(self, name: str, *, by: str) -> None:
        """Forget failed sign-ins. Raises UnknownAccount."""
        name = normal_name(name)
        with holding_all(self._engine) as connection:
            row_of(connection, name)
            if self.lockout.unlock(connection, name):
                self._record(connection, by, "account.unlocked", name)

    def _record(
        self,
        connection: Connection,
        by: str,
        what: str,
        name: str,
        before: dict[str, Any] | None = None,
        after: dict[str, Any] | None = None,
    ) -> None:
        self._journal.record(
            connection, by=by, what=what, kind="account", subject=name, before=before, after=after
        )
