"""Training of order and decision on a knowledge of twelve subjects, and what its weights promise."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from index.describing import FEATURES
from index.encoder import Encoder
from index.evidence import Evidence
from index.ranking import DECISION_FEATURES, NO_ENCODER, PRECEDENT, Linear, Ranking
from index.search import Searcher
from index.snapshot import Ingredients, assemble
from index.training.choosing import SHARES
from index.training.decision import ask_apart, calibrated, fit, train, untrained
from index.training.order import Listed, fit_order
from index.training.samples import FOLDS, Choosing, Sample, collect_samples
from index.training.split import held_out
from tests.index import tiny, topics

KNOWLEDGE = topics.knowledge()


@pytest.fixture(scope="module")
def evidence() -> Evidence:
    return assemble(KNOWLEDGE, Ingredients(tiny.BigramEncoder(), untrained())).evidence


@pytest.fixture(scope="module")
def samples(evidence: Evidence) -> list[Sample]:
    return collect_samples(KNOWLEDGE, lambda _: evidence, topics.UNANSWERABLE, as_of=tiny.DAY)


@pytest.fixture(scope="module")
def apart() -> list[Sample]:
    return ask_apart(
        KNOWLEDGE,
        tiny.BigramEncoder(),
        as_of=tiny.DAY,
        unanswerable=topics.UNANSWERABLE,
        choosing=topics.CHOOSING,
    )


@pytest.fixture(scope="module")
def ranking(samples: list[Sample], apart: list[Sample]) -> Ranking:
    return fit(samples, apart, encoder="bigrams")


@pytest.fixture(scope="module")
def searcher(ranking: Ranking) -> Searcher:
    return assemble(KNOWLEDGE, Ingredients(tiny.BigramEncoder(), ranking))


def test_the_same_questions_give_the_same_weights(
    samples: list[Sample], apart: list[Sample], ranking: Ranking
) -> None:
    assert fit(samples, apart, encoder="bigrams").to_json() == ranking.to_json()


def test_training_is_the_fit_of_what_the_questions_show(ranking: Ranking) -> None:
    trained = train(
        KNOWLEDGE,
        tiny.BigramEncoder(),
        as_of=tiny.DAY,
        unanswerable=topics.UNANSWERABLE,
        choosing=topics.CHOOSING,
    )
    assert trained.to_json() == ranking.to_json()


def test_an_encoder_that_learnt_questions_is_replaced_for_each_fold(ranking: Ranking) -> None:
    given: list[int] = []

    def encoder_of_fold(fold: int) -> Encoder:
        given.append(fold)
        return tiny.BigramEncoder()

    class Learnt(tiny.BigramEncoder):
        fingerprint = "learnt"

    trained = train(
        KNOWLEDGE,
        Learnt(),
        as_of=tiny.DAY,
        encoder_of_fold=encoder_of_fold,
        unanswerable=topics.UNANSWERABLE,
        choosing=topics.CHOOSING,
    )
    assert given == list(range(FOLDS))
    assert trained.encoder == "learnt"
    assert trained.order == ranking.order


def test_words_alone_can_be_trained_too() -> None:
    trained = train(
        KNOWLEDGE, None, as_of=tiny.DAY, unanswerable=topics.UNANSWERABLE, choosing=topics.CHOOSING
    )
    assert trained.encoder == NO_ENCODER
    lexical = assemble(KNOWLEDGE, Ingredients(None, trained))
    best = lexical.search("街上的路灯要换成节能灯具不", as_of=tiny.DAY).candidates[0]
    assert best.passage.clause_id == "plan#1"


def test_calibration_and_point_come_from_questions_that_were_not_learnt_from(
    samples: list[Sample], apart: list[Sample], ranking: Ranking
) -> None:
    """Other questions to choose on leave what was learnt as it is, and move slope, offset, points and what
    precedents weigh."""
    other = fit(samples, apart[::2], encoder="bigrams")
    learnt, relearnt = ranking.decision, other.decision
    assert other.order == ranking.order
    assert (relearnt.asked, relearnt.unmet) == (learnt.asked, learnt.unmet)
    assert without_precedent(relearnt.linear) == without_precedent(learnt.linear)
    assert relearnt.linear.weights[PRECEDENT] != learnt.linear.weights[PRECEDENT] != 0
    assert other.floor == ranking.floor
    assert (relearnt.slope, relearnt.offset) != (learnt.slope, learnt.offset)


def without_precedent(linear: Linear) -> dict[str, float]:
    return {name: weight for name, weight in linear.weights.items() if name != PRECEDENT}


def test_each_question_to_choose_on_is_asked_once_more_as_a_fact_without_its_entry(
    apart: list[Sample],
) -> None:
    asked = {kind: [s for s in apart if s.kind == kind] for kind in ("wording", "fact")}
    assert [s.question for s in asked["fact"]] == [s.question for s in asked["wording"]]
    pairs = zip(asked["wording"], asked["fact"], strict=True)
    assert all((hidden.best_unit >= 0).sum() < (open_.best_unit >= 0).sum() for open_, hidden in pairs)
    pairs = zip(asked["wording"], asked["fact"], strict=True)
    assert np.mean([open_.precedent - hidden.precedent for open_, hidden in pairs]) > 0


def test_calibrating_again_changes_nothing(apart: list[Sample], ranking: Ranking) -> None:
    assert calibrated(ranking, apart).to_json() == ranking.to_json()


def test_without_questions_to_choose_on_the_decision_stays_as_fitted() -> None:
    trained = train(
        KNOWLEDGE, tiny.BigramEncoder(), as_of=tiny.DAY, unanswerable=topics.UNANSWERABLE, choosing=Choosing()
    )
    assert trained.answer_at == 0.5


def test_the_order_puts_what_is_right_first(samples: list[Sample], ranking: Ranking) -> None:
    asked = [sample for sample in samples if sample.kind == "wording" and sample.right.any()]
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
        ("废旧电池往回收箱丢", "plan#11"),
        ("节水马桶是不是新住宅必装", "plan#12"),
    ],
)
def test_a_wording_nobody_listed_finds_its_clause(searcher: Searcher, question: str, clause: str) -> None:
    assert searcher.search(question, as_of=tiny.DAY).candidates[0].passage.clause_id == clause


def test_every_approved_question_finds_its_own_entry_held_out_or_not(searcher: Searcher) -> None:
    assert any(held_out(entry) for entry in KNOWLEDGE.entries)
    for entry in KNOWLEDGE.entries:
        best = searcher.search(entry.question, as_of=tiny.DAY).candidates[0]
        assert best.entry is not None
        assert best.entry.id == entry.id


def test_approved_questions_are_likelier_right_than_those_without_an_answer(searcher: Searcher) -> None:
    def likely(questions: list[str]) -> float:
        return float(np.mean([searcher.search(q, as_of=tiny.DAY).probability for q in questions]))

    approved = likely([entry.question for entry in KNOWLEDGE.entries])
    assert approved > likely([item.question for item in topics.UNANSWERABLE]) + 0.2


def test_the_figures_are_shares_and_the_points_in_order(ranking: Ranking) -> None:
    assert 0.0 < ranking.clarify_at <= ranking.answer_at <= 1.0
    figures = {f"{kind}.{figure}" for kind in SHARES for figure in ("first", "right", "wrong")}
    assert set(ranking.evaluation) == figures | {"calibration_error"}
    assert all(0.0 <= value <= 1.0 for value in ranking.evaluation.values())
    for kind in SHARES:
        assert ranking.evaluation[f"{kind}.right"] <= ranking.evaluation[f"{kind}.first"]
    assert ranking.evaluation["unanswerable.first"] == ranking.evaluation["unanswerable.right"] == 0.0


def test_nearly_every_right_candidate_reaches_the_floor(samples: list[Sample], ranking: Ranking) -> None:
    match = FEATURES.index("best_match")
    firsts = [(s, int(np.argmax(ranking.order.scores(s.features)))) for s in samples]
    right = [s.features[first][match] for s, first in firsts if s.right[first]]
    assert ranking.floor > 0
    assert np.mean(np.asarray(right) >= ranking.floor) >= 0.95
    line = np.zeros(len(DECISION_FEATURES))
    assert ranking.probability(line, (), ()) == 0.0


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("废旧电池回收箱的具体地址", "address"),
        ("公交专用道违停罚多少钱", "money"),
        ("图书馆旧书交换角电话是多少", "phone"),
        ("步行绿道菜园坝大桥", "place"),
    ],
)
def test_what_a_passage_lacks_vetoes_an_answer_however_sure(
    ranking: Ranking, question: str, kind: str
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
