"""Questions as vectors: by the installation's encoder, or by their words where none is loaded.

Vectors are kept in memory only: a question is encoded once. It must not know where questions come from.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import HashingVectorizer

from index.terms import telling_terms, without_function_words
from index.text import normalise

KEPT = 40_000
WORDS_ALIKE = 0.45
"""Mean cosine from which clusters are one where only words are compared: on the held-out questions of the
tests B-cubed precision is 0.87 there, and falls to 0.77 at 0.35."""
_BUCKETS = 512

Floats = NDArray[np.float32]


class Encodes(Protocol):
    @property
    def fingerprint(self) -> str: ...

    def encode(self, texts: Sequence[str]) -> Floats: ...


class Meaning:
    """`encoder` gives what is loaded at the moment, None for nothing."""

    def __init__(self, encoder: Callable[[], Encodes | None]) -> None:
        self._encoder = encoder
        self._known: OrderedDict[tuple[str, str], Floats] = OrderedDict()
        self._lock = threading.Lock()

    def vectors(self, texts: Sequence[str]) -> tuple[Floats, bool]:
        """One row a text, of length 1 or 0; and whether they are by meaning, or by words alone."""
        encoder = self._encoder()
        name = encoder.fingerprint if encoder is not None else "words"
        with self._lock:
            new = [text for text in dict.fromkeys(texts) if (name, text) not in self._known]
            if new:
                found = by_words(new) if encoder is None else encoder.encode(new)
                self._known.update(((name, text), row) for text, row in zip(new, found, strict=True))
            rows = [self._known[name, text] for text in texts]
            for text in texts:
                self._known.move_to_end((name, text))
            while len(self._known) > max(KEPT, len(texts)):
                self._known.popitem(last=False)
        empty = np.zeros((0, 1), dtype=np.float32)
        return (np.stack(rows) if rows else empty), encoder is not None


def by_words(texts: Sequence[str]) -> Floats:
    """Bigrams of the telling words and their characters, hashed: the same for the same text at all times."""
    counted = HashingVectorizer(
        n_features=_BUCKETS, analyzer=_terms, norm="l2", alternate_sign=True, dtype=np.float32
    )
    rows: Floats = counted.transform(texts).toarray()
    return rows


def _terms(text: str) -> list[str]:
    normal = normalise(text)
    runs = without_function_words(normal).split()
    return [*telling_terms(normal), *(character for run in runs for character in run)]
