"""What a message rests on: the port that asks whether a clause or programme still holds."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import Protocol


class Grounds(Protocol):
    """The app answers from what is published."""

    def problems(self, clause_ids: Collection[str], on: date) -> Mapping[str, str]:
        """Those that are not published, or not in force `on` that day, each with the reason in Chinese."""


class AllHold:
    """For benchmarks and tests: every clause holds."""

    def problems(self, clause_ids: Collection[str], on: date) -> Mapping[str, str]:
        return {}
