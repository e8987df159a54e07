"""The static encoder tuned on approved questions: the words of residents beside the words of the texts.

A question is pulled towards the sentence that answers it and towards other questions of its fact. What the
training texts taught is kept where they know better: a feature moves as far as it is one of residents'
questions rather than of texts at large.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from index.passages import Passages
from index.static_features import StaticFeatures
from index.training.encoder import Recipe, Report, Vectors, count_features, encode_pairs, train
from index.training.encoder_pairs import Pair

RECIPE = Recipe(epochs=6, learning_rate=0.01, batch=512)
OTHER_WORDINGS = 2
RESERVE = 20.0
"""How much a feature's share of texts at large holds it back. Statute retrieval keeps Recall@100 0.876 of
0.882 (with 3: 0.863), and 97 of 100 blind questions still find their clause first (untuned: 94)."""


@dataclass(frozen=True)
class TunedEncoder:
    """A tuned module in the place of an encoder, for measuring; it is never saved."""

    module: StaticFeatures
    fingerprint: str = "tuned"

    @property
    def dimension(self) -> int:
        return self.module.get_embedding_dimension()

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return self.module.encode(texts)


@dataclass(frozen=True, slots=True)
class Tuner:
    """Tunes the same vectors again and again, each time on other questions."""

    vectors: Vectors

    def tune(self, passages: Passages, units: Sequence[int], report: Report) -> StaticFeatures:
        """`units` are the numbers of the approved questions to learn from."""
        before = self.vectors
        pairs = question_pairs(passages, units, seed=RECIPE.seed)
        examples = encode_pairs(pairs, before.vocabulary)
        after = train(replace(before, rows=before.rows.copy()), examples, RECIPE, report)
        share = self._share_moved([passages.questions.texts[unit] for unit in units])
        rows = before.rows + share[:, None] * (after.rows - before.rows)
        return StaticFeatures.quantised(before.vocabulary, rows)

    def _share_moved(self, questions: Sequence[str]) -> NDArray[np.float32]:
        """Shape (features,), in [0, 1]: q / (q + RESERVE · t), q and t a feature's shares of all features of
        the questions and of the training texts."""
        found = count_features(questions)
        asked = np.array([found[feature] for feature in self.vectors.vocabulary], dtype=np.float64)
        asked, told = asked / max(asked.sum(), 1), self.vectors.counts / max(self.vectors.counts.sum(), 1)
        share: NDArray[np.float32] = asked / np.maximum(asked + RESERVE * told, 1e-12)
        return share.astype(np.float32)


def kept(vectors: Vectors, count: int) -> Vectors:
    """The first `count` features, which are those worth most: what the shipped model has room for."""
    return Vectors(vectors.vocabulary[:count], vectors.rows[:count], vectors.counts[:count])


def question_pairs(passages: Passages, units: Sequence[int], *, seed: int) -> list[Pair]:
    """Each question with the sentence that answers it and with two other questions that it answers.

    Entries that rest on the same sentence are one group: they are no negatives of each other.
    """
    rng = random.Random(seed)  # noqa: S311 - a reproducible draw, no secret
    texts, owners = passages.questions.texts, passages.questions.passages
    together: dict[int, list[int]] = {}
    for unit in units:
        together.setdefault(owners[unit], []).append(unit)
    pairs = []
    for number, questions in together.items():
        passage, group = passages.passages[number], f"passage:{number}"
        for unit in questions:
            pairs.append(Pair(texts[unit], f"{passage.heading} {passage.text}", group))
            others = [other for other in questions if other != unit]
            pairs += [
                Pair(texts[unit], texts[other], group)
                for other in rng.sample(others, min(OTHER_WORDINGS, len(others)))
            ]
    return pairs
