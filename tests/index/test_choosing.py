"""Calibration and operating point by hand."""

from __future__ import annotations

import numpy as np
import pytest

from index.training.choosing import (
    SHARES,
    UNSAFE_AT_MOST,
    Chosen,
    calibration_error,
    choose,
    weights_of,
)

SLOPE, OFFSET = 0.5, 1.0


def drawn(count: int) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Logits whose chance of being right is 1 / (1 + exp(-(SLOPE · logit + OFFSET))), for every kind alike."""
    random = np.random.default_rng(5)
    logits = random.normal(0.0, 4.0, count)
    right = random.random(count) < 1 / (1 + np.exp(-(SLOPE * logits + OFFSET)))
    return logits, right, [list(SHARES)[number % 3] for number in range(count)]


def test_each_kind_weighs_its_share_whatever_its_number() -> None:
    kinds = ["wording"] * 6 + ["fact"] * 2 + ["unanswerable"] * 4
    weights = weights_of(kinds)
    assert weights[:6] == pytest.approx([0.5 / 6 * 12] * 6)
    assert weights[6:8] == pytest.approx([0.17 / 2 * 12] * 2)
    assert weights[8:] == pytest.approx([0.33 / 4 * 12] * 4)
    assert weights.mean() == pytest.approx(1.0)


def test_a_kind_that_is_not_there_gets_no_weight() -> None:
    assert weights_of(["wording", "wording"]) == pytest.approx([0.5, 0.5])
    assert weights_of([]).shape == (0,)


def test_a_logit_becomes_the_share_that_is_right() -> None:
    logits, right, kinds = drawn(20_000)
    chosen = choose(logits, right, kinds)
    assert chosen.slope == pytest.approx(SLOPE, abs=0.05)
    assert chosen.offset == pytest.approx(OFFSET, abs=0.05)
    assert chosen.evaluation["calibration_error"] < 0.02


def test_an_overconfident_logit_is_drawn_together() -> None:
    logits, right, kinds = drawn(20_000)
    chosen = choose(1.5 * logits, right, kinds)
    assert chosen.slope == pytest.approx(SLOPE / 1.5, abs=0.05)
    assert chosen.evaluation["calibration_error"] < 0.02


def test_a_precedent_moves_the_logit_as_far_as_it_tells() -> None:
    """Half of what makes an answer right is told by the logit, half by the precedent, in units of its own."""
    random = np.random.default_rng(11)
    logits, precedents = random.normal(0.0, 2.0, 20_000), random.normal(0.0, 0.1, 20_000)
    right = random.random(20_000) < 1 / (1 + np.exp(-(logits + 20.0 * precedents)))
    kinds = [list(SHARES)[number % 3] for number in range(20_000)]
    chosen = choose(logits, right, kinds, precedents)
    assert (chosen.slope, chosen.precedent) == (pytest.approx(1.0, abs=0.05), pytest.approx(20.0, abs=1.0))
    assert chosen.probability(np.zeros(2), np.asarray([0.1, -0.1])) == pytest.approx(
        [1 / (1 + np.exp(-2)), 1 / (1 + np.exp(2))], abs=0.03
    )


def test_what_a_rule_vetoes_takes_no_part_in_calibration_and_has_no_probability() -> None:
    logits, right, kinds = drawn(300)
    vetoed = choose(
        np.concatenate([logits, np.full(60, -np.inf)]),
        np.concatenate([right, np.zeros(60, bool)]),
        kinds + kinds[:60],
    )
    plain = choose(logits, right, kinds)
    assert vetoed.slope == pytest.approx(plain.slope, abs=1e-3)
    assert vetoed.offset == pytest.approx(plain.offset, abs=1e-3)
    assert vetoed.probability(np.asarray([-np.inf, 0.0])).tolist() == pytest.approx(
        [0.0, 1 / (1 + np.exp(-vetoed.offset))]
    )


@pytest.mark.parametrize("count", [1, 19, 20, 21, 100, 210])
def test_no_more_than_the_bound_of_what_has_no_answer_is_answered(count: int) -> None:
    random = np.random.default_rng(count)
    logits = np.concatenate([random.normal(3, 1, 50), random.normal(0, 2, count)])
    right = np.arange(50 + count) < 45
    kinds = ["wording"] * 50 + ["unanswerable"] * count
    chosen = choose(logits, right, kinds)
    given = chosen.probability(logits[50:])
    answered = int((given >= chosen.answer_at).sum())
    assert answered <= UNSAFE_AT_MOST * count
    assert answered == int(UNSAFE_AT_MOST * count), "the point is no stricter than it must be"


def test_the_operating_point_by_hand() -> None:
    """Of forty questions without an answer one may be answered: the point lies half-way to the second."""
    logits = np.concatenate([[6.0] * 10, [-6.0] * 10, np.linspace(-3.0, 3.0, 40)])
    right = np.asarray([True] * 10 + [False] * 50)
    chosen = choose(logits, right, ["wording"] * 20 + ["unanswerable"] * 40)
    second, first = chosen.probability(np.linspace(-3.0, 3.0, 40))[-2:]
    assert chosen.answer_at == pytest.approx((first + second) / 2, abs=1e-4)
    assert second < chosen.answer_at < first
    assert chosen.clarify_at == round(0.6 * chosen.answer_at, 4)


def test_questions_that_all_have_an_answer_leave_the_point_in_the_middle() -> None:
    logits = np.asarray([2.0, 1.0, -1.0, -2.0])
    chosen = choose(logits, np.asarray([True, True, False, False]), ["wording"] * 4)
    assert (chosen.answer_at, chosen.clarify_at) == (0.5, 0.3)


def test_the_point_is_never_beyond_certainty() -> None:
    logits = np.asarray([40.0] * 5 + [-40.0] * 5 + [40.0])
    right = np.asarray([True] * 5 + [False] * 5 + [False])
    chosen = choose(logits, right, ["wording"] * 10 + ["unanswerable"])
    assert 0.0 <= chosen.clarify_at <= chosen.answer_at <= 1.0


def test_the_calibration_error_by_hand() -> None:
    probability = np.asarray([0.05, 0.05, 0.75, 0.78, 1.0])
    right = np.asarray([False, True, True, False, True])
    weights = np.asarray([1.0, 1.0, 1.0, 1.0, 4.0])
    first, eighth = abs(0.05 + 0.05 - 1.0), abs(0.75 + 0.78 - 1.0)
    assert calibration_error(probability, right, weights) == pytest.approx((first + eighth) / 8)
    assert calibration_error(np.asarray([1.0]), np.asarray([False]), np.asarray([2.0])) == 1.0


def test_probabilities_keep_the_shape_of_the_logits() -> None:
    chosen = Chosen(1.0, 0.0, 0.0, 0.5, 0.3, {})
    table = chosen.probability(np.asarray([[0.0, -np.inf], [np.log(3.0), -np.log(3.0)]]))
    assert table.tolist() == [[0.5, 0.0], pytest.approx([0.75, 0.25])]
