"""Figures and groups as CSV that a spreadsheet opens as it should: UTF-8 with a mark, no cell that runs."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from api.clock import LOCAL
from api.insights.figures import Counts, Overview, Share
from api.insights.missed import WHYS
from api.insights.model import Group
from api.insights.words import words

_BOM = "\ufeff"
"""Without it spreadsheets take UTF-8 for the local encoding."""
_RUNS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What a cell that is taken for a formula begins with, wide forms included."""
_EXAMPLES = 10

Cell = str | int | float | None


def figures_csv(overview: Overview) -> bytes:
    """One table, a figure a line: part, name, figure, value."""
    said = words("export")
    rows: list[Sequence[Cell]] = [said["figure_columns"]]
    for name, counts in ((said["total"], overview.total), (said["before"], overview.before)):
        rows += _counts(said["whole"], name, counts)
    for day, counts in overview.days.items():
        rows += _counts(said["day"], day.isoformat(), counts)
    rows += _shares(said["topic"], overview.topics)
    rows += _shares(said["district"], overview.districts)
    for top in overview.top:
        rows += [
            (said["question"], top.question, said["asked"], top.asked),
            (said["question"], top.question, said["useful"], top.useful),
            (said["question"], top.question, said["useless"], top.useless),
        ]
    return _written(rows)


def groups_csv(groups: Iterable[Group]) -> bytes:
    """A group a line, with its most asked wordings."""
    said = words("export")
    rows: list[Sequence[Cell]] = [said["group_columns"]]
    for group in groups:
        rows.append(
            (
                group.question,
                words("states")[group.state],
                group.count,
                *(group.counts[why] for why in WHYS),
                group.this_week,
                group.week_before,
                f"{group.first_at.astimezone(LOCAL):%Y-%m-%d}",
                f"{group.last_at.astimezone(LOCAL):%Y-%m-%d}",
                "、".join(group.districts),
                " | ".join(wording.text for wording in group.wordings[:_EXAMPLES]),
            )
        )
    return _written(rows)


def harmless(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.lstrip().startswith(_RUNS) or cell.startswith(_RUNS) else cell


def _counts(part: str, name: str, counts: Counts) -> list[Sequence[Cell]]:
    return [
        (part, name, label, getattr(counts, figure)) for figure, label in words("export")["counts"].items()
    ]


def _shares(part: str, shares: Iterable[Share]) -> list[Sequence[Cell]]:
    said = words("export")
    return [
        row
        for share in shares
        for row in (
            (part, share.name, said["asked"], share.asked),
            (part, share.name, said["answered"], share.answered),
        )
    ]


def _written(rows: Iterable[Sequence[Cell]]) -> bytes:
    file = io.StringIO()
    writer = csv.writer(file)
    for row in rows:
        writer.writerow([harmless(cell) if isinstance(cell, str) else cell for cell in row])
    return (_BOM + file.getvalue()).encode()
