"""Tuning on approved questions: what is pulled together, and what is left nearly where it was."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from index.passages import Passages, collect
from index.static_features import StaticFeatures
from index.training.encoder import Vectors, count_features
from index.training.samples import Folds
from index.training.tuning import (
    OTHER_WORDINGS,
    RESERVE,
    TunedEncoder,
    Tuner,
    kept,
    question_pairs,
)
from tests.index import tiny, topics

KNOWLEDGE = topics.knowledge()
AT_LARGE = "路灯"
"""A feature of residents' questions that texts at large are full of."""
UNASKED = "无人机"


@pytest.fixture(scope="module")
def passages() -> Passages:
    return collect(KNOWLEDGE)


@pytest.fixture(scope="module")
def units(passages: Passages) -> list[int]:
    return Folds(KNOWLEDGE, passages).learnable(None)


@pytest.fixture(scope="module")
def vectors(passages: Passages) -> Vectors:
    counts = count_features([*passages.sentences.texts, *passages.questions.texts, UNASKED])
    vocabulary = sorted(counts)
    rows = np.random.default_rng(4).normal(0.0, 0.1, (len(vocabulary), 32)).astype(np.float32)
    told = np.zeros(len(vocabulary), dtype=np.int64)
    told[vocabulary.index(AT_LARGE)] = 1_000_000
    return Vectors(vocabulary, rows, told)


@pytest.fixture(scope="module")
def tuned(vectors: Vectors, passages: Passages, units: list[int]) -> StaticFeatures:
    return Tuner(vectors).tune(passages, units, lambda line: None)


def moved(vectors: Vectors, module: StaticFeatures) -> dict[str, float]:
    """How far each feature is from where it was, as a share of its length."""
    rows = module.rows * module.scales[:, None]
    far = np.linalg.norm(rows - vectors.rows, axis=1) / np.linalg.norm(vectors.rows, axis=1)
    return dict(zip(vectors.vocabulary, far.tolist(), strict=True))


def test_words_of_residents_move_and_words_of_texts_at_large_hardly(
    vectors: Vectors, tuned: StaticFeatures, passages: Passages, units: list[int]
) -> None:
    rounding = 0.02
    by_feature = moved(vectors, tuned)
    asked = count_features([passages.questions.texts[unit] for unit in units])
    residents = [far for feature, far in by_feature.items() if asked[feature] and feature != AT_LARGE]
    assert asked[AT_LARGE] > 0
    assert by_feature[AT_LARGE] < rounding
    assert float(np.mean(residents)) > 5 * rounding


def test_a_feature_that_no_learnt_question_has_stays_where_it_was(
    vectors: Vectors, tuned: StaticFeatures, passages: Passages, units: list[int]
) -> None:
    asked = count_features([passages.questions.texts[unit] for unit in units])
    untouched = StaticFeatures.quantised(vectors.vocabulary, vectors.rows)
    never = [number for number, feature in enumerate(vectors.vocabulary) if not asked[feature]]
    assert vectors.vocabulary.index(UNASKED) in never
    assert np.array_equal(tuned.rows[never], untouched.rows[never])


def test_a_feature_moves_by_its_share_among_questions(
    vectors: Vectors, passages: Passages, units: list[int], tuned: StaticFeatures
) -> None:
    """A word as frequent at large as in questions moves by 1 / (1 + RESERVE) of what it would alone."""
    asked = count_features([passages.questions.texts[unit] for unit in units])
    total = sum(asked[feature] for feature in vectors.vocabulary)
    place = vectors.vocabulary.index("公交")
    told = np.zeros(len(vectors.vocabulary), dtype=np.int64)
    told[place], told[vectors.vocabulary.index(UNASKED)] = asked["公交"], total - asked["公交"]

    def way(counts: np.ndarray) -> np.ndarray:
        module = Tuner(replace(vectors, counts=counts)).tune(passages, units, lambda line: None)
        return np.asarray(module.rows[place] * module.scales[place] - vectors.rows[place])

    whole, held_back = way(vectors.counts), way(told)
    assert np.linalg.norm(held_back) / np.linalg.norm(whole) == pytest.approx(1 / (1 + RESERVE), abs=0.05)


