"""Writes OFD as GB/T 33190 lays it down: enough of it for pages of text with tables and a template."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

from knowledge.reading.layout.marks import is_wide
from tests.knowledge.reading.texts import Block, Table

_NS = 'xmlns:ofd="http://www.ofdspec.org/2016"'
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
_LEFT, _TOP, _WIDTH, _HEIGHT, _BOTTOM = 28.0, 37.0, 156.0, 297.0, 262.0
_SIZE, _PITCH, _TABLE_SIZE = 5.6, 9.8, 4.2
_CLOSING = "，。、；：！？）》”"


@dataclass
class _Writer:
    pages: list[list[str]] = field(default_factory=lambda: [[]])
    y: float = _TOP
    last_id: int = 10

    def text(self, words: str, x: float, y: float, size: float) -> None:
        self.last_id += 1
        advances = [size if is_wide(sign) else size / 2 for sign in words[:-1]]
        deltas = " ".join(_runs(advances))
        width = sum(advances) + size
        self.pages[-1].append(
            f'<ofd:TextObject ID="{self.last_id}" Boundary="{x:.3f} {y:.3f} {width:.3f} {size * 1.3:.3f}" Font="3" '
            f'Size="{size}"><ofd:TextCode X="0" Y="{size:.3f}" DeltaX="{deltas}">{escape(words)}</ofd:TextCode>'
            "</ofd:TextObject>"
        )

    def rule(self, x0: float, y0: float, x1: float, y1: float) -> None:
        self.last_id += 1
        self.pages[-1].append(
            f'<ofd:PathObject ID="{self.last_id}" Boundary="{x0:.3f} {y0:.3f} {x1 - x0 + 0.3:.3f} {y1 - y0 + 0.3:.3f}" '
            f'LineWidth="0.3"><ofd:AbbreviatedData>M 0 0 L {x1 - x0:.3f} {y1 - y0:.3f}</ofd:AbbreviatedData></ofd:PathObject>'
        )

    def room(self, height: float) -> None:
        if self.y + height > _BOTTOM:
            self.pages.append([])
            self.y = _TOP

    def paragraph(self, words: str) -> None:
        for at, (line, indent) in enumerate(_wrapped(words, _WIDTH, _SIZE, 2)):
            self.room(_PITCH)
            centred = (
                at == 0
                and len(words) < 20
                and words[-1] not in "。："
                and words[0] not in "一二三四五六七八九十（"
            )
            shift = (_WIDTH - _length(line) * _SIZE) / 2 if centred else indent * _SIZE
            self.text(line, _LEFT + shift, self.y, _SIZE)
            self.y += _PITCH

    def table(self, table: Table) -> None:
        widths = [34.0, 70.0, 22.0, 30.0]
        lefts = [_LEFT + sum(widths[:at]) for at in range(len(widths) + 1)]
        for at, row in enumerate(table.rows):
            lines = [
                [line for line, _ in _wrapped(cell, _span(row, column, widths) - 2, _TABLE_SIZE, 0)]
                if cell
                else []
                for column, cell in enumerate(row)
            ]
            height = max(len(cell) for cell in lines) * 6.0 + 2
            self.room(height)
            self.rule(lefts[0], self.y, lefts[-1], self.y)
            self.rule(lefts[0], self.y + height, lefts[-1], self.y + height)
            for column, left in enumerate(lefts):
                if at == 0 and 0 < column < len(row) and not row[column]:
                    continue
                self.rule(left, self.y, left, self.y + height)
            for column, cell in enumerate(lines):
                for place, line in enumerate(cell):
                    self.text(line, lefts[column] + 1, self.y + 1 + place * 6.0, _TABLE_SIZE)
            self.y += height


def as_ofd(blocks: Sequence[Block], *, header: str = "") -> bytes:
    writer = _Writer()
    for block in blocks:
        if isinstance(block, str):
            writer.paragraph(block)
        else:
            writer.table(block)
    for number, objects in enumerate(writer.pages, 1):
        last, writer.pages[-1] = writer.pages[-1], objects
        writer.text(f"— {number} —", 100.0, 275.0, 4.5)
        writer.pages[-1] = last
    return package(writer.pages, header=header, last_id=writer.last_id)


def package(pages: Sequence[Sequence[str]], *, header: str = "", last_id: int = 100) -> bytes:
    """An OFD of pages given as objects in XML; `header` stands on a template page."""
    parts = {
        "OFD.xml": f'{_HEAD}<ofd:OFD {_NS} Version="1.1" DocType="OFD"><ofd:DocBody><ofd:DocInfo><ofd:DocID>1</ofd:DocID>'
        "</ofd:DocInfo><ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody></ofd:OFD>",
    }
    template = '<ofd:TemplatePage ID="2" BaseLoc="Tpls/Tpl_0/Content.xml"/>' if header else ""
    listed = "".join(
        f'<ofd:Page ID="{900 + at}" BaseLoc="Pages/Page_{at}/Content.xml"/>' for at in range(len(pages))
    )
    parts["Doc_0/Document.xml"] = (
        f"{_HEAD}<ofd:Document {_NS}><ofd:CommonData><ofd:MaxUnitID>{last_id + 2000}</ofd:MaxUnitID><ofd:PageArea>"
        f"<ofd:PhysicalBox>0 0 210 {_HEIGHT:.0f}</ofd:PhysicalBox></ofd:PageArea>{template}</ofd:CommonData>"
        f"<ofd:Pages>{listed}</ofd:Pages></ofd:Document>"
    )
    use = '<ofd:Template TemplateID="2" ZOrder="Background"/>' if header else ""
    for at, objects in enumerate(pages):
        parts[f"Doc_0/Pages/Page_{at}/Content.xml"] = _content("".join(objects), use)
    if header:
        words = (
            f'<ofd:TextObject ID="3" Boundary="60 15 90 6" Font="3" Size="4"><ofd:TextCode X="0" Y="4" '
            f'DeltaX="g {len(header) - 1} 4">{escape(header)}</ofd:TextCode></ofd:TextObject>'
        )
        parts["Doc_0/Tpls/Tpl_0/Content.xml"] = _content(words, "")
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return out.getvalue()


def _content(objects: str, use: str) -> str:
    return f'{_HEAD}<ofd:Page {_NS}>{use}<ofd:Content><ofd:Layer ID="5">{objects}</ofd:Layer></ofd:Content></ofd:Page>'


def _wrapped(words: str, width: float, size: float, indent: int) -> list[tuple[str, int]]:
    """Lines no wider than `width`, none of them beginning with a closing sign."""
    lines: list[tuple[str, int]] = []
    rest, first = words, indent
    while rest:
        room, count = width / size - first, 0
        used = 0.0
        while count < len(rest) and used + _length(rest[count]) <= room + 1e-6:
            used += _length(rest[count])
            count += 1
        while 1 < count < len(rest) and (
            rest[count] in _CLOSING or rest[count - 1] in "（《“" or _splits_word(rest, count)
        ):
            count -= 1
        lines.append((rest[:count], first))
        rest, first = rest[count:], 0
    return lines


def _splits_word(text: str, at: int) -> bool:
    return not is_wide(text[at - 1]) and not is_wide(text[at])


def _span(row: Sequence[str], column: int, widths: Sequence[float]) -> float:
    return widths[column] + (widths[1] if column == 0 and not row[1] else 0)


def _length(text: str) -> float:
    return sum(1.0 if is_wide(sign) else 0.5 for sign in text)


def _runs(advances: Sequence[float]) -> list[str]:
    """Steps, equal ones in a row written short as the standard has it: g 12 5.6."""
    out: list[str] = []
    at = 0
    while at < len(advances):
        end = at
        while end < len(advances) and advances[end] == advances[at]:
            end += 1
        out.extend(
            ["g", str(end - at), f"{advances[at]:g}"] if end - at > 2 else [f"{advances[at]:g}"] * (end - at)
        )
        at = end
    return out
