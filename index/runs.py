"""Arrays in runs: values that belong together stand side by side, `starts` says where each run begins."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Groups:
    """Numbers by their owners: those of owner i are `members[starts[i] : starts[i] + sizes[i]]`, in order."""

    members: np.ndarray
    starts: np.ndarray
    sizes: np.ndarray

    @classmethod
    def by(cls, owner: np.ndarray, owners: int) -> Groups:
        """`owner` (n,) says to which of `owners` each number from 0 to n belongs."""
        sizes = np.bincount(owner, minlength=owners)
        return cls(np.argsort(owner, kind="stable"), np.cumsum(sizes) - sizes, sizes)

    def of(self, owners: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The members of some owners, end to end, and how many each of them has."""
        sizes = self.sizes[owners]
        return self.members[places(self.starts[owners], sizes)], sizes


def places(starts: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """The places of some runs, end to end."""
    ends = np.cumsum(sizes)
    shifted: np.ndarray = np.arange(sizes.sum()) + np.repeat(starts - ends + sizes, sizes)
    return shifted


def first_highest(values: np.ndarray, starts: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """The place of each run's highest value, of several the first."""
    highest = np.repeat(np.maximum.reduceat(values, starts), sizes)
    found = np.flatnonzero(values == highest)
    runs = np.searchsorted(starts, found, side="right")
    return found[np.flatnonzero(np.diff(runs, prepend=0))]


def two_highest(values: np.ndarray, starts: np.ndarray, sizes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Each run's highest value and its highest but one, which may equal it; a run of one has only that."""
    others = values.copy()
    first = first_highest(values, starts, sizes)
    others[first] = -np.inf
    highest, second = values[first], np.maximum.reduceat(others, starts)
    return highest, np.where(sizes > 1, second, highest)


def numbered(names: Iterable[str]) -> list[int]:
    numbers: dict[str, int] = {}
    return [numbers.setdefault(name, len(numbers)) for name in names]
