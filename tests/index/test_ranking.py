"""The weights' formulas by hand, the operating points, and the file that keeps them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from index.describing import FEATURES
from index.errors import IndexFault
from index.ranking import DECISION_FEATURES, Decision, Linear, Network, Ranking, weight_of_each
from tests.index import tiny

DECISION = Decision(
    Linear(-1.0, {"best_match": 2.0, "margin": 0.5}),
    asked={"哪条": -3.0, "补": 1.0},
    unmet={"哪条": -1.0, "热线": -2.0},
)
WHOLE = Ranking(
    order=Network(
        FEATURES,
        [0.5] * len(FEATURES),
        [[0.25] * len(FEATURES), [0.125] * len(FEATURES)],
        [0.5, -0.5],
        [1.0, 2.0],
    ),
    decision=replace(DECISION, slope=0.5, offset=-0.25),
    floor=0.2,
    answer_at=0.75,
    clarify_at=0.375,
    encoder="bigrams",
    evaluation={"wording.right": 0.9},
)


def described(**features: float) -> np.ndarray:
    return np.asarray([features.get(name, 0.0) for name in DECISION_FEATURES])


def logistic(logit: float) -> float:
    return 1.0 / (1.0 + float(np.exp(-logit)))


def test_a_network_scores_as_its_formula_says() -> None:
    one, two = (FEATURES.index(name) for name in ("best_match", "best_covered"))

    def over(first: float, second: float) -> list[float]:
        return [{one: first, two: second}.get(column, 0.0) for column in range(len(FEATURES))]

    network = Network(FEATURES, over(1.0, 0.0), [over(0.0, 2.0)], [0.5], [3.0])
    assert network.scores(np.asarray([over(0.25, 0.25)]))[0] == pytest.approx(0.25 + 3.0 * np.tanh(1.0))


@pytest.mark.parametrize(
    ("asked", "unmet", "logit"),
    [
        (set(), set(), -1.0 + 2.0 * 0.75 + 0.5 * 2.0),
        ({"补"}, set(), -1.0 + 1.5 + 1.0 + weight_of_each(1) * 1.0),
        ({"补", "哪条"}, {"哪条"}, -1.0 + 1.5 + 1.0 + weight_of_each(2) * (1.0 - 3.0 - 1.0)),
        ({"热线"}, {"热线"}, -1.0 + 1.5 + 1.0 + weight_of_each(1) * -2.0),
        ({"没见过"}, {"没见过"}, 1.5),
    ],
)
def test_the_logit_adds_what_is_asked_and_what_is_unmet(
    asked: set[str], unmet: set[str], logit: float
) -> None:
    line = described(best_match=0.75, margin=2.0, rivals=5.0)
    assert DECISION.raw(line, asked, unmet) == pytest.approx(logit)
    assert DECISION.probability(line, asked, unmet) == pytest.approx(logistic(logit))


def test_a_piece_counts_less_in_a_longer_question() -> None:
    assert weight_of_each(40) == 1.0
    assert weight_of_each(160) == 0.5
    assert weight_of_each(0) == weight_of_each(1)


def test_slope_and_offset_calibrate_the_whole_logit() -> None:
    line = described(best_match=0.75, margin=2.0)
    calibrated = replace(DECISION, slope=0.5, offset=-0.25)
    raw = 1.5 + weight_of_each(1) * (1.0 - 2.0)
    assert calibrated.raw(line, {"补"}, {"热线"}) == pytest.approx(raw)
    assert calibrated.probability(line, {"补"}, {"热线"}) == pytest.approx(logistic(0.5 * raw - 0.25))
    flat = replace(DECISION, slope=0.0, offset=0.0)
    assert flat.probability(line, {"补"}, {"热线"}) == 0.5


@pytest.mark.parametrize(("match", "asked_of_it"), [(0.0, False), (0.1999, False), (0.2, True), (0.9, True)])
def test_below_the_floor_the_decision_is_not_asked(match: float, asked_of_it: bool) -> None:
    line = described(best_match=match)
    expected = WHOLE.decision.probability(line, {"补"}, ()) if asked_of_it else 0.0
    assert WHOLE.probability(line, {"补"}, ()) == expected
    assert WHOLE.decision.probability(line, {"补"}, ()) > 0


@pytest.mark.parametrize(
    ("answer_at", "clarify_at", "points"),
    [
        (None, None, (0.75, 0.375)),
        (0.9, None, (0.9, 0.375)),
        (0.25, None, (0.25, 0.25)),
        (None, 0.5, (0.75, 0.5)),
        (None, 0.875, (0.875, 0.875)),
        (0.5, 0.625, (0.625, 0.625)),
    ],
)
def test_other_operating_points_stay_in_order(
    answer_at: float | None, clarify_at: float | None, points: tuple[float, float]
) -> None:
    moved = WHOLE.deciding_at(answer_at, clarify_at)
    assert (moved.answer_at, moved.clarify_at) == points
    assert replace(moved, answer_at=0.75, clarify_at=0.375) == WHOLE


def test_weights_read_back_are_the_weights_written(tmp_path: Path) -> None:
    WHOLE.save(tmp_path / "weights.json")
    loaded = Ranking.load(tmp_path / "weights.json")
    assert loaded.to_json() == WHOLE.to_json()
    assert loaded.decision == WHOLE.decision
    line = described(best_match=0.5)
    assert loaded.probability(line, {"补"}, {"热线"}) == WHOLE.probability(line, {"补"}, {"热线"})
    table = np.random.default_rng(1).random((3, len(FEATURES)))
    assert loaded.order.scores(table).tolist() == WHOLE.order.scores(table).tolist()
    assert "哪条" in (tmp_path / "weights.json").read_text(encoding="utf-8")


def _other_features(raw: dict[str, Any]) -> None:
    raw["order"]["features"] = raw["order"]["features"][:-1]


def _unknown_weight(raw: dict[str, Any]) -> None:
    raw["decision"]["linear"]["weights"]["moon_phase"] = 1.0


def _short_layer(raw: dict[str, Any]) -> None:
    raw["order"]["bias"] = raw["order"]["bias"][:-1]


def _thresholds_crossed(raw: dict[str, Any]) -> None:
    raw["clarify_at"] = raw["answer_at"] + 0.1


def _field_gone(raw: dict[str, Any]) -> None:
    del raw["floor"]


def _pieces_gone(raw: dict[str, Any]) -> None:
    del raw["decision"]["unmet"]


def _format_before_pieces(raw: dict[str, Any]) -> None:
    raw["decision"] = raw["decision"]["linear"]


SPOILT = (
    _other_features, _unknown_weight, _short_layer, _thresholds_crossed, _field_gone, _pieces_gone, _format_before_pieces,
)  # fmt: skip


@pytest.mark.parametrize("spoil", SPOILT)
def test_weights_that_do_not_fit_are_refused_with_file_and_remedy(
    tmp_path: Path, spoil: Callable[[dict[str, Any]], None]
) -> None:
    raw = json.loads(WHOLE.to_json())
    spoil(raw)
    path = tmp_path / "weights.json"
    path.write_text(json.dumps(raw))
    with pytest.raises(IndexFault) as fault:
        Ranking.load(path)
    assert str(path) in str(fault.value)
    assert "python -m index.train decision" in str(fault.value)


@pytest.mark.parametrize(
    "content", [None, b"", b"{", b"[]", b"null", b"{}", b"\xff\xfe\x00", b'{"order": 3}', b'{"decision": []}']
)
def test_weights_that_cannot_be_read_are_refused_with_file_and_remedy(
    tmp_path: Path, content: bytes | None
) -> None:
    path = tmp_path / "weights.json"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(IndexFault) as fault:
        Ranking.load(path)
    assert str(path) in str(fault.value)
    assert "python -m index.train decision" in str(fault.value)


def test_the_tiny_weights_are_weights() -> None:
    line = described(best_match=0.5, covered_by_both=1.0)
    assert tiny.ranking().probability(line, {"车"}, {"补"}) == pytest.approx(logistic(3.0))
