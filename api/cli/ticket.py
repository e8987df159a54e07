"""`lvxiaoyu ticket …`: questions handed over to staff. The contact shows only when asked for."""

from __future__ import annotations

import getpass
import json
import time
from dataclasses import asdict
from datetime import datetime
from enum import StrEnum
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from api.cli.console import failures_in_words, out, settings_or_exit
from api.clock import LOCAL, SystemClock
from api.keys import load_keys
from api.logs import configure_logs
from api.migrations import upgrade
from api.tickets.model import STATES, Outcome, Ticket, outcome_of
from api.tickets.service import Tickets, build_tickets
from knowledge.store import create_engine_for

app = typer.Typer(help="Answer questions that residents handed over to staff.", no_args_is_help=True)

SENT_WITHIN_S = 10.0
"""How long a reply is waited for that the app sends: it looks once a second."""

TicketId = Annotated[str, typer.Argument(help="The ticket's id; case, spaces and hyphens don't matter.")]
By = Annotated[str | None, typer.Option("--by", help="Who does it; by default the user of this terminal.")]


class State(StrEnum):
    open = "open"
    taken = "taken"
    answered = "answered"
    closed = "closed"


@app.command("list")
def list_(
    state: Annotated[list[State] | None, typer.Option(help="By default all that are not closed.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """The tickets, the one that is due first before the others."""
    chosen = state or [State.open, State.taken, State.answered]
    wanted = [each for each in STATES if each in chosen]
    with failures_in_words():
        tickets = _tickets().listed(wanted)
    if as_json:
        out.print_json(json.dumps([asdict(ticket) for ticket in tickets], default=str), ensure_ascii=False)
        return
    now = SystemClock().now()
    table = Table("id", "state", "held by", "channel", "district", "due", "question", box=None)
    for ticket in tickets:
        waits = ticket.state in (State.open, State.taken)
        late = "[red]late[/red] " if waits and ticket.expected_at < now else ""
        table.add_row(
            ticket.id,
            ticket.state,
            escape(ticket.held_by or ""),
            escape(ticket.channel),
            escape(ticket.district or ""),
            late + _local(ticket.expected_at),
            escape(_short(ticket.question)),
        )
    out.print(table)


@app.command("show")
def show(
    id: TicketId,
    contact: Annotated[
        bool, typer.Option("--contact", help="Show the contact too; that you saw it is written down.")
    ] = False,
    by: By = None,
) -> None:
    """One ticket: the question, the messages around it, and what was done."""
    with failures_in_words():
        tickets = _tickets()
        ticket = tickets.get(id)
        shown = tickets.contact_of(ticket.id, by=_who(by)) if contact else None
        lines, events = tickets.transcript(ticket.id), tickets.events(ticket.id)
    _print(ticket)
    if contact:
        out.print(f"contact   {escape(shown or 'none was left, or it is erased')}")
    for line in lines:
        who = "居民" if line.role == "resident" else "绿小渝"
        out.print(f"  [dim]{_local(line.at)}[/dim] [green]{who}[/green] {escape(line.text)}")
    if outcome_of(events) is None and ticket.state == "answered":
        out.print(f"reply     on its way to {escape(ticket.channel)}; the app sends it as soon as it runs")
    for event in events:
        out.print(f"  [dim]{_local(event.at)}  {event.what} by {escape(event.by)}[/dim]")


@app.command("take")
def take(
    id: TicketId,
    instead_of: Annotated[
        str | None, typer.Option("--from", help="Take it over from who holds it now.")
    ] = None,
    by: By = None,
) -> None:
    """Hold a ticket, so that nobody else answers it."""
    with failures_in_words():
        ticket = _tickets().take(id, by=_who(by), instead_of=instead_of)
    out.print(f"{ticket.id} is {escape(ticket.held_by or '')}'s.")


@app.command("reply")
def reply(
    id: TicketId, text: Annotated[str, typer.Argument(help="What the resident reads.")], by: By = None
) -> None:
    """Answer the resident in the channel they wrote in; a chat app is written to by the running app."""
    with failures_in_words():
        tickets = _tickets()
        ticket = tickets.reply(id, text, by=_who(by))
        outcome = _awaited(tickets, ticket.id)
    said, show_contact = f"The reply to {ticket.id}", f"`lvxiaoyu ticket show {ticket.id} --contact`"
    if outcome == "delivered":
        out.print(f"{said} is in the resident's conversation.")
    elif outcome == "kept":
        out.print(
            f"{said} waits in {escape(ticket.channel)}, which takes no message for them now: they read it "
            f"when they next write. To reach them sooner use the contact, {show_contact}."
        )
    elif outcome == "undelivered":
        out.print(
            f"{said} is stored, but {escape(ticket.channel)} cannot be written to: "
            f"use the contact, {show_contact}."
        )
    else:
        out.print(
            f"{said} is stored, but no running app has sent it yet: it goes out to {escape(ticket.channel)} "
            f"as soon as one runs (`lvxiaoyu serve`). `lvxiaoyu ticket show {ticket.id}` tells how it went."
        )


@app.command("close")
def close(id: TicketId, by: By = None) -> None:
    """Close a ticket and erase its contact for good."""
    with failures_in_words():
        ticket = _tickets().close(id, by=_who(by))
    out.print(f"{ticket.id} is closed, and its contact is erased.")


def _tickets() -> Tickets:
    configure_logs("error")
    settings = settings_or_exit()
    upgrade(settings.database)
    keys = load_keys(settings.data_dir / "secrets")
    return build_tickets(settings, keys, create_engine_for(settings.database), SystemClock())


def _awaited(tickets: Tickets, ticket_id: str) -> Outcome | None:
    """What became of the reply; None where no app has sent it so far."""
    until = time.monotonic() + SENT_WITHIN_S
    while (outcome := tickets.outcome(ticket_id)) is None and time.monotonic() < until:
        time.sleep(0.1)
    return outcome


def _who(by: str | None) -> str:
    return by or getpass.getuser()


def _print(ticket: Ticket) -> None:
    held = f", held by {escape(ticket.held_by)}" if ticket.held_by else ""
    out.print(f"[bold]{ticket.id}[/bold]  {ticket.state}{held}")
    out.print(f"question  {escape(ticket.question or 'erased with its conversation')}")
    out.print(f"from      {escape(ticket.channel)} {escape(ticket.district or '')}".rstrip())
    out.print(f"asked     {_local(ticket.created_at)}, due {_local(ticket.expected_at)}")
    if ticket.has_contact:
        out.print("contact   left; --contact shows it")


def _local(moment: datetime) -> str:
    return f"{moment.astimezone(LOCAL):%Y-%m-%d %H:%M}"


def _short(question: str | None) -> str:
    text = " ".join((question or "").split())
    return text if len(text) <= 40 else text[:39] + "…"
