"""`python -m index.train encoder`: from the training texts to a model folder.

Owns the order of the steps and what is written down about them. The data are read where they lie.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import time
from dataclasses import asdict, dataclass, replace
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import torch

from index.encoder import BUILTIN_FOLDER, load_encoder
from index.static_features import StaticFeatures
from index.training.encoder import (
    Examples,
    Recipe,
    Report,
    Vectors,
    choose_vocabulary,
    count_features,
    encode_pairs,
    initial_vectors,
    train,
)
from index.training.encoder_pairs import FILES, Pair, read_pairs
from index.training.encoder_questions import held_out_figures, question_pairs, searchable_texts
from index.training.split import Split
from knowledge.content_loader import CONTENT, load_shipped
from knowledge.model import Knowledge

SHIPPED_FEATURES = (
    90_000  # 256 int8, a scale and the word itself: 24.1 MB, under the 25 MB a release may hold
)
TUNING: dict[str, Any] = {"epochs": 12, "learning_rate": 0.005, "batch": 256}
KEPT_FROM = 2
REPLAYED = 40_000  # pairs of the training texts that keep the tuning from forgetting them
NOTES = "training.json"


@dataclass(frozen=True, slots=True)
class Options:
    """What the command was asked to do."""

    data: Path
    out: Path
    questions: Path
    base: Path | None
    tune: bool
    holdout: bool
    features: int
    recipe: Recipe


def add_parser(commands: Any) -> None:
    parser: argparse.ArgumentParser = commands.add_parser("encoder", help="train the static encoder")
    parser.add_argument("--data", type=Path, required=True, help=f"folder of {', '.join(FILES)}")
    parser.add_argument("--out", type=Path, default=BUILTIN_FOLDER, help="the model's folder")
    parser.add_argument(
        "--questions", type=Path, default=CONTENT, help="content folder of approved questions"
    )
    parser.add_argument("--tune", action="store_true", help="learn from the approved questions too")
    parser.add_argument(
        "--base", type=Path, help="keep or reuse the vectors from before the questions here (.npz)"
    )
    parser.add_argument(
        "--holdout", action="store_true", help="learn from the train split and measure on the rest"
    )
    parser.add_argument("--features", type=int, default=SHIPPED_FEATURES, help="how many features are kept")
    parser.add_argument("--epochs", type=int, default=Recipe().epochs)
    parser.add_argument("--seed", type=int, default=Recipe().seed)
    parser.add_argument("--threads", type=int, default=2)
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> None:
    torch.set_num_threads(arguments.threads)
    build(
        Options(
            data=arguments.data,
            out=arguments.out,
            questions=arguments.questions,
            tune=arguments.tune,
            base=arguments.base,
            holdout=arguments.holdout,
            features=arguments.features,
            recipe=Recipe(seed=arguments.seed, epochs=arguments.epochs),
        ),
        partial(print, flush=True),
    )


def build(options: Options, report: Report) -> None:
    """Train, prune, quantise and write the model; with `holdout`, measure it on the questions left out."""
    started = time.monotonic()
    knowledge = load_shipped(options.questions)
    pairs = read_pairs(options.data, seed=options.recipe.seed)
    report(f"{len(pairs)} pairs")
    vectors, examples = _base(options, pairs, knowledge, report)
    tuned_on = 0
    if options.tune:
        splits: tuple[Split, ...] = ("train",) if options.holdout else ("train", "wordings", "facts")
        questions = encode_pairs(
            question_pairs(knowledge, splits, seed=options.recipe.seed), vectors.vocabulary
        )
        tuned_on = len(questions)
        report(f"{tuned_on} pairs of approved questions")
        vectors = train(vectors, questions, replace(options.recipe, **TUNING), report, replay=examples)
    kept = options.features
    module = StaticFeatures.quantised(vectors.vocabulary[:kept], vectors.rows[:kept])
    module.save(str(options.out))
    notes: dict[str, Any] = {
        "recipe": asdict(options.recipe),
        "tuning": {**TUNING, "pairs": tuned_on} if tuned_on else None,
        "pairs": len(pairs),
        "learnt_features": len(vectors.vocabulary),
        "kept_features": len(module.rows),
        "data": {name: _digest(options.data / name) for name in FILES},
        "knowledge": knowledge.fingerprint,
        "holdout": options.holdout,
        "seconds": round(time.monotonic() - started),
    }
    if options.holdout:
        figures = {
            name: asdict(found)
            for name, found in held_out_figures(knowledge, load_encoder(options.out)).items()
        }
        report(json.dumps(figures, indent=2))
        notes["figures"] = figures
    (options.out / NOTES).write_text(json.dumps(notes, indent=2) + "\n", encoding="utf-8")


def _base(
    options: Options, pairs: list[Pair], knowledge: Knowledge, report: Report
) -> tuple[Vectors, Examples]:
    """The vectors learnt from the training texts, from `options.base` if they are kept there."""
    if options.base is not None and options.base.is_file():
        kept = np.load(options.base, allow_pickle=False)
        vectors = Vectors(kept["vocabulary"].tolist(), kept["rows"])
        report(f"{len(vectors.vocabulary)} vectors from {options.base}")
        return vectors, encode_pairs(pairs[:REPLAYED], vectors.vocabulary)
    counts = count_features(chain.from_iterable((pair.query, pair.context) for pair in pairs))
    known = count_features(searchable_texts(knowledge))
    counts.update(known)
    # Words of our own texts are kept however rare elsewhere, but not what stands in them only once.
    always = [feature for feature, count in known.items() if count >= KEPT_FROM]
    vocabulary = choose_vocabulary(counts, options.recipe, always)
    report(f"{len(vocabulary)} of {len(counts)} features")
    examples = encode_pairs(pairs, vocabulary)
    vectors = train(initial_vectors(vocabulary, counts, options.recipe), examples, options.recipe, report)
    if options.base is not None:
        np.savez(options.base, vocabulary=np.array(vectors.vocabulary), rows=vectors.rows)
    return vectors, examples


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
