"""Arrays in runs: values that belong together stand side by side, `starts` says where each run begins."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np


def first_highest(values: np.ndarray, starts: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """The place of each run's highest value, of several the first."""
    highest = np.repeat(np.maximum.reduceat(values, starts), sizes)
    places = np.flatnonzero(values == highest)
    runs = np.searchsorted(starts, places, side="right")
    return places[np.flatnonzero(np.diff(runs, prepend=0))]


def second_highest(values: np.ndarray, starts: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """Each run's highest value but one, which may equal the highest; a run of one has only that."""
    highest = np.maximum.reduceat(values, starts)
    others = values.copy()
    others[first_highest(values, starts, sizes)] = -np.inf
    second = np.maximum.reduceat(others, starts)
    return np.where(sizes > 1, second, highest)


def grouped(owner: np.ndarray) -> dict[int, np.ndarray]:
    groups: dict[int, list[int]] = {}
    for unit, number in enumerate(owner):
        groups.setdefault(int(number), []).append(unit)
    return {number: np.asarray(units, dtype=np.int64) for number, units in groups.items()}


def numbered(names: Iterable[str]) -> list[int]:
    numbers: dict[str, int] = {}
    return [numbers.setdefault(name, len(numbers)) for name in names]
