"""The annex of a document: its heading, its table or its own numbered text.

In the tables of task lists a line holds one cell and starts with a tab, a blank line ends a row, and an
empty first cell stands for the task heading above; one line a row with tabs between cells is read too.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby

from knowledge.messages import say
from knowledge.parsing.cleaning import Paragraph, clean
from knowledge.parsing.departments import departments_in
from knowledge.parsing.node import Node
from knowledge.parsing.numbering import Style, is_heading, marker_of
from knowledge.parsing.remarks import Remark
from knowledge.parsing.tree import build

_ANNEX = re.compile(r"附\s*[件录表]\s*[0-9０-９一二三四五六七八九十]{0,3}\s*(?:[：:].*)?")
_LABEL_WORDS = 12


def is_annex_heading(text: str) -> bool:
    return len(text) <= 200 and _ANNEX.fullmatch(text) is not None


def read_annex(paragraphs: Sequence[Paragraph], number: int, remarks: list[Remark]) -> Node:
    """One annex as a node: table rows and task headings, or clauses, below it."""
    prefix = "annex" if number == 1 else f"annex-{number}"
    name = say("label.annex") if number == 1 else say("label.annex_nth", number=number)
    root = Node("annex", path=prefix, label=name)
    table = [item for item in paragraphs if item.tabbed]
    if len(table) < 3:
        _read_text(root, [item for item in paragraphs if item.text], remarks)
        return root
    start = paragraphs.index(table[0])
    end = max(i for i, item in enumerate(paragraphs) if item.tabbed) + 1
    _add(root, paragraphs[:start])
    _read_table(root, paragraphs[start:end], prefix, name, remarks)
    if any(item.text for item in paragraphs[end:]):
        notes = Node("annex", path=f"{prefix}.notes", label=say("label.annex_notes", name=name))
        _add(root.add(notes), paragraphs[end:])
    return root


def _read_text(root: Node, paragraphs: Sequence[Paragraph], remarks: list[Remark]) -> None:
    first = next((i for i, item in enumerate(paragraphs) if i and item.marker), None)
    head = paragraphs if first is None else paragraphs[:first]
    _add(root, head)
    if first is not None:
        body = build(paragraphs[first:], remarks)
        root.lines += body.lines
        root.texts += body.texts  # what begins with a number that no count can begin with
        for child in body.children:
            root.add(child)


def _add(node: Node, paragraphs: Sequence[Paragraph]) -> None:
    for item in paragraphs:
        if item.text:
            node.texts.append(item.text)
            node.lines.extend(item.lines)


def _read_table(
    root: Node, lines: Sequence[Paragraph], prefix: str, name: str, remarks: list[Remark]
) -> None:
    (header, head_lines), *body = _rows(lines)
    root.lines.extend(head_lines)
    columns = [cell for cell in header if cell]
    root.texts.extend(columns)
    task: Node | None = None
    tasks = count = 0
    for cells, places in body:
        heading, cells = _group(cells, len(columns))
        if heading:
            tasks += 1
            marker = marker_of(heading)
            task = root.add(Node("annex_task", [heading], marker, path=f"{prefix}.task-{tasks}"))
            task.heading = heading[len(marker.text) :] if marker else heading
            task.label = say("label.annex_task", name=name, heading=heading)
            task.lines = places[:1]
        cells = [cell for cell in cells if cell]
        if not cells:
            continue
        marker = marker_of(cells[0])
        numbered = marker is not None and marker.style is Style.ITEM
        count = marker.number if numbered and marker else count + 1
        row = (task or root).add(Node("annex_row", cells, marker if numbered else None))
        row.path = f"{prefix}.{count}"
        row.lines = places
        row.heading = cells[0][len(marker.text) :] if numbered and marker else cells[0]
        short = row.heading[:_LABEL_WORDS] + ("…" if len(row.heading) > _LABEL_WORDS else "")
        row.label = say("label.annex_row", name=name, number=count, task=short)
        _fill(row, columns, cells)
        if len(cells) < len(columns):
            row.incomplete = True
            missing = "、".join(columns[len(cells) :])
            words = say("parse.row_cut", number=count, task=short, missing=missing)
            remarks.append(Remark("row_cut", words, places[-1], row.path))


def _fill(row: Node, columns: Sequence[str], cells: Sequence[str]) -> None:
    for column, cell in zip(columns, cells, strict=False):
        if re.search(r"时限|时间|期限", column):
            row.due = cell
        elif re.search(r"责任|部门|单位|牵头", column):
            row.departments = departments_in(cell)
            if "牵头" in column:
                row.lead = row.departments


def _group(cells: list[str], columns: int) -> tuple[str, list[str]]:
    """The task heading that a row starts with ('' where it inherits one), and the cells after it."""
    if not cells[0]:
        return "", cells[1:]
    marker = marker_of(cells[0])
    alone = len(cells) == 1 and is_heading(cells[0])
    if len(cells) > columns or (
        marker and marker.style in (Style.PART, Style.SECTION) and (alone or len(cells) > 1)
    ):
        return cells[0], cells[1:]
    return "", cells


def _rows(lines: Sequence[Paragraph]) -> list[tuple[list[str], list[int]]]:
    """Rows of cells, and the lines each stands on: each line one row if tabs stand between words, else each
    block of lines."""
    inner = [line for line in lines if "\t" in line.raw.strip()]
    if len(inner) * 2 > len(lines):
        return [([clean(cell) for cell in line.raw.split("\t")], list(line.lines)) for line in lines]
    rows: list[tuple[list[str], list[int]]] = []
    for _, block in groupby(lines, key=lambda line: line.block):
        cells: list[str] = []
        places: list[int] = []
        for line in block:
            places.extend(line.lines)
            cell = [clean(piece) for piece in line.raw.split("\t")]
            cells.extend(cell[1:] if len(cell) > 1 and not cell[0] else cell)
        rows.append((cells, places))
    return rows
