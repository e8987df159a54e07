"""`lvxiaoyu channel …`: which channels there are, and the confirmation of those that keep data abroad."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.markup import escape
from sqlalchemy import Engine

from api.accounts.assembling import build_staff
from api.accounts.roles import Role
from api.channels.confirming import Confirmations, NotAbroad
from api.channels.updates import Updates
from api.channels.words import listed, say
from api.cli.console import CommandError, failures_in_words, out, settings_or_exit
from api.clock import LOCAL, SystemClock
from api.keys import load_keys
from api.migrations import upgrade
from api.settings import Settings
from knowledge.store import create_engine_for

app = typer.Typer(help="Chat apps and other systems that residents write from.", no_args_is_help=True)

Channel = Annotated[str, typer.Argument(help="The channel's name, such as telegram.")]
By = Annotated[str, typer.Option("--by", help="The account of the administrator who decides this.")]


@app.command("show")
def show() -> None:
    """What is set up, what is confirmed, and how many updates are in which state."""
    with failures_in_words():
        settings, engine = _opened()
        confirmations = _confirmations(settings, engine)
        updates = Updates(engine, keys=load_keys(settings.data_dir / "secrets"), clock=SystemClock())
        for name in ("telegram", "wechat", "webhook"):
            counts = ", ".join(f"{state} {count}" for state, count in sorted(updates.counts(name).items()))
            line = f"{name}: {'set up' if name in settings.chat_channels else 'not set up'}"
            if name in listed("stored_abroad"):
                given = confirmations.of(name)
                line += (
                    f", confirmed by {given.by} on {given.at.astimezone(LOCAL):%Y-%m-%d}"
                    if given
                    else ", off: not confirmed"
                )
            out.print(escape(f"{line}{f'; updates: {counts}' if counts else ''}"))


@app.command("confirm")
def confirm(channel: Channel, by: By) -> None:
    """Confirm having assessed that the channel keeps residents' data abroad; it runs from now on."""
    with failures_in_words():
        settings, engine = _opened()
        _administrator(settings, engine, by)
        try:
            new = _confirmations(settings, engine).confirm(channel, by=by)
        except NotAbroad as error:
            raise CommandError(str(error)) from error
    out.print(f"{escape(channel)} {'may run now' if new else 'was confirmed before'}.")


@app.command("withdraw")
def withdraw(channel: Channel, by: By) -> None:
    """Stop the channel until it is confirmed again."""
    with failures_in_words():
        settings, engine = _opened()
        _administrator(settings, engine, by)
        if not _confirmations(settings, engine).withdraw(channel, by=by):
            raise CommandError(f"{channel} is not confirmed. {say('off_until_confirmed', channel=channel)}")
    out.print(f"{escape(channel)} is off.")


@app.command("menu")
def put_menu() -> None:
    """Put the menu under the WeChat official account; what was there before is replaced."""
    from api.channels.wechat.account import read_credentials  # with wechatpy, which others do without
    from api.channels.wechat.line import Failure, Line
    from api.channels.wechat.menu import menu

    with failures_in_words():
        settings = settings_or_exit()
        if settings.wechat_keys_file is None:
            raise CommandError(
                "WeChat is not set up: set LVXIAOYU_WECHAT_APP_ID and LVXIAOYU_WECHAT_KEYS_FILE."
            )
        secret = read_credentials(settings.wechat_keys_file).secret
        line = Line(settings.wechat_app_id, secret, api_url=settings.wechat_api_url)
        try:
            line.put_menu(menu())
        except Failure as failure:
            raise CommandError(
                f"WeChat did not take the menu: {failure.reason}. {_remedy(failure.code)}"
            ) from None
        finally:
            line.close()
    out.print("The menu is there; followers see it within a day, or at once after following anew.")


def _remedy(code: int | None) -> str:
    if code in {40164, 61004}:
        return "Put this server's address on the account's IP white list."
    if code in {40001, 40013, 40125}:
        return "Check the AppID and the secret."
    return "Try again in a few minutes."


def _opened() -> tuple[Settings, Engine]:
    settings = settings_or_exit()
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    upgrade(settings.database)
    return settings, create_engine_for(settings.database)


def _confirmations(settings: Settings, engine: Engine) -> Confirmations:
    clock = SystemClock()
    return Confirmations(engine, journal=build_staff(settings, engine, clock).audit, clock=clock)


def _administrator(settings: Settings, engine: Engine, name: str) -> None:
    """Raises CommandError where `name` is no administrator who can sign in."""
    accounts = build_staff(settings, engine, SystemClock()).accounts
    account = next((each for each in accounts.listed() if each.name == name), None)
    if account is None or Role.administrator not in account.roles or not account.active:
        raise CommandError(
            f"{name} is no active administrator; `lvxiaoyu user list` shows who is, `user add` makes one."
        )
