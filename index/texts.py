"""What is read of a snapshot's texts once, so that no question has to read them again.

Normal forms, things asked for, words: of every passage and every approved question, by their numbers.
Nothing here knows of a question or of vectors of whole texts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import copy
from typing import Generic, TypeVar

import numpy as np

from index.constraints import asked
from index.coverage import Meanings
from index.encoder import Encoder
from index.passages import Passage, Passages
from index.runs import Groups, numbered
from index.text import normalise

T = TypeVar("T")


class _Remembered(Generic[T]):
    """A function of texts with its results, taken from those of an earlier one where it has them."""

    def __init__(self, function: Callable[[str], T], known: Mapping[str, T] | None) -> None:
        self._function, self._known = function, known or {}
        self.results: dict[str, T] = {}

    def __call__(self, text: str) -> T:
        if text not in self.results:
            known = self._known.get(text)
            self.results[text] = self._function(text) if known is None else known
        return self.results[text]


class Texts:
    """By passage: `passage`, `heading`, `held` (a programme's card is read as a whole, it shows all of its
    lines) and `passage_words`; by approved question: `question`, `aspects` (the kinds it asks for) and
    `question_words`. Words are those of `meanings`."""

    def __init__(
        self,
        passages: Passages,
        encoder: Encoder | None,
        weight: Callable[[str], float],
        earlier: Texts | None = None,
    ) -> None:
        """`weight` says how telling a word is, in [0, 1]. What `earlier` read is not read again."""
        normal = _Remembered(normalise, earlier._normal if earlier is not None else None)
        kinds = _Remembered(lambda text: asked(text).kinds, earlier._kinds if earlier is not None else None)
        self._normal: Mapping[str, str] = normal.results
        self._kinds: Mapping[str, frozenset[str]] = kinds.results
        cards: dict[str, str] = {}
        for passage in passages.passages:
            if passage.programme:
                cards[passage.document_id] = f"{cards.get(passage.document_id, '')}\n{passage.text}"
        self.passage = [normal(_spoken(p)) for p in passages.passages]
        self.held = [
            normal(cards[p.document_id]) if p.programme else text
            for p, text in zip(passages.passages, self.passage, strict=True)
        ]
        self.heading = [normal(p.heading) for p in passages.passages]
        self.question = [normal(text) for text in passages.questions.texts]
        self.aspects = [kinds(text) for text in self.question]
        self.meanings: Meanings = Meanings(encoder, weight, earlier.meanings if earlier is not None else None)
        self.passage_words = self.meanings.read(self.passage)
        self.question_words = self.meanings.read(self.question)
        self.meanings.forget_earlier()
        self._order(passages)

    def extended(self, passages: Passages) -> Texts:
        """The same with further passages and approved questions, each behind those there are; only what is
        new is read."""
        other = copy(self)
        fresh = passages.passages[len(self.passage) :]
        texts = [normalise(_spoken(passage)) for passage in fresh]
        asking = [normalise(text) for text in passages.questions.texts[len(self.question) :]]
        other.passage = [*self.passage, *texts]
        other.held = [*self.held, *texts]
        other.heading = [*self.heading, *(normalise(passage.heading) for passage in fresh)]
        other.question = [*self.question, *asking]
        other.aspects = [*self.aspects, *(asked(text).kinds for text in asking)]
        other.meanings = self.meanings.fork()
        other.passage_words = [*self.passage_words, *other.meanings.read(texts)]
        other.question_words = [*self.question_words, *other.meanings.read(asking)]
        other._order(passages)
        return other

    def _order(self, passages: Passages) -> None:
        """Who belongs to whom: `passage_of` by approved question, `questions_of` by passage, and by passage
        the number of its clause and whether it is a programme's."""
        self.passage_of = np.asarray(passages.questions.passages, dtype=np.int64)
        self.questions_of = Groups.by(self.passage_of, len(passages.passages))
        self.clause_of = np.asarray(numbered(p.clause_id for p in passages.passages), dtype=np.int64)
        self.is_programme = np.asarray([p.programme for p in passages.passages], dtype=bool)


def _spoken(passage: Passage) -> str:
    return f"{passage.heading} {passage.text}"
