"""From wordings to groups. What staff decided on stays together: only the rest is grouped anew.

A wording that was in a group when it was decided on bears that group's mark, and stays in it whatever else is
asked. The other wordings are clustered by meaning; a cluster joins the decided group that it is nearest to,
by the measure and threshold that made it a cluster, else it is a group of its own. Such a group is named by
its oldest wording, so that it keeps its name while it grows. The same wordings always give the same groups.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from api.insights.clustering import clusters
from api.insights.missed import Wording
from api.insights.model import Decision, Group

Floats = NDArray[np.float32]


def grouped(
    wordings: Sequence[Wording],
    vectors: Floats,
    *,
    threshold: float,
    marks: Mapping[str, str],
    decisions: Mapping[str, Decision],
    this_week: datetime,
    week_before: datetime,
) -> list[Group]:
    """The groups, the most missed this week first, then the most missed at all.

    `wordings` come the oldest first, `vectors` row by row with them. `marks` gives the decided group of a
    wording's key; `this_week` and `week_before` are when these begin.
    """
    decided: dict[str, list[int]] = defaultdict(list)
    free: list[int] = []
    for row, wording in enumerate(wordings):
        group = marks.get(wording.key, "")
        if group in decisions:
            decided[group].append(row)
        else:
            free.append(row)
    members = {name: np.asarray(rows) for name, rows in decided.items()}
    names = sorted(members)
    anchors = np.stack([vectors[members[name]].mean(axis=0) for name in names]) if names else None
    label = clusters(vectors[free], threshold) if free else np.zeros(0, dtype=np.int64)
    for rows in _rows_of(np.asarray(free, dtype=np.int64), label):
        near = None if anchors is None else _nearest(vectors[rows].mean(axis=0), anchors, threshold)
        name = _named(wordings, rows, decisions) if near is None else names[near]
        members[name] = np.concatenate([members[name], rows]) if name in members else rows
    groups = [
        _group(
            name,
            [wordings[row] for row in rows],
            vectors[rows],
            decisions.get(name),
            this_week=this_week,
            week_before=week_before,
        )
        for name, rows in members.items()
    ]
    return sorted(groups, key=lambda group: (-group.this_week, -group.count, group.id))


def _rows_of(free: NDArray[np.int64], label: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    order = np.argsort(label, kind="stable")
    return np.split(free[order], np.flatnonzero(np.diff(label[order])) + 1) if len(free) else []


def _nearest(mean: Floats, anchors: Floats, threshold: float) -> int | None:
    cosines = anchors @ mean
    best = int(cosines.argmax())
    return best if cosines[best] >= threshold else None


def _named(wordings: Sequence[Wording], rows: NDArray[np.int64], decisions: Mapping[str, Decision]) -> str:
    """The first key that names no decided group: a decision outlives its wordings."""
    keys = [wordings[row].key for row in sorted(rows)]
    return next((key for key in keys if key not in decisions), f"{keys[0][:-1]}x")


def _group(
    name: str,
    wordings: Sequence[Wording],
    vectors: Floats,
    decision: Decision | None,
    *,
    this_week: datetime,
    week_before: datetime,
) -> Group:
    often = np.asarray([len(wording.misses) for wording in wordings], dtype=np.float32)
    middle = (often[:, None] * vectors).sum(axis=0)
    central = np.round(vectors @ middle / max(float(np.linalg.norm(middle)), 1e-9), 4)
    best = max(range(len(wordings)), key=lambda row: (central[row], often[row], -len(wordings[row].text)))
    ranked = sorted(wordings, key=lambda each: (-len(each.misses), each.first_at, each.key))
    times = [miss.at for wording in wordings for miss in wording.misses]
    return Group(
        id=name,
        question=wordings[best].text,
        wordings=tuple(ranked),
        this_week=sum(at >= this_week for at in times),
        week_before=sum(week_before <= at < this_week for at in times),
        decision=decision,
    )
