"""From lines as they came to paragraphs: page headers out, hard-wrapped lines joined, stray spaces gone.

Every character that is not white space ends up either in exactly one paragraph or in the furniture.
Knows lines and widths; of clauses it knows only what a marker looks like.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from knowledge.parsing.mending import Mending, Piece, Role, pieces_of
from knowledge.parsing.numbering import Marker, marker_of

_PAGE_NUMBER = re.compile(
    r"[-—–－]{1,2}\s*[0-9０-９]{1,4}\s*[-—–－]{1,2}|第\s*\d+\s*页(?:[，,/\s]*共\s*\d+\s*页)?"
)
_SPACES = re.compile(r"\s+")
_TERMINAL = "。！？：；）)”》"
_HEADER_LINES = 4
_WRAP_MIN_LINES = 10
_WRAP_MAX_EM = 60.0
_INDENT_EM = 2.0


@dataclass(frozen=True, slots=True)
class Furniture:
    """A line of a page's header or footer; `line` counts from 0 in the source."""

    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """`text` is clean; `raw` keeps the spaces; a table line keeps its tabs in `raw`. `lines` are all the
    lines of the source that it was joined of; `role` and `begins` are what a person said of it."""

    text: str
    raw: str
    line: int
    tabbed: bool = False
    block: int = 0
    lines: tuple[int, ...] = ()
    role: Role = "auto"
    begins: Marker | None = None

    @property
    def marker(self) -> Marker | None:
        """The marker that the paragraph begins with; none where a person said that it begins nothing."""
        if self.role == "plain":
            return None
        return self.begins or marker_of(self.text, self.raw)


def clean(text: str) -> str:
    """White space beside a Chinese character goes; between two Latin words one space stays."""
    text = text.strip()
    if not _SPACES.search(text):
        return text
    if "\t" in text:
        return _row(text)
    pieces = _SPACES.split(text)
    out = [pieces[0]]
    for before, after in pairwise(pieces):
        if not (_wide(before[-1]) or _wide(after[0])):
            out.append(" ")
        out.append(after)
    return "".join(out)


def _row(text: str) -> str:
    """The cells of a table's row with a space between them; what only parts a number from its text goes."""
    first, *more = [cell for piece in text.split("\t") if (cell := clean(piece))]
    marker = marker_of(first)
    gap = "" if marker is not None and marker.text == first else " "
    return first + (gap + " ".join(more) if more else "")


def paragraphs_of(source: str, mendings: Sequence[Mending] = ()) -> tuple[list[Paragraph], list[Furniture]]:
    """The paragraphs of a text in order, and the page furniture taken out of it."""
    pieces = pieces_of(source, mendings)
    gone = furniture_among(pieces)
    block, kept = 0, []
    for number, piece in enumerate(pieces):
        if number in gone:
            continue
        line = piece.text
        if not line.strip() and "\t" not in line:
            block += 1
            continue
        kept.append(
            Paragraph(
                clean(line),
                line,
                piece.line,
                "\t" in line,
                block,
                (piece.line,),
                piece.role,
                piece.marker,
            )
        )
    width = _wrap_width([item for item in kept if not item.tabbed])
    furniture = [Furniture(pieces[i].line, clean(pieces[i].text)) for i in sorted(gone)]
    joined = bool(width) or any(item.role == "join" for item in kept)
    return (_unwrap(kept, width) if joined else kept), furniture


def furniture_among(pieces: Sequence[Piece]) -> frozenset[int]:
    """The positions of the pieces that are page furniture: what looks so, unless a person said otherwise."""
    found = {
        i for i in _furniture([piece.text for piece in pieces]) if pieces[i].role in ("auto", "furniture")
    }
    said = {i for i, piece in enumerate(pieces) if piece.role == "furniture" and piece.text.strip()}
    return frozenset(found | said)


