"""How `lvxiaoyu knowledge coverage` shows what `knowledge.coverage` found."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict

from rich.markup import escape

from api.cli.console import out
from knowledge.coverage import ClauseCoverage

HEADS = ("entries", "wordings", "sentences", "unquoted")
KIND_WIDTH, ID_WIDTH = 12, 24


def print_lines(found: Sequence[ClauseCoverage], *, missing: bool) -> None:
    """One line a clause, never cut short; with `missing`, the sentences nobody quotes below it."""
    out.print(f"[bold]{'  '.join(HEADS)}  {'kind':{KIND_WIDTH}}{'clause':{ID_WIDTH}}label[/bold]")
    for item in found:
        counts = _counts(item.entries, item.wordings, item.sentences, len(item.missing))
        where = f"{item.kind:{KIND_WIDTH}}{item.clause_id:{ID_WIDTH - 1}} {item.label}"
        colour = "yellow" if item.is_gap else "default"
        out.print(f"{counts}  [{colour}]{escape(where)}[/{colour}]")
        for sentence in item.missing if missing else ():
            out.print(f"    [dim]-[/dim] {escape(sentence)}")
    sentences, unquoted = sum(item.sentences for item in found), sum(len(item.missing) for item in found)
    out.print(f"{sentences} sentences, {unquoted} of them in no entry.")


def print_json(found: Sequence[ClauseCoverage]) -> None:
    """A list of clauses, each with the sentences nobody quotes."""
    raw = [{**asdict(item), "is_gap": item.is_gap} for item in found]
    out.print_json(json.dumps(raw), ensure_ascii=False)


def _counts(*numbers: int) -> str:
    return "  ".join(f"{number:>{len(head)}}" for head, number in zip(HEADS, numbers, strict=True))
