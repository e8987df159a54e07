"""What is wrong with something a resident said; the words stand in problems.yml."""

from __future__ import annotations

from dataclasses import dataclass

from actions.wording import load

_LONGEST_SAID = 60


@dataclass(frozen=True, slots=True)
class Problem:
    """`key` names what is wrong, `said` is the part of the message that is meant, "" for all of it."""

    key: str
    said: str = ""

    @property
    def words(self) -> str:
        """One sentence for the resident: what is wrong and what to say instead."""
        said = self.said if len(self.said) <= _LONGEST_SAID else f"{self.said[: _LONGEST_SAID - 1]}…"
        return str(load("eligibility/problems")[self.key]).format(said=said)
