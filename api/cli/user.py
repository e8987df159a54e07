"""`lvxiaoyu user …`: accounts for the console. Passwords come from the terminal or from standard input, never
from the command line, where every process of the machine could read them.
"""

from __future__ import annotations

import getpass
import json
from enum import StrEnum
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from api.accounts.assembling import build_staff
from api.accounts.model import Account
from api.accounts.roles import Role
from api.accounts.service import Accounts
from api.cli.console import failures_in_words, out, password_from, settings_or_exit
from api.clock import LOCAL, SystemClock
from api.logs import configure_logs
from api.migrations import upgrade
from knowledge.store import create_engine_for

app = typer.Typer(help="Accounts of the people who work in the console.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="The account's name.")]
FromInput = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password from standard input, one line.")
]


class RoleName(StrEnum):
    """The roles as the command line offers them."""

    viewer = Role.viewer.value
    editor = Role.editor.value
    reviewer = Role.reviewer.value
    campaigner = Role.campaigner.value
    approver = Role.approver.value
    administrator = Role.administrator.value


@app.command("add")
def add(
    name: Name,
    role: Annotated[list[RoleName], typer.Option("--role", help="What they may do; can be given twice.")],
    display_name: Annotated[str, typer.Option("--display-name", help="The name that others see.")] = "",
    password_stdin: FromInput = False,
) -> None:
    """Make an account. The first administrator is made here."""
    with failures_in_words():
        accounts = _accounts()
        password = password_from(password_stdin, twice=True)
        account = accounts.add(
            name, roles=_roles(role), password=password, by=_who(), display_name=display_name
        )
    out.print(f"{escape(account.name)} can sign in as {_said(account)}.")


@app.command("list")
def list_(as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """Who has an account, and what they may do."""
    with failures_in_words():
        accounts = _accounts().listed()
    if as_json:
        out.print_json(json.dumps([_plain(account) for account in accounts]), ensure_ascii=False)
        return
    table = Table("name", "called", "roles", "state", "last signed in", box=None)
    for account in accounts:
        last = f"{account.signed_in_at.astimezone(LOCAL):%Y-%m-%d %H:%M}" if account.signed_in_at else "never"
        called = escape(account.display_name)
        table.add_row(escape(account.name), called, _said(account), _state(account), last)
    out.print(table)


@app.command("roles")
def roles(
    name: Name,
    role: Annotated[list[RoleName], typer.Option("--role", help="All the roles from now on; repeatable.")],
) -> None:
    """Give an account other roles; its sessions end."""
    with failures_in_words():
        account = _accounts().change(name, roles=_roles(role), by=_who())
    out.print(f"{escape(account.name)} is {_said(account)} now, and must sign in again.")


@app.command("password")
def password(name: Name, password_stdin: FromInput = False) -> None:
    """Set a password and unlock the account; its sessions end."""
    with failures_in_words():
        accounts = _accounts()
        known = accounts.get(name)
        accounts.set_password(known.name, password_from(password_stdin, twice=True), by=_who())
    out.print(f"{escape(known.name)} has a new password.")


@app.command("disable")
def disable(name: Name) -> None:
    """Let an account sign in no more; its sessions end, what it did stays."""
    with failures_in_words():
        _accounts().close(name, by=_who())
    out.print(f"{escape(name)} cannot sign in any more.")


@app.command("enable")
def enable(name: Name) -> None:
    """Let a disabled account sign in again."""
    with failures_in_words():
        _accounts().reopen(name, by=_who())
    out.print(f"{escape(name)} can sign in again.")


def _accounts() -> Accounts:
    configure_logs("error")
    settings = settings_or_exit()
    upgrade(settings.database)
    engine = create_engine_for(settings.database)
    return build_staff(settings, engine, SystemClock()).accounts


def _who() -> str:
    """Who the audit log names: the user of this terminal, marked as such."""
    return f"cli:{getpass.getuser()}"


def _roles(chosen: list[RoleName]) -> list[Role]:
    return [Role(role.value) for role in chosen]


def _said(account: Account) -> str:
    return ", ".join(role.value for role in Role if role in account.roles)


def _state(account: Account) -> str:
    if not account.active:
        return "disabled"
    return "locked" if account.locked_until else "active"


def _plain(account: Account) -> dict[str, object]:
    return {
        "name": account.name,
        "display_name": account.display_name,
        "roles": [role.value for role in Role if role in account.roles],
        "state": _state(account),
        "signed_in_at": account.signed_in_at.isoformat() if account.signed_in_at else None,
    }
