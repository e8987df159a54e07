"""Figures of runs as a file for a spreadsheet, with Chinese heads and local times."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from datetime import datetime

from api.clock import LOCAL
from api.console.campaigning.words import word
from campaigns.figures import Figures, as_csv


def as_file(figures: Iterable[Figures]) -> bytes:
    """The columns of `campaigns.figures.as_csv`, in words; with a byte order mark, so that spreadsheets
    read it as UTF-8."""
    lines = list(csv.reader(io.StringIO(as_csv(figures).removeprefix("\ufeff"))))
    head = lines[0] if lines else []
    made = io.StringIO()
    writer = csv.writer(made, lineterminator="\r\n")
    writer.writerow([_head(name) for name in head])
    for line in lines[1:]:
        writer.writerow([_cell(name, text) for name, text in zip(head, line, strict=True)])
    return made.getvalue().encode("utf-8-sig")


def _head(name: str) -> str:
    what, _, which = name.partition(".")
    said = word("csv", what)
    if "." not in name:
        return said
    if what in ("clicked", "quiz"):
        return f"{said}：第 {int(which) + 1} 个" if which.isdecimal() else f"{said}：{which}"
    return f"{said}：{word('reason', which)}"


def _cell(name: str, text: str) -> str:
    if name == "due_at":
        return f"{datetime.fromisoformat(text).astimezone(LOCAL):%Y-%m-%d %H:%M}"
    return word("run", text) if name == "state" else text
