"""Lexical search: BM25 over words, characters and character bigrams (bm25s).

Scores are returned as a share of the most that the query could score (the sum of its tokens'
inverse document frequencies), so that they mean the same for a long and a short question. Tokens
the index has never seen count in that sum: a question full of unknown words is never a sure match.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path

import bm25s
import numpy as np

from index.text import lexical_tokens

logging.getLogger("bm25s").setLevel(logging.WARNING)


class LexicalIndex:
    """BM25 (Lucene's variant, k1 1.5, b 0.75) over a fixed sequence of texts."""

    def __init__(self, engine: bm25s.BM25 | None, size: int) -> None:
        self._engine = engine
        self.size = size
        if engine is not None:
            frequency = np.diff(engine.scores["indptr"]).astype(np.float64)
            self._idf = np.log1p((size - frequency + 0.5) / (frequency + 0.5))
        # The weight of a token that no text has.
        self.unseen = float(np.log1p((size + 0.5) / 0.5)) if size else 1.0

    @classmethod
    def build(cls, texts: Sequence[str]) -> LexicalIndex:
        tokens = [lexical_tokens(text) for text in texts]
        if not any(tokens):
            return cls(None, len(texts))
        engine = bm25s.BM25(method="lucene", k1=1.5, b=0.75)
        engine.index(tokens, show_progress=False)
        return cls(engine, len(texts))

    def save(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        (folder / "size").write_text(str(self.size))
        if self._engine is not None:
            self._engine.save(folder / "bm25", show_progress=False)

    @classmethod
    def load(cls, folder: Path) -> LexicalIndex:
        size = int((folder / "size").read_text())
        stored = folder / "bm25"
        engine = bm25s.BM25.load(stored, show_progress=False) if stored.exists() else None
        return cls(engine, size)

    def scores(self, tokens: Sequence[str]) -> np.ndarray:
        """Shape (size,), float32 in [0, 1]: each text's share of what `tokens` could score."""
        return self.scores_and_widened(tokens, ())[0]

    def scores_and_widened(self, tokens: Sequence[str], more: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
        """The scores of `tokens`, and of `tokens` and `more` together: the same array without `more`."""
        score, most = self._sum(tokens)
        own = score / np.float32(most)
        if not more:
            return own, own
        further, possible = self._sum(more)
        return own, (score + further) / np.float32(most + possible)

    def _sum(self, tokens: Sequence[str]) -> tuple[np.ndarray, float]:
        """What each text scores, and the most that one could; 1 where nothing can be scored."""
        vocabulary = self._engine.vocab_dict if self._engine else {}
        known = [vocabulary[token] for token in tokens if token in vocabulary]
        if self._engine is None or not known:
            return np.zeros(self.size, dtype=np.float32), self.unseen * len(tokens) or 1.0
        most = float(self._idf[known].sum()) + self.unseen * (len(tokens) - len(known))
        return np.asarray(self._engine.get_scores_from_ids(known), dtype=np.float32), most

    def idf(self, token: str) -> float:
        """How telling a token is; one never seen is the most telling."""
        if self._engine is None:
            return self.unseen
        number = self._engine.vocab_dict.get(token)
        return self.unseen if number is None else float(self._idf[number])
