"""One finding: two texts side by side that do not go together, or one that lost its ground."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any, Literal, get_args

FindingKind = Literal["contradiction", "newer", "gone", "ended", "duplicate"]
KINDS: tuple[FindingKind, ...] = get_args(FindingKind)
"""In the order in which they weigh."""


@dataclass(frozen=True, slots=True)
class Side:
    """A text of a finding. `kind` and `id` say where to open it, `title` how people call it; `marked` are
    the words of `text` that it is about."""

    kind: Literal["entry", "clause", "programme"]
    id: str
    title: str
    text: str
    marked: tuple[str, ...] = ()


@dataclass(frozen=True)
class Finding:
    """`said` is one sentence for editors. There is no `second` where a text is simply gone."""

    kind: FindingKind
    first: Side
    second: Side | None
    said: str

    @cached_property
    def key(self) -> str:
        """Names the finding as long as both texts stay as they are: a text that changes makes it a new one,
        so that nothing stays set aside for a reason that no longer holds."""
        sides = [asdict(side) if side else None for side in (self.first, self.second)]
        text = json.dumps([self.kind, sides], ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:32]

    @property
    def subjects(self) -> tuple[str, ...]:
        """The ids that it concerns."""
        return tuple(side.id for side in (self.first, self.second) if side)


def to_json(findings: Iterable[Finding]) -> str:
    plain = [
        {
            "kind": finding.kind,
            "first": asdict(finding.first),
            "second": asdict(finding.second) if finding.second else None,
            "said": finding.said,
        }
        for finding in findings
    ]
    return json.dumps(plain, ensure_ascii=False)


def from_json(text: str) -> tuple[Finding, ...]:
    """Raises ValueError, KeyError or TypeError for anything that `to_json` did not write."""
    return tuple(
        Finding(
            item["kind"],
            _side(item["first"]),
            _side(item["second"]) if item["second"] else None,
            item["said"],
        )
        for item in json.loads(text)
    )


def _side(raw: Mapping[str, Any]) -> Side:
    return Side(**{**raw, "marked": tuple(raw["marked"])})
