"""The evidence for each passage that may answer a question, as numbers.

`Evidence` gathers candidates from four searches (words and vectors, against sentences and against
approved questions) and describes each by the features in `FEATURES`. It gives no verdict: weights
and thresholds belong to `index.ranking`.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from index.constraints import ASKS, NUMBER, YEAR, Asked, asked, holds
from index.encoder import Encoder
from index.expansion import Expansion, Widened
from index.lexical import LexicalIndex
from index.passages import Passages
from index.text import lexical_tokens, normalise
from index.vectors import VectorIndex

FEATURES = (
    "lexical_sentence", "lexical_sentence_widened", "vector_sentence",
    "lexical_question", "lexical_question_widened", "vector_question", "vector_question_second",
    "same_question", "covered_by_sentence", "covered_by_question", "covered_by_heading",
    "clause_vector", "has_entry", "is_programme",
    "item_agrees", "item_missing", "year_missing", "number_missing",
    *(f"{kind}_missing" for kind in ASKS),
)  # fmt: skip
ABOUT_QUESTION = (
    "lexical_unanswerable", "vector_unanswerable", "terms", "length", *(f"asks_{kind}" for kind in ASKS)
)  # fmt: skip
_POOL = 25
_COLUMN = {name: number for number, name in enumerate(FEATURES)}


@dataclass(frozen=True, slots=True)
class Question:
    """A question made ready for search."""

    text: str
    asked: Asked
    widened: Widened
    terms: tuple[tuple[str, float], ...]  # telling bigrams with their inverse document frequency
    vectors: np.ndarray


@dataclass(frozen=True, slots=True)
class Found:
    """Candidates with their features: `features` has shape (len(passages), len(FEATURES)), `about`, what
    is known of the question itself, shape (len(ABOUT_QUESTION),)."""

    question: Question
    passages: np.ndarray
    features: np.ndarray
    about: np.ndarray
    best_unit: np.ndarray  # the question unit nearest to the question, -1 where a passage has none


class Evidence:
    """Reads one snapshot's indexes; holds no state of a question."""

    def __init__(
        self,
        passages: Passages,
        sentences: tuple[LexicalIndex, VectorIndex],
        questions: tuple[LexicalIndex, VectorIndex],
        unanswerable: tuple[LexicalIndex, VectorIndex],
        encoder: Encoder | None,
        expansion: Expansion,
    ) -> None:
        self.passages = passages
        self._sentence_words, self._sentence_vectors = sentences
        self._question_words, self._question_vectors = questions
        self._unanswerable_words, self._unanswerable_vectors = unanswerable
        self._encoder = encoder
        self._expansion = expansion
        self._passage_of_question = np.asarray(passages.questions.passages, dtype=np.int64)
        self._sentence_count = len(passages.sentences.texts)
        self._questions_of: dict[int, np.ndarray] = _grouped(self._passage_of_question)
        self._clause_of = _numbered(passage.clause_id for passage in passages.passages)
        self._passage_text = [normalise(f"{p.heading} {p.text}") for p in passages.passages]
        self._heading_text = [normalise(p.heading) for p in passages.passages]
        self._question_text = [normalise(text) for text in passages.questions.texts]

    def prepare(self, question: str) -> Question:
        text = normalise(question)
        widened = self._expansion.widen(text)
        texts = [text] if not widened.added else [text, f"{text} {' '.join(widened.added)}"]
        vectors = self._encoder.encode(texts) if self._encoder else np.zeros((1, 1), dtype=np.float32)
        terms = tuple((term, self._question_words.idf(term)) for term in _terms(text))
        return Question(text, asked(text), widened, terms, vectors)

    def gather(
        self, question: Question, masked: Collection[int] = (), masked_unanswerable: Collection[int] = ()
    ) -> Found:
        """Candidates for `question`; masked units are treated as if they did not exist
        (training asks each question while hiding it)."""
        tokens = lexical_tokens(question.text)
        wide = tokens + [t for word in question.widened.added for t in lexical_tokens(word)]
        sentence = self._sentence_words.scores(tokens)
        sentence_wide = self._sentence_words.scores(wide) if len(wide) > len(tokens) else sentence
        asked_lexical = self._question_words.scores(tokens)
        asked_wide = self._question_words.scores(wide) if len(wide) > len(tokens) else asked_lexical
        hidden = np.fromiter(masked, dtype=np.int64, count=len(masked))
        asked_lexical[hidden] = asked_wide[hidden] = 0.0

        near_sentences = self._near(self._sentence_vectors, question, np.zeros(0, dtype=np.int64))
        near_questions = self._near(self._question_vectors, question, hidden)
        candidates = np.unique(
            np.concatenate(
                [
                    _top(sentence, _POOL),
                    _top(sentence_wide, _POOL),
                    near_sentences,
                    self._passage_of_question[_top(asked_lexical, _POOL)],
                    self._passage_of_question[_top(asked_wide, _POOL)],
                    self._passage_of_question[near_questions],
                ]
            )
        )
        features = np.zeros((len(candidates), len(FEATURES)), dtype=np.float32)
        best_unit = np.full(len(candidates), -1, dtype=np.int64)
        vector_of_sentence = self._cosines(
            self._sentence_vectors, question, candidates[candidates < self._sentence_count]
        )
        best_of_clause: dict[int, float] = {}
        for row, number in enumerate(candidates):
            line = features[row]
            if number < self._sentence_count:
                line[_COLUMN["lexical_sentence"]] = sentence[number]
                line[_COLUMN["lexical_sentence_widened"]] = sentence_wide[number]
                line[_COLUMN["vector_sentence"]] = vector_of_sentence[row]
            units = self._questions_of.get(int(number), _NONE)
            units = units[~np.isin(units, hidden)] if len(hidden) else units
            best_unit[row] = self._describe_questions(line, question, units, asked_lexical, asked_wide)
            self._describe_agreement(line, question, int(number), int(best_unit[row]))
            clause = self._clause_of[int(number)]
            nearest = max(
                line[_COLUMN["vector_sentence"]],
                line[_COLUMN["vector_question"]],
                best_of_clause.get(clause, -1.0),
            )
            best_of_clause[clause] = float(nearest)
        features[:, _COLUMN["clause_vector"]] = [best_of_clause[self._clause_of[int(n)]] for n in candidates]
        about = self._about(question, tokens, np.fromiter(masked_unanswerable, dtype=np.int64))
        return Found(question, candidates, features, about, best_unit)

    def _about(self, question: Question, tokens: list[str], hidden: np.ndarray) -> np.ndarray:
        """What is known of the question itself: how near it is to one known to have no answer, how long
        it is, what it asks for."""
        lexical = self._unanswerable_words.scores(tokens)
        lexical[hidden] = 0.0
        near = self._near(self._unanswerable_vectors, question, hidden)
        cosines = self._cosines(self._unanswerable_vectors, question, near)
        kinds = [float(kind in question.asked.kinds) for kind in ASKS]
        return np.asarray(
            [
                lexical.max(initial=0.0),
                cosines.max(initial=0.0),
                min(len(question.terms), 12) / 4,
                min(len(question.text), 40) / 10,
                *kinds,
            ],
            dtype=np.float32,
        )

    def _near(self, vectors: VectorIndex, question: Question, hidden: np.ndarray) -> np.ndarray:
        if self._encoder is None:
            return _NONE
        rows = vectors.nearest(question.vectors, _POOL + len(hidden))
        return rows[~np.isin(rows, hidden)]

    def _cosines(self, vectors: VectorIndex, question: Question, rows: np.ndarray) -> np.ndarray:
        if self._encoder is None:
            return np.zeros(len(rows), dtype=np.float32)
        return vectors.cosines(question.vectors, rows)

    def _describe_questions(
        self, line: np.ndarray, question: Question, units: np.ndarray, lexical: np.ndarray, wide: np.ndarray
    ) -> int:
        if len(units) == 0:
            return -1
        line[_COLUMN["has_entry"]] = 1.0
        line[_COLUMN["lexical_question"]] = lexical[units].max()
        line[_COLUMN["lexical_question_widened"]] = wide[units].max()
        cosines = self._cosines(self._question_vectors, question, units)
        order = np.argsort(-(cosines + lexical[units]))
        line[_COLUMN["vector_question"]] = cosines.max()
        line[_COLUMN["vector_question_second"]] = np.sort(cosines)[-2:].mean()
        best = int(units[order[0]])
        text = self._question_text[best]
        line[_COLUMN["same_question"]] = _overlap(question.text, text)
        line[_COLUMN["covered_by_question"]] = self._coverage(question, text)
        return best

    def _describe_agreement(self, line: np.ndarray, question: Question, number: int, unit: int) -> None:
        text = self._passage_text[number]
        best = self._question_text[unit] if unit >= 0 else ""
        line[_COLUMN["covered_by_sentence"]] = self._coverage(question, text)
        line[_COLUMN["covered_by_heading"]] = self._coverage(question, self._heading_text[number])
        line[_COLUMN["is_programme"]] = float(self.passages.passages[number].programme)
        if question.widened.items:
            named = self._expansion.items(text) | self._expansion.items(best)
            agreeing = question.widened.items & named
            line[_COLUMN["item_agrees"]] = float(bool(agreeing))
            line[_COLUMN["item_missing"]] = 1.0 - len(agreeing) / len(question.widened.items)
        if question.asked.years:
            line[_COLUMN["year_missing"]] = float(not question.asked.years & set(YEAR.findall(text)))
        if question.asked.numbers:
            line[_COLUMN["number_missing"]] = float(not question.asked.numbers & set(NUMBER.findall(text)))
        for kind in question.asked.kinds:
            line[_COLUMN[f"{kind}_missing"]] = float(not holds(kind, text))

    def _coverage(self, question: Question, text: str) -> float:
        """Share of the question's telling bigrams that `text` has, itself or by a lexicon's word."""
        total = sum(weight for _, weight in question.terms)
        if not total:
            return 0.0
        by_lexicon = {
            term
            for word, targets in question.widened.replaced.items()
            if any(target in text for target in targets)
            for term in _bigrams(word)
        }
        return sum(weight for term, weight in question.terms if term in text or term in by_lexicon) / total


