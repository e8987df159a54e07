"""Statute retrieval for lay questions: BM25 over words beside an encoder, in the same run.

`python -m bench.statutes --data DIR`, where DIR holds `statutes_articles.jsonl.xz` and
`statutes_queries.jsonl` (STARD's development questions). Prints `figure value unit` lines.
"""

from __future__ import annotations

import json
import lzma
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import bm25s
import faiss
import numpy as np
from numpy.typing import NDArray

from bench.report import Report
from index.encoder import BUILTIN, Encoder, load_encoder
from index.text import words

DEPTH = 100


@dataclass(frozen=True, slots=True)
class Collection:
    """Articles to search, questions to ask, and for each question the places of its articles."""

    articles: list[str]
    questions: list[str]
    relevant: list[set[int]]


def read_collection(folder: Path, split: str = "dev") -> Collection:
    with lzma.open(folder / "statutes_articles.jsonl.xz", "rt", encoding="utf-8") as lines:
        articles = [json.loads(line) for line in lines]
    place = {article["id"]: number for number, article in enumerate(articles)}
    rows = [
        json.loads(line)
        for line in (folder / "statutes_queries.jsonl").read_text(encoding="utf-8").splitlines()
    ]
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
        [words(question) for question in collection.questions], k=DEPTH, show_progress=False
    )
    return np.asarray(found, dtype=np.int64)


def rank_with_encoder(collection: Collection, encoder: Encoder) -> NDArray[np.int64]:
    index = faiss.IndexFlatIP(encoder.dimension)
    index.add(encoder.encode(collection.articles))
    return np.asarray(index.search(encoder.encode(collection.questions), DEPTH)[1], dtype=np.int64)


def milliseconds_a_question(encoder: Encoder, questions: Sequence[str]) -> float:
    times = []
    for question in questions:
        started = time.perf_counter()
        encoder.encode([question])
        times.append(time.perf_counter() - started)
    return float(np.median(times)) * 1000


def measure(folder: Path, encoder: Encoder) -> dict[str, tuple[float, str]]:
    """Every figure with its unit."""
    collection = read_collection(folder)
    systems = {
        "bm25": rank_with_bm25(collection),
        "encoder": rank_with_encoder(collection, encoder),
    }
    measured = {
        f"statutes.{system}.{name}": (value, "ratio")
        for system, ranked in systems.items()
        for name, value in figures(ranked, collection.relevant).items()
    }
    measured["statutes.encoder.question_p50"] = (milliseconds_a_question(encoder, collection.questions), "ms")
    measured["statutes.questions"] = (float(len(collection.questions)), "count")
    measured["statutes.articles"] = (float(len(collection.articles)), "count")
    return measured


def main(arguments: Sequence[str] | None = None) -> None:
    report = Report(__doc__)
    report.parser.add_argument("--data", type=Path, required=True, help="folder of the two statutes_* files")
    report.parser.add_argument("--encoder", default=BUILTIN, help="builtin, a folder or a model's name")
    options = report.parser.parse_args(arguments)
    for name, (value, unit) in measure(options.data, load_encoder(options.encoder)).items():
        report.figure(name, value, unit)
    report.close(options.json)


if __name__ == "__main__":
    main()
