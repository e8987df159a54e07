"""What campaign staff see of runs: districts with a floor, and what only a person can decide."""

from __future__ import annotations

from api.desk.runs import SMALLEST_GROUP, _with_floor
from campaigns.figures import Group


def told(*sizes: int) -> tuple[list[int], int | None]:
    groups = [Group(f"{number}区", {"sent": size}) for number, size in enumerate(sizes)]
    found = _with_floor(groups)
    return [group.recipients for group in found.groups], found.few.recipients if found.few else None


def test_districts_with_few_recipients_come_together() -> None:
    assert told(40, 12, 7, 6) == ([40, 12], 13)


def test_a_small_rest_takes_the_smallest_district_with_it_so_that_none_is_told_by_subtraction() -> None:
    assert told(40, 12, 3) == ([40], 15)


def test_districts_that_are_all_large_stand_alone() -> None:
    assert told(40, SMALLEST_GROUP) == ([40, SMALLEST_GROUP], None)


def test_few_recipients_in_all_are_one_group() -> None:
    assert told(4, 2) == ([], 6)
