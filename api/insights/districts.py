"""The districts that a question names, by the lexicon: to count by, and to leave out when grouping."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from index.text import normalise
from knowledge.model import Lexicon

_LEAST = 2
"""Characters that must be left of a question without its district: 渝北 alone still says something."""


@dataclass(frozen=True, slots=True)
class Districts:
    _name_of: dict[str, str]
    _pattern: re.Pattern[str]

    @staticmethod
    def of(lexicon: Lexicon) -> Districts:
        return _built(tuple((name, others) for name, others in lexicon.districts.items()))

    def named_in(self, question: str) -> str | None:
        """The first district that it names."""
        found = self._pattern.search(normalise(question))
        return self._name_of[found.group()] if found else None

    def left_out_of(self, question: str) -> str:
        """The question, normalised, as it would be asked anywhere."""
        normal = normalise(question)
        anywhere = self._pattern.sub("", normal)
        return anywhere if len(anywhere) >= _LEAST else normal


@lru_cache(maxsize=4)
def _built(table: tuple[tuple[str, tuple[str, ...]], ...]) -> Districts:
    name_of = {normalise(word): name for name, others in table for word in (name, *others)}
    longest = sorted(name_of, key=len, reverse=True)
    return Districts(name_of, re.compile("|".join(map(re.escape, longest)) or r"(?!)"))
