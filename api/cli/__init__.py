"""`lvxiaoyu …`: the command line. Commands are thin; what takes seconds to import is imported by the
commands that need it, so that `--help` and `knowledge list` answer at once.
"""

from __future__ import annotations

import typer

from api.cli import ask, chat, doctor, knowledge, serve, ticket

app = typer.Typer(
    name="lvxiaoyu",
    help="绿小渝: answers on green consumption from policy text, clause by clause.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
)
app.command("serve")(serve.serve)
app.command("ask")(ask.ask)
app.command("chat")(chat.chat)
app.command("doctor")(doctor.doctor)
app.add_typer(knowledge.app, name="knowledge")
app.add_typer(ticket.app, name="ticket")


def main() -> None:
    app()
