"""Statute retrieval for lay questions: what is found, and what a whole search over the statutes takes.

`python -m bench.statutes --data DIR`, where DIR holds `statutes_articles.jsonl.xz` and
`statutes_queries.jsonl` (STARD's development questions). Prints `figure value unit` lines: `statutes.bm25`
(plain, over words), `statutes.encoder` and `statutes.ranking` (both as search's first stage adds them) rank
the articles alone; `statutes.search` is the assistant's own search over a snapshot of them all
(`bench.statutes_search`). `--only-ranking` leaves the latter out.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import bm25s
import numpy as np

from bench.report import Report
from bench.statutes_search import Figures
from index.encoder import BUILTIN, Encoder, load_encoder
from index.evaluation.statutes import Collection, measure, read_collection
from index.text import words


def milliseconds_a_question(ask: Callable[[str], object], questions: Sequence[str]) -> float:
    times = []
    for question in questions:
        started = time.perf_counter()
        ask(question)
        times.append(time.perf_counter() - started)
    return float(np.median(times)) * 1000


def plain_search(collection: Collection) -> Callable[[str], object]:
    """BM25 over jieba's words, the best article of all: what a search costs without anything of ours."""
    index = bm25s.BM25()
    index.index([words(article) for article in collection.articles], show_progress=False)
    return lambda question: index.get_scores(words(question) or ["-"]).argmax()


def whole_search(data: Path, encoder: str) -> Figures:
    """`bench.statutes_search`, building and asking in a process each."""
    figures: Figures = {}
    with tempfile.TemporaryDirectory() as folder:
        for step in ("build", "ask"):
            command = [sys.executable, "-m", "bench.statutes_search", step, folder]
            ran = subprocess.run(
                [*command, "--data", str(data), "--encoder", encoder], stdout=subprocess.PIPE, check=True
            )
            figures |= json.loads(ran.stdout)
    return figures


def main(arguments: Sequence[str] | None = None) -> None:
    report = Report(__doc__)
    report.parser.add_argument("--data", type=Path, required=True, help="folder of the two statutes_* files")
    report.parser.add_argument("--encoder", default=BUILTIN, help="builtin, a folder or a model's name")
    report.parser.add_argument("--only-ranking", action="store_true", help="leave whole searches out")
    options = report.parser.parse_args(arguments)
    collection, encoder = read_collection(options.data), load_encoder(options.encoder)
    for name, value in measure(collection, encoder).items():
        report.figure(name, value, "ratio")
    _tell_speed(report, collection, encoder)
    if not options.only_ranking:
        for name, (value, unit) in whole_search(options.data, options.encoder).items():
            report.figure(f"statutes.search.{name}", value, unit)
    report.close(options.json)


def _tell_speed(report: Report, collection: Collection, encoder: Encoder) -> None:
    questions = collection.questions
    encode = milliseconds_a_question(lambda question: encoder.encode([question]), questions)
    report.figure("statutes.encoder.question_p50", encode, "ms")
    plain = milliseconds_a_question(plain_search(collection), questions)
    report.figure("statutes.bm25.question_p50", plain, "ms")
    report.figure("statutes.questions", len(questions), "count")
    report.figure("statutes.articles", len(collection.articles), "count")


if __name__ == "__main__":
    main()
