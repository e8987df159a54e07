"""Campaigns on a terminal: tables, previews, and what stands in the way."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from rich.markup import escape
from rich.table import Table

from api.cli.console import err, out
from api.clock import LOCAL, SystemClock
from campaigns.content import Rendered
from campaigns.finding import Finding
from campaigns.planning.model import Campaign


def print_table(campaigns: Sequence[Campaign]) -> None:
    table = Table("id", "state", "rev", "title", "next", "tested", "approved by", box=None)
    for each in campaigns:
        due = each.next_due_at or each.schedule.next_due(SystemClock().now())
        table.add_row(
            each.id[:8],
            each.state,
            str(each.revision),
            escape(each.title),
            local(due) if due else "",
            "yes" if each.tested else "no",
            escape(each.approved_by or ""),
        )
    out.print(table)


def print_rendered(channel: str, shown: Rendered) -> None:
    out.print(f"[bold green]{escape(channel)}[/bold green]")
    out.print(escape(shown.text))
    if shown.picture:
        out.print(f"  [dim]图：{escape(shown.picture.alternative)}  {escape(shown.picture.url)}[/dim]")
    for link in shown.links:
        out.print(f"  [dim]{escape(link.label)}：{escape(link.url)}[/dim]")
    if shown.quiz:
        out.print(f"  {escape(shown.quiz.question)}")
        for number, option in enumerate(shown.quiz.options):
            out.print(f"    {'✓' if number == shown.quiz.right else ' '} {escape(option)}")
        out.print(f"    [dim]{escape(shown.quiz.explanation)} ({escape(shown.quiz.clause_id)})[/dim]")
    if shown.pledge:
        out.print(f"  ♥ {escape(shown.pledge)}")
    for reply in shown.quick_replies:
        out.print(f"  [cyan]› {escape(reply)}[/cyan]")
    for left in shown.left_out:
        out.print(f"  [yellow]{escape(left)}[/yellow]")


def print_findings(findings: Sequence[Finding]) -> None:
    for each in findings:
        mark = "[yellow]asks[/yellow] " if each.asks else "[red]fault[/red]"
        err.print(f"{mark} {escape(each.code)}  {escape(each.text)}")


def plain(campaign: Campaign) -> dict[str, Any]:
    return campaign.as_json() | {"tested": campaign.tested, "approved": campaign.approved}


def fields_of(value: Any) -> dict[str, Any]:
    return {name: getattr(value, name) for name in value.__dataclass_fields__}


def local(moment: datetime) -> str:
    return f"{moment.astimezone(LOCAL):%Y-%m-%d %H:%M}"
