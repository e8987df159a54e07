"""What an account is, which names and roles it may have, and its row in the database."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, Row, select

from api.accounts.errors import AccountError, InvalidAccount, UnknownAccount
from api.accounts.roles import Role
from api.accounts.tables import NAME_LENGTH, staff

_NAME = re.compile(r"\w[\w.@-]*")


@dataclass(frozen=True, slots=True)
class Account:
    """`external`: signs in through the office's own provider. `locked_until`: set while sign-in is locked."""

    name: str
    display_name: str
    roles: frozenset[Role]
    active: bool
    must_change: bool
    external: bool
    created_at: datetime
    created_by: str
    signed_in_at: datetime | None
    locked_until: datetime | None = None


def normal_name(name: str) -> str:
    """Names differ neither by case nor by width nor by spaces around them."""
    return unicodedata.normalize("NFKC", name).strip().casefold()


def checked_name(name: str) -> str:
    """The name as it is kept. Raises InvalidAccount."""
    normal = normal_name(name)
    if not 2 <= len(normal) <= NAME_LENGTH or not _NAME.fullmatch(normal):
        raise InvalidAccount(
            f"账号名“{name[:NAME_LENGTH]}”不能用：应为 2 到 {NAME_LENGTH} 个字母、汉字或数字，"
            "中间可以有 . _ - @。"
        )
    return normal


def checked_roles(roles: Iterable[Role]) -> frozenset[Role]:
    """Raises InvalidAccount where there is none."""
    chosen = frozenset(roles)
    if not chosen:
        raise InvalidAccount("至少要选一个角色。")
    return chosen


def stored_roles(roles: Iterable[Role]) -> list[str]:
    return [role.value for role in Role if role in roles]


def row_of(connection: Connection, name: str) -> Row[Any]:
    """Raises UnknownAccount."""
    row = connection.execute(select(staff).where(staff.c.name == name)).one_or_none()
    if row is None:
        raise UnknownAccount(f"没有账号“{name}”。")
    return row


def account_from(row: Row[Any], locked_until: datetime | None = None) -> Account:
    return Account(
        name=row.name,
        display_name=row.display_name,
        roles=frozenset(Role(role) for role in row.roles),
        active=row.active,
        must_change=row.must_change,
        external=row.external_id is not None,
        created_at=row.created_at,
        created_by=row.created_by,
        signed_in_at=row.signed_in_at,
        locked_until=locked_until,
    )


@contextmanager
def holding_all(engine: Engine) -> Iterator[Connection]:
    """A transaction in which no other changes an account: who is the last administrator stays true."""
    with engine.connect().execution_options(immediate=True) as connection, connection.begin():
        connection.execute(select(staff.c.name).order_by(staff.c.name).with_for_update())
        yield connection


def administrators(connection: Connection, *, but: str = "") -> int:
    """How many active accounts, `but` left out, are an administrator's."""
    rows = connection.execute(select(staff.c.roles).where(staff.c.active, staff.c.name != but))
    return sum(Role.administrator.value in row.roles for row in rows)


def keep_an_administrator(connection: Connection, row: Row[Any]) -> None:
    """Raises AccountError where nobody else could make accounts."""
    if Role.administrator.value in row.roles and row.active and not administrators(connection, but=row.name):
        raise AccountError(f"“{row.name}”是最后一个能登录的管理员，请先指定另一位管理员。")
