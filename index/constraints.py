"""What a question insists on, and what a passage holds.

A sentence on the right subject is still a false answer when the question asks for an amount, an
address or a procedure that it doesn't give. The patterns stand in `asked.yml`, apart from any score,
so that they can be read, tested and argued about.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

YEAR = re.compile(r"(?<!\d)(20[0-4]\d)(?!\d)")
NUMBER = re.compile(r"(?<![\d.])\d+(?:\.\d+)?(?![\d.])")


def _patterns(side: str) -> Mapping[str, re.Pattern[str]]:
    table = yaml.safe_load(Path(__file__).with_name("asked.yml").read_text(encoding="utf-8"))
    return {kind: re.compile("|".join(sides[side])) for kind, sides in table.items() if side in sides}


_ASKS, _HOLDS = _patterns("asks"), _patterns("holds")
ASKS = tuple(_ASKS)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a normalised question insists on; `kinds` are of `ASKS`."""

    kinds: frozenset[str]
    years: frozenset[str]
    numbers: frozenset[str]


def asked(question: str) -> Asked:
    """`question` is normalised text."""
    kinds = frozenset(kind for kind, pattern in _ASKS.items() if pattern.search(question))
    years = frozenset(YEAR.findall(question))
    return Asked(kinds, years, frozenset(NUMBER.findall(question)) - years)


def holds(kind: str, passage: str) -> bool:
    """Whether a normalised passage holds anything of the kind asked for; False for kinds that none can."""
    pattern = _HOLDS.get(kind)
    return bool(pattern and pattern.search(passage))
