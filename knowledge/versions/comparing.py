"""Two versions of a document, clause by clause: what stayed, changed, moved, came and went.

Clauses are matched by their words before their numbers, so that a clause put in front does not make all that
follow look changed. Pure.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Literal

from knowledge.model import Clause
from knowledge.versions.words import Run, word_runs

ChangeKind = Literal["unchanged", "changed", "moved", "added", "removed"]
_LIKE = 0.5
"""Dice's coefficient of two clauses' bigrams from which the one is a changed form of the other."""
_LIKE_IN_PLACE = 0.25
"""The same for two clauses that bear the same number, or the same heading: less likeness is enough."""
_RARE = 24
"""In how many clauses a bigram may occur and still tell which two belong together."""
_TELLING = 12
_SPACES = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class ClauseChange:
    """One clause before and after; either is None where it came or went. `moved` says that its number or its
    place in the tree is another one; with `kind` "moved" its words are the same."""

    kind: ChangeKind
    before: Clause | None
    after: Clause | None
    moved: bool = False
    runs: tuple[Run, ...] = ()

    @property
    def clause(self) -> Clause:
        found = self.after or self.before
        assert found is not None
        return found


@dataclass(frozen=True)
class Comparison:
    """`changes` in the order of the new text, each removed clause where it stood."""

    changes: tuple[ClauseChange, ...]

    @cached_property
    def counts(self) -> Mapping[ChangeKind, int]:
        return Counter(change.kind for change in self.changes)

    @cached_property
    def by_before(self) -> Mapping[str, ClauseChange]:
        """The change of each clause of the older version, by its path."""
        return {change.before.path: change for change in self.changes if change.before is not None}

    @cached_property
    def by_after(self) -> Mapping[str, ClauseChange]:
        return {change.after.path: change for change in self.changes if change.after is not None}

    @property
    def differs(self) -> bool:
        return any(change.kind != "unchanged" for change in self.changes)


def compare(before: Sequence[Clause], after: Sequence[Clause]) -> Comparison:
    """What became of each clause of `before`, and which of `after` are new."""
    old, new = [_words(clause) for clause in before], [_words(clause) for clause in after]
    pairs = _equal(old, new, before, after)
    pairs |= _alike(old, new, before, after, pairs)
    paths = {before[i].path: after[j].path for i, j in pairs.items()}
    back = {j: i for i, j in pairs.items()}
    changes: list[ClauseChange] = []
    gone = [i for i in range(len(before)) if i not in pairs]
    for j, clause in enumerate(after):
        i = back.get(j)
        if i is None:
            changes.append(ClauseChange("added", None, clause))
            continue
        while gone and gone[0] < i:
            changes.append(ClauseChange("removed", before[gone.pop(0)], None))
        changes.append(_change(before[i], clause, paths))
    changes += [ClauseChange("removed", before[i], None) for i in gone]
    return Comparison(tuple(changes))


def _change(before: Clause, after: Clause, paths: Mapping[str, str]) -> ClauseChange:
    moved = before.path != after.path or _parent(before, paths) != _up(after)
    if _words(before) == _words(after):
        return ClauseChange("moved" if moved else "unchanged", before, after, moved)
    return ClauseChange("changed", before, after, moved, word_runs(before.text, after.text))


def _up(clause: Clause) -> str | None:
    return clause.parent.partition("#")[2] if clause.parent is not None else None


def _parent(clause: Clause, paths: Mapping[str, str]) -> str | None:
    """The path that the parent of an older clause has now."""
    up = _up(clause)
    return paths.get(up, up) if up is not None else None


def _words(clause: Clause) -> str:
    """A clause's words without its number, spaces levelled."""
    return _SPACES.sub("", clause.text.removeprefix(clause.marker))


def _equal(
    old: Sequence[str], new: Sequence[str], before: Sequence[Clause], after: Sequence[Clause]
) -> dict[int, int]:
    """Clauses with the same words: at the same number first, then in the order of the text."""
    places: dict[str, list[int]] = defaultdict(list)
    for j, words in enumerate(new):
        places[words].append(j)
    number = {clause.path: j for j, clause in enumerate(after)}
    pairs: dict[int, int] = {}
    taken: set[int] = set()
    for i, words in enumerate(old):
        same = number.get(before[i].path)
        if same is not None and new[same] == words:
            pairs[i] = same
            taken.add(same)
    for i, words in enumerate(old):
        if i in pairs:
            continue
        free = places.get(words, [])
        while free and free[0] in taken:
            free.pop(0)
        if free:
            pairs[i] = free.pop(0)
            taken.add(pairs[i])
    return pairs


def _alike(
    old: Sequence[str],
    new: Sequence[str],
    before: Sequence[Clause],
    after: Sequence[Clause],
    pairs: Mapping[int, int],
) -> dict[int, int]:
    """Of the clauses left over, the pairs that share most of their words, the likest first."""
    left = [i for i in range(len(old)) if i not in pairs]
    taken = set(pairs.values())
    right = [j for j in range(len(new)) if j not in taken]
    shapes = {("old", i): _bigrams(old[i]) for i in left} | {("new", j): _bigrams(new[j]) for j in right}
    number = {after[j].path: j for j in right}
    headings: dict[str, list[int]] = defaultdict(list)
    for j in right:
        if after[j].heading:
            headings[after[j].heading].append(j)
    scored: list[tuple[float, int, int]] = []
    near = _near(left, right, shapes)
    for i in left:
        in_place = {number.get(before[i].path, -1)} - {-1}
        if before[i].heading and len(headings.get(before[i].heading, ())) == 1:
            in_place.add(headings[before[i].heading][0])
        for j in near[i] | in_place:
            likeness = _dice(shapes["old", i], shapes["new", j])
            if likeness >= (_LIKE_IN_PLACE if j in in_place else _LIKE):
                scored.append((likeness + (0.1 if j in in_place else 0.0), i, j))
    out: dict[int, int] = {}
    used: set[int] = set()
    for _, i, j in sorted(scored, key=lambda item: (-item[0], abs(item[1] - item[2]), item[1])):
        if i not in out and j not in used:
            out[i] = j
            used.add(j)
    return out


def _near(
    left: Iterable[int], right: Iterable[int], shapes: Mapping[tuple[str, int], frozenset[str]]
) -> dict[int, set[int]]:
    """For each clause left over the new ones that share one of its rarest bigrams."""
    holders: dict[str, list[int]] = defaultdict(list)
    for j in right:
        for bigram in shapes["new", j]:
            holders[bigram].append(j)
    out: dict[int, set[int]] = {}
    for i in left:
        known = sorted(
            (bigram for bigram in shapes["old", i] if bigram in holders), key=lambda b: (len(holders[b]), b)
        )
        telling = [bigram for bigram in known[:_TELLING] if len(holders[bigram]) <= _RARE]
        out[i] = set(_chain(holders, telling))
    return out


def _chain(holders: Mapping[str, list[int]], bigrams: Iterable[str]) -> Iterator[int]:
    for bigram in bigrams:
        yield from holders[bigram]


def _bigrams(words: str) -> frozenset[str]:
    return frozenset(map("".join, pairwise(words))) or frozenset({words})


def _dice(first: frozenset[str], second: frozenset[str]) -> float:
    return 2 * len(first & second) / (len(first) + len(second))
