"""The evidence for each passage that may answer a question.

`Evidence` gathers candidates by words and vectors, against sentences and against approved questions, and has
the likeliest of them described (see `index.describing`). It gives no verdict: weights and thresholds belong
to `index.ranking`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from copy import copy
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import islice

import numpy as np

from index import describing
from index.constraints import asked, holds
from index.coverage import Gaps
from index.describing import Description
from index.encoder import Encoder
from index.expansion import Expansion
from index.passages import Passages
from index.precedents import NEAREST, precedent
from index.question import Question
from index.signals import Signals, UnitIndex
from index.terms import pieces, telling_terms
from index.text import lexical_tokens, normalise
from index.texts import Texts
from index.vectors import NO_ROWS, VectorIndex

_POOL = 25
_DESCRIBED = 20
"""Candidates that are described, of those found by sentences and of those found by approved questions."""
_VOTERS = 10
_ALIKE = 0.65
_ITEMS_KEPT = 50_000
"""Texts whose things are remembered: looking for them takes longer than anything else said of a text."""


@dataclass(frozen=True, slots=True)
class Found:
    """Candidates with their features: `features` has shape (len(passages), len(FEATURES)); `best_unit` is
    the approved question nearest to the question for each candidate, -1 where it has none; `precedent` is
    the question's own, see `index.precedents`."""

    question: Question
    passages: np.ndarray
    features: np.ndarray
    best_unit: np.ndarray
    precedent: float

    def only(self, rows: np.ndarray) -> Found:
        """The candidates of some `rows`, a mask."""
        if rows.all():
            return self
        return replace(
            self,
            passages=self.passages[rows],
            features=self.features[rows],
            best_unit=self.best_unit[rows],
        )


