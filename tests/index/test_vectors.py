"""Exact search by vectors, also where a shortlist of rounded vectors comes first."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from index.shortlist import Shortlist
from index.vectors import VectorIndex

ROWS, DIMENSION = 5000, 64


def directions(count: int, seed: int, dimension: int = DIMENSION) -> np.ndarray:
    rows = np.random.default_rng(seed).normal(size=(count, dimension)).astype(np.float32)
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)


def near(one: np.ndarray, count: int, off: float, seed: int) -> np.ndarray:
    """Rows so near to each other that rounding to 8 bits cannot tell which is nearest."""
    rows = one + off * directions(count, seed)
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)


SPREAD = directions(ROWS, seed=1)
CROWDED = near(SPREAD[0], ROWS, 0.02, seed=2)
QUERIES = np.concatenate([directions(20, seed=3), SPREAD[:20], near(SPREAD[0], 20, 0.05, seed=4)])


@pytest.mark.parametrize("rows", [SPREAD, CROWDED, SPREAD[:30]], ids=["spread", "crowded", "few"])
@pytest.mark.parametrize("count", [1, 25, 400])
def test_the_nearest_are_those_of_all_rows(rows: np.ndarray, count: int) -> None:
    index = VectorIndex.build(rows)
    for query in QUERIES:
        best = np.sort(rows @ query)[::-1][:count]
        found = index.nearest(query[None, :], count)
        assert len(found) == len(best)
        assert np.sort(rows[found] @ query)[::-1] == pytest.approx(best, abs=1e-6)
        assert index.highest(query, count) == pytest.approx(best, abs=1e-6)


@pytest.mark.parametrize("rows", [SPREAD, CROWDED], ids=["spread", "crowded"])
def test_no_row_outside_of_a_shortlist_is_nearer_than_it_says(rows: np.ndarray) -> None:
    shortlist = Shortlist(rows)
    for query in QUERIES:
        listed, beyond = shortlist.of(query, 100)
        assert len(set(listed.tolist())) == 100
        assert np.delete(rows @ query, listed).max() <= beyond


def test_a_shortlist_leaves_out_what_is_far_away() -> None:
    query = SPREAD[0]
    listed, beyond = Shortlist(SPREAD).of(query, 100)
    assert 0 in listed
    assert beyond < 0.6  # else no search would ever be done with one


def test_rows_put_behind_are_found_like_the_others(tmp_path: Path) -> None:
    whole = np.concatenate([SPREAD, near(QUERIES[0], 3, 0.1, seed=5)])
    extended = VectorIndex.build(SPREAD).extended(whole[ROWS:])
    extended.save(tmp_path / "vectors")
    for index in (extended, VectorIndex.load(tmp_path / "vectors"), extended.extended(SPREAD[:0])):
        assert index.nearest(QUERIES[:1], 3).tolist() == [ROWS, ROWS + 1, ROWS + 2]


def test_several_readings_bring_up_the_nearest_of_each_once() -> None:
    index = VectorIndex.build(SPREAD)
    assert index.nearest(SPREAD[[7, 3, 7]], 1).tolist() == [3, 7]
    rows = np.asarray([3, 7, 9])
    both = index.cosines(SPREAD[[7, 3]], rows)
    assert both == pytest.approx([1.0, 1.0, max(SPREAD[9] @ SPREAD[7], SPREAD[9] @ SPREAD[3])], abs=1e-6)


def test_a_reading_of_which_the_model_sees_nothing_is_as_far_from_every_row() -> None:
    nothing = np.zeros(DIMENSION, dtype=np.float32)
    index = VectorIndex.build(SPREAD)
    assert len(index.nearest(nothing[None, :], 5)) == 5
    assert index.highest(nothing, 2).tolist() == [0.0, 0.0]
    blank = VectorIndex.build(np.zeros((ROWS, DIMENSION), dtype=np.float32))
    assert blank.highest(QUERIES[0], 2).tolist() == [0.0, 0.0]


def test_an_empty_index_finds_nothing() -> None:
    index = VectorIndex.build(np.zeros((0, DIMENSION), dtype=np.float32))
    assert index.nearest(QUERIES[:1], 5).tolist() == []
    assert index.highest(QUERIES[0], 5).tolist() == []
    assert index.cosines(QUERIES[:1], np.zeros(0, dtype=np.int64)).tolist() == []
