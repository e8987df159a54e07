"""Replies on a terminal: the same data that cards are made of, as plain text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.markup import escape

from api.cli.console import out


def print_reply(reply: Mapping[str, Any]) -> None:
    """`reply` is a message of the chat contract."""
    out.print(f"[bold green]绿小渝[/bold green] [dim]{reply['kind']}[/dim]")
    out.print(escape(reply["text"]))
    for title, citations in (("", reply["citations"]), ("相关阅读 ", reply["related"])):
        for citation in citations:
            source = " ".join(
                part
                for part in (
                    citation["document_title"],
                    citation["document_number"],
                    citation["clause_label"],
                )
                if part
            )
            out.print(f"  [dim]{title}{escape(source)}\n  {escape(citation['url'])}[/dim]")
    for contact in reply["contacts"]:
        out.print(f"  ☎ {escape(contact['name'])} {escape(contact['phone'])}")
    for suggestion in reply["suggestions"]:
        out.print(f"  [cyan]› {escape(suggestion['message'])}[/cyan]")
