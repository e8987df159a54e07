"""What the decision's probability is worth: risk against coverage, and probability against share right.

Questions count by mass, not by number: `index.training.choosing.SHARES` says what residents ask. Where a rule
keeps the assistant from answering, whatever the probability, its confidence is none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from index.evaluation.judging import Asked
from index.search import Outcome
from index.training.choosing import SHARES

BINS = 10
_RULED_OUT = {"vague", "district", "unverified", "expired"}


@dataclass(frozen=True, slots=True)
class Points:
    """One row a question: the confidence it is acted on with, whether its first candidate is right, and
    its share of the mass (adding up to 1)."""

    confidence: np.ndarray
    right: np.ndarray
    mass: np.ndarray


@dataclass(frozen=True, slots=True)
class Curve:
    """Of the mass, the share answered; of what is answered, the share wrong: at each confidence."""

    coverage: np.ndarray
    risk: np.ndarray


@dataclass(frozen=True, slots=True)
class Bin:
    """Questions of like confidence: their mean confidence, the share right and their mass."""

    confidence: float
    right: float
    mass: float


def confidence(outcome: Outcome) -> float:
    """The probability where it decides; 0 where a rule rules the answer out."""
    ruled_out = not outcome.candidates or outcome.lacking or outcome.why in _RULED_OUT
    return 0.0 if ruled_out else outcome.probability


def weigh(asked: Mapping[str, Sequence[Asked]]) -> Points:
    """`asked` by the kinds of `SHARES`; the shares of kinds that were asked nothing go to the others."""
    kinds = [kind for kind in asked if asked[kind]]
    whole = sum(SHARES[kind] for kind in kinds)
    mass = [SHARES[kind] / whole / len(asked[kind]) for kind in kinds for _ in asked[kind]]
    every = [one for kind in kinds for one in asked[kind]]
    return Points(
        np.asarray([confidence(one.outcome) for one in every]),
        np.asarray([bool(one.case.due) and one.first_is_right for one in every], dtype=bool),
        np.asarray(mass),
    )


def risk_coverage(points: Points) -> Curve:
    """By falling confidence; questions of one confidence are answered together, those of none never."""
    levels = np.unique(points.confidence[points.confidence > 0])[::-1]
    answered = [points.confidence >= level for level in levels]
    coverage = np.asarray([points.mass[rows].sum() for rows in answered])
    wrong = np.asarray([points.mass[rows & ~points.right].sum() for rows in answered])
    return Curve(coverage, wrong / coverage)


def operating_point(points: Points, answer_at: float) -> tuple[float, float]:
    """Coverage and risk where answers are given from `answer_at` on."""
    rows = (points.confidence >= answer_at) & (points.confidence > 0)
    coverage = float(points.mass[rows].sum())
    wrong = float(points.mass[rows & ~points.right].sum())
    return coverage, wrong / coverage if coverage else 0.0


def bins(points: Points) -> list[Bin]:
    """Ten of equal width; empty ones are left out."""
    place = np.minimum((points.confidence * BINS).astype(int), BINS - 1)
    found = []
    for number in np.unique(place):
        rows = place == number
        mass = float(points.mass[rows].sum())
        mean = float(points.mass[rows] @ points.confidence[rows]) / mass
        found.append(Bin(mean, float(points.mass[rows] @ points.right[rows]) / mass, mass))
    return found


def calibration_error(of: Sequence[Bin]) -> float:
    """The expected calibration error: how far confidence is from the share right, by mass (Naeini 2015)."""
    return sum(one.mass * abs(one.confidence - one.right) for one in of)
