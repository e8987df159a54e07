"""Training of order and decision on a knowledge of twelve subjects, and what its weights promise."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from index.errors import IndexFault
from index.evidence import FEATURES, Evidence
from index.ranking import DECISION_FEATURES, Network, Ranking
from index.search import Searcher
from index.snapshot import Ingredients, assemble
from index.training.decision import Sample, collect_samples, fit, untrained
from index.training.order import Listed, fit_order
from tests.index import tiny, topics

KNOWLEDGE = topics.knowledge()


@pytest.fixture(scope="module")
def evidence() -> Evidence:
    return assemble(KNOWLEDGE, Ingredients(tiny.BigramEncoder(), untrained())).evidence


@pytest.fixture(scope="module")
def samples(evidence: Evidence) -> list[Sample]:
    return collect_samples(KNOWLEDGE, evidence, topics.UNANSWERABLE, as_of=tiny.DAY)


@pytest.fixture(scope="module")
def ranking(samples: list[Sample], evidence: Evidence) -> Ranking:
    return fit(samples, evidence, encoder="bigrams")


@pytest.fixture(scope="module")
def searcher(ranking: Ranking) -> Searcher:
    return assemble(KNOWLEDGE, Ingredients(tiny.BigramEncoder(), ranking))


def of_kind(samples: list[Sample], kind: str) -> list[Sample]:
    return [sample for sample in samples if sample.kind == kind]


def test_every_wording_and_every_second_fact_is_asked(samples: list[Sample]) -> None:
    assert len(of_kind(samples, "wording")) == 12 * 5
    assert len(of_kind(samples, "fact")) == 12 * 3
    assert 1 <= len(of_kind(samples, "unanswerable")) <= len(topics.UNANSWERABLE)


def test_a_hidden_fact_is_seen_without_its_entry(samples: list[Sample]) -> None:
    has_entry, same = FEATURES.index("has_entry"), FEATURES.index("same_question")
    assert all((s.features[s.right][:, has_entry] == 0).all() for s in of_kind(samples, "fact"))
    assert any((s.features[s.right][:, has_entry] == 1).any() for s in of_kind(samples, "wording"))
    assert all((s.features[:, same] < 1).all() for s in samples)


def test_no_unanswerable_question_has_a_right_candidate(samples: list[Sample]) -> None:
    assert not any(sample.right.any() for sample in of_kind(samples, "unanswerable"))


def test_no_fact_is_on_both_sides_of_a_split(samples: list[Sample]) -> None:
    folds: dict[str, set[int]] = {}
    for sample in samples:
        for clause, right in zip(sample.clauses, sample.right, strict=True):
            if right:
                folds.setdefault(clause, set()).add(sample.fold)
    assert len(folds) == 12
    assert all(len(seen) == 1 for seen in folds.values())


def test_the_same_questions_give_the_same_weights(
    samples: list[Sample], evidence: Evidence, ranking: Ranking
) -> None:
    assert fit(samples, evidence, encoder="bigrams").to_json() == ranking.to_json()


def test_weights_read_back_are_the_weights_written(ranking: Ranking, tmp_path: Path) -> None:
    ranking.save(tmp_path / "weights.json")
    loaded = Ranking.load(tmp_path / "weights.json")
    assert loaded == ranking
    assert loaded.to_json() == ranking.to_json()


def test_the_order_puts_what_is_right_first(samples: list[Sample], ranking: Ranking) -> None:
    asked = [sample for sample in of_kind(samples, "wording") if sample.right.any()]
    first = [sample.right[np.argmax(ranking.order.scores(sample.features))] for sample in asked]
    assert np.mean(first) >= 0.9


@pytest.mark.parametrize(
    ("question", "clause"),
    [
        ("街上的路灯要换成节能灯具不", "plan#1"),
        ("雨水能拿来浇灌花木不", "plan#2"),
        ("公交专用道啥子时候用", "plan#5"),
        ("打印文件提倡双面嘛", "plan#8"),
        ("农膜旧了交回去换新膜", "plan#10"),
        ("节水马桶是不是新住宅必装", "plan#12"),
    ],
)
def test_a_wording_nobody_listed_finds_its_clause(searcher: Searcher, question: str, clause: str) -> None:
    assert searcher.search(question, as_of=tiny.DAY).candidates[0].passage.clause_id == clause


def test_every_approved_question_finds_its_own_entry(searcher: Searcher) -> None:
    for entry in KNOWLEDGE.entries:
        best = searcher.search(entry.question, as_of=tiny.DAY).candidates[0]
        assert best.entry is not None
        assert best.entry.id == entry.id


def test_approved_questions_are_likelier_right_than_those_without_an_answer(searcher: Searcher) -> None:
    def likely(questions: list[str]) -> float:
        return float(np.mean([searcher.search(q, as_of=tiny.DAY).probability for q in questions]))

    assert likely([e.question for e in KNOWLEDGE.entries]) > likely(list(topics.UNANSWERABLE)) + 0.2


def test_operating_points_are_in_order_and_stricter_for_a_lower_rate(
    samples: list[Sample], evidence: Evidence, ranking: Ranking
) -> None:
    assert 0.0 <= ranking.clarify_at <= ranking.answer_at <= 1.0
    strict = fit(samples, evidence, encoder="bigrams", wrong_at_most=0.0)
    assert strict.answer_at >= ranking.answer_at
    assert all(strict.evaluation[f"{kind}.wrong"] == 0.0 for kind in ("wording", "fact", "unanswerable"))


def test_below_the_floor_the_decision_is_not_asked(ranking: Ranking) -> None:
    described = np.zeros(len(DECISION_FEATURES))
    match = DECISION_FEATURES.index("best_match")
    described[match] = ranking.floor - 1e-3
    assert ranking.floor > 0
    assert ranking.probability(described) == 0.0
    described[match] = ranking.floor + 1e-3
    assert ranking.probability(described) > 0.0


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("废旧电池回收箱的具体地址", "address"),
        ("公交专用道违停罚多少钱", "money"),
        ("图书馆旧书交换角电话是多少", "phone"),
    ],
)
def test_what_a_passage_lacks_vetoes_an_answer_however_sure(
    searcher: Searcher, ranking: Ranking, question: str, kind: str
) -> None:
    eager = replace(ranking, floor=0.0, answer_at=0.0, clarify_at=0.0)
    outcome = assemble(KNOWLEDGE, Ingredients(tiny.BigramEncoder(), eager)).search(question, as_of=tiny.DAY)
    assert (outcome.verdict, outcome.why) == ("abstain", "silent")
    assert kind in outcome.lacking


def lists(seed: int, count: int = 60) -> list[Listed]:
    """Candidates at random, the right one of each list set apart by `best_match` alone."""
    random = np.random.default_rng(seed)
    made = []
    for _ in range(count):
        features = random.random((6, len(FEATURES))).astype(np.float32)
        right = np.arange(6) == random.integers(6)
        features[:, FEATURES.index("best_match")] = right * 0.8 + random.random(6) * 0.5
        made.append(Listed(features, right, 1.0))
    return made


def test_the_order_learns_the_sign_that_tells_and_learns_it_twice_alike() -> None:
    network = fit_order(lists(1, 400))
    assert fit_order(lists(1, 400)) == network
    unseen = lists(2)
    first = [one.right[np.argmax(network.scores(one.features))] for one in unseen]
    assert np.mean(first) >= 0.9


def _other_features(raw: dict[str, Any]) -> None:
    raw["order"]["features"] = raw["order"]["features"][:-1]


def _unknown_weight(raw: dict[str, Any]) -> None:
    raw["decision"]["weights"]["moon_phase"] = 1.0


def _short_layer(raw: dict[str, Any]) -> None:
    raw["order"]["bias"] = raw["order"]["bias"][:-1]


def _thresholds_crossed(raw: dict[str, Any]) -> None:
    raw["clarify_at"] = raw["answer_at"] + 0.1


def _field_gone(raw: dict[str, Any]) -> None:
    del raw["floor"]


@pytest.mark.parametrize(
    "spoil", [_other_features, _unknown_weight, _short_layer, _thresholds_crossed, _field_gone]
)
def test_weights_that_do_not_fit_are_refused_with_file_and_remedy(
    ranking: Ranking, tmp_path: Path, spoil: Callable[[dict[str, Any]], None]
) -> None:
    raw = json.loads(ranking.to_json())
    spoil(raw)
    path = tmp_path / "weights.json"
    path.write_text(json.dumps(raw))
    with pytest.raises(IndexFault) as fault:
        Ranking.load(path)
    assert str(path) in str(fault.value)
    assert "python -m index.train decision" in str(fault.value)


@pytest.mark.parametrize(
    "content", [None, b"", b"{", b"[]", b"null", b"{}", b"\xff\xfe\x00", b'{"order": 3}']
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


def test_a_network_scores_as_its_formula_says() -> None:
    one, two = (FEATURES.index(name) for name in ("best_match", "best_covered"))

    def over(first: float, second: float) -> list[float]:
        return [{one: first, two: second}.get(column, 0.0) for column in range(len(FEATURES))]

    network = Network(FEATURES, over(1.0, 0.0), [over(0.0, 2.0)], [0.5], [3.0])
    assert network.scores(np.asarray([over(0.25, 0.25)]))[0] == pytest.approx(0.25 + 3.0 * np.tanh(1.0))
