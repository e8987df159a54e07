"""Vector search: exact inner products over L2-normalised embeddings (FAISS, IndexFlatIP)."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import faiss
import numpy as np
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from index.shortlist import Shortlist

# One question against thousands of rows is too little work to share: with more threads each search waits
# for all of them (13 ms instead of 0.2 ms on two busy cores). The same holds for numpy's matrix products.
faiss.omp_set_num_threads(1)
threadpool_limits(limits=1, user_api="blas")

_FEW = 2000
"""So many rows FAISS looks through as soon as through any shortlist of them."""
NO_ROWS = np.zeros(0, dtype=np.int64)
_WIDER, _LEAST = 4, 100
"""A shortlist has `_WIDER` times the rows that are wanted, and at least `_LEAST`: of the product's own 752
questions none then needs to look through all 21,294 wordings, with half as many 1 in 100 does."""


class VectorIndex:
    """Cosine similarity against a fixed matrix; exact, so results never depend on a tuning."""

    def __init__(self, index: faiss.IndexFlatIP, shortlist: Shortlist | None = None) -> None:
        """`shortlist` is over the first rows of `index`, where somebody has made it already."""
        self._index = index
        self.size: int = index.ntotal
        # A view of the index's own memory: reading a few rows through FAISS costs more than comparing them.
        self._stored = faiss.rev_swig_ptr(index.get_xb(), index.ntotal * index.d).reshape(-1, index.d)
        if shortlist is None and self.size > _FEW and self._stored.any():
            shortlist = Shortlist(self._stored)
        self._shortlist = shortlist
        self._unlisted = np.arange(shortlist.size if shortlist else 0, self.size)

    @classmethod
    def build(cls, vectors: np.ndarray, shortlist: Shortlist | None = None) -> VectorIndex:
        """`vectors`: shape (n, dimension), float32, each row of length 1."""
        index = faiss.IndexFlatIP(vectors.shape[1])
        index.add(np.ascontiguousarray(vectors, dtype=np.float32))
        return cls(index, shortlist)

    def extended(self, vectors: np.ndarray) -> VectorIndex:
        """Another index with further rows behind these; this one stays as it is."""
        if not len(vectors):
            return self
        return VectorIndex.build(np.concatenate([self._stored, vectors]), self._shortlist)

    def save(self, path: Path) -> None:
        faiss.write_index(self._index, str(path))

    @classmethod
    def load(cls, path: Path) -> VectorIndex:
        return cls(cast(faiss.IndexFlatIP, faiss.read_index(str(path))))

    def nearest(self, vectors: np.ndarray, count: int) -> np.ndarray:
        """The rows nearest to any of the query `vectors` (shape (q, dimension)), each once."""
        if self.size == 0:
            return NO_ROWS
        return np.unique(np.concatenate([self._search(vector, count)[0] for vector in vectors]))

    def highest(self, vector: np.ndarray, count: int) -> np.ndarray:
        """The `count` highest cosines of any row with `vector`, shape (dimension,)."""
        return self._search(vector, count)[1] if self.size else np.zeros(0, dtype=np.float32)

    def _search(self, query: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
        """The `count` nearest rows and their cosines, best first."""
        wide = max(_WIDER * count, _LEAST)
        if self._shortlist is not None and wide < self._shortlist.size and query.any():
            likely, beyond = self._shortlist.of(query, wide)
            rows = np.concatenate([likely, self._unlisted])
            cosines = self._stored[rows] @ query
            best = np.argsort(-cosines, kind="stable")[:count]
            if cosines[best[-1]] > beyond:
                return rows[best], cosines[best]
        found, rows = self._index.search(query[None, :], min(count, self.size))
        return rows[0], found[0]

    def cosines(self, vectors: np.ndarray, rows: np.ndarray) -> np.ndarray:
        """Shape (len(rows),): the best cosine of each stored row against any of `vectors`."""
        if len(rows) == 0:
            return np.zeros(0, dtype=np.float32)
        queries = np.ascontiguousarray(vectors, dtype=np.float32)
        asked = np.tile(rows.astype(np.int64, copy=False), (len(queries), 1))
        found = np.empty(asked.shape, dtype=np.float32)
        self._index.compute_distance_subset(  # type: ignore[attr-defined]
            len(queries), faiss.swig_ptr(queries), len(rows), faiss.swig_ptr(found), faiss.swig_ptr(asked)
        )
        best: np.ndarray = found.max(axis=0)
        return best

    def rows(self, rows: np.ndarray) -> np.ndarray:
        """The stored vectors of `rows`."""
        stored: np.ndarray = self._stored[rows]
        return stored