class Evidence:
    """Reads one snapshot's indexes; holds no state of a question."""

    def __init__(
        self,
        passages: Passages,
        sentences: UnitIndex,
        questions: UnitIndex,
        encoder: Encoder | None,
        expansion: Expansion,
        earlier: Evidence | None = None,
        unanswered: VectorIndex | None = None,
    ) -> None:
        """`earlier` is evidence over other texts: what was worked out of those that are the same is taken
        from it, and the result does not differ. `unanswered` are questions known to have no answer."""
        self.passages = passages
        self._sentences, self._questions = sentences, questions
        self._encoder, self._unanswered = encoder, unanswered
        self._expansion: Expansion = expansion
        self._items_of_text: Callable[[str], frozenset[str]]
        if earlier is not None and earlier._expansion.lexicon == expansion.lexicon:
            self._items_of_text = earlier._items_of_text
        else:
            self._items_of_text = lru_cache(maxsize=_ITEMS_KEPT)(expansion.items)
        self.texts: Texts = Texts(
            passages,
            encoder,
            lambda word: questions.words.idf(word) / questions.words.unseen,
            earlier.texts if earlier is not None else None,
        )

    def with_expansion(self, expansion: Expansion) -> Evidence:
        """The same texts read under another lexicon; everything that does not depend on it is shared."""
        other = copy(self)
        other._expansion = expansion
        other._items_of_text = lru_cache(maxsize=_ITEMS_KEPT)(expansion.items)
        return other

    def extended(self, passages: Passages, questions: UnitIndex) -> Evidence:
        """The same with further approved questions and what they quote, each behind those there are; only
        what is new is read. This one stays as it is."""
        other = copy(self)
        other.passages, other._questions = passages, questions
        other.texts = self.texts.extended(passages)
        return other

    @property
    def encoder(self) -> Encoder | None:
        return self._encoder

    @property
    def sentences(self) -> UnitIndex:
        return self._sentences

    @property
    def questions(self) -> UnitIndex:
        return self._questions

    def prepare(self, question: str) -> Question:
        text = normalise(question)
        widened = self._expansion.widen(text)
        texts = [text] if not widened.added else [text, f"{text} {' '.join(widened.added)}"]
        vectors = self._encoder.encode(texts) if self._encoder else None
        terms = tuple((term, self._questions.words.idf(term)) for term in telling_terms(text))
        meant = self.texts.meanings.meant(text, widened.replaced)
        gaps = Gaps(terms, widened.replaced, self._questions.words.unseen)
        return Question(text, asked(text), widened, terms, gaps, vectors, meant, pieces(text))

    def gather(self, question: Question, masked: Collection[int] = ()) -> Found:
        """Candidates for `question`; `masked` approved questions are treated as if they did not exist
        (training asks each of them while hiding it)."""
        tokens = lexical_tokens(question.text)
        more = [token for word in question.widened.added for token in lexical_tokens(word)]
        hidden = np.fromiter(masked, dtype=np.int64, count=len(masked))
        sentences = self._sentences.signals(tokens, more, question.vectors, NO_ROWS, _POOL)
        questions = self._questions.signals(tokens, more, question.vectors, hidden, _POOL)

        described = Description(self._likeliest(sentences, questions))
        describing.by_sentences(described, question, self._sentences, sentences)
        describing.by_questions(described, question, self.texts, self._questions, questions, hidden)
        describing.by_words(described, question, self.texts)
        describing.by_names(described, question, self.texts, self._items_of_text)
        describing.by_meanings(described, question, self.texts)
        describing.by_clauses(described, self.texts, self._votes(questions))
        describing.by_the_better(described)
        near = self._precedent(question, questions)
        return Found(question, described.numbers, described.features, described.units, near)

    def _precedent(self, question: Question, questions: Signals) -> float:
        if question.vectors is None or self._unanswered is None:
            return 0.0
        return precedent(questions.cosines, self._unanswered.highest(question.vectors[0], NEAREST))

    def _likeliest(self, sentences: Signals, questions: Signals) -> np.ndarray:
        """The `_DESCRIBED` passages whose own words match best, and as many by an approved question, in
        order of their numbers."""
        chosen: set[int] = set()
        for signals, owners in (
            (sentences, sentences.found),
            (questions, self.texts.passage_of[questions.found]),
        ):
            match = signals.widened[signals.found] + signals.cosines
            best_first = dict.fromkeys(owners[np.argsort(-match, kind="stable")].tolist())
            chosen.update(islice(best_first, _DESCRIBED))
        return np.asarray(sorted(chosen), dtype=np.int64)

    def wording(self, unit: int) -> str:
        """An approved question as texts are compared."""
        return self.texts.question[unit]

    def units_of(self, entry_ids: Collection[str]) -> list[int]:
        """The numbers of the approved questions of some entries."""
        if not entry_ids:
            return []
        wanted = frozenset(entry_ids)
        return [number for number, owner in enumerate(self.passages.questions.entries) if owner in wanted]

    def lacking(self, question: Question, number: int) -> frozenset[str]:
        """The kinds that `question` insists on and passage `number` does not hold. A programme is read as
        a whole: its card shows all of its lines."""
        text = self.texts.held[number]
        return frozenset(kind for kind in question.asked.kinds if not holds(kind, text))

    def unmet(self, question: Question, number: int, unit: int) -> frozenset[str]:
        """The pieces of `question` that neither passage `number` nor approved question `unit` has."""
        text = f"{self.texts.passage[number]}\n{self.texts.question[unit] if unit >= 0 else ''}"
        return frozenset(piece for piece in question.pieces if piece not in text)

    def alike(self, first: int, numbers: np.ndarray) -> np.ndarray:
        """Shape (len(numbers),), bool: which passages say the same as passage `first`, as far as vectors
        can tell. Two documents often state one thing; such a passage is no rival."""
        same: np.ndarray = np.equal(numbers, first)
        whole = numbers < self._sentences.vectors.size
        if self._encoder is not None and first < self._sentences.vectors.size:
            one = self._sentences.vectors.rows(np.asarray([first]))
            same[whole] |= self._sentences.vectors.cosines(one, numbers[whole]) >= _ALIKE
        return same

    def _votes(self, questions: Signals) -> dict[int, float]:
        """The nearest approved questions vote: a share for each passage."""
        rows = questions.found
        if len(rows) == 0:
            return {}
        strength = questions.lexical[rows] + questions.cosines
        voters = np.argsort(-strength)[:_VOTERS]
        weight = np.exp(6.0 * (strength[voters] - strength[voters[0]]))
        votes: dict[int, float] = {}
        for owner, share in zip(self.texts.passage_of[rows[voters]], weight / weight.sum(), strict=True):
            votes[int(owner)] = votes.get(int(owner), 0.0) + float(share)
        return votes
