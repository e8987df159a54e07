"""Lexical search: BM25 over words, characters and character bigrams (bm25s).

Scores are returned as a share of the most that the query could score (the sum of its tokens'
inverse document frequencies), so that they mean the same for a long and a short question. Tokens
the index has never seen count in that sum: a question full of unknown words is never a sure match.

An index keeps each text's tokens as numbers beside the scores, so that the next one is built from them:
cutting a text into tokens takes a hundred times longer than counting them.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import bm25s
import numpy as np

from index.runs import places
from index.text import lexical_tokens

logging.getLogger("bm25s").setLevel(logging.WARNING)

K1, B = 1.5, 0.75
_TOKENS, _LENGTHS = "tokens.npy", "lengths.npy"


@dataclass(frozen=True, slots=True)
class Tokens:
    """The tokens of all texts, end to end, as numbers of the vocabulary; text i has `lengths[i]` of them."""

    numbers: np.ndarray
    lengths: np.ndarray

    def of(self, rows: Sequence[int]) -> np.ndarray:
        """The tokens of some texts, end to end."""
        starts = (np.cumsum(self.lengths) - self.lengths)[rows]
        taken: np.ndarray = self.numbers[places(starts, self.lengths[rows])]
        return taken


class LexicalIndex:
    """BM25 (Lucene's variant, k1 1.5, b 0.75) over a fixed sequence of texts."""

    def __init__(self, engine: bm25s.BM25 | None, size: int, tokens: Tokens | None = None) -> None:
        """`tokens` are those of the texts, None where nobody kept them."""
        self._engine = engine
        self._tokens = tokens
        self.size = size
        if engine is not None:
            frequency = np.diff(engine.scores["indptr"]).astype(np.float64)
            self._idf = np.log1p((size - frequency + 0.5) / (frequency + 0.5))
            self._starts: list[int] = engine.scores["indptr"].tolist()
        # The weight of a token that no text has.
        self.unseen = float(np.log1p((size + 0.5) / 0.5)) if size else 1.0

    @classmethod
    def build(
        cls,
        texts: Sequence[str],
        earlier: LexicalIndex | None = None,
        row_of: Mapping[str, int] | None = None,
    ) -> LexicalIndex:
        """`earlier` is an index of other texts and `row_of` says which of its rows holds which text: those
        are not cut again. The result is the same with and without."""
        vocabulary, tokens = _tokens(texts, earlier, row_of or {})
        if not len(tokens.numbers):
            return cls(None, len(texts))
        return cls(_engine(vocabulary, tokens), len(texts), tokens)

    @property
    def vocabulary(self) -> Mapping[str, int]:
        return self._engine.vocab_dict if self._engine is not None else {}

    @property
    def tokens(self) -> Tokens | None:
        return self._tokens

    def save(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        (folder / "size").write_text(str(self.size))
        if self._engine is not None:
            self._engine.save(folder / "bm25", show_progress=False)
        if self._tokens is not None:
            np.save(folder / _TOKENS, self._tokens.numbers)
            np.save(folder / _LENGTHS, self._tokens.lengths)

    @classmethod
    def load(cls, folder: Path) -> LexicalIndex:
        size = int((folder / "size").read_text())
        stored = folder / "bm25"
        engine = bm25s.BM25.load(stored, show_progress=False) if stored.exists() else None
        kept = (folder / _TOKENS).exists()
        tokens = Tokens(np.load(folder / _TOKENS), np.load(folder / _LENGTHS)) if kept else None
        return cls(engine, size, tokens)

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
        # bm25s' own `get_scores_from_ids`, which takes as long again to check and to look things up.
        score = np.zeros(self.size, dtype=np.float32)
        rows, gains = self._engine.scores["indices"], self._engine.scores["data"]
        for number in known:
            postings = slice(self._starts[number], self._starts[number + 1])
            np.add.at(score, rows[postings], gains[postings])
        return score, most

    def idf(self, token: str) -> float:
        """How telling a token is; one never seen is the most telling."""
        if self._engine is None:
            return self.unseen
        number = self._engine.vocab_dict.get(token)
        return self.unseen if number is None else float(self._idf[number])


def _tokens(
    texts: Sequence[str], earlier: LexicalIndex | None, row_of: Mapping[str, int]
) -> tuple[dict[str, int], Tokens]:
    """The vocabulary, numbered from 0 without a gap, and the tokens of `texts`."""
    stored = earlier.tokens if earlier is not None else None
    number_of = dict(earlier.vocabulary) if earlier is not None and stored is not None else {}
    rows = [row_of.get(text, -1) if stored is not None else -1 for text in texts]
    fresh = [
        [number_of.setdefault(token, len(number_of)) for token in lexical_tokens(text)]
        for text, row in zip(texts, rows, strict=True)
        if row < 0
    ]
    known = np.asarray([row for row in rows if row >= 0], dtype=np.int64)
    lengths = np.empty(len(texts), dtype=np.int32)
    is_known = np.asarray(rows, dtype=np.int64) >= 0
    lengths[~is_known] = [len(run) for run in fresh]
    if stored is not None and len(known):
        lengths[is_known] = stored.lengths[known]
    numbers = np.empty(int(lengths.sum()), dtype=np.int32)
    whose = np.repeat(is_known, lengths)
    if stored is not None and len(known):
        numbers[whose] = stored.of(known)  # type: ignore[arg-type]
    numbers[~whose] = [number for run in fresh for number in run]
    used, places = np.unique(numbers, return_inverse=True)
    words = list(number_of)
    vocabulary = {words[number]: place for place, number in enumerate(used.tolist())}
    return vocabulary, Tokens(places.astype(np.int32), lengths)


def _engine(vocabulary: dict[str, int], tokens: Tokens) -> bm25s.BM25:
    """bm25s' own index of these tokens, counted at once instead of text by text."""
    size = len(tokens.lengths)
    texts = np.repeat(np.arange(size, dtype=np.int64), tokens.lengths)
    pairs, counts = np.unique(tokens.numbers.astype(np.int64) * size + texts, return_counts=True)
    columns, rows = np.divmod(pairs, size)
    frequency = np.bincount(columns, minlength=len(vocabulary))
    idf = np.log(1 + (size - frequency + 0.5) / (frequency + 0.5))
    length = tokens.lengths / tokens.lengths.mean()
    share = counts / (K1 * (1 - B + B * length[rows]) + counts)
    engine = bm25s.BM25(method="lucene", k1=K1, b=B)
    engine.nonoccurrence_array = None
    engine.scores = {
        "data": (idf[columns] * share).astype(np.float32),
        "indices": rows.astype(np.int32),
        "indptr": np.concatenate([[0], np.cumsum(frequency)]).astype(np.int64),
        "num_docs": size,
    }
    engine.vocab_dict = vocabulary
    engine.unique_token_ids_set = set(vocabulary.values())
    return engine
