"""Which characters of a source are in no clause, and why: the check that nothing is lost silently."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from knowledge.parsing.cleaning import furniture_among
from knowledge.parsing.document import ParsedDocument
from knowledge.parsing.mending import Mending, pieces_of

Why = Literal["furniture", "removed", "edited", "lost"]


@dataclass(frozen=True, slots=True)
class LeftOut:
    """`text` stands at (`line`, `column`) of the source and in no clause: page furniture as it looked to the
    parser, removed by a person, edited by a person (`instead` is what stands there now) or lost, which is a
    fault."""

    line: int
    column: int
    text: str
    why: Why
    instead: str = ""
    note: str = ""


def left_out(source: str, parsed: ParsedDocument, mendings: Sequence[Mending] = ()) -> tuple[LeftOut, ...]:
    """What of `source` no clause of `parsed` holds, white space aside, in the order of the text."""
    pieces = pieces_of(source, mendings)
    gone = furniture_among(pieces)
    body = _squeeze("".join(clause.text for clause in parsed.clauses))
    at, out = 0, []
    for number, piece in enumerate(pieces):
        words = _squeeze(piece.text)
        if number in gone:
            why: Why = "removed" if piece.role == "furniture" else "furniture"
            out.append(LeftOut(piece.line, piece.column, piece.source.strip(), why, note=piece.note))
            continue
        if piece.text != piece.source:
            before, after = piece.source.strip(), piece.text.strip()
            out.append(LeftOut(piece.line, piece.column, before, "edited", after, piece.note))
        if body.startswith(words, at):
            at += len(words)
        elif (found := body.find(words, at)) >= 0:
            at = found + len(words)
        elif words:
            out.append(LeftOut(piece.line, piece.column, piece.text.strip(), "lost"))
    return tuple(out)


def _squeeze(text: str) -> str:
    return "".join(text.split())
