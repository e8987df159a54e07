"""One search with encoding, seed knowledge, beside plain BM25 over the same sentences (bm25s and jieba).

python -m bench.search [--json FILE]
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

import bm25s
import numpy as np

from bench.report import Report
from index.encoder import BUILTIN
from index.evaluation.cases import question_sets
from index.ingredients import gather_ingredients
from index.snapshot import assemble
from index.text import Segmenter, normalise
from knowledge.content_loader import load_shipped


def timed(ask: Callable[[str], object], questions: Sequence[str]) -> list[float]:
    seconds = []
    for question in questions:
        started = time.perf_counter()
        ask(question)
        seconds.append(time.perf_counter() - started)
    return seconds


def main() -> None:
    report = Report(__doc__)
    options = report.parser.parse_args()
    knowledge, today = load_shipped(), date.today()
    ingredients, _ = gather_ingredients(
        BUILTIN,
        trust_remote_code=False,
        knowledge=knowledge,
        data_dir=Path("var"),
        today=today,
        progress=print,
    )
    started = time.perf_counter()
    searcher = assemble(knowledge, ingredients)
    report.figure("build", time.perf_counter() - started, "s")
    questions = [case.question for _, cases in question_sets(None) for case in cases]
    plain, segmenter = bm25s.BM25(method="lucene"), Segmenter()  # its own: one remembers what it has cut
    sentences = searcher.evidence.passages.sentences.texts
    plain.index([segmenter.words(normalise(text)) or ["-"] for text in sentences], show_progress=False)

    def ask_plain(question: str) -> int:
        found = segmenter.words(normalise(question))
        return int(np.argmax(plain.get_scores(found))) if found else -1

    for ask in (lambda q: searcher.search(q, as_of=today), ask_plain):
        timed(ask, questions[:20])  # warm
    report.figure("questions", len(questions), "count")
    report.latencies("search", timed(lambda q: searcher.search(q, as_of=today), questions))
    report.latencies("bm25", timed(ask_plain, questions))
    report.close(options.json)


if __name__ == "__main__":
    main()
