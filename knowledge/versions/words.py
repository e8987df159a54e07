"""Which words of a text stayed, went and came. Pure; knows nothing of clauses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

RunKind = Literal["kept", "removed", "added"]
_TOKEN = re.compile(r"\d+(?:[.,]\d+)*%?|[A-Za-z]+|\s+|.", re.DOTALL)
_ISLAND = 2
"""So many kept characters between two changes read as a part of the change."""
_LONGEST = 6_000
"""Tokens up to which two texts are compared character by character: beyond, sentence by sentence."""
_SENTENCE = re.compile(r"[^。；！？\n]*[。；！？\n]?")


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of text that stayed, went or came."""

    kind: RunKind
    text: str


def word_runs(before: str, after: str) -> tuple[Run, ...]:
    """The runs in reading order: all but the added ones make up `before`, all but the removed ones `after`.

    Numbers and Latin words are never cut.
    """
    old, new = _TOKEN.findall(before), _TOKEN.findall(after)
    if len(old) > _LONGEST or len(new) > _LONGEST:
        old, new = ([piece for piece in _SENTENCE.findall(text) if piece] for text in (before, after))
        return tuple(_merged(_runs(old, new), island=0))
    return tuple(_merged(_runs(old, new), island=_ISLAND))


def likeness(before: str, after: str) -> float:
    """How much of two texts is the same, 0 to 1."""
    if not before and not after:
        return 1.0
    kept = sum(len(run.text) for run in word_runs(before, after) if run.kind == "kept")
    return 2 * kept / (len(before) + len(after))


def kept_share(before: str, after: str) -> float:
    """How much of `before` stands in `after`, whatever else is there, 0 to 1."""
    kept = sum(len(run.text) for run in word_runs(before, after) if run.kind == "kept")
    return kept / len(before) if before else 1.0


def _runs(old: list[str], new: list[str]) -> Iterator[tuple[str, str, str]]:
    """Triples of kept, removed and added text, in order."""
    for tag, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            yield "".join(old[i:j]), "", ""
        else:
            yield "", "".join(old[i:j]), "".join(new[k:m])


def _merged(triples: Iterator[tuple[str, str, str]], *, island: int) -> Iterator[Run]:
    """Changes with only a short kept stretch between them become one."""
    removed = added = held = ""
    for kept, gone, come in triples:
        if not kept:
            removed, added = removed + held + gone, added + held + come
            held = ""
        elif (removed or added) and len(kept) <= island:
            held = kept
        else:
            yield from _change(removed, added, held)
            removed = added = held = ""
            yield Run("kept", kept)
    yield from _change(removed, added, held)


def _change(removed: str, added: str, held: str) -> Iterator[Run]:
    if removed:
        yield Run("removed", removed)
    if added:
        yield Run("added", added)
    if held:
        yield Run("kept", held)