def _furniture(lines: Sequence[str]) -> list[int]:
    """Page numbers, and the lines repeated directly before or after them: their positions."""
    full = [(number, clean(line)) for number, line in enumerate(lines) if line.strip()]
    texts = [text for _, text in full]
    pages = [i for i, text in enumerate(texts) if len(text) <= 20 and _PAGE_NUMBER.fullmatch(text)]
    if not pages:
        return []
    page_set = set(pages)
    runs = _runs(texts, pages, page_set, -1) | _runs(texts, pages, page_set, 1)
    out = set(pages)
    for i in range(len(texts)):
        for size in range(1, _HEADER_LINES + 1):
            run = tuple(texts[i : i + size])
            if len(run) == size and run in runs:
                out.update(range(i, i + size))
    return [full[i][0] for i in sorted(out)]


def _runs(texts: Sequence[str], pages: Sequence[int], page_set: set[int], step: int) -> set[tuple[str, ...]]:
    """The lines that stand on one side of at least two page numbers alike, in the order of the text."""
    longest: dict[int, tuple[str, ...]] = {}
    beside = list(pages)
    for distance in range(1, _HEADER_LINES + 1):
        reached = [(page, page + step * distance) for page in beside]
        inside = [(page, i) for page, i in reached if 0 <= i < len(texts) and i not in page_set]
        counts = Counter(texts[i] for _, i in inside)
        beside = [page for page, i in inside if counts[texts[i]] > 1]
        for page in beside:
            first, last = sorted((page + step, page + step * distance))
            longest[page] = tuple(texts[first : last + 1])
    return set(longest.values())


def _wrap_width(lines: Sequence[Paragraph]) -> float:
    """The width in em at which the text was hard-wrapped, or 0 where each line is a paragraph."""
    if len(lines) < _WRAP_MIN_LINES:
        return 0.0
    widths = sorted(_em(line.text) for line in lines)
    full = widths[int(len(widths) * 0.9)]
    if full > _WRAP_MAX_EM or full < 12:
        return 0.0
    near = [line for line in lines if full - _INDENT_EM - 1 <= _em(line.text) <= full + 3]
    running = [line for line in near if line.text[-1] not in _TERMINAL]
    return full if len(near) >= 0.5 * len(lines) and len(running) >= 0.6 * len(near) else 0.0


def _unwrap(lines: Sequence[Paragraph], width: float) -> list[Paragraph]:
    out: list[Paragraph] = []
    run: list[Paragraph] = []
    for line in lines:
        if run and _parts(run, line, width):
            out.append(_join(run))
            run = []
        run.append(line)
    if run:
        out.append(_join(run))
    return out


def _parts(run: Sequence[Paragraph], line: Paragraph, width: float) -> bool:
    """Whether `line` begins another paragraph: what a person said of it, else what it looks like."""
    if line.role == "join":
        return False
    if line.role in ("begin", "plain") or not width:
        return True
    return line.tabbed or run[-1].tabbed or _breaks(run[-1], line, width, first=len(run) == 1)


def _breaks(line: Paragraph, following: Paragraph, width: float, *, first: bool) -> bool:
    """Whether a paragraph ends with `line`: it stops short of the margin, or a marker follows its end."""
    used = _em(line.text) + (_INDENT_EM if first else 0.0)
    ended = line.text[-1] in _TERMINAL
    if used < width - 4.5:
        return True
    if used <= width - (0.9 if line.text[-1] in "：:" else 1.5) and line.text[-1] in "。：！？:":
        return True
    return ended and following.marker is not None


def _join(run: Sequence[Paragraph]) -> Paragraph:
    if len(run) == 1:
        return run[0]
    raw = "\n".join(line.raw for line in run)
    lines = tuple(number for line in run for number in line.lines)
    return replace(run[0], text=clean(raw), raw=raw, lines=lines)


def _em(text: str) -> float:
    return sum(1.0 if unicodedata.east_asian_width(sign) in "WFA" else 0.5 for sign in text)


def _wide(sign: str) -> bool:
    return unicodedata.east_asian_width(sign) in "WFA" or sign in "“”‘’—…·"
