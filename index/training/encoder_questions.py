"""Approved questions as training pairs, and as the measure of an encoder on questions it never saw.

Owns what the encoder learns from published knowledge; it must not know how it learns.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from index.encoder import Encoder
from index.passages import Passages, collect
from index.training.encoder_pairs import Pair
from index.training.split import Split, split_of, wordings
from knowledge.model import Entry, Knowledge

OTHER_WORDINGS = 2


def question_pairs(knowledge: Knowledge, splits: Sequence[Split], *, seed: int) -> list[Pair]:
    """Each wording of `splits` with the sentence that answers it, and with two other wordings of its fact.

    Entries that rest on the same sentence are one group: they are no negatives of each other.
    """
    rng = random.Random(seed)  # noqa: S311 - a reproducible draw, no secret
    passages = collect(knowledge)
    answer = _answers(passages)
    pairs = []
    for entry in knowledge.entries:
        number = answer[entry.id]
        passage = passages.passages[number]
        known = [text for text, split in split_wordings(entry) if split in splits]
        for text in known:
            pairs.append(Pair(text, f"{passage.heading} {passage.text}", f"passage:{number}"))
            others = [other for other in known if other != text]
            for other in rng.sample(others, min(OTHER_WORDINGS, len(others))):
                pairs.append(Pair(text, other, f"passage:{number}"))
    return pairs


def searchable_texts(knowledge: Knowledge) -> Iterator[str]:
    """Every text that is searched or asked: the features in them are always worth a vector."""
    passages = collect(knowledge)
    yield from passages.sentences.texts
    yield from passages.questions.texts
    for table in (knowledge.lexicon.synonyms, knowledge.lexicon.items, knowledge.lexicon.districts):
        for word, others in table.items():
            yield word
            yield from others


def split_wordings(entry: Entry) -> Iterator[tuple[str, Split]]:
    for index, text in enumerate(wordings(entry)):
        yield text, split_of(entry.id, index)


@dataclass(frozen=True, slots=True)
class Found:
    """How often the clause asked about came first, and among the first three clauses."""

    questions: int
    first: float
    first_three: float


def held_out_figures(knowledge: Knowledge, encoder: Encoder) -> dict[str, Found]:
    """The encoder alone on wordings and facts held out, among all sentences and the `train` wordings.

    Keys: `wordings` and `facts` (with the other wordings searchable), `sentences` (both, sentences alone).
    """
    passages = collect(knowledge)
    answer = _answers(passages)
    clause_of = np.array([passage.clause_id for passage in passages.passages])
    asked: dict[str, list[tuple[str, str]]] = {"wordings": [], "facts": []}
    units = list(zip(passages.sentences.texts, passages.sentences.passages, strict=True))
    sentence_count = len(units)
    for entry in knowledge.entries:
        for text, split in split_wordings(entry):
            if split == "train":
                units.append((text, answer[entry.id]))
            else:
                asked[split].append((text, str(clause_of[answer[entry.id]])))
    vectors = encoder.encode([text for text, _ in units])
    clauses = clause_of[[number for _, number in units]]
    return {
        **{name: _found(encoder, questions, vectors, clauses) for name, questions in asked.items()},
        "sentences": _found(
            encoder,
            [*asked["wordings"], *asked["facts"]],
            vectors[:sentence_count],
            clauses[:sentence_count],
        ),
    }


def _found(
    encoder: Encoder, questions: list[tuple[str, str]], vectors: np.ndarray, clauses: np.ndarray
) -> Found:
    order = np.argsort(-(encoder.encode([text for text, _ in questions]) @ vectors.T), axis=1)
    ranks = []
    for row, (_, wanted) in zip(order, questions, strict=True):
        ranked = list(dict.fromkeys(clauses[row]))
        ranks.append(ranked.index(wanted) if wanted in ranked else len(ranked))
    return Found(len(ranks), float(np.mean(np.array(ranks) < 1)), float(np.mean(np.array(ranks) < 3)))


def _answers(passages: Passages) -> dict[str, int]:
    """The passage each entry rests on first."""
    return {
        entry: number
        for number, entry in zip(passages.questions.passages, passages.questions.entries, strict=True)
        if entry is not None
    }
