"""What a person mended in the reading of a text, kept as data and applied again at every parse.

A mending names a place of the source: a line, and a column where that line was split. The source itself is
never changed, so places stay what they are; of two mendings that say what one place is, the later holds.
Knows lines and markers, not trees.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal, get_args

from knowledge.errors import InvalidContent
from knowledge.messages import say
from knowledge.parsing.numbering import STYLE_NAMES, Marker, marker_of

MendingKind = Literal["begin", "plain", "join", "furniture", "keep", "split", "edit"]
Role = Literal["auto", "begin", "plain", "join", "furniture", "keep"]
_HIGHEST = 9999


@dataclass(frozen=True, slots=True)
class Mending:
    """One operation on the place (`line`, `column`), both counted from 0 in the source.

    begin      the place begins a clause; `style` and `number` say which where its words don't, or say wrong
    plain      words of the clause before, as a paragraph of their own
    join       goes on in the paragraph before
    furniture  page furniture: in no clause
    keep       no page furniture, whatever it looks like
    split      the line is cut before `column`, and what follows is a place of its own
    edit       the place's words are `text` instead; `note` says why
    """

    what: MendingKind
    line: int
    column: int = 0
    style: str | None = None
    number: int | None = None
    text: str | None = None
    note: str = ""
    by: str = ""
    at: str = ""

    def __post_init__(self) -> None:
        if self.what not in get_args(MendingKind):
            raise InvalidContent(say("mend.what", what=self.what, known="、".join(get_args(MendingKind))))
        if self.line < 0 or self.column < 0:
            raise InvalidContent(say("mend.place", line=self.line + 1, column=self.column))
        if self.what == "split" and self.column == 0:
            raise InvalidContent(say("mend.split", line=self.line + 1, column=0))
        if self.style is not None and self.style not in STYLE_NAMES:
            raise InvalidContent(say("mend.style", style=self.style, known="、".join(STYLE_NAMES)))
        if self.number is not None and not 1 <= self.number <= _HIGHEST:
            raise InvalidContent(say("mend.number", number=self.number))
        if (self.style is None) != (self.number is None):
            raise InvalidContent(say("mend.half", line=self.line + 1))
        if self.what == "edit":
            if not (self.text or "").strip() or "\n" in (self.text or ""):
                raise InvalidContent(say("mend.empty", line=self.line + 1))
            if not self.note.strip():
                raise InvalidContent(say("mend.note", line=self.line + 1))

    def to_plain(self) -> dict[str, Any]:
        """As JSON and YAML keep it: what is not said is left out."""
        return {
            name: value
            for name, value in asdict(self).items()
            if name in ("what", "line") or value not in (None, "", 0)
        }

    @classmethod
    def from_plain(cls, raw: Mapping[str, Any]) -> Mending:
        unknown = set(raw) - {item.name for item in fields(cls)}
        if unknown or "what" not in raw or "line" not in raw:
            raise InvalidContent(say("mend.fields", given="、".join(map(str, raw))))
        return cls(**raw)


@dataclass(frozen=True, slots=True)
class Piece:
    """A line of the source, or a part of one: `text` as mended, `source` as it stands there."""

    line: int
    column: int
    text: str
    source: str
    role: Role = "auto"
    marker: Marker | None = None
    note: str = ""


def pieces_of(source: str, mendings: Sequence[Mending] = ()) -> list[Piece]:
    """The lines of `source` as they are to be read. Raises InvalidContent for a place that it has not."""
    lines = source.split("\n")
    by_line: dict[int, list[Mending]] = {}
    for item in mendings:
        if item.line >= len(lines):
            raise InvalidContent(say("mend.place", line=item.line + 1, column=item.column))
        by_line.setdefault(item.line, []).append(item)
    out: list[Piece] = []
    for number, line in enumerate(lines):
        if number in by_line:
            out.extend(_mended(number, line, by_line[number]))
        else:
            out.append(Piece(number, 0, line, line))
    return out


def _mended(number: int, line: str, mendings: Sequence[Mending]) -> list[Piece]:
    cuts = sorted({item.column for item in mendings if item.what == "split"})
    starts = [0, *cuts]
    for cut in cuts:
        if not line[:cut].strip() or not line[cut:].strip():
            raise InvalidContent(say("mend.split", line=number + 1, column=cut))
    out = []
    for start, end in zip(starts, [*cuts, len(line)], strict=True):
        here = [item for item in mendings if item.column == start and item.what != "split"]
        out.append(_piece(number, start, line[start:end], here, split=start > 0))
    known = set(starts)
    for item in mendings:
        if item.column not in known:
            raise InvalidContent(say("mend.place", line=number + 1, column=item.column))
    return out


def _piece(number: int, column: int, source: str, mendings: Sequence[Mending], *, split: bool) -> Piece:
    edit = next((item for item in reversed(mendings) if item.what == "edit"), None)
    said = next((item for item in reversed(mendings) if item.what != "edit"), None)
    text = edit.text if edit is not None and edit.text is not None else source
    note = edit.note if edit is not None else ""
    if said is None:
        found = marker_of(text.strip(), text) if split else None
        role: Role = "keep" if edit is not None else "auto"
        if split and found is None:
            role = "plain"
        return Piece(number, column, text, source, role, note=note)
    if said.what == "begin":
        return Piece(number, column, text, source, "begin", _forced(said, text), note or said.note)
    assert said.what != "split"
    role = "auto" if said.what == "edit" else said.what
    return Piece(number, column, text, source, role, note=note or said.note)


def _forced(mending: Mending, text: str) -> Marker:
    """The marker that a person says: its words where the text begins with such a marker."""
    found = marker_of(text.strip(), text)
    if mending.style is None or mending.number is None:
        if found is None:
            raise InvalidContent(say("mend.no_marker", line=mending.line + 1, words=text.strip()[:16]))
        return Marker(found.style, found.number, found.text, found.suffix, forced=True)
    style = STYLE_NAMES[mending.style]
    same = found is not None and found.style is style
    return Marker(style, mending.number, found.text if same and found else "", forced=True)