_NONE = np.zeros(0, dtype=np.int64)


@cache
def _function_words() -> tuple[str, ...]:
    listed = Path(__file__).with_name("function_words.txt").read_text(encoding="utf-8").split()
    return tuple(sorted(set(listed), key=len, reverse=True))


def _terms(text: str) -> tuple[str, ...]:
    """The bigrams of a normalised question once its function words are gone; single signs stay."""
    for word in _function_words():
        if len(word) > 1:
            text = text.replace(word, " ")
    text = "".join(" " if char in _function_words() or not char.isalnum() else char for char in text)
    return tuple(dict.fromkeys(term for run in text.split() for term in _bigrams(run)))


def _bigrams(run: str) -> list[str]:
    return [run] if len(run) < 3 else [run[i : i + 2] for i in range(len(run) - 1)]


def _overlap(one: str, other: str) -> float:
    """Dice coefficient of the character bigrams of two normalised texts."""
    first, second = set(_bigrams(one)), set(_bigrams(other))
    return 2 * len(first & second) / (len(first) + len(second)) if first and second else 0.0


def _top(scores: np.ndarray, count: int) -> np.ndarray:
    """Rows of the `count` highest scores above zero."""
    rows = np.argpartition(-scores, count)[:count] if len(scores) > count else np.arange(len(scores))
    return rows[scores[rows] > 0]


def _grouped(owner: np.ndarray) -> dict[int, np.ndarray]:
    groups: dict[int, list[int]] = {}
    for unit, number in enumerate(owner):
        groups.setdefault(int(number), []).append(unit)
    return {number: np.asarray(units, dtype=np.int64) for number, units in groups.items()}


def _numbered(names: object) -> list[int]:
    numbers: dict[str, int] = {}
    return [numbers.setdefault(name, len(numbers)) for name in names]  # type: ignore[attr-defined]
