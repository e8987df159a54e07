"""How commands speak: results on standard output, progress and errors on standard error, one way to fail."""

from __future__ import annotations

import getpass
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

import typer
from rich.console import Console
from rich.markup import escape
from sqlalchemy import make_url
from sqlalchemy.exc import SQLAlchemyError

from api.accounts.errors import AccountError
from api.accounts.roles import Forbidden
from api.dialogue.errors import DialogueError
from api.keys import KeysError
from api.settings import Settings, SettingsError, load_settings
from api.tickets.errors import TicketError
from campaigns.errors import CampaignError
from index.errors import IndexFault
from knowledge.errors import KnowledgeError

out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)


class CommandError(Exception):
    """Ends a command with its message, a whole sentence that says what to do."""


class Progress:
    """Lines with the seconds since the start, so that a person sees that something goes on."""

    def __init__(self) -> None:
        self._started = time.monotonic()

    def __call__(self, line: str) -> None:
        err.print(f"[dim]{time.monotonic() - self._started:6.1f} s[/dim]  {escape(line)}")


def settings_or_exit(**overrides: object) -> Settings:
    with failures_in_words():
        return load_settings(**{name: value for name, value in overrides.items() if value is not None})


@contextmanager
def failures_in_words() -> Iterator[None]:
    """Expected failures become one sentence and exit status 1; anything else keeps its traceback."""
    try:
        yield
    except (
        CommandError,
        SettingsError,
        KeysError,
        DialogueError,
        KnowledgeError,
        IndexFault,
        TicketError,
        AccountError,
        Forbidden,
        CampaignError,
    ) as error:
        fail(str(error))
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", None) or type(error).__name__)
        database = make_url(load_settings().database).render_as_string(hide_password=True)
        fail(f"The database {database} cannot be used: {reason}. Run `lvxiaoyu doctor` for what to do.")


def fail(message: str) -> NoReturn:
    err.print(f"[bold red]error[/bold red]  {escape(message)}")
    raise typer.Exit(1)


def password_from(standard_input: bool, *, twice: bool = False) -> str:
    """A password: one line of standard input, or typed at the terminal unseen. Raises CommandError."""
    if standard_input:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        raise CommandError("There is no terminal to ask for a password: give it with --password-stdin.")
    first = getpass.getpass("Password: ")
    if twice and getpass.getpass("The same again: ") != first:
        raise CommandError("The two passwords differ. Nothing was changed.")
    return first
