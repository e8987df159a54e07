"""The decision as a logistic regression over dense features and over the pieces of a question."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix, diags, hstack
from sklearn.linear_model import LogisticRegression

from index.ranking import DECISION_FEATURES, Decision, Linear, weight_of_each

STRENGTH = 0.2
"""Inverse of the regularisation: on questions by other hands, 0.1 to 0.5 differ by less than 0.01."""
SEEN_AT_LEAST = 3
"""Questions that a piece must stand in to be weighed."""
_NEGLIGIBLE = 0.02


@dataclass(frozen=True, slots=True)
class Case:
    """A first candidate: `described` as `index.ranking.describe` gives it, the pieces of its question, and
    those of them that its text does not have."""

    described: np.ndarray
    asked: frozenset[str]
    unmet: frozenset[str]


def fit_decision(cases: Sequence[Case], right: np.ndarray, weights: np.ndarray) -> Decision:
    """Uncalibrated: slope 1, offset 0. Weights too small to matter are left out."""
    described = np.stack([case.described for case in cases])
    scale = described.std(axis=0)
    scale[scale < 1e-6] = 1.0
    asked, unmet = _vocabulary(case.asked for case in cases), _vocabulary(case.unmet for case in cases)
    each = diags([weight_of_each(len(case.asked)) for case in cases])
    table = hstack(
        [
            csr_matrix(described / scale),
            each @ _marks([case.asked for case in cases], asked),
            each @ _marks([case.unmet for case in cases], unmet),
        ]
    ).tocsr()
    model = LogisticRegression(C=STRENGTH, solver="liblinear", max_iter=500, random_state=0)
    model.fit(table, right, sample_weight=weights)
    dense, told, lacking = np.split(model.coef_[0], np.cumsum([len(scale), len(asked)]))
    return Decision(
        Linear(
            float(model.intercept_[0]),
            {name: float(w) for name, w in zip(DECISION_FEATURES, dense / scale, strict=True)},
        ),
        asked=_weighed(asked, told),
        unmet=_weighed(unmet, lacking),
    )


def _vocabulary(runs: Iterable[frozenset[str]]) -> Mapping[str, int]:
    counts = Counter(piece for run in runs for piece in run)
    common = sorted(piece for piece, count in counts.items() if count >= SEEN_AT_LEAST)
    return {piece: number for number, piece in enumerate(common)}


def _marks(runs: Sequence[frozenset[str]], vocabulary: Mapping[str, int]) -> csr_matrix:
    """Shape (len(runs), len(vocabulary)): 1 where the run has the piece."""
    columns = [sorted(vocabulary[piece] for piece in run if piece in vocabulary) for run in runs]
    starts = np.cumsum([0, *map(len, columns)])
    flat = np.fromiter((column for run in columns for column in run), dtype=np.int64, count=starts[-1])
    return csr_matrix((np.ones(len(flat)), flat, starts), shape=(len(runs), len(vocabulary)))


def _weighed(vocabulary: Mapping[str, int], weights: np.ndarray) -> dict[str, float]:
    return {
        piece: round(float(weights[number]), 3)
        for piece, number in vocabulary.items()
        if abs(weights[number]) >= _NEGLIGIBLE
    }
