"""Arrays in runs, worked out by hand."""

from __future__ import annotations

import numpy as np

from index.runs import Groups, first_highest, places, two_highest

VALUES, STARTS, SIZES = (
    np.asarray([1.0, 3.0, 3.0, 5.0, 2.0, 4.0]),
    np.asarray([0, 3, 4]),
    np.asarray([3, 1, 2]),
)


def test_the_highest_of_a_run_is_the_first_of_those_that_are_equal() -> None:
    assert first_highest(VALUES, STARTS, SIZES).tolist() == [1, 3, 5]


def test_the_highest_but_one_may_equal_the_highest_and_is_it_where_there_is_no_other() -> None:
    highest, second = two_highest(VALUES, STARTS, SIZES)
    assert (highest.tolist(), second.tolist()) == ([3.0, 5.0, 4.0], [3.0, 5.0, 2.0])


def test_runs_are_laid_end_to_end() -> None:
    assert places(np.asarray([4, 0, 9]), np.asarray([2, 0, 3])).tolist() == [4, 5, 9, 10, 11]
    assert places(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)).tolist() == []


def test_the_members_of_some_owners_come_in_the_order_asked_for() -> None:
    groups = Groups.by(np.asarray([2, 0, 2, 3]), 5)
    members, sizes = groups.of(np.asarray([3, 1, 2]))
    assert (members.tolist(), sizes.tolist()) == ([3, 0, 2], [1, 0, 2])
    assert [part.tolist() for part in groups.of(np.zeros(0, dtype=np.int64))] == [[], []]
