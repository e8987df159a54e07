"""A policy text as what an office would lay out: paragraphs and a table, written in every format.

The paragraphs are those of the plain text file, joined where it was hard-wrapped; the lines of an annex table,
a cell a line, become a table with spanned cells, as the authority's own file has them.
"""

from __future__ import annotations

import html
import io
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn

from knowledge.content_loader import CONTENT
from knowledge.model import Clause
from knowledge.parsing import parse, read_text
from knowledge.parsing.cleaning import paragraphs_of

SEEDS = ("cq-2022-11", "cq-2020-1891")


@dataclass(frozen=True)
class Table:
    """Rows of cells; an empty cell belongs to the one above (first column) or to the left (first row)."""

    rows: tuple[tuple[str, ...], ...]


Block = str | Table


def seed_text(document_id: str) -> str:
    return read_text(Path(CONTENT) / "policies" / f"{document_id}.txt")[0]


def tree(text: str, document_id: str = "doc") -> list[Clause]:
    return list(parse(text, document_id).clauses)


def blocks_of(text: str) -> list[Block]:
    """The paragraphs and tables of a text file."""
    paragraphs, _ = paragraphs_of(text)
    blocks: list[Block] = []
    for tabbed, group in groupby(paragraphs, key=lambda item: item.tabbed):
        items = list(group)
        if not tabbed or len(items) < 3:
            blocks.extend(item.text for item in items if item.text)
            continue
        rows = [
            [line.raw.split("\t", 1)[1].strip() for line in lines]
            for _, lines in groupby(items, key=lambda item: item.block)
        ]
        width = max(len(row) for row in rows)
        head = [rows[0][0], *[""] * (width - len(rows[0])), *rows[0][1:]]
        body = [row + [""] * (width - len(row)) for row in rows[1:]]
        blocks.append(Table(tuple(tuple(row) for row in [head, *body])))
    return blocks


def as_html(blocks: Sequence[Block], *, border: str = "1") -> str:
    out: list[str] = []
    for block in blocks:
        if isinstance(block, str):
            centred = (
                ' class="centre"'
                if len(block) < 30
                and block[-1] not in "。："
                and block[0] not in "一二三四五六七八九十（1234567890"
                else ""
            )
            out.append(f"<p{centred}>{html.escape(block)}</p>")
        else:
            out.append(_html_table(block, border))
    return "\n".join(out)


def _html_table(table: Table, border: str) -> str:
    head, *body = table.rows
    cells = []
    for at, cell in enumerate(head):
        if not cell:
            continue
        across = 1 + next((i for i, text in enumerate(head[at + 1 :]) if text), len(head) - at - 1)
        cells.append(f'<th colspan="{across}">{html.escape(cell)}</th>')
    lines = [f'<table border="{border}"><thead><tr>{"".join(cells)}</tr></thead><tbody>']
    for at, row in enumerate(body):
        cells = []
        for column, cell in enumerate(row):
            if column == 0 and not cell:
                continue
            down = ""
            if column == 0:
                below = 1 + next(
                    (i for i, other in enumerate(body[at + 1 :]) if other[0]), len(body) - at - 1
                )
                down = f' rowspan="{below}"'
            cells.append(f"<td{down}>{html.escape(cell)}</td>")
        lines.append(f"<tr>{''.join(cells)}</tr>")
    return "\n".join([*lines, "</tbody></table>"])


def as_markdown(blocks: Sequence[Block]) -> str:
    out: list[str] = []
    for block in blocks:
        if isinstance(block, str):
            out.append(f"## **{block}**" if block[1:2] == "、" else block)
        else:
            rows = ["| " + " | ".join(row) + " |" for row in block.rows]
            out.append("\n".join([rows[0], "|" + " --- |" * len(block.rows[0]), *rows[1:]]))
    return "\n\n".join(out) + "\n"


def as_docx(blocks: Sequence[Block]) -> bytes:
    document = Document()
    section = document.sections[0]
    section.header.paragraphs[0].text = "重庆市行政规范性文件"
    section.footer.paragraphs[0].text = "— 1 —"
    for block in blocks:
        if isinstance(block, str):
            paragraph = document.add_paragraph()
            for start in range(0, len(block), 7):  # Word cuts runs where it likes
                paragraph.add_run(block[start : start + 7])
            if len(block) < 20:
                paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        else:
            _docx_table(document, block)
    return saved(document)


def _docx_table(document, table: Table) -> None:
    grid = document.add_table(rows=len(table.rows), cols=len(table.rows[0]))
    for at, row in enumerate(table.rows):
        for column, text in enumerate(row):
            if text:
                grid.cell(at, column).text = text
            elif at == 0:
                grid.cell(0, column - 1).merge(grid.cell(0, column))
            elif column == 0:
                top = max(i for i in range(at) if table.rows[i][0])
                grid.cell(top, 0).merge(grid.cell(at, 0))


def saved(document) -> bytes:
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def element(tag: str, *children, **attributes: object):
    made = OxmlElement(f"w:{tag}")
    for name, value in attributes.items():
        made.set(qn(f"w:{name}"), str(value))
    for child in children:
        made.append(child)
    return made
