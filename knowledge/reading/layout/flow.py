"""A document's pages one after the other: running text and tables in their order, frames of pages apart."""

from __future__ import annotations

from dataclasses import dataclass, field

from knowledge.reading.layout.columns import lines_on
from knowledge.reading.layout.furniture import furniture_of
from knowledge.reading.layout.grid import Table, tables_on
from knowledge.reading.layout.marks import Line, Page
from knowledge.reading.layout.paragraphs import Margins, join
from knowledge.reading.layout.spanning import goes_on, put_together
from knowledge.reading.rows import as_line
from knowledge.reading.source import Draft

Block = Line | Table


@dataclass
class Flow:
    """Takes pages in order; `write` puts their text into a draft."""

    blocks: list[Block] = field(default_factory=list)
    pages: int = 0
    two_columns: list[int] = field(default_factory=list)

    def add(self, page: Page) -> None:
        self.pages += 1
        tables, glyphs = tables_on(page)
        lines = lines_on(page, glyphs)
        if any(line.columns == 2 for line in lines):
            self.two_columns.append(page.number)
            lines_and_tables: list[Block] = [*lines, *tables]
        else:
            lines_and_tables = sorted([*lines, *tables], key=_top)
        self.blocks.extend(lines_and_tables)

    def write(self, draft: Draft) -> None:
        lines = [block for block in self.blocks if isinstance(block, Line)]
        gone = furniture_of(lines, self.pages)
        for place in sorted(gone):
            draft.aside("frame", lines[place].text)
        kept_out = {id(lines[place]) for place in gone}
        body = [block for block in self.blocks if id(block) not in kept_out]
        margins = Margins([block for block in body if isinstance(block, Line)])
        run: list[Line] = []
        table: Table | None = None
        for block in body:
            if isinstance(block, Line):
                self._close(table, draft)
                table = None
                run.append(block)
                continue
            if run:
                draft.lines.extend(join(run, margins))
                run = []
            if table is not None and goes_on(table, block):
                table, repeated, unsure = put_together(table, block)
                for words in repeated:
                    draft.aside("table_head", words)
                if unsure:
                    draft.warn("read.table_split", before=block.page - 1, after=block.page)
                continue
            self._close(table, draft)
            table = block
        draft.lines.extend(join(run, margins) if run else ())
        self._close(table, draft)
        if self.two_columns:
            draft.warn("read.two_columns", pages=_listed(self.two_columns))

    @staticmethod
    def _close(table: Table | None, draft: Draft) -> None:
        if table is not None:
            draft.lines.extend(as_line(row) for row in table.rows)


def _top(block: Block) -> float:
    return block.base - 0.9 * block.size if isinstance(block, Line) else block.box[1]


def _listed(pages: list[int]) -> str:
    shown = "、".join(str(page) for page in pages[:8])
    return f"{shown}等" if len(pages) > 8 else shown
