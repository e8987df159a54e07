"""A policy text laid out for reading: blocks in the order of the text, a table of contents, annex tables.

It turns clauses into what the template needs and decides nothing else: no character of a clause is
changed, left out or given twice. HTML is the template's matter.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from api.web.spans import Piece, Span, pieces
from knowledge.model import Clause

BlockKind = Literal["notice", "title", "prose", "heading", "annex", "table"]

_TOP = {"book", "chapter", "division", "part", "annex"}
_STOPS = "。．.：:；;"
_LINE = re.compile(r"[^\n\t]+")
_HEADING_LIMIT = 80


@dataclass(frozen=True, slots=True)
class Row:
    """An annex row: what is to be done, by when, by whom, each verbatim."""

    path: str
    label: str
    task: str
    what: tuple[Piece, ...]
    due: tuple[Piece, ...]
    departments: tuple[Piece, ...]
    incomplete: bool
    cited: bool


@dataclass(frozen=True, slots=True)
class Group:
    """The rows of a table beneath one task heading."""

    path: str
    heading: tuple[Piece, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """One clause to show, or one table; `level` is the heading's level in the page."""

    kind: BlockKind
    path: str = ""
    label: str = ""
    level: int = 0
    depth: int = 0
    heading: tuple[Piece, ...] = ()
    body: tuple[Piece, ...] = ()
    lead_departments: tuple[str, ...] = ()
    departments: tuple[str, ...] = ()
    incomplete: bool = False
    cited: bool = False
    groups: tuple[Group, ...] = ()


@dataclass(slots=True)
class Contents:
    """A line of the table of contents with the lines beneath it."""

    path: str
    text: str
    below: list[Contents] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Reading:
    blocks: tuple[Block, ...]
    contents: tuple[Contents, ...]
    cited: Clause | None


def lay_out(clauses: Sequence[Clause], span: Span | None) -> Reading:
    """The page of one document; a span that doesn't fit its clause is ignored, `cited` is then None."""
    ordered = sorted(clauses, key=lambda clause: clause.position)
    cited = next((clause for clause in ordered if span and clause.path == span.path), None)
    if cited is None or span is None or not span.fits(cited.text):
        cited, span = None, None
    by_id = {clause.id: clause for clause in ordered}
    blocks: list[Block] = []
    table: list[Clause] = []
    for clause in ordered:
        if clause.kind in ("annex_task", "annex_row"):
            table.append(clause)
            continue
        if table:
            blocks.append(_table(table, by_id, cited, span))
            table = []
        blocks.append(_block(clause, by_id, span if clause is cited else None))
    if table:
        blocks.append(_table(table, by_id, cited, span))
    return Reading(tuple(blocks), tuple(_contents(ordered)), cited)


def heading_end(clause: Clause) -> int:
    """Where the clause's heading ends in its text, its closing stop included; 0 where it has none."""
    at = 0
    for part in (clause.marker, clause.heading):
        if not part:
            continue
        while at < len(clause.text) and clause.text[at] in " \u3000\n\t":
            at += 1
        if not clause.text.startswith(part, at):
            return 0
        at += len(part)
    if not clause.heading or at > _HEADING_LIMIT:
        return 0
    return at + 1 if clause.text[at : at + 1] and clause.text[at] in _STOPS else at


def _block(clause: Clause, by_id: dict[str, Clause], span: Span | None) -> Block:
    cut = heading_end(clause)
    depth = _depth(clause, by_id)
    kind: BlockKind = "heading" if cut else "prose"
    if clause.kind in ("notice", "title", "annex"):
        kind = clause.kind
    if clause.kind in _TOP | {"title"}:
        cut = cut or _first_line(clause.text)
    return Block(
        kind=kind,
        path=clause.path,
        label=clause.label,
        level=2 if clause.kind in _TOP or clause.kind == "title" else min(3 + max(depth - 1, 0), 6),
        depth=depth,
        heading=pieces(clause.text, span, end=cut),
        body=pieces(clause.text, span, start=cut + _blank(clause.text, cut)),
        lead_departments=clause.lead_departments,
        departments=tuple(name for name in clause.departments if name not in clause.lead_departments),
        incomplete=clause.incomplete,
        cited=span is not None,
    )


def _table(
    clauses: Iterable[Clause], by_id: dict[str, Clause], cited: Clause | None, span: Span | None
) -> Block:
    groups: list[Group] = []
    rows: list[Row] = []
    task: Clause | None = None

    def close() -> None:
        if task is not None or rows:
            heading = pieces(task.text, span if task is cited else None) if task else ()
            groups.append(Group(task.path if task else "", heading, tuple(rows)))

    for clause in clauses:
        if clause.kind == "annex_task":
            close()
            rows, task = [], clause
        else:
            parent = by_id.get(clause.parent or "")
            above = parent if parent is not None and parent.kind == "annex_task" else task
            rows.append(_row(clause, above.text.strip() if above else "", span if clause is cited else None))
    close()
    return Block(kind="table", groups=tuple(groups))


def _row(clause: Clause, task: str, span: Span | None) -> Row:
    """The row's cells: its lines in order, the words first, then the date, then the departments."""
    lines = [(found.start(), found.end()) for found in _LINE.finditer(clause.text) if found.group().strip()]
    cells: list[tuple[Piece, ...]] = []
    if len(lines) == 3 or (lines and clause.incomplete):
        cells = [pieces(clause.text, span, start=start, end=end) for start, end in lines]
    else:
        cells = [pieces(clause.text, span)]
        cells += [(Piece(clause.due or ""),), (Piece("、".join(clause.departments)),)]
    what, due, departments = [*cells, (), (), ()][:3]
    return Row(clause.path, clause.label, task, what, due, departments, clause.incomplete, span is not None)


def _contents(clauses: Sequence[Clause]) -> list[Contents]:
    lines: list[Contents] = []
    for clause in clauses:
        cut = heading_end(clause) or (_first_line(clause.text) if clause.kind in _TOP else 0)
        line = Contents(clause.path, clause.text[:cut].strip().rstrip(_STOPS))
        if clause.kind in _TOP and cut:
            lines.append(line)
        elif clause.kind == "section" and cut and lines:
            lines[-1].below.append(line)
        elif clause.kind == "section" and cut:
            lines.append(line)
    return lines


def _first_line(text: str) -> int:
    """Where the first line ends, 0 if it is too long for a heading."""
    end = text.find("\n") if "\n" in text else len(text)
    return end if end <= _HEADING_LIMIT else 0


def _depth(clause: Clause, by_id: dict[str, Clause]) -> int:
    """How many clauses stand above this one."""
    depth, above = 0, by_id.get(clause.parent or "")
    while above is not None and depth < 8:
        depth, above = depth + 1, by_id.get(above.parent or "")
    return depth


def _blank(text: str, start: int) -> int:
    """How many line breaks between a heading and its body the layout itself shows."""
    return len(text[start:]) - len(text[start:].lstrip("\n")) if start else 0
