"""A question made ready for search: everything that is read off it once, whatever is held against it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from index.constraints import Asked
from index.coverage import Gaps, Meant
from index.expansion import Widened


@dataclass(frozen=True, slots=True)
class Question:
    """`terms` are its telling bigrams with their inverse document frequency, and `gaps` tells which of them
    texts lack; `vectors` (q, dimension) are those of its readings, None without an encoder; `meant` those of
    its words; `pieces` what it is made of."""

    text: str
    asked: Asked
    widened: Widened
    terms: tuple[tuple[str, float], ...]
    gaps: Gaps
    vectors: np.ndarray | None
    meant: Meant | None
    pieces: frozenset[str]

    def covered_by(self, text: str) -> float:
        """Share of the question's telling bigrams that `text` has, itself or by a lexicon's word."""
        return float(self.gaps.of([text])[0][0])
