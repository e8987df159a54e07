"""Which rows may be nearest to a query, told from vectors rounded to 8 bits a number (FAISS).

Whole numbers are compared three times as fast as floating ones, and how far rounding may be off is known:
a shortlist says itself how near anything outside of it could be. Who asks compares its rows exactly, and
then either has the nearest for sure or looks through all.
"""

from __future__ import annotations

import faiss
import numpy as np

_LARGEST = 127
_FLOATING = 1e-5
"""More than the rounding of any sum of 32-bit floating numbers here."""


class Shortlist:
    """Over a fixed matrix of rows of length 1 or 0, at least one of them not 0."""

    def __init__(self, vectors: np.ndarray) -> None:
        """`vectors`: shape (n, dimension), float32."""
        self.size = len(vectors)
        self._scale = _scale(vectors)
        rounded = np.rint(vectors * self._scale)
        self._index = faiss.IndexScalarQuantizer(
            vectors.shape[1], faiss.ScalarQuantizer.QT_8bit_direct_signed, faiss.METRIC_INNER_PRODUCT
        )
        self._index.add(rounded)
        rounded /= self._scale
        rounded -= vectors
        self._off = float(np.sqrt(np.einsum("ij,ij->i", rounded, rounded).max()))

    def of(self, query: np.ndarray, count: int) -> tuple[np.ndarray, float]:
        """The `count` likeliest rows, and a cosine that no other row exceeds. `query`: shape (dimension,), of
        length 1."""
        scale = _scale(query)
        rounded = np.rint(query * scale)
        rough, rows = self._index.search(rounded[None, :], count)
        off = float(np.linalg.norm(rounded / scale - query))
        # |q·x - q'·x'| <= |q - q'| |x| + |q'| |x - x'|, with |x| = 1 and |q'| <= 1 + |q - q'|.
        slack = off + (1 + off) * self._off + _FLOATING
        return rows[0], float(rough[0, -1] / (scale * self._scale)) + slack


def _scale(vectors: np.ndarray) -> float:
    return _LARGEST / float(np.abs(vectors).max())
