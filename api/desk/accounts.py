"""The staff's side of accounts, sessions and the audit log: for administrators, and for oneself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from api.accounts.audit import AuditLine, Sought
from api.accounts.errors import AccountError
from api.accounts.model import Account, normal_name
from api.accounts.roles import Actor, Right, Role
from api.services import Services


class AccountsDesk:
    """What administrators do with accounts. Everything raises Forbidden without the right, and
    AccountError in words for the person."""

    def __init__(self, services: Services, actor: Actor) -> None:
        self._actor, self._accounts = actor, services.staff.accounts

    def listed(self) -> list[Account]:
        self._actor.require(Right.administer)
        return self._accounts.listed()

    def invite(self, name: str, *, roles: Iterable[Role], display_name: str = "") -> str:
        """Make an account. Returns its first password, which is shown once."""
        self._actor.require(Right.administer)
        return self._accounts.invite(name, roles=roles, by=self._actor.name, display_name=display_name)

    def change(self, name: str, *, roles: Iterable[Role], display_name: str) -> Account:
        self._actor.require(Right.administer)
        return self._accounts.change(name, roles=roles, display_name=display_name, by=self._actor.name)

    def reset_password(self, name: str) -> str:
        """Returns the new password, which is shown once."""
        self._actor.require(Right.administer)
        return self._accounts.reset_password(name, by=self._actor.name)

    def close(self, name: str) -> None:
        self._actor.require(Right.administer)
        if normal_name(name) == self._actor.name:
            raise AccountError("不能停用自己的账号，请另一位管理员来做。")
        self._accounts.close(name, by=self._actor.name)

    def reopen(self, name: str) -> None:
        self._actor.require(Right.administer)
        self._accounts.reopen(name, by=self._actor.name)

    def unlock(self, name: str) -> None:
        self._actor.require(Right.administer)
        self._accounts.unlock(name, by=self._actor.name)


class AuditDesk:
    """The audit log, to read and to export."""

    def __init__(self, services: Services, actor: Actor) -> None:
        self._actor, self._audit = actor, services.audit

    def lines(self, sought: Sought, *, below: int | None = None, limit: int = 50) -> list[AuditLine]:
        """The newest first; `below` is the last position that was seen."""
        self._actor.require(Right.administer)
        return self._audit.lines(sought, below=below, limit=limit)

    def count(self, sought: Sought) -> int:
        self._actor.require(Right.administer)
        return self._audit.count(sought)

    def choices(self) -> dict[str, list[str]]:
        self._actor.require(Right.administer)
        return self._audit.choices()

    def every_line(self, sought: Sought) -> Iterator[AuditLine]:
        self._actor.require(Right.administer)
        return self._audit.every_line(sought)


class OwnDesk:
    """What everybody may do with their own account."""

    def __init__(self, services: Services, actor: Actor) -> None:
        self._actor, self._accounts = actor, services.staff.accounts

    def change_password(self, *, old: str, new: str, address: str) -> None:
        """Ends all sessions of the account. Raises AccountError."""
        self._actor.require(Right.read)
        self._accounts.change_own_password(self._actor.name, old=old, new=new, address=address)
