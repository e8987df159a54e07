"""Two values of a field side by side as people read a correction: what went, what came, what stayed. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Literal

from api.console.writing.readable import lines_of

Kind = Literal["same", "gone", "new"]
_ALIKE = 0.5
"""How alike two lines are, as difflib counts, to be shown as one line corrected."""
_LONGEST = 2000
"""Characters of a line up to which it is compared sign by sign."""
_ISLAND = 2
"""Signs in common between two changes that are too few to read by themselves."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of signs that stayed, went or came."""

    kind: Kind
    text: str


@dataclass(frozen=True, slots=True)
class LineChange:
    """One line of a field, in pieces: of both kinds where it was corrected."""

    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class FieldDifference:
    """`changes` are the lines that changed, `same` counts those that did not; `moved` says that lines only
    changed places."""

    changes: tuple[LineChange, ...]
    same: int
    moved: bool = False


def difference(field: str, before: Any, after: Any) -> FieldDifference:
    """How a field of a plain form changed, line by line."""
    old, new = lines_of(field, before), lines_of(field, after)
    if old != new and Counter(old) == Counter(new):
        return FieldDifference((), len(old), moved=True)
    kept = Counter(old) & Counter(new)
    if isinstance(before or after, list):  # order tells little: only what came and went is compared
        gone, came = _without(old, kept), _without(new, kept)
        return FieldDifference(tuple(_paired(gone, came)), kept.total())
    changes: list[LineChange] = []
    same = 0
    for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            same += b - a
        else:
            changes += _paired(old[a:b], new[c:d])
    return FieldDifference(tuple(changes), same)


def pieces(before: str, after: str) -> tuple[Piece, ...]:
    """One line against another, sign by sign; joined without what came it is `before` again."""
    if max(len(before), len(after)) > _LONGEST:
        return tuple(piece for piece in (Piece("gone", before), Piece("new", after)) if piece.text)
    found = SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    merged: list[tuple[bool, str, str]] = []
    for place, (tag, a, b, c, d) in enumerate(found):
        island = b - a <= _ISLAND and 0 < place < len(found) - 1
        same = tag == "equal" and not island
        old, new = before[a:b], after[c:d]
        if merged and not same and not merged[-1][0]:
            _, old_before, new_before = merged.pop()
            old, new = old_before + old, new_before + new
        merged.append((same, old, new))
    return tuple(piece for run in merged for piece in _pieces_of(*run) if piece.text)


def _pieces_of(same: bool, old: str, new: str) -> Iterator[Piece]:
    if same:
        yield Piece("same", old)
    else:
        yield Piece("gone", old)
        yield Piece("new", new)


def _without(lines: Sequence[str], kept: Counter[str]) -> list[str]:
    left = kept.copy()
    rest = []
    for line in lines:
        if left[line]:
            left[line] -= 1
        else:
            rest.append(line)
    return rest


def _paired(gone: Sequence[str], came: Sequence[str]) -> Iterator[LineChange]:
    """Each line that went beside the first like one that came."""
    waiting = list(came)
    for old in gone:
        alike = next((new for new in waiting if _like(old, new)), None)
        if alike is None:
            yield LineChange((Piece("gone", old),))
        else:
            waiting.remove(alike)
            yield LineChange(pieces(old, alike))
    for new in waiting:
        yield LineChange((Piece("new", new),))


def _like(old: str, new: str) -> bool:
    if max(len(old), len(new)) > _LONGEST:
        return False
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    return matcher.real_quick_ratio() >= _ALIKE and matcher.ratio() >= _ALIKE
