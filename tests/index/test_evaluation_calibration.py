"""Risk, coverage and calibration, worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from index.evaluation.calibration import (
    Bin,
    Points,
    bins,
    calibration_error,
    confidence,
    operating_point,
    risk_coverage,
    weigh,
)
from index.evaluation.cases import Case
from index.evaluation.judging import Asked
from index.passages import Passage
from index.search import Candidate, Outcome, Why
from index.training.choosing import SHARES


def points(*rows: tuple[float, bool, float]) -> Points:
    given, right, mass = zip(*rows, strict=True)
    return Points(np.asarray(given), np.asarray(right), np.asarray(mass))


def found(
    clause: str, probability: float, why: Why = "sure", lacking: frozenset[str] = frozenset()
) -> Outcome:
    passage = Passage(clause, "plan", 0, 1, "字", "", programme=False)
    return Outcome("answer", why, probability, (Candidate(passage, 1.0, None, "in_force"),), lacking)


SURE = points((0.9, True, 0.4), (0.8, False, 0.1), (0.8, True, 0.2), (0.3, False, 0.2), (0.0, True, 0.1))


def test_risk_and_coverage_grow_by_falling_confidence() -> None:
    curve = risk_coverage(SURE)
    assert curve.coverage == pytest.approx([0.4, 0.7, 0.9])
    assert curve.risk == pytest.approx([0.0, 0.1 / 0.7, 0.3 / 0.9])


@pytest.mark.parametrize(
    ("answer_at", "coverage", "risk"),
    [(0.95, 0.0, 0.0), (0.9, 0.4, 0.0), (0.5, 0.7, 0.1 / 0.7), (0.0, 0.9, 0.3 / 0.9)],
)
def test_the_operating_point_lies_on_the_curve(answer_at: float, coverage: float, risk: float) -> None:
    assert operating_point(SURE, answer_at) == pytest.approx((coverage, risk))


def test_bins_hold_questions_of_like_confidence() -> None:
    in_bins = bins(points((0.05, False, 0.25), (0.91, True, 0.25), (0.99, False, 0.25), (1.0, True, 0.25)))
    flat = [value for one in in_bins for value in (one.confidence, one.right, one.mass)]
    assert flat == pytest.approx([0.05, 0.0, 0.25, (0.91 + 0.99 + 1.0) / 3, 2 / 3, 0.75])


def test_the_calibration_error_is_the_mean_gap_by_mass() -> None:
    assert calibration_error([Bin(0.2, 0.3, 0.5), Bin(0.9, 0.7, 0.25), Bin(1.0, 1.0, 0.25)]) == pytest.approx(
        0.1
    )
    assert calibration_error([]) == 0


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        (found("plan#1", 0.7), 0.7),
        (found("plan#1", 0.7, "close"), 0.7),
        (found("plan#1", 0.7, "vague"), 0.0),
        (found("plan#1", 0.7, "unverified"), 0.0),
        (found("plan#1", 0.7, "expired"), 0.0),
        (found("plan#1", 0.7, "silent", frozenset({"amount"})), 0.0),
        (Outcome("abstain", "nothing", 0.0, ()), 0.0),
    ],
)
def test_what_a_rule_rules_out_is_acted_on_with_no_confidence(outcome: Outcome, expected: float) -> None:
    assert confidence(outcome) == expected


def test_questions_count_by_what_residents_ask() -> None:
    due = Case("问", frozenset({"plan#1"}))
    weighed = weigh(
        {
            "wording": [Asked(due, found("plan#1", 0.9)), Asked(due, found("plan#2", 0.6))],
            "fact": [Asked(due, found("plan#1", 0.4))],
            "unanswerable": [Asked(Case("问", frozenset()), found("plan#1", 0.5))],
        }
    )
    assert weighed.confidence.tolist() == [0.9, 0.6, 0.4, 0.5]
    assert weighed.right.tolist() == [True, False, True, False]
    whole = sum(SHARES.values())
    own = [SHARES["wording"] / 2, SHARES["wording"] / 2, SHARES["fact"], SHARES["unanswerable"]]
    assert weighed.mass == pytest.approx([share / whole for share in own])


def test_what_was_not_asked_leaves_its_mass_to_the_rest() -> None:
    due = Case("问", frozenset({"plan#1"}))
    weighed = weigh({"wording": [Asked(due, found("plan#1", 0.9))], "fact": [], "unanswerable": []})
    assert weighed.mass.tolist() == [1.0]
    assert weigh({"wording": [], "fact": []}).mass.tolist() == []
