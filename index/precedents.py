"""Questions known to have no answer in the texts: what a new question is held against.

An approved question shows what can be answered, one of these what cannot. Which of the two kinds a question
stands nearer to tells more of it than any word: 家电补贴到账几天 is near others about one person's money, and
far from every approved one. Vectors are an encoder's own, kept beside the weights calibrated on them.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from index.encoder import Encoder
from index.errors import IndexFault
from index.text import normalise
from index.vectors import VectorIndex

NEAREST = 3
"""Of each kind, as many nearest questions are looked at: 1 to 10 differ by 0.01 of what is answered."""


def precedent(approved: np.ndarray, unanswered: np.ndarray) -> float:
    """How much nearer the nearest approved questions are than the nearest without an answer: the difference
    of their mean cosines, 0 where there are none of a kind."""
    if len(approved) == 0 or len(unanswered) == 0:
        return 0.0
    return float(np.sort(approved)[-NEAREST:].mean() - np.sort(unanswered)[-NEAREST:].mean())


def vectors_file(weights: Path) -> Path:
    """Where the vectors stand that belong to a file of ranking weights."""
    return weights.with_suffix(".unanswered.npy")


def vectors_of(questions: Sequence[str], encoder: Encoder) -> VectorIndex:
    return VectorIndex.build(encoder.encode([normalise(question) for question in questions]))


def save_vectors(vectors: VectorIndex, path: Path) -> None:
    """In half precision: a cosine changes by less than 0.001."""
    np.save(path, vectors.rows(np.arange(vectors.size)).astype(np.float16))


def load_vectors(path: Path, encoder: Encoder) -> VectorIndex | None:
    """None where no such questions are known. Raises IndexFault for a file that is not this encoder's."""
    if not path.is_file():
        return None
    try:
        vectors = np.load(path, allow_pickle=False)
    except (OSError, ValueError) as error:
        raise IndexFault(f"{path} cannot be read ({error}); run `python -m index.train decision`") from error
    if vectors.ndim != 2 or vectors.shape[1] != encoder.dimension:
        raise IndexFault(f"{path} has shape {vectors.shape}, not {encoder.dimension} columns; train it again")
    return VectorIndex.build(vectors.astype(np.float32))
