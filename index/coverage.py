"""How much of a question a text speaks of: by its very words, and by words of like meaning.

`gaps` compares telling bigrams. `Meanings` compares word vectors: each word of the question against the
nearest word of the text (the late interaction of Khattab and Zaharia 2020, with static vectors), so that
馆子 finds 餐饮 where no bigram is shared. Nothing here knows of candidates' ranks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from itertools import islice

import numpy as np

from index.encoder import Encoder
from index.terms import bigrams, without_function_words
from index.text import words

_NOTHING = 0
"""The number of the word that every run ends with: its vector is zero, so that no run is empty."""
NO_WORDS = np.asarray([_NOTHING], dtype=np.int32)


class Gaps:
    """What texts have of one question's telling bigrams."""

    def __init__(
        self, terms: Sequence[tuple[str, float]], replaced: Mapping[str, tuple[str, ...]], unseen: float
    ) -> None:
        """`terms` with their weights; `replaced` maps words to what the lexicon has for them; `unseen` is
        the weight of a term never seen."""
        self._terms = terms
        self._weights = np.asarray([weight for _, weight in terms])
        self._total = float(self._weights.sum())
        self._unseen = unseen
        self._by_lexicon = [
            (targets, np.isin([term for term, _ in terms], bigrams(word)))
            for word, targets in replaced.items()
        ]

    def of(self, texts: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
        """Per text, each (n,): the share of the weighted terms that it has, itself or by a word of the
        lexicon, and the weight of the most telling one that it lacks (1 for one never seen)."""
        if not self._total or not texts:
            return np.zeros(len(texts)), np.zeros(len(texts))
        lacks = np.asarray([[term not in text for text in texts] for term, _ in self._terms])
        for targets, told in self._by_lexicon:
            said = [any(target in text for target in targets) for text in texts]
            lacks &= ~np.outer(told, said)
        lacking = self._weights[:, None] * lacks
        return 1.0 - lacking.sum(axis=0) / self._total, lacking.max(axis=0) / self._unseen


@dataclass(frozen=True, slots=True)
class Meant:
    """The telling words of a question: `weights` (w,) in [0, 1]; `vectors` (a, dimension) of the words and
    of what the lexicon has for them; `starts` (w,): where each word's vectors begin."""

    weights: np.ndarray
    vectors: np.ndarray
    starts: np.ndarray


@dataclass(frozen=True, slots=True)
class SoftCoverage:
    """Per candidate, each (c,): the weighted share of the question's words that the sentence speaks of,
    that sentence or approved question do; the weight of the word that both speak of least; and the share
    of the approved question's words that the question speaks of."""

    by_sentence: np.ndarray
    by_both: np.ndarray
    worst: np.ndarray
    back: np.ndarray


class Meanings:
    """Word vectors of fixed texts. Without an encoder everything is zero."""

    def __init__(
        self, encoder: Encoder | None, weight: Callable[[str], float], earlier: Meanings | None = None
    ) -> None:
        """`weight` says how telling a word is, in [0, 1]. What `earlier` read with the same encoder is not
        read again."""
        self._encoder = encoder
        self._weight = weight
        self._number_of: dict[str, int] = {"": _NOTHING}
        self._vectors = np.zeros((1, encoder.dimension if encoder else 1), dtype=np.float32)
        self._weights = np.zeros(1, dtype=np.float32)
        self._known: Mapping[str, np.ndarray] = {}
        self._runs: dict[str, np.ndarray] = {}
        if earlier is not None and encoder is not None and earlier._encoder is encoder:
            self._number_of, self._vectors = dict(earlier._number_of), earlier._vectors
            weights = [0.0, *(weight(word) for word in islice(self._number_of, 1, None))]
            self._weights = np.asarray(weights, dtype=np.float32)
            self._known = earlier._runs

    def read(self, texts: Sequence[str]) -> list[np.ndarray]:
        """The words of each normalised text as numbers, repeats left out, `_NOTHING` last."""
        if self._encoder is None:
            return [NO_WORDS] * len(texts)
        number_of, first, runs = self._number_of, len(self._number_of), []
        for text in texts:
            run = self._known.get(text)
            if run is None:
                found = dict.fromkeys(words(without_function_words(text)))
                numbers = [number_of.setdefault(word, len(number_of)) for word in found]
                run = np.asarray([*numbers, _NOTHING], dtype=np.int32)
            self._runs[text] = run
            runs.append(run)
        fresh = list(islice(number_of, first, None))
        if fresh:
            self._vectors = np.concatenate([self._vectors, self._encoder.encode(fresh)])
            weights = np.asarray([self._weight(word) for word in fresh], dtype=np.float32)
            self._weights = np.concatenate([self._weights, weights])
        return runs

    def forget_earlier(self) -> None:
        """Everything is read: let go of what another one read but for the texts that are still here."""
        self._known = {}

    def fork(self) -> Meanings:
        """The same, to read further texts with while this one is being asked."""
        other = copy(self)
        other._number_of = dict(self._number_of)
        other._runs = dict(self._runs)  # what is read from here on is numbered apart
        return other

    def meant(self, question: str, replaced: Mapping[str, tuple[str, ...]]) -> Meant | None:
        """None where the question has no telling word, or where there is no encoder."""
        if self._encoder is None:
            return None
        found = list(dict.fromkeys(words(without_function_words(question))))
        if not found:
            return None
        spoken = [[word, *replaced.get(word, ())] for word in found]
        starts = np.cumsum([0, *(len(alternatives) for alternatives in spoken[:-1])])
        vectors = self._vectors_of([word for alternatives in spoken for word in alternatives])
        weights = np.asarray([self._weight(word) for word in found], dtype=np.float32)
        return Meant(weights, vectors, starts)

    def _vectors_of(self, said: Sequence[str]) -> np.ndarray:
        """Most words of a question stand in some text, and were encoded with it."""
        assert self._encoder is not None
        numbers = [self._number_of.get(word, _NOTHING) for word in said]
        vectors = self._vectors[numbers]
        fresh = [place for place, number in enumerate(numbers) if number == _NOTHING]
        if fresh:
            vectors[fresh] = self._encoder.encode([said[place] for place in fresh])
        return vectors

    def cover(
        self, meant: Meant | None, sentences: Sequence[np.ndarray], questions: Sequence[np.ndarray]
    ) -> SoftCoverage:
        """For c candidates, each a sentence's and an approved question's words as `read` gives them."""
        none = np.zeros(len(sentences), dtype=np.float32)
        if meant is None or not sentences:
            return SoftCoverage(none, none, none, none)
        runs = [run for pair in zip(sentences, questions, strict=True) for run in pair]
        starts = np.cumsum([0, *(len(run) for run in runs[:-1])])
        numbers = np.concatenate(runs)
        near = np.maximum(meant.vectors @ self._vectors.take(numbers, axis=0).T, 0.0)
        near = np.maximum.reduceat(near, meant.starts, axis=0)  # (words of the question, words of the texts)
        best = np.maximum.reduceat(near, starts, axis=1)
        sentence, both = best[:, 0::2], np.maximum(best[:, 0::2], best[:, 1::2])
        total = float(meant.weights.sum()) or 1.0
        own = self._weights[numbers]
        told = np.add.reduceat(own * near.max(axis=0), starts)[1::2]
        whole = np.add.reduceat(own, starts)[1::2]
        return SoftCoverage(
            by_sentence=meant.weights @ sentence / total,
            by_both=meant.weights @ both / total,
            worst=(meant.weights[:, None] * (1.0 - both)).max(axis=0),
            back=np.divide(told, whole, out=none.copy(), where=whole > 0),
        )
