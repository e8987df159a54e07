"""The evidence for each passage that may answer a question, as numbers.

`Evidence` gathers candidates by words and vectors, against sentences and against approved questions, and
describes the likeliest of them by the features in `FEATURES`. Nothing in them depends on how long or in
which style a question is put: trained on such signs, a decision learns who wrote its examples. Evidence
gives no verdict: weights and thresholds belong to `index.ranking`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from copy import copy
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import islice
from typing import Generic, TypeVar

import numpy as np

from index.constraints import NUMBER, YEAR, Asked, asked, holds
from index.coverage import NO_WORDS, Gaps, Meanings, Meant
from index.encoder import Encoder
from index.expansion import Expansion, Widened
from index.passages import Passages
from index.precedents import NEAREST, precedent
from index.runs import first_highest, grouped, numbered, second_highest
from index.signals import NO_ROWS, Signals, UnitIndex
from index.terms import bigrams, overlap, pieces, telling_terms
from index.text import lexical_tokens, normalise
from index.vectors import VectorIndex

FEATURES = (
    "lexical_sentence", "lexical_sentence_widened", "vector_sentence",
    "lexical_question", "lexical_question_widened", "vector_question", "vector_question_second",
    "same_question", "covered_by_sentence", "covered_by_question", "covered_by_heading", "covered_by_both",
    "worst_uncovered",
    "meant_by_sentence", "meant_by_both", "worst_unmeant", "question_met", "aspect_missing", "aspect_added",
    "clause_vector", "vote_clause", "vote_entry", "has_entry", "is_programme",
    "item_agrees", "item_missing", "year_missing", "number_differs",
    "best_lexical", "best_widened", "best_vector", "best_covered", "best_match",
)  # fmt: skip
_POOL = 25
_DESCRIBED = 20
"""Candidates that are described, of those found by sentences and of those found by approved questions."""
_VOTERS = 10
_ALIKE = 0.65
_ITEMS_KEPT = 50_000
"""Texts whose things are remembered: looking for them takes longer than anything else said of a text."""
_COLUMN = {name: number for number, name in enumerate(FEATURES)}

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Question:
    """A question made ready for search. `terms` are its telling bigrams with their inverse document
    frequency, and `gaps` tells which of them a text lacks; `vectors` (q, dimension) are those of its
    readings, None without an encoder; `meant` those of its words; `pieces` what it is made of."""

    text: str
    asked: Asked
    widened: Widened
    terms: tuple[tuple[str, float], ...]
    gaps: Gaps
    vectors: np.ndarray | None
    meant: Meant | None
    pieces: frozenset[str]

    def covered_by(self, text: str) -> float:
        """Share of the question's telling bigrams that `text` has, itself or by a lexicon's word."""
        return self.gaps.of(text)[0]


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
        normal = _Remembered(normalise, earlier._normal if earlier is not None else None)
        kinds = _Remembered(lambda text: asked(text).kinds, earlier._kinds if earlier is not None else None)
        self._normal: Mapping[str, str] = normal.results
        self._kinds: Mapping[str, frozenset[str]] = kinds.results
        self._passage_of = np.asarray(passages.questions.passages, dtype=np.int64)
        self._questions_of = grouped(self._passage_of)
        self._clause_of = np.asarray(numbered(p.clause_id for p in passages.passages), dtype=np.int64)
        cards: dict[str, str] = {}
        for passage in passages.passages:
            if passage.programme:
                cards[passage.document_id] = f"{cards.get(passage.document_id, '')}\n{passage.text}"
        self._passage_text = [normal(f"{p.heading} {p.text}") for p in passages.passages]
        self._held_text = [
            normal(cards[p.document_id]) if p.programme else text
            for p, text in zip(passages.passages, self._passage_text, strict=True)
        ]
        self._heading_text = [normal(p.heading) for p in passages.passages]
        self._question_text = [normal(text) for text in passages.questions.texts]
        self._aspects = [kinds(text) for text in self._question_text]
        self._meanings: Meanings = Meanings(
            encoder,
            lambda word: questions.words.idf(word) / questions.words.unseen,
            earlier._meanings if earlier is not None else None,
        )
        self._passage_words = self._meanings.read(self._passage_text)
        self._question_words = self._meanings.read(self._question_text)
        self._meanings.forget_earlier()

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
        old_passages, old_questions = len(self.passages.passages), len(self.passages.questions.texts)
        fresh = passages.passages[old_passages:]
        texts = [normalise(f"{passage.heading} {passage.text}") for passage in fresh]
        asking = [normalise(text) for text in passages.questions.texts[old_questions:]]
        other.passages, other._questions = passages, questions
        other._passage_of = np.asarray(passages.questions.passages, dtype=np.int64)
        other._questions_of = grouped(other._passage_of)
        other._clause_of = np.asarray(numbered(p.clause_id for p in passages.passages), dtype=np.int64)
        other._passage_text = [*self._passage_text, *texts]
        other._held_text = [*self._held_text, *texts]
        other._heading_text = [*self._heading_text, *(normalise(passage.heading) for passage in fresh)]
        other._question_text = [*self._question_text, *asking]
        other._aspects = [*self._aspects, *(asked(text).kinds for text in asking)]
        other._meanings = self._meanings.fork()
        other._passage_words = [*self._passage_words, *other._meanings.read(texts)]
        other._question_words = [*self._question_words, *other._meanings.read(asking)]
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
        meant = self._meanings.meant(text, widened.replaced)
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

        candidates = self._likeliest(sentences, questions)
        features = np.zeros((len(candidates), len(FEATURES)), dtype=np.float32)
        best_unit = np.full(len(candidates), -1, dtype=np.int64)
        self._describe_sentences(features, candidates, question, sentences)
        self._describe_questions(features, best_unit, candidates, question, questions, hidden)
        self._describe_agreement(features, best_unit, candidates, question)
        self._describe_meanings(features, question, candidates, best_unit)
        self._describe_clauses(features, candidates, self._votes(questions))
        _describe_best(features)
        return Found(question, candidates, features, best_unit, self._precedent(question, questions))

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
            (questions, self._passage_of[questions.found]),
        ):
            match = signals.widened[signals.found] + signals.cosines
            best_first = dict.fromkeys(owners[np.argsort(-match, kind="stable")].tolist())
            chosen.update(islice(best_first, _DESCRIBED))
        return np.asarray(sorted(chosen), dtype=np.int64)

    def wording(self, unit: int) -> str:
        """An approved question as texts are compared."""
        return self._question_text[unit]

    def units_of(self, entry_ids: Collection[str]) -> list[int]:
        """The numbers of the approved questions of some entries."""
        if not entry_ids:
            return []
        wanted = frozenset(entry_ids)
        return [number for number, owner in enumerate(self.passages.questions.entries) if owner in wanted]

    def lacking(self, question: Question, number: int) -> frozenset[str]:
        """The kinds that `question` insists on and passage `number` does not hold. A programme is read as
        a whole: its card shows all of its lines."""
        text = self._held_text[number]
        return frozenset(kind for kind in question.asked.kinds if not holds(kind, text))

    def unmet(self, question: Question, number: int, unit: int) -> frozenset[str]:
        """The pieces of `question` that neither passage `number` nor approved question `unit` has."""
        text = f"{self._passage_text[number]}\n{self._question_text[unit] if unit >= 0 else ''}"
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
        for owner, share in zip(self._passage_of[rows[voters]], weight / weight.sum(), strict=True):
            votes[int(owner)] = votes.get(int(owner), 0.0) + float(share)
        return votes

    def _describe_sentences(
        self, features: np.ndarray, candidates: np.ndarray, question: Question, sentences: Signals
    ) -> None:
        """Passages that are whole sentences come first in number, so their rows do too."""
        own = candidates[candidates < len(sentences.lexical)]
        features[: len(own), _COLUMN["lexical_sentence"]] = sentences.lexical[own]
        features[: len(own), _COLUMN["lexical_sentence_widened"]] = sentences.widened[own]
        features[: len(own), _COLUMN["vector_sentence"]] = self._sentences.cosines(question.vectors, own)

    def _describe_questions(
        self,
        features: np.ndarray,
        best_unit: np.ndarray,
        candidates: np.ndarray,
        question: Question,
        signals: Signals,
        hidden: np.ndarray,
    ) -> None:
        """By the approved questions that lead to a passage; `best_unit` gets the nearest of them."""
        runs = [self._questions_of.get(int(number), NO_ROWS) for number in candidates]
        if len(hidden):
            runs = [units[~np.isin(units, hidden)] for units in runs]
        rows = np.flatnonzero([len(units) for units in runs])
        if len(rows) == 0:
            return
        sizes = np.asarray([len(runs[row]) for row in rows])
        units, starts = np.concatenate([runs[row] for row in rows]), np.cumsum(sizes) - sizes
        cosines, lexical = self._questions.cosines(question.vectors, units), signals.lexical[units]
        best = units[first_highest(cosines + lexical, starts, sizes)]
        highest = np.maximum.reduceat(cosines, starts)
        best_unit[rows] = best
        features[rows, _COLUMN["has_entry"]] = 1.0
        features[rows, _COLUMN["lexical_question"]] = np.maximum.reduceat(lexical, starts)
        features[rows, _COLUMN["lexical_question_widened"]] = np.maximum.reduceat(
            signals.widened[units], starts
        )
        features[rows, _COLUMN["vector_question"]] = highest
        features[rows, _COLUMN["vector_question_second"]] = (
            highest + second_highest(cosines, starts, sizes)
        ) / 2
        own = frozenset(bigrams(question.text))
        texts = [self._question_text[unit] for unit in best]
        features[rows, _COLUMN["same_question"]] = [overlap(own, bigrams(text)) for text in texts]
        features[rows, _COLUMN["covered_by_question"]] = [question.covered_by(text) for text in texts]

    def _describe_agreement(
        self, features: np.ndarray, best_unit: np.ndarray, candidates: np.ndarray, question: Question
    ) -> None:
        """Whether each passage has the words, things, years and numbers that the question names."""
        headings: dict[str, float] = {}
        for line, number, unit in zip(features, candidates.tolist(), best_unit.tolist(), strict=True):
            text, heading = self._passage_text[number], self._heading_text[number]
            if heading not in headings:
                headings[heading] = question.covered_by(heading)
            covered, worst = question.gaps.of(text)
            line[_COLUMN["covered_by_sentence"]] = covered
            if unit >= 0:
                covered, worst = question.gaps.of(text + self._question_text[unit])
                line[_COLUMN["aspect_missing"]] = len(question.asked.kinds - self._aspects[unit])
                line[_COLUMN["aspect_added"]] = len(self._aspects[unit] - question.asked.kinds)
            line[_COLUMN["covered_by_both"]], line[_COLUMN["worst_uncovered"]] = covered, worst
            line[_COLUMN["covered_by_heading"]] = headings[heading]
            line[_COLUMN["is_programme"]] = self.passages.passages[number].programme
            if question.widened.items:
                agreeing = question.widened.items & self._items(number, unit)
                line[_COLUMN["item_agrees"]] = bool(agreeing)
                line[_COLUMN["item_missing"]] = 1.0 - len(agreeing) / len(question.widened.items)
            if question.asked.years:
                line[_COLUMN["year_missing"]] = not question.asked.years & set(YEAR.findall(text))
            if question.asked.numbers:
                line[_COLUMN["number_differs"]] = not question.asked.numbers & set(NUMBER.findall(text))

    def _items(self, number: int, unit: int) -> frozenset[str]:
        """The things that a passage and an approved question (none for -1) name."""
        named = self._items_of_text(self._passage_text[number])
        return named | self._items_of_text(self._question_text[unit]) if unit >= 0 else named

    def _describe_meanings(
        self, features: np.ndarray, question: Question, candidates: np.ndarray, best_unit: np.ndarray
    ) -> None:
        """By words of like meaning; an empty run stands for a passage without an approved question."""
        sentences = [self._passage_words[number] for number in candidates]
        questions = [self._question_words[unit] if unit >= 0 else NO_WORDS for unit in best_unit]
        cover = self._meanings.cover(question.meant, sentences, questions)
        features[:, _COLUMN["meant_by_sentence"]] = cover.by_sentence
        features[:, _COLUMN["meant_by_both"]] = cover.by_both
        features[:, _COLUMN["worst_unmeant"]] = cover.worst
        features[:, _COLUMN["question_met"]] = cover.back

    def _describe_clauses(
        self, features: np.ndarray, candidates: np.ndarray, votes: dict[int, float]
    ) -> None:
        """What the other passages of the same clause say for a passage."""
        distinct, clauses = np.unique(self._clause_of[candidates], return_inverse=True)
        own = np.asarray([votes.get(int(number), 0.0) for number in candidates], dtype=np.float32)
        nearest = features[:, [_COLUMN["vector_sentence"], _COLUMN["vector_question"]]].max(
            axis=1, initial=-1.0
        )
        best, together = np.full(len(distinct), -1.0), np.zeros(len(distinct))
        np.maximum.at(best, clauses, nearest)
        np.add.at(together, clauses, own)
        features[:, _COLUMN["clause_vector"]] = best[clauses]
        features[:, _COLUMN["vote_clause"]] = together[clauses]
        features[:, _COLUMN["vote_entry"]] = own


def _describe_best(features: np.ndarray) -> None:
    """Of a passage's own words and its approved questions, whichever is nearer to the question."""
    words = ("lexical_sentence", "lexical_question")
    vectors = ("vector_sentence", "vector_question")
    for name, pair in (
        ("best_lexical", words),
        ("best_widened", ("lexical_sentence_widened", "lexical_question_widened")),
        ("best_vector", vectors),
        ("best_covered", ("covered_by_sentence", "covered_by_question")),
    ):
        features[:, _COLUMN[name]] = features[:, [_COLUMN[column] for column in pair]].max(
            axis=1, initial=0.0
        )
    both = [features[:, _COLUMN[w]] + features[:, _COLUMN[v]] for w, v in zip(words, vectors, strict=True)]
    features[:, _COLUMN["best_match"]] = np.maximum(*both)