def test_a_learnt_question_comes_nearer_to_its_sentence_than_to_others(
    vectors: Vectors, tuned: StaticFeatures, passages: Passages, units: list[int]
) -> None:
    before = StaticFeatures.quantised(vectors.vocabulary, vectors.rows)

    def lead(module: StaticFeatures) -> float:
        questions = module.encode([passages.questions.texts[unit] for unit in units])
        near = questions @ module.encode(passages.sentences.texts).T
        own = np.asarray([passages.questions.passages[unit] for unit in units])
        rows = np.arange(len(units))
        return float((near[rows, own] - (near.sum(axis=1) - near[rows, own]) / (near.shape[1] - 1)).mean())

    assert lead(tuned) > lead(before) + 0.05


def test_tuning_starts_from_the_same_vectors_each_time(
    vectors: Vectors, passages: Passages, units: list[int], tuned: StaticFeatures
) -> None:
    rows = vectors.rows.copy()
    tuner = Tuner(vectors)
    other = tuner.tune(passages, units[: len(units) // 2], lambda line: None)
    again = tuner.tune(passages, units, lambda line: None)
    assert np.array_equal(vectors.rows, rows)
    assert np.array_equal(again.rows, tuned.rows)
    assert np.array_equal(again.scales, tuned.scales)
    assert not np.array_equal(other.rows, tuned.rows)


def test_a_tuned_module_stands_in_for_an_encoder(tuned: StaticFeatures) -> None:
    encoder = TunedEncoder(tuned)
    assert encoder.dimension == 32
    assert np.array_equal(encoder.encode(["路灯换了没"]), tuned.encode(["路灯换了没"]))


def test_each_question_is_paired_with_its_sentence_and_with_others_of_its_fact(passages: Passages) -> None:
    units = [
        number for number, owner in enumerate(passages.questions.entries) if owner in {"topic-1", "topic-2"}
    ]
    texts = passages.questions.texts
    pairs = question_pairs(passages, units, seed=0)
    sentence = {number: passages.passages[number] for number in set(passages.questions.passages)}
    assert len(pairs) == len(units) * (1 + OTHER_WORDINGS)
    for unit in units:
        own = sentence[passages.questions.passages[unit]]
        contexts = [pair.context for pair in pairs if pair.query == texts[unit]]
        assert contexts[0] == f"{own.heading} {own.text}"
        others = {
            texts[other]
            for other in units
            if other != unit and passages.questions.passages[other] == passages.questions.passages[unit]
        }
        assert set(contexts[1:]) < others
        assert len(set(contexts[1:])) == OTHER_WORDINGS


def test_pairs_hold_no_question_beyond_those_given(passages: Passages, units: list[int]) -> None:
    given, rest = units[::2], set(units[1::2])
    texts = {side for pair in question_pairs(passages, given, seed=0) for side in (pair.query, pair.context)}
    assert not texts & {passages.questions.texts[unit] for unit in rest}
    assert {passages.questions.texts[unit] for unit in given} <= texts


def test_entries_on_one_sentence_are_one_group() -> None:
    beside = tiny.entry("beside", tiny.CARS, "到2025年，新能源汽车新车销售量占比达到20%以上。", "绿牌占几成")
    passages = collect(tiny.knowledge(entries=(*tiny.knowledge().entries, beside)))
    pairs = question_pairs(passages, range(len(passages.questions.texts)), seed=0)
    groups: dict[str, set[str]] = {}
    for pair in pairs:
        groups.setdefault(pair.group, set()).add(pair.query)
    assert sorted(map(sorted, groups.values())) == [
        ["不要的衣裳捐给哪个", "旧衣服可以捐吗？"],
        ["新能源车要占多少？", "电车占好多", "绿牌占几成"],
    ]


def test_a_lone_question_is_paired_with_its_sentence_alone(passages: Passages) -> None:
    (pair,) = question_pairs(passages, [0], seed=0)
    assert pair.query == passages.questions.texts[0]


def test_what_is_kept_are_the_first_features(vectors: Vectors) -> None:
    first = kept(vectors, 3)
    assert first.vocabulary == vectors.vocabulary[:3]
    assert np.array_equal(first.rows, vectors.rows[:3])
    assert np.array_equal(first.counts, vectors.counts[:3])
    assert len(kept(vectors, 10**6).vocabulary) == len(vectors.vocabulary)
