"""Widening a question by the lexicon: other words for what it says, added and never put in place.

`Expansion` finds the residents' words in a normalised question (longest first) and gives the words
of the texts for them, the things and the districts that the question names.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from index.terms import telling_terms
from index.text import normalise
from knowledge.model import Lexicon

_STATE = "(?:[旧老废破烂新]+|二手)"
"""What a thing may be called without anything being asked of it."""
_GENERAL = "汽车|小车|轿车|车子?|家具|东西"
"""Things too general to tell texts apart by; alone they ask for nothing either."""
_BESIDE = "[ ,.?!;、的了呢嘛啊哈哦喃嘞和跟与]"


@dataclass(frozen=True, slots=True)
class Widened:
    """`added` are words of the texts; `replaced` maps what the resident said to them; `only_district` and
    `only_item` where the question names a district or a thing (旧手机) and says nothing of it."""

    added: tuple[str, ...]
    replaced: Mapping[str, tuple[str, ...]]
    items: frozenset[str]
    districts: frozenset[str]
    only_district: bool
    only_item: bool


class Expansion:
    """Look-ups over one lexicon; immutable once built."""

    def __init__(self, lexicon: Lexicon) -> None:
        self.lexicon = lexicon
        self._synonyms = {
            normalise(word): tuple(normalise(target) for target in targets)
            for word, targets in lexicon.synonyms.items()
        }
        self._items = _names(lexicon.items)
        self._districts = _names(lexicon.districts)
        self._synonym_pattern = _any_of(self._synonyms)
        self._item_pattern = _any_of(self._items)
        self._district_pattern = _any_of(self._districts)
        thing = f"(?:{self._item_pattern.pattern}|{_GENERAL})"
        self._bare = re.compile(f"(?:{_BESIDE}*{_STATE}?{thing}{_BESIDE}*)+")

    def widen(self, question: str) -> Widened:
        """`question` is normalised text."""
        replaced = {word: self._synonyms[word] for word in self._synonym_pattern.findall(question)}
        added = tuple(dict.fromkeys(target for targets in replaced.values() for target in targets))
        districts = frozenset(self._districts[name] for name in self._district_pattern.findall(question))
        items = self.items(question)
        unplaced = self._district_pattern.sub(" ", question)
        return Widened(
            added=tuple(word for word in added if word not in question),
            replaced=replaced,
            items=items,
            districts=districts,
            only_district=bool(districts) and not telling_terms(unplaced),
            only_item=bool(self._bare.fullmatch(unplaced)),
        )

    def items(self, text: str) -> frozenset[str]:
        """Canonical names of the things that a normalised text names."""
        return frozenset(self._items[name] for name in self._item_pattern.findall(text))


def _names(table: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    return {
        normalise(name): canonical for canonical, others in table.items() for name in (canonical, *others)
    }


def _any_of(words: Iterable[str]) -> re.Pattern[str]:
    longest_first = sorted((word for word in words if word), key=len, reverse=True)
    return re.compile("|".join(map(re.escape, longest_first)) or r"(?!)")
