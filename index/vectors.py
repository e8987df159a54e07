"""Vector search: exact inner products over L2-normalised embeddings (FAISS, IndexFlatIP)."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import faiss
import numpy as np
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

# One question against thousands of rows is too little work to share: with more threads each search waits
# for all of them (13 ms instead of 0.2 ms on two busy cores). The same holds for numpy's matrix products.
faiss.omp_set_num_threads(1)
threadpool_limits(limits=1, user_api="blas")


class VectorIndex:
    """Cosine similarity against a fixed matrix; exact, so results never depend on a tuning."""

    def __init__(self, index: faiss.IndexFlatIP) -> None:
        self._index = index
        self.size: int = index.ntotal
        # A view of the index's own memory: reading a few rows through FAISS costs more than comparing them.
        self._stored = faiss.rev_swig_ptr(index.get_xb(), index.ntotal * index.d).reshape(-1, index.d)

    @classmethod
    def build(cls, vectors: np.ndarray) -> VectorIndex:
        """`vectors`: shape (n, dimension), float32, each row of length 1."""
        index = faiss.IndexFlatIP(vectors.shape[1])
        index.add(np.ascontiguousarray(vectors, dtype=np.float32))
        return cls(index)

    def extended(self, vectors: np.ndarray) -> VectorIndex:
        """Another index with further rows behind these; this one stays as it is."""
        return VectorIndex.build(np.concatenate([self._stored, vectors])) if len(vectors) else self

    def save(self, path: Path) -> None:
        faiss.write_index(self._index, str(path))

    @classmethod
    def load(cls, path: Path) -> VectorIndex:
        return cls(cast(faiss.IndexFlatIP, faiss.read_index(str(path))))

    def nearest(self, vectors: np.ndarray, count: int) -> np.ndarray:
        """The rows nearest to any of the query `vectors` (shape (q, dimension)), each once."""
        if self.size == 0:
            return np.zeros(0, dtype=np.int64)
        queries = np.ascontiguousarray(vectors, dtype=np.float32)
        _, rows = self._index.search(queries, min(count, self.size))
        return np.unique(rows[rows >= 0])

    def highest(self, vector: np.ndarray, count: int) -> np.ndarray:
        """The `count` highest cosines of any row with `vector`, shape (dimension,)."""
        if self.size == 0:
            return np.zeros(0, dtype=np.float32)
        best: np.ndarray = self._index.search(vector[None, :], min(count, self.size))[0][0]
        return best

    def cosines(self, vectors: np.ndarray, rows: np.ndarray) -> np.ndarray:
        """Shape (len(rows),): the best cosine of each stored row against any of `vectors`."""
        if len(rows) == 0:
            return np.zeros(0, dtype=np.float32)
        best: np.ndarray = (self.rows(rows) @ vectors.T).max(axis=1)
        return best

    def rows(self, rows: np.ndarray) -> np.ndarray:
        """The stored vectors of `rows`."""
        stored: np.ndarray = self._stored[rows]
        return stored
