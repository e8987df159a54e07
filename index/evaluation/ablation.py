"""What each part of the search adds: where the due clause stands as parts are put on, one after the other.

BM25 over sentences; the encoder over sentences; both, weighted; the same over approved questions too; the
shipped ranking without its lexicon; everything. The weight of the first fusion is chosen on the other set
of questions, never on the one it is measured on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from index.encoder import Encoder
from index.evaluation.cases import Case
from index.evaluation.figures import Share
from index.evaluation.judging import Asked, ask
from index.evaluation.texts import Texts, searchable_texts
from index.lexical import LexicalIndex
from index.search import Outcome
from index.snapshot import Ingredients, assemble
from index.text import lexical_tokens
from knowledge.model import Knowledge, Lexicon

SYSTEMS = ("bm25", "encoder", "fused", "entries", "reranker", "lexicon")
DEPTH = 3
_WEIGHTS = tuple(step / 10 for step in range(11))
_EVEN = 0.5


@dataclass(frozen=True, slots=True)
class Places:
    """How often a due clause stands first, and among the first three clauses."""

    first: Share
    first_three: Share


class Units:
    """Sentences, or sentences and approved questions, under both plain searches."""

    def __init__(self, texts: Texts, encoder: Encoder | None) -> None:
        self.clauses = texts.clauses
        self._entries = np.asarray(texts.entries)
        self._words = LexicalIndex.build(texts.texts)
        self._encoder = encoder
        self._vectors = encoder.encode(texts.texts) if encoder else None

    def scores(self, cases: Sequence[Case]) -> tuple[np.ndarray, np.ndarray]:
        """By words and by vectors, each (len(cases), units), in [0, 1]; hidden entries score nothing."""
        by_words = np.stack([self._words.scores(lexical_tokens(case.question)) for case in cases])
        by_vectors = np.zeros_like(by_words)
        if self._encoder and self._vectors is not None:
            questions = self._encoder.encode([case.question for case in cases])
            by_vectors = np.maximum(questions @ self._vectors.T, 0.0)
        for row, case in enumerate(cases):
            if case.hidden:
                hidden = np.isin(self._entries, list(case.hidden))
                by_words[row, hidden] = by_vectors[row, hidden] = 0.0
        return by_words, by_vectors


def ablate(
    knowledge: Knowledge, ingredients: Ingredients, asked: Mapping[str, Sequence[Asked]], day: date
) -> dict[str, dict[str, Places]]:
    """By set of questions and system. `asked` is what the whole did; the parts are asked here. Without
    an encoder, the systems that need one are left out."""
    cases = {name: [one.case for one in each] for name, each in asked.items() if each}
    encoder = ingredients.encoder
    sentences = Units(searchable_texts(knowledge, day, entries=False), encoder)
    whole = Units(searchable_texts(knowledge, day), encoder)
    bare = assemble(replace(knowledge, lexicon=Lexicon()), ingredients)
    scored = {name: sentences.scores(each) for name, each in cases.items()}
    result: dict[str, dict[str, Places]] = {}
    for name, each in cases.items():
        words, vectors = scored[name]
        others = [other for other in cases if other != name]
        weight = _weight([(cases[other], *scored[other]) for other in others], sentences) if encoder else 0.0
        result[name] = {"bm25": _places(each, _ranked(words, sentences))}
        if encoder:
            result[name]["encoder"] = _places(each, _ranked(vectors, sentences))
            result[name]["fused"] = _places(each, _ranked(_fuse(words, vectors, weight), sentences))
        result[name]["entries"] = _places(each, _ranked(_fuse(*whole.scores(each), weight), whole))
        reranked = [listed(one.outcome) for one in ask(bare, each, day)]
        result[name]["reranker"] = _places(each, reranked)
        result[name]["lexicon"] = _places(each, [listed(one.outcome) for one in asked[name]])
    return result


def best_clauses(scores: np.ndarray, clauses: Sequence[str], depth: int = DEPTH) -> tuple[str, ...]:
    """The clauses of the best scores above zero, each once."""
    found: dict[str, None] = {}
    for unit in np.argsort(-scores, kind="stable"):
        if scores[unit] <= 0 or len(found) == depth:
            break
        found.setdefault(clauses[unit])
    return tuple(found)


def listed(outcome: Outcome) -> tuple[str, ...]:
    """The first clauses of a search, as best_clauses gives them."""
    return tuple(dict.fromkeys(one.passage.clause_id for one in outcome.candidates))[:DEPTH]


def _ranked(scores: np.ndarray, units: Units) -> list[tuple[str, ...]]:
    return [best_clauses(row, units.clauses) for row in scores]


def _places(cases: Sequence[Case], ranked: Sequence[tuple[str, ...]]) -> Places:
    pairs = list(zip(cases, ranked, strict=True))
    first = sum(bool(case.due & set(clauses[:1])) for case, clauses in pairs)
    among = sum(bool(case.due & set(clauses)) for case, clauses in pairs)
    return Places(Share(first, len(pairs)), Share(among, len(pairs)))


def _fuse(words: np.ndarray, vectors: np.ndarray, weight: float) -> np.ndarray:
    """`weight` is that of the vectors."""
    return (1 - weight) * words + weight * vectors


def _weight(others: Sequence[tuple[list[Case], np.ndarray, np.ndarray]], units: Units) -> float:
    """The weight that puts a due clause first most often on other questions; even where there are none."""
    if not others:
        return _EVEN
    found = {
        weight: sum(
            _places(cases, _ranked(_fuse(words, vectors, weight), units)).first.hits
            for cases, words, vectors in others
        )
        for weight in _WEIGHTS
    }
    return max(found, key=lambda weight: (found[weight], -abs(weight - _EVEN)))
