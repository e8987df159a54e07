"""Published questions that go on from what somebody is typing.

Owns matching by letters alone: quick, offline, and nothing of what residents typed is kept or learnt from. It
knows nothing of search, and offers no question whose answer does not hold on the day.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date

from knowledge.model import Entry, Knowledge

SHORTEST = 2
"""Letters that must be there before anything is offered: one letter fits half of everything."""
OVERLAP = 0.6
"""Share of the typed letter pairs that a wording must hold where it does not hold the typed words whole."""
_SILENT = re.compile(r"[^\w]+|_")


@dataclass(frozen=True, slots=True)
class _Wording:
    letters: str
    pairs: frozenset[str]
    entry: Entry


class Suggester:
    """Holds the wordings of one state of the knowledge, and makes them anew when that has changed."""

    def __init__(self) -> None:
        self._known: Knowledge | None = None
        self._wordings: tuple[_Wording, ...] = ()

    def suggest(self, knowledge: Knowledge, typed: str, *, today: date, limit: int = 5) -> list[str]:
        """At most `limit` published questions, the closest first; none for what is already one of them."""
        letters = _letters(typed)
        if len(letters) < SHORTEST:
            return []
        best: dict[str, tuple[float, str]] = {}
        for wording in self._of(knowledge):
            closeness = _closeness(letters, wording)
            if closeness and _holds(wording.entry, today):
                found = best.get(wording.entry.id)
                if found is None or closeness > found[0]:
                    best[wording.entry.id] = (closeness, wording.entry.question)
        ranked = sorted(best.values(), key=lambda one: (-one[0], one[1]))
        return [question for _, question in ranked[: limit + 1] if _letters(question) != letters][:limit]

    def _of(self, knowledge: Knowledge) -> tuple[_Wording, ...]:
        if self._known is not knowledge:
            self._wordings = tuple(
                _Wording(letters, _pairs(letters), entry)
                for entry in knowledge.entries
                for letters in map(_letters, (entry.question, *entry.variants))
            )
            self._known = knowledge
        return self._wordings


def _letters(text: str) -> str:
    return _SILENT.sub("", unicodedata.normalize("NFKC", text).lower())


def _pairs(letters: str) -> frozenset[str]:
    return frozenset(letters[at : at + 2] for at in range(len(letters) - 1))


def _closeness(typed: str, wording: _Wording) -> float:
    """Above 1 where the wording holds the typed words whole, the more of it they are the higher."""
    if typed in wording.letters:
        early = 0.5 if wording.letters.startswith(typed) else 0.0
        return 1 + early + len(typed) / (len(wording.letters) * 2)
    pairs = _pairs(typed)
    share = len(pairs & wording.pairs) / len(pairs)
    return share if share >= OVERLAP and len(pairs) > 1 else 0.0


def _holds(entry: Entry, today: date) -> bool:
    return (entry.valid_from is None or entry.valid_from <= today) and (
        entry.valid_to is None or today <= entry.valid_to
    )
