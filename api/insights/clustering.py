"""Grouping vectors by meaning: average linkage, exact and the same on every run.

Owns the algorithm and its threshold. It must not know what the vectors stand for.

Of average linkage two things make 20,000 vectors a matter of seconds. The mean of all pairwise cosines of two
clusters is the inner product of their means, so that a cluster needs no more than its mean. And it is
reducible (Murtagh 1983): a merged cluster is nowhere nearer than its nearer part was. So all pairs that are
each other's nearest merge at once, what has no neighbour above the threshold never gets one, and a nearest
neighbour that did not merge stays the nearest.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

SAME_MEANING = 0.5
"""Mean cosine from which two clusters are one. On the 406 held-out questions of the tests, whose clauses are
known, B-cubed precision is 0.94 there; on 4,000 approved wordings of 493 facts it is 0.84 with recall 0.39,
where at 0.45 precision falls to 0.77 and at 0.55 recall to 0.31."""
_BLOCK = 1024

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]


def clusters(vectors: Floats, threshold: float = SAME_MEANING) -> Ints:
    """The cluster of each row of `vectors` (n, d), rows of length 1; a row of length 0 stays alone.

    Clusters are numbered by their first row.
    """
    means = np.ascontiguousarray(vectors, dtype=np.float32)
    label = np.arange(len(means))
    if len(means) < 2:
        return label
    owner = label.copy()  # of each cluster that may still merge, a row that it holds
    sizes = np.ones(len(means), dtype=np.float32)
    nearest, cosine = _all_nearest(means)
    while True:
        means, sizes, owner, nearest, cosine = _without_the_alone(
            means, sizes, owner, nearest, cosine, threshold
        )
        if not len(means):
            return _numbered(label)
        one, other = _mutual(nearest, cosine)
        share = (sizes[one] / (sizes[one] + sizes[other]))[:, None]
        means[one] = share * means[one] + (1 - share) * means[other]
        sizes[one] += sizes[other]
        label = _merged(label, owner[one], owner[other])
        stale = np.isin(nearest, np.concatenate([one, other]))
        stale[one] = True
        left = np.ones(len(means), dtype=bool)
        left[other] = False
        place = np.cumsum(left) - 1
        means, sizes, owner, cosine = means[left], sizes[left], owner[left], cosine[left]
        nearest, stale = place[nearest[left]], stale[left]
        _renew(means, np.flatnonzero(stale), nearest, cosine)


def _all_nearest(means: Floats) -> tuple[Ints, Floats]:
    """Each row's nearest other row and the cosine: every product is formed once, for both of its rows."""
    count = len(means)
    nearest, cosine = np.zeros(count, dtype=np.int64), np.full(count, -2.0, dtype=np.float32)
    for start in range(0, count, _BLOCK):
        end = min(start + _BLOCK, count)
        products = means[start:end] @ means[start:].T
        products[np.arange(end - start), np.arange(end - start)] = -2.0
        for first, best, value in (
            (start, products.argmax(axis=1) + start, products.max(axis=1)),
            (end, products[:, end - start :].argmax(axis=0) + start, products[:, end - start :].max(axis=0)),
        ):
            rows = slice(first, first + len(best))
            better = value > cosine[rows]
            nearest[rows][better], cosine[rows][better] = best[better], value[better]
    return nearest, cosine


def _renew(means: Floats, rows: Ints, nearest: Ints, cosine: Floats) -> None:
    for start in range(0, len(rows), _BLOCK):
        some = rows[start : start + _BLOCK]
        products = means[some] @ means.T
        products[np.arange(len(some)), some] = -2.0
        nearest[some], cosine[some] = products.argmax(axis=1), products.max(axis=1)


def _without_the_alone(
    means: Floats, sizes: Floats, owner: Ints, nearest: Ints, cosine: Floats, threshold: float
) -> tuple[Floats, Floats, Ints, Ints, Floats]:
    """Those with a neighbour above the threshold: such a neighbour has one itself."""
    near = cosine >= threshold
    if near.all():
        return means, sizes, owner, nearest, cosine
    rows = np.flatnonzero(near)
    one_sided = rows[~near[nearest[rows]]]  # two products of the same pair may be rounded differently
    weak = nearest[one_sided]
    nearest[weak], cosine[weak], near[weak] = one_sided, cosine[one_sided], True
    place = np.cumsum(near) - 1
    return means[near], sizes[near], owner[near], place[nearest[near]], cosine[near]


def _mutual(nearest: Ints, cosine: Floats) -> tuple[Ints, Ints]:
    """All pairs that are each other's nearest; the nearest pair of all where rounding hides every one."""
    rows = np.arange(len(nearest))
    one = rows[(nearest[nearest] == rows) & (rows < nearest)]
    if not len(one):
        one = np.asarray([int(cosine.argmax())])
    return one, nearest[one]


def _merged(label: Ints, one: Ints, other: Ints) -> Ints:
    into = np.arange(len(label))
    into[label[other]] = label[one]
    renamed: Ints = into[label]
    return renamed


def _numbered(label: Ints) -> Ints:
    _, first, inverse = np.unique(label, return_index=True, return_inverse=True)
    numbers: Ints = np.argsort(np.argsort(first))[inverse]
    return numbers
