"""Whole searches over the statutes, in a process of their own so that its memory is the searcher's alone.

    python -m bench.statutes_search build|ask FOLDER --data DIR [--encoder NAME]

`build` writes a snapshot of one document that holds every article to FOLDER; `ask` opens it, asks every
question twice and prints what that took. Both print one JSON object of `[value, unit]`.

Resident memory is that of the whole process: Python, torch and the other libraries, the encoder with the
rows it has used, the knowledge, both indexes and whatever the questions left in caches.
"""

from __future__ import annotations

import argparse
import gc
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import psutil

from bench.report import percentiles
from index.encoder import BUILTIN
from index.evaluation.statutes import Article, read_articles, read_questions
from index.ingredients import gather_ingredients
from index.snapshot import Ingredients, SnapshotStore
from knowledge.content_loader import load_shipped
from knowledge.model import Clause, Document, Knowledge

DAY = date(2026, 11, 21)
Figures = dict[str, tuple[float, str]]


def statutes_as_knowledge(articles: Sequence[Article], shipped: Knowledge) -> Knowledge:
    """One document with a clause an article, under the shipped lexicon, and nothing else.

    An annex row is the kind of clause that is searched and cited whole: one unit an article.
    """
    document = Document("statutes", "法律条文", None, (), None, "全国")
    clauses = tuple(
        Clause(
            id=f"statutes#{number}",
            document_id="statutes",
            path=str(number),
            kind="annex_row",
            label=article.name,
            text=article.text,
            position=number,
            heading=article.name,
        )
        for number, article in enumerate(articles)
    )
    return replace(shipped, documents=(document,), clauses=clauses, entries=(), programmes=())


def build(store: SnapshotStore, knowledge: Knowledge, ingredients: Ingredients) -> Figures:
    started = time.perf_counter()
    store.publish(store.build(knowledge, ingredients), source=knowledge.fingerprint)
    return {"build_s": (time.perf_counter() - started, "s"), "build_peak_mb": (_peak_mb(), "MB")}


def ask(store: SnapshotStore, questions: Sequence[str], ingredients: Ingredients) -> Figures:
    """The second pass over the questions is timed: the first fills caches, as any hour of use does."""
    pointer = store.pointer()
    assert pointer is not None, "build first"
    started = time.perf_counter()
    searcher = store.open(pointer.snapshot, ingredients)
    figures: Figures = {"open_s": (time.perf_counter() - started, "s")}
    for name in ("first_pass.", ""):
        seconds = []
        for question in questions:
            started = time.perf_counter()
            searcher.search(question, as_of=DAY)
            seconds.append(time.perf_counter() - started)
        figures |= {f"{name}{key}": (value, "ms") for key, value in percentiles(seconds).items()}
    gc.collect()
    resident = psutil.Process().memory_info().rss / 1e6
    return {**figures, "rss_mb": (resident, "MB"), "open_peak_mb": (_peak_mb(), "MB")}


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _peak_mb() -> float:
    """The most that this process has held. Not `ru_maxrss`: a child starts with its parent's."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024 / 1e6


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("step", choices=("build", "ask"))
    parser.add_argument("folder", type=Path)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--encoder", default=BUILTIN)
    options = parser.parse_args(arguments)
    shipped = load_shipped()
    ingredients, warnings = gather_ingredients(
        options.encoder,
        trust_remote_code=False,
        knowledge=shipped,
        data_dir=options.folder,
        today=DAY,
        progress=_tell,
    )
    for warning in warnings:
        _tell(warning)
    store = SnapshotStore(options.folder / "snapshots")
    if options.step == "build":
        figures = build(store, statutes_as_knowledge(read_articles(options.data), shipped), ingredients)
    else:
        figures = ask(store, [row["query"] for row in read_questions(options.data)], ingredients)
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
