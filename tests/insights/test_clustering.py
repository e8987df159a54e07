from __future__ import annotations

import numpy as np
import pytest
from scipy.cluster.hierarchy import fcluster, linkage

from api.insights.clustering import clusters


def unit(rows: list[list[float]]) -> np.ndarray:
    found = np.asarray(rows, dtype=np.float32)
    return found / np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-9)


def clouds(seed: int, centres: int, each: int, dimension: int = 16, spread: float = 0.35) -> np.ndarray:
    chance = np.random.default_rng(seed)
    around = np.repeat(chance.normal(size=(centres, dimension)), each, axis=0)
    rows = around + spread * chance.normal(size=around.shape)
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


@pytest.mark.parametrize("threshold", [0.2, 0.5, 0.8])
@pytest.mark.parametrize("seed", range(4))
def test_the_clusters_are_those_of_average_linkage(seed: int, threshold: float) -> None:
    vectors = clouds(seed, centres=40, each=15, spread=0.6)
    tree = linkage(vectors.astype(np.float64), "average", metric="cosine")
    theirs = fcluster(tree, 1 - threshold, "distance")
    ours = clusters(vectors, threshold)
    pairs = set(zip(ours.tolist(), theirs.tolist(), strict=True))
    assert len(pairs) == len(set(ours.tolist())) == len(set(theirs.tolist()))


def test_they_are_numbered_by_their_first_row_and_the_same_each_time() -> None:
    vectors = unit([[1, 0], [0, 1], [1, 0.1], [0.1, 1], [-1, 0]])
    assert clusters(vectors, 0.5).tolist() == [0, 1, 0, 1, 2]
    assert clusters(vectors, 0.5).tolist() == clusters(vectors, 0.5).tolist()


def test_what_the_encoder_sees_nothing_of_stays_alone() -> None:
    assert clusters(np.zeros((3, 4), dtype=np.float32), 0.5).tolist() == [0, 1, 2]


def test_nothing_one_and_many_alike_are_clustered_too() -> None:
    assert clusters(np.zeros((0, 4), dtype=np.float32)).tolist() == []
    assert clusters(unit([[1, 2]])).tolist() == [0]
    assert set(clusters(np.tile(unit([[1, 2, 3]]), (3000, 1))).tolist()) == {0}


def test_the_order_of_rows_does_not_decide_who_is_with_whom() -> None:
    vectors = clouds(7, centres=30, each=20)
    shuffled = np.random.default_rng(3).permutation(len(vectors))
    first, second = clusters(vectors), clusters(vectors[shuffled])
    pairs = set(zip(first[shuffled].tolist(), second.tolist(), strict=True))
    assert len(pairs) == len(set(first.tolist())) == len(set(second.tolist()))
