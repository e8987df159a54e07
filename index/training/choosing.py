"""Calibration and the operating point: what a logit means, and from which probability to answer.

Owns the shares in which residents' questions count and the bound on what may be answered that has no
answer. The point is chosen for that bound, not for coverage.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from sklearn.linear_model import LogisticRegression

SHARES = {"wording": 0.5, "fact": 0.17, "unanswerable": 0.33}
"""What residents ask, by mass: half have an entry, a sixth only a clause, a third no answer."""
UNSAFE_AT_MOST = 0.025
"""Of the questions without an answer that the point is chosen on. Rules and precedents were written with some
of these in view: on questions that nobody looked at it comes to some 0.04, see `docs/evaluation.md`."""
_CLARIFY = 0.6
"""Of the answering probability: from here on the question is given back with choices."""
_SURE = 12.0


@dataclass(frozen=True, slots=True)
class Chosen:
    """The probability is that of `slope · (logit + precedent · the question's precedent) + offset`."""

    slope: float
    precedent: float
    offset: float
    answer_at: float
    clarify_at: float
    evaluation: Mapping[str, float]

    def probability(self, logits: np.ndarray, precedents: np.ndarray | float = 0.0) -> np.ndarray:
        """Shape as `logits`; 0 where a rule has vetoed (minus infinity)."""
        return _probability(logits + self.precedent * precedents, self.slope, self.offset)


def weights_of(kinds: Sequence[str]) -> np.ndarray:
    """Shape (n,): so that each kind has its share of all; their mean is 1."""
    counts = {kind: kinds.count(kind) or 1 for kind in SHARES}
    return np.asarray([SHARES[kind] / counts[kind] for kind in kinds]) * len(kinds)


def choose(
    logits: np.ndarray, right: np.ndarray, kinds: Sequence[str], precedents: np.ndarray | None = None
) -> Chosen:
    """From logits (n,) of questions that were not learnt from, minus infinity where a rule vetoes, and their
    precedents (n,)."""
    weights = weights_of(kinds)
    open_ = np.isfinite(logits)
    near = np.zeros(len(logits)) if precedents is None else precedents
    told = np.stack([np.clip(logits[open_], -_SURE, _SURE), near[open_]], axis=1)
    model = LogisticRegression(C=1e3)
    model.fit(told, right[open_], sample_weight=weights[open_])
    slope, by_precedent = (float(weight) for weight in model.coef_[0])
    chosen = Chosen(slope, by_precedent / slope if slope else 0.0, float(model.intercept_[0]), 0.5, 0.5, {})
    probability = chosen.probability(logits, near)
    unanswerable = np.asarray([kind == "unanswerable" for kind in kinds])
    answer_at = _operating_point(probability[unanswerable])
    return replace(
        chosen,
        answer_at=answer_at,
        clarify_at=round(answer_at * _CLARIFY, 4),
        evaluation={"calibration_error": round(calibration_error(probability, right, weights), 4)},
    )


def calibration_error(probability: np.ndarray, right: np.ndarray, weights: np.ndarray) -> float:
    """Expected calibration error in ten bins of equal width."""
    bins = np.minimum((probability * 10).astype(int), 9)
    gaps = (probability - right) * weights / weights.sum()
    return float(sum(abs(gaps[bins == number].sum()) for number in range(10)))


def _probability(logits: np.ndarray, slope: float, offset: float) -> np.ndarray:
    finite = np.where(np.isfinite(logits), logits, 0.0)
    return np.where(np.isfinite(logits), 1.0 / (1.0 + np.exp(-(slope * finite + offset))), 0.0)


def _operating_point(probability: np.ndarray) -> float:
    """A probability at which no more than `UNSAFE_AT_MOST` of these are answered: half-way between the last
    one that is and the first that is not, since these don't say where in the gap the next would fall."""
    if len(probability) == 0:
        return 0.5
    falling = np.sort(probability)[::-1]
    allowed = int(UNSAFE_AT_MOST * len(falling))
    last = float(falling[allowed - 1]) if allowed else 1.0
    return round((last + float(falling[allowed])) / 2, 4)
