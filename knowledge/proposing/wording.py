"""Other wordings of a proposed question: from its template, the lexicon and the way people here speak."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import lru_cache

from knowledge.model import Lexicon
from knowledge.proposing.asking import spoken_for
from knowledge.wordings import same_form

_MOST = 10
_PER_WORD = 2


def variants_of(
    question: str,
    suggested: Iterable[str],
    words: Residents,
    taken: Collection[str],
) -> tuple[str, ...]:
    """At most ten wordings, none twice, none that another entry has (`taken`, in `same_form`)."""
    seen = {same_form(question), ""}
    out: list[str] = []
    for text in _offered(question, tuple(suggested), words):
        form = same_form(text)
        if form not in seen and form not in taken:
            seen.add(form)
            out.append(text)
        if len(out) == _MOST:
            break
    return tuple(out)


class Residents:
    """The lexicon read backwards: the words of the texts, and what residents say for them."""

    def __init__(self, lexicon: Lexicon) -> None:
        said: dict[str, list[str]] = {}
        for word, others in lexicon.items.items():
            said.setdefault(word, []).extend(others)
        for word, targets in lexicon.synonyms.items():
            if len(targets) == 1 and len(targets[0]) > 2:  # a word for several things says none of them
                said.setdefault(targets[0], []).append(word)
        self._said: Mapping[str, tuple[str, ...]] = {
            word: tuple(dict.fromkeys(others)) for word, others in said.items()
        }
        self._audiences = {name: (name, *others) for name, others in lexicon.audiences.items()}
        self.within = lru_cache(maxsize=4096)(self._within)

    def _within(self, text: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """The words of `text` that residents say otherwise, the longest first."""
        found = [(word, others) for word, others in self._said.items() if word in text]
        return tuple(sorted(found, key=lambda pair: -len(pair[0])))

    def audiences(self, text: str) -> tuple[str, ...]:
        """Whom a text concerns, by the words of its own that name them."""
        return tuple(name for name, words in self._audiences.items() if any(word in text for word in words))


def _offered(question: str, suggested: tuple[str, ...], words: Residents) -> Iterator[str]:
    yield from suggested
    for word, others in words.within(question):
        for other in [other for other in others if word not in other][:_PER_WORD]:
            yield question.replace(word, other)
    for plain, spoken in spoken_for().items():
        if plain in question:
            for other in spoken:
                yield question.replace(plain, other)
    for text in suggested:
        for word, others in words.within(text):
            for other in [other for other in others if word not in other][:1]:
                yield text.replace(word, other)
