"""A decision in words that editors read; the words stand in `explained.yml`. Knows nothing of screens."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from index.explaining import Explained, Veto

_SMALL = 0.05
"""What adds less than this to the log odds moves a probability by about a hundredth at most: not told."""
_DETAILS = 3


@dataclass(frozen=True, slots=True)
class Reason:
    """What spoke for (`adds` above zero) or against an answer, in log odds; `details` are what told most."""

    name: str
    details: tuple[str, ...]
    adds: float


@cache
def _words() -> Mapping[str, Mapping[str, str]]:
    raw = yaml.safe_load(Path(__file__).with_name("explained.yml").read_text(encoding="utf-8"))
    return {str(table): {str(key): str(text) for key, text in lines.items()} for table, lines in raw.items()}


def word(table: str, key: str) -> str:
    """The Chinese name of a `verdict`, `why`, `status`, `kind`, `feature` or `group`. Raises KeyError."""
    return _words()[table][key]


def veto_said(veto: Veto, clause_name: str | None = None) -> str:
    """One sentence; `clause_name` is how the clause of the veto is called."""
    return word("veto", veto.kind).format(
        words="、".join(word("kind", kind) for kind in veto.words),
        clause=clause_name or veto.clause_id,
        status=word("status", veto.status) if veto.status else "",
        value="" if veto.value is None else f"{veto.value:.2f}",
        bar="" if veto.bar is None else f"{veto.bar:.2f}",
    )


def reasons(explained: Explained) -> list[Reason]:
    """What spoke for and against the first candidate, the strongest first. Features that say nearly the same
    are told as one: apart, one of two may count against what both speak for."""
    adds: dict[str, float] = defaultdict(float)
    told: dict[str, list[tuple[float, str]]] = defaultdict(list)
    for weight in explained.weights:
        group = word("group_of", weight.feature)
        adds[group] += weight.adds
        if weight.value:
            told[group].append((abs(weight.adds), f"{word('feature', weight.feature)} {weight.value:.2f}"))
    for group, pieces, total in (
        ("told", explained.told, explained.told_adds),
        ("unmet", explained.unmet, explained.unmet_adds),
        ("base", (), explained.base),
    ):
        adds[group] = total
        told[group] = [(abs(each), piece) for piece, each in pieces]
    found = [
        Reason(word("group", group), _strongest(told[group]), added)
        for group, added in adds.items()
        if abs(added) >= _SMALL
    ]
    return sorted(found, key=lambda reason: -abs(reason.adds))


def _strongest(details: list[tuple[float, str]]) -> tuple[str, ...]:
    return tuple(said for _, said in sorted(details, key=lambda detail: -detail[0])[:_DETAILS])
