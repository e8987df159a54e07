"""The story of a Word part: its blocks in order, each a line, each table row a line of cells."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from knowledge.reading.docx.markup import child, number, value, word
from knowledge.reading.docx.numbering import Numbering
from knowledge.reading.docx.runs import Paragraph, read_paragraph
from knowledge.reading.rows import as_line
from knowledge.reading.source import Draft

_THROUGH = {"sdtContent", "customXml", "ins", "moveTo", "smartTag"}
_DROPPED = {"del", "moveFrom"}
_CONTENTS = ("toc", "目录")


class Body:
    """Reads blocks into `draft`; `changes` counts tracked changes, `pictures` what is drawn."""

    def __init__(self, draft: Draft, numbering: Numbering) -> None:
        self.draft = draft
        self.changes = 0
        self.pictures = 0
        self._numbering = numbering
        self._carried = ""  # of a paragraph whose mark was deleted: it goes on in the next one

    def read(self, container: etree._Element) -> None:
        for block in self._blocks(container):
            if word(block) == "p":
                self._paragraph(block)
            elif word(block) == "tbl":
                self._flush()
                self.draft.lines.extend(self._table(block))
            elif word(block) == "altChunk":
                self.draft.warn("read.embedded")
        self._flush()

    def _blocks(self, container: etree._Element) -> Iterator[etree._Element]:
        for item in container:
            name = word(item)
            if name == "sdt":
                content = child(item, "sdtContent")
                if content is not None and self._is_contents(item):
                    self.draft.aside("contents", " ".join(_plain(content)))
                elif content is not None:
                    yield from self._blocks(content)
            elif name in _THROUGH:
                yield from self._blocks(item)
            elif name in _DROPPED:
                self.changes += 1
            elif name == "other:AlternateContent":
                if (chosen := next(iter(item), None)) is not None:
                    yield from self._blocks(chosen)
            elif name:
                yield item

    def _is_contents(self, block: etree._Element) -> bool:
        gallery = value(child(block, "sdtPr", "docPartObj", "docPartGallery")) or ""
        return "table of contents" in gallery.lower()

    def _paragraph(self, element: etree._Element) -> None:
        found = read_paragraph(element)
        self.changes += found.changes
        self.pictures += found.pictures
        if found.private:
            self.draft.warn("read.symbols", count=found.private)
        if found.hidden:
            self.draft.aside("hidden", found.hidden)
        text = self._carried + found.text
        if found.mark_deleted:
            self._carried = text
            return
        self._carried = ""
        style = (value(child(element, "pPr", "pStyle")) or "").lower()
        if style.startswith(_CONTENTS) and style.removeprefix("toc").removeprefix("目录").strip().isdigit():
            self.draft.aside("contents", text)
            return
        if found.only_deleted and not text.strip():
            return
        prefix = self._numbering.of(element) if text.strip() else ""
        self.draft.lines.extend((prefix + text).split("\n"))
        self._boxes(found)

    def _boxes(self, found: Paragraph) -> None:
        for box in found.boxes:
            self.read(box)

    def _flush(self) -> None:
        if self._carried:
            self.draft.lines.append(self._carried)
            self._carried = ""

    def _table(self, table: etree._Element) -> list[str]:
        lines: list[str] = []
        for row in _inside(table, "tr"):
            properties = child(row, "trPr")
            if child(properties, "del") is not None:
                self.changes += 1
                continue
            cells = [""] * (number(child(properties, "gridBefore")) or 0)
            nested: list[str] = []
            for cell in _inside(row, "tc"):
                text, below = self._cell(cell)
                cells.append(text)
                cells.extend([""] * ((number(child(cell, "tcPr", "gridSpan")) or 1) - 1))
                nested.extend(below)
            lines.append(as_line(cells))
            lines.extend(nested)
        return lines

    def _cell(self, cell: etree._Element) -> tuple[str, list[str]]:
        """The words of a cell on one line, and the rows of tables inside it. A cell that continues the one
        above has none of its own."""
        merge = child(cell, "tcPr", "vMerge")
        if merge is not None and value(merge) != "restart":
            return "", []
        apart = Draft(self.draft.name)
        inner = Body(apart, self._numbering)
        nested: list[str] = []
        for block in inner._blocks(cell):
            if word(block) == "p":
                inner._paragraph(block)
            elif word(block) == "tbl":
                nested.extend(inner._table(block))
        inner._flush()
        self.changes += inner.changes
        self.pictures += inner.pictures
        self.draft.warnings.extend(item for item in apart.warnings if item not in self.draft.warnings)
        self.draft.furniture.extend(apart.furniture)
        return " ".join(line for line in apart.lines if line.strip()), nested


def _inside(holder: etree._Element, name: str) -> Iterator[etree._Element]:
    """The rows of a table or the cells of a row, those that a control or a tracked change holds too."""
    for item in holder:
        if word(item) == name:
            yield item
        elif word(item) == "sdt" or word(item) in _THROUGH:
            yield from _inside(item, name)


def _plain(element: etree._Element) -> list[str]:
    return [read_paragraph(item).text for item in element.iter() if word(item) == "p"]
