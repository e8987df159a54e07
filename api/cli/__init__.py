"""`lvxiaoyu …`: the command line. Commands are thin; what takes seconds to import is imported by the
commands that need it, so that `--help` and `knowledge list` answer at once.
"""

from __future__ import annotations

import typer

from api.cli import (
    ask,
    backup,
    campaign,
    channel,
    chat,
    doctor,
    knowledge,
    knowledge_exchange,
    serve,
    ticket,
    user,
    worker,
)

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
app.command("worker")(worker.worker)
app.command("backup")(backup.backup)
app.command("restore")(backup.restore)
knowledge.app.command("export")(knowledge_exchange.export)
knowledge.app.command("import-entries")(knowledge_exchange.import_entries)
app.add_typer(knowledge.app, name="knowledge")
app.add_typer(ticket.app, name="ticket")
app.add_typer(campaign.app, name="campaign")
app.add_typer(channel.app, name="channel")
app.add_typer(user.app, name="user")


def main() -> None:
    app()
