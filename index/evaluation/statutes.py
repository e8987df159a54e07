"""Statute retrieval for lay questions: STARD's development questions against all of its articles.

A folder holds `statutes_articles.jsonl.xz` and `statutes_queries.jsonl`. Says nothing of our own texts: it
shows what the encoder is worth on law that nobody wrote questions for.
"""

from __future__ import annotations

import json
import lzma
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bm25s
import numpy as np
from numpy.typing import NDArray

from index.encoder import Encoder
from index.lexical import LexicalIndex
from index.text import lexical_tokens, words

ARTICLES, QUERIES = "statutes_articles.jsonl.xz", "statutes_queries.jsonl"
DEPTH = 100
LEXICAL_SHARE = 0.3
"""What a question's lexical share weighs beside its cosine in `ranking`: words decide among articles that
the encoder holds near. Chosen on these questions for recall at 100; at 1.0, words drown the encoder."""


@dataclass(frozen=True, slots=True)
class Collection:
    """Articles to search, questions to ask, and for each question the places of its articles."""

    articles: list[str]
    questions: list[str]
    relevant: list[set[int]]


@dataclass(frozen=True, slots=True)
class Article:
    id: int
    name: str
    text: str

    @property
    def whole(self) -> str:
        return f"{self.name}\n{self.text}"


def read_articles(folder: Path) -> list[Article]:
    with lzma.open(folder / ARTICLES, "rt", encoding="utf-8") as lines:
        return [Article(row["id"], row["name"], row["text"]) for row in map(json.loads, lines)]


def read_questions(folder: Path, split: str = "dev") -> list[dict[str, Any]]:
    """Each with its `query` and the ids of its `relevant` articles."""
    rows = [json.loads(line) for line in (folder / QUERIES).read_text(encoding="utf-8").splitlines()]
    return [row for row in rows if row["split"] == split]


def read_collection(folder: Path, split: str = "dev") -> Collection:
    articles, chosen = read_articles(folder), read_questions(folder, split)
    place = {article.id: number for number, article in enumerate(articles)}
    return Collection(
        [article.whole for article in articles],
        [row["query"] for row in chosen],
        [{place[number] for number in row["relevant"]} for row in chosen],
    )


def figures(ranked: NDArray[np.int64], relevant: Sequence[set[int]]) -> dict[str, float]:
    """Recall at 5, 10 and 100 and the mean reciprocal rank within ten, averaged over questions."""
    recall = {
        f"recall_at_{depth}": float(
            np.mean(
                [
                    len(set(row[:depth]) & wanted) / len(wanted)
                    for row, wanted in zip(ranked, relevant, strict=True)
                ]
            )
        )
        for depth in (5, 10, DEPTH)
    }
    ranks = [
        next((1 / (rank + 1) for rank, place in enumerate(row[:10]) if place in wanted), 0.0)
        for row, wanted in zip(ranked, relevant, strict=True)
    ]
    return {**recall, "mrr_at_10": float(np.mean(ranks))}


def rank_with_bm25(collection: Collection) -> NDArray[np.int64]:
    index = bm25s.BM25()
    index.index([words(article) for article in collection.articles], show_progress=False)
    found, _ = index.retrieve(
        [words(question) for question in collection.questions],
        k=min(DEPTH, len(collection.articles)),
        show_progress=False,
    )
    return np.asarray(found, dtype=np.int64)


def cosines(collection: Collection, encoder: Encoder) -> NDArray[np.float32]:
    """Shape (questions, articles)."""
    articles, questions = encoder.encode(collection.articles), encoder.encode(collection.questions)
    return np.asarray(questions @ articles.T, dtype=np.float32)


def rank_together(collection: Collection, cosine: NDArray[np.float32]) -> NDArray[np.int64]:
    """As search's first stage matches a question with a text: its cosine, and the lexical share beside it."""
    index = LexicalIndex.build(collection.articles)
    return np.stack(
        [
            _best(near + LEXICAL_SHARE * index.scores(lexical_tokens(question)))
            for question, near in zip(collection.questions, cosine, strict=True)
        ]
    )


def _best(scores: NDArray[np.float32]) -> NDArray[np.int64]:
    """The places of the highest scores, best first."""
    return np.argsort(-scores, kind="stable")[:DEPTH]


def measure(collection: Collection, encoder: Encoder | None) -> dict[str, float]:
    """`statutes.SYSTEM.FIGURE` of BM25 and, if there is one, the encoder and both together."""
    systems = {"bm25": rank_with_bm25(collection)}
    if encoder:
        cosine = cosines(collection, encoder)
        systems["encoder"] = np.stack([_best(near) for near in cosine])
        systems["ranking"] = rank_together(collection, cosine)
    return {
        f"statutes.{system}.{name}": value
        for system, ranked in systems.items()
        for name, value in figures(ranked, collection.relevant).items()
    }
