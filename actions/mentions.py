"""What a question names: things, acts, districts, years, roles and documents, with where they stand.

The words come from the knowledge's lexicon and from `follow_up.yml`. It must not know the question before.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from actions.parts import names
from actions.wording import any_of, load
from index.constraints import YEAR
from index.terms import telling_terms
from index.text import normalise
from knowledge.model import Lexicon

Kind = Literal["item", "act", "district", "year", "role", "document"]
KINDS: tuple[Kind, ...] = get_args(Kind)
_THINGS = frozenset({"item", "role", "document"})
_YEAR = re.compile(rf"(?P<year>{YEAR.pattern}|[今明去前后]年)年?(?:[底末]|前)?")
_STATE = re.compile("(?:[旧老废破烂新]+|二手|报废的?)$")
"""What a thing is called with its name: 旧家电 is another thing to ask about than 家电."""


@dataclass(frozen=True, slots=True)
class Mention:
    """`said` stands at [start, end) of the normalised question; `name` is the lexicon's word for it."""

    kind: Kind
    name: str
    said: str
    start: int
    end: int


class Mentions:
    """Look-ups over one lexicon; immutable once built."""

    def __init__(self, lexicon: Lexicon) -> None:
        rules = load("follow_up")
        tables: dict[Kind, Mapping[str, Iterable[str]]] = {
            "act": rules["acts"],
            "item": {**rules["things"], **lexicon.items},
            "district": lexicon.districts,
            "role": lexicon.audiences,
            "document": rules["documents"],
        }
        self._names = {kind: _by_word(table) for kind, table in tables.items()}
        self._patterns = {kind: any_of(words) for kind, words in self._names.items()}

    def find(self, text: str) -> tuple[Mention, ...]:
        """Every mention in normalised `text`, in order; where two overlap the longer one counts."""
        found = [mention for kind in self._patterns for mention in self._of(kind, text)]
        found += [Mention("year", y.group("year"), y.group(), *y.span()) for y in _YEAR.finditer(text)]
        kept: list[Mention] = []
        for mention in sorted(found, key=lambda one: (one.start - one.end, one.start)):
            if all(mention.end <= other.start or other.end <= mention.start for other in kept):
                kept.append(mention)
        return tuple(sorted(kept, key=lambda one: one.start))

    def names_nothing(self, text: str) -> bool:
        """Whether normalised `text` only asks, and says nothing of what: 最多补好多."""
        return not names(text) and not {mention.kind for mention in self.find(text)} & _THINGS

    def rest(self, text: str, mentions: Iterable[Mention]) -> tuple[str, ...]:
        """The telling terms of normalised `text` beside its mentions."""
        for mention in mentions:
            text = f"{text[: mention.start]}{' ' * (mention.end - mention.start)}{text[mention.end :]}"
        return telling_terms(text)

    def _of(self, kind: Kind, text: str) -> Iterator[Mention]:
        for found in self._patterns[kind].finditer(text):
            start = found.start()
            if kind == "item" and (state := _STATE.search(text[:start])):
                start = state.start()
            yield Mention(
                kind, self._names[kind][found.group()], text[start : found.end()], start, found.end()
            )


def _by_word(table: Mapping[str, Iterable[str]]) -> dict[str, str]:
    return {normalise(word): name for name, words in table.items() for word in (name, *words)}
