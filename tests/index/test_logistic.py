"""The decision learns from features and from telling pieces, and from nothing that is rare."""

from __future__ import annotations

import numpy as np
import pytest

from index.ranking import DECISION_FEATURES, Decision
from index.training.logistic import SEEN_AT_LEAST, Case, fit_decision

_MATCH = DECISION_FEATURES.index("best_match")


def case(match: float, asked: str = "", unmet: str = "") -> Case:
    line = np.zeros(len(DECISION_FEATURES))
    line[_MATCH] = match
    return Case(line, frozenset(asked.split()), frozenset(unmet.split()))


def fitted(cases: list[Case], right: list[bool]) -> Decision:
    return fit_decision(cases, np.asarray(right), np.ones(len(cases)))


def asked_alike(count: int = 60) -> tuple[list[Case], list[bool]]:
    """Features tell nothing; every other question asks 哪条街, and no such question is right."""
    random = np.random.default_rng(2)
    cases = [
        case(random.random(), f"补贴 {'哪条街' if number % 2 else '多少'}", "哪条街" if number % 2 else "")
        for number in range(count)
    ]
    return cases, [number % 2 == 0 for number in range(count)]


def test_a_piece_that_tells_separates_what_features_cannot() -> None:
    cases, right = asked_alike()
    decision = fitted(cases, right)
    given = [decision.probability(one.described, one.asked, one.unmet) for one in cases]
    assert min(p for p, is_right in zip(given, right, strict=True) if is_right) > 0.7
    assert max(p for p, is_right in zip(given, right, strict=True) if not is_right) < 0.3
    assert decision.asked["哪条街"] < 0 < decision.asked["多少"]
    assert decision.unmet["哪条街"] < 0


def test_what_is_unmet_weighs_apart_from_what_is_asked() -> None:
    """The same word is asked each time; it speaks against an answer only where the text lacks it."""
    cases = [case(0.5, "热线", "热线" if number % 2 else "") for number in range(40)]
    decision = fitted(cases, [number % 2 == 0 for number in range(40)])
    line = case(0.5).described
    assert decision.probability(line, {"热线"}, ()) > 0.7
    assert decision.probability(line, {"热线"}, {"热线"}) < 0.3
    assert abs(decision.asked.get("热线", 0.0)) < abs(decision.unmet["热线"])


def test_a_feature_that_tells_separates_without_pieces() -> None:
    cases = [case(number / 50) for number in range(50)]
    decision = fitted(cases, [number >= 25 for number in range(50)])
    assert (decision.asked, decision.unmet) == ({}, {})
    assert (decision.slope, decision.offset) == (1.0, 0.0)
    assert decision.probability(case(0.9).described, (), ()) > 0.65
    assert decision.probability(case(0.1).described, (), ()) < 0.35


@pytest.mark.parametrize(("seen", "weighed"), [(SEEN_AT_LEAST - 1, False), (SEEN_AT_LEAST, True)])
def test_a_piece_seen_too_seldom_is_not_weighed(seen: int, weighed: bool) -> None:
    cases = [case(0.5, "绝句" if number < seen else "") for number in range(20)]
    decision = fitted(cases, [number >= seen for number in range(20)])
    assert ("绝句" in decision.asked) == weighed


def test_a_question_of_greater_weight_counts_more() -> None:
    cases = [case(0.5, "补"), case(0.5, "补")] * 10
    right = np.asarray([True, False] * 10)
    heavy, light = (fit_decision(cases, right, np.asarray([w, 1.0] * 10)) for w in (5.0, 0.2))
    line = case(0.5).described
    assert heavy.probability(line, {"补"}, ()) > 0.7 > 0.3 > light.probability(line, {"补"}, ())


def test_the_same_cases_give_the_same_weights() -> None:
    assert fitted(*asked_alike()) == fitted(*asked_alike())
