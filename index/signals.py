"""One kind of search unit (sentences, or approved questions) under both searches, words and vectors."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from index.lexical import LexicalIndex
from index.vectors import VectorIndex


@dataclass(frozen=True, slots=True)
class Signals:
    """`lexical` and `widened` hold a score for every unit; `found` are the rows that any search brought up,
    and `cosines` theirs with the question."""

    lexical: np.ndarray
    widened: np.ndarray
    found: np.ndarray
    cosines: np.ndarray


@dataclass(frozen=True, slots=True)
class UnitIndex:
    """Both searches over the same units, row by row. Without vectors, words alone are searched."""

    words: LexicalIndex
    vectors: VectorIndex

    def signals(
        self, tokens: list[str], more: list[str], vectors: np.ndarray | None, hidden: np.ndarray, pool: int
    ) -> Signals:
        """`more` are tokens the lexicon adds; `hidden` rows are treated as if they did not exist."""
        lexical, widened = self.words.scores_and_widened(tokens, more)
        lexical[hidden] = widened[hidden] = 0.0
        brought_up = [_top(lexical, pool)]
        if more:
            brought_up.append(_top(widened, pool))
        if vectors is not None:
            nearest = self.vectors.nearest(vectors, pool + len(hidden))
            brought_up.append(nearest[~np.isin(nearest, hidden)] if len(hidden) else nearest)
        found = np.asarray(sorted({row for rows in brought_up for row in rows.tolist()}), dtype=np.int64)
        return Signals(lexical, widened, found, self.cosines(vectors, found))

    def cosines(self, vectors: np.ndarray | None, rows: np.ndarray) -> np.ndarray:
        """Shape (len(rows),): each row's best cosine with the question; zeros without vectors."""
        if vectors is None:
            return np.zeros(len(rows), dtype=np.float32)
        return self.vectors.cosines(vectors, rows)


def _top(scores: np.ndarray, count: int) -> np.ndarray:
    """Rows of the `count` highest scores above zero."""
    rows = np.argpartition(-scores, count)[:count] if len(scores) > count else np.arange(len(scores))
    return rows[scores[rows] > 0]
