"""What is said of each candidate, as numbers: the features, and how each of them is worked out.

Nothing in them depends on how long or in which style a question is put: trained on such signs, a decision
learns who wrote its examples. A `Description` is a table with a row for each candidate; every function here
fills columns of it. How candidates are found and what their features are worth is not known here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import ArrayLike

from index.constraints import NUMBER, YEAR
from index.coverage import NO_WORDS
from index.question import Question
from index.runs import first_highest, two_highest
from index.signals import Signals, UnitIndex
from index.terms import bigrams, overlap
from index.texts import Texts

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
COLUMN = {name: number for number, name in enumerate(FEATURES)}
_ALL = slice(None)


class Description:
    """The features of candidates (passages, by their `numbers`), shape (n, len(FEATURES)), zero where nothing
    is said; `units` holds the approved question nearest to the question for each, -1 where it has none."""

    def __init__(self, numbers: np.ndarray) -> None:
        self.numbers = numbers
        self.units = np.full(len(numbers), -1, dtype=np.int64)
        self.features = np.zeros((len(numbers), len(FEATURES)), dtype=np.float32)

    def __getitem__(self, name: str) -> np.ndarray:
        column: np.ndarray = self.features[:, COLUMN[name]]
        return column

    def put(self, name: str, values: ArrayLike, rows: np.ndarray | slice = _ALL) -> None:
        self.features[rows, COLUMN[name]] = np.asarray(values)


def by_sentences(described: Description, question: Question, index: UnitIndex, signals: Signals) -> None:
    """Passages that are whole sentences come first in number, so their rows do too."""
    own = described.numbers[described.numbers < len(signals.lexical)]
    rows = slice(len(own))
    described.put("lexical_sentence", signals.lexical[own], rows)
    described.put("lexical_sentence_widened", signals.widened[own], rows)
    described.put("vector_sentence", index.cosines(question.vectors, own), rows)


def by_questions(
    described: Description,
    question: Question,
    texts: Texts,
    index: UnitIndex,
    signals: Signals,
    hidden: np.ndarray,
) -> None:
    """By the approved questions that lead to a passage, all but the `hidden`; sets `units`."""
    units, sizes = texts.questions_of.of(described.numbers)
    if len(hidden):
        seen = ~np.isin(units, hidden)
        owners = np.repeat(np.arange(len(sizes)), sizes)[seen]
        units, sizes = units[seen], np.bincount(owners, minlength=len(sizes))
    rows = np.flatnonzero(sizes)
    if len(rows) == 0:
        return
    sizes = sizes[rows]
    starts = np.cumsum(sizes) - sizes
    cosines, lexical = index.cosines(question.vectors, units), signals.lexical[units]
    nearest = units[first_highest(cosines + lexical, starts, sizes)]
    highest, second = two_highest(cosines, starts, sizes)
    described.units[rows] = nearest
    described.put("has_entry", 1.0, rows)
    described.put("lexical_question", np.maximum.reduceat(lexical, starts), rows)
    widened = np.maximum.reduceat(signals.widened[units], starts)
    described.put("lexical_question_widened", widened, rows)
    described.put("vector_question", highest, rows)
    described.put("vector_question_second", (highest + second) / 2, rows)
    own = frozenset(bigrams(question.text))
    asking = [texts.question[unit] for unit in nearest.tolist()]
    described.put("same_question", [overlap(own, bigrams(text)) for text in asking], rows)
    described.put("covered_by_question", question.gaps.of(asking)[0], rows)


def by_words(described: Description, question: Question, texts: Texts) -> None:
    """Whether each passage, its heading and its approved question have the words that the question says, and
    whether that approved question asks for the same kinds of thing."""
    numbers, units = described.numbers.tolist(), described.units.tolist()
    passages = [texts.passage[number] for number in numbers]
    described.put("covered_by_sentence", question.gaps.of(passages)[0])
    both = [
        text + texts.question[unit] if unit >= 0 else text for text, unit in zip(passages, units, strict=True)
    ]
    covered, worst = question.gaps.of(both)
    described.put("covered_by_both", covered)
    described.put("worst_uncovered", worst)
    headings = [texts.heading[number] for number in numbers]
    distinct = list(dict.fromkeys(headings))
    covered_by = dict(zip(distinct, question.gaps.of(distinct)[0].tolist(), strict=True))
    described.put("covered_by_heading", [covered_by[heading] for heading in headings])
    described.put("is_programme", texts.is_programme[described.numbers])
    kinds = question.asked.kinds
    aspects = [texts.aspects[unit] if unit >= 0 else kinds for unit in units]
    described.put("aspect_missing", [len(kinds - own) for own in aspects])
    described.put("aspect_added", [len(own - kinds) for own in aspects])


def by_names(
    described: Description,
    question: Question,
    texts: Texts,
    items_of: Callable[[str], frozenset[str]],
) -> None:
    """Whether each passage has the things, years and numbers that the question names."""
    numbers, units = described.numbers.tolist(), described.units.tolist()
    items, years, figures = question.widened.items, question.asked.years, question.asked.numbers
    passages = [texts.passage[number] for number in numbers]
    if items:
        agreeing = [
            len(items & (items_of(text) | items_of(texts.question[unit]) if unit >= 0 else items_of(text)))
            for text, unit in zip(passages, units, strict=True)
        ]
        described.put("item_agrees", np.asarray(agreeing) > 0)
        described.put("item_missing", 1.0 - np.asarray(agreeing) / len(items))
    if years:
        described.put("year_missing", [years.isdisjoint(YEAR.findall(text)) for text in passages])
    if figures:
        described.put("number_differs", [figures.isdisjoint(NUMBER.findall(text)) for text in passages])


def by_meanings(described: Description, question: Question, texts: Texts) -> None:
    """By words of like meaning; an empty run stands for a passage without an approved question."""
    sentences = [texts.passage_words[number] for number in described.numbers.tolist()]
    questions = [texts.question_words[unit] if unit >= 0 else NO_WORDS for unit in described.units.tolist()]
    cover = texts.meanings.cover(question.meant, sentences, questions)
    described.put("meant_by_sentence", cover.by_sentence)
    described.put("meant_by_both", cover.by_both)
    described.put("worst_unmeant", cover.worst)
    described.put("question_met", cover.back)


def by_clauses(described: Description, texts: Texts, votes: Mapping[int, float]) -> None:
    """What the other passages of the same clause say for a passage; after its own vectors are known."""
    nearest = np.maximum(described["vector_sentence"], described["vector_question"]).tolist()
    own = [votes.get(number, 0.0) for number in described.numbers.tolist()]
    clauses = texts.clause_of[described.numbers].tolist()
    best: dict[int, float] = {}
    together: dict[int, float] = defaultdict(float)
    for clause, near, vote in zip(clauses, nearest, own, strict=True):
        best[clause] = max(near, best.get(clause, -1.0))
        together[clause] += vote
    described.put("clause_vector", [best[clause] for clause in clauses])
    described.put("vote_clause", [together[clause] for clause in clauses])
    described.put("vote_entry", own)


def by_the_better(described: Description) -> None:
    """Of a passage's own words and its approved questions, whichever is nearer to the question; the last."""
    for name, one, other in (
        ("best_lexical", "lexical_sentence", "lexical_question"),
        ("best_widened", "lexical_sentence_widened", "lexical_question_widened"),
        ("best_vector", "vector_sentence", "vector_question"),
        ("best_covered", "covered_by_sentence", "covered_by_question"),
    ):
        described.put(name, np.maximum(described[one], described[other]).clip(min=0.0))
    match = np.maximum(
        described["lexical_sentence"] + described["vector_sentence"],
        described["lexical_question"] + described["vector_question"],
    )
    described.put("best_match", match)
