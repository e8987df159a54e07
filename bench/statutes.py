"""Statute retrieval for lay questions: BM25 over words beside an encoder, in the same run.

`python -m bench.statutes --data DIR`, where DIR holds `statutes_articles.jsonl.xz` and
`statutes_queries.jsonl` (STARD's development questions). Prints `figure value unit` lines.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from bench.report import Report
from index.encoder import BUILTIN, Encoder, load_encoder
from index.evaluation.statutes import measure, read_collection


def milliseconds_a_question(encoder: Encoder, questions: Sequence[str]) -> float:
    times = []
    for question in questions:
        started = time.perf_counter()
        encoder.encode([question])
        times.append(time.perf_counter() - started)
    return float(np.median(times)) * 1000


def main(arguments: Sequence[str] | None = None) -> None:
    report = Report(__doc__)
    report.parser.add_argument("--data", type=Path, required=True, help="folder of the two statutes_* files")
    report.parser.add_argument("--encoder", default=BUILTIN, help="builtin, a folder or a model's name")
    options = report.parser.parse_args(arguments)
    collection, encoder = read_collection(options.data), load_encoder(options.encoder)
    for name, value in measure(collection, encoder).items():
        report.figure(name, value, "ratio")
    questions = collection.questions
    report.figure("statutes.encoder.question_p50", milliseconds_a_question(encoder, questions), "ms")
    report.figure("statutes.questions", len(questions), "count")
    report.figure("statutes.articles", len(collection.articles), "count")
    report.close(options.json)


if __name__ == "__main__":
    main()
