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

import bm25s
import faiss
import numpy as np
from numpy.typing import NDArray

from index.encoder import Encoder
from index.text import words

ARTICLES, QUERIES = "statutes_articles.jsonl.xz", "statutes_queries.jsonl"
DEPTH = 100


@dataclass(frozen=True, slots=True)
class Collection:
    """Articles to search, questions to ask, and for each question the places of its articles."""

    articles: list[str]
    questions: list[str]
    relevant: list[set[int]]


def read_collection(folder: Path, split: str = "dev") -> Collection:
    with lzma.open(folder / ARTICLES, "rt", encoding="utf-8") as lines:
        articles = [json.loads(line) for line in lines]
    place = {article["id"]: number for number, article in enumerate(articles)}
    rows = [json.loads(line) for line in (folder / QUERIES).read_text(encoding="utf-8").splitlines()]
    chosen = [row for row in rows if row["split"] == split]
    return Collection(
        [f"{article['name']}\n{article['text']}" for article in articles],
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


def rank_with_encoder(collection: Collection, encoder: Encoder) -> NDArray[np.int64]:
    index = faiss.IndexFlatIP(encoder.dimension)
    index.add(encoder.encode(collection.articles))
    return np.asarray(
        index.search(encoder.encode(collection.questions), min(DEPTH, len(collection.articles)))[1],
        dtype=np.int64,
    )


def measure(collection: Collection, encoder: Encoder | None) -> dict[str, float]:
    """`statutes.SYSTEM.FIGURE` of BM25 and, if there is one, the encoder."""
    systems = {"bm25": rank_with_bm25(collection)}
    if encoder:
        systems["encoder"] = rank_with_encoder(collection, encoder)
    return {
        f"statutes.{system}.{name}": value
        for system, ranked in systems.items()
        for name, value in figures(ranked, collection.relevant).items()
    }
