"""`python -m index.train encoder`: from the training texts and the approved questions to a model folder.

Owns the order of the steps and what is written down about them. The data are read where they lie. The
vectors that the texts alone give can be kept in a file (`--base`): the decision's folds start from them.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import torch

from index.encoder import BUILTIN_FOLDER
from index.passages import collect
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
from index.training.encoder_pairs import FILES, read_pairs
from index.training.samples import Folds
from index.training.tuning import RECIPE as TUNING
from index.training.tuning import Tuner, kept
from knowledge.content_loader import CONTENT, load_shipped
from knowledge.model import Knowledge

SHIPPED_FEATURES = (
    93_000  # 256 int8, a scale and the word itself: 24.9 MB, under the 25 MB a release may hold
)
KEPT_FROM = 5
"""Features that our own texts and questions have so often are kept however rare elsewhere; each takes the
place of one of texts at large (from 2 on: Recall@100 on statutes 0.864, from 8 on 0.868, none 0.872)."""
NOTES = "training.json"


@dataclass(frozen=True, slots=True)
class Options:
    """What the command was asked to do."""

    data: Path
    out: Path
    questions: Path
    base: Path | None
    features: int
    recipe: Recipe


def add_parser(commands: Any) -> None:
    parser: argparse.ArgumentParser = commands.add_parser("encoder", help="train the static encoder")
    add_sources(parser)
    parser.add_argument("--out", type=Path, default=BUILTIN_FOLDER, help="the model's folder")
    parser.add_argument("--epochs", type=int, default=Recipe().epochs)
    parser.add_argument("--seed", type=int, default=Recipe().seed)
    parser.set_defaults(run=_run)


def add_sources(parser: argparse.ArgumentParser) -> None:
    """The options that say what an encoder is made from."""
    parser.add_argument("--data", type=Path, required=True, help=f"folder of {', '.join(FILES)}")
    parser.add_argument("--base", type=Path, help="keep or reuse the vectors that the texts give (.npz)")
    parser.add_argument("--questions", type=Path, default=CONTENT, help="content folder")
    parser.add_argument("--features", type=int, default=SHIPPED_FEATURES, help="how many features are kept")
    parser.add_argument("--threads", type=int, default=2)


def _run(arguments: argparse.Namespace) -> None:
    torch.set_num_threads(arguments.threads)
    build(
        Options(
            data=arguments.data,
            out=arguments.out,
            questions=arguments.questions,
            base=arguments.base,
            features=arguments.features,
            recipe=Recipe(seed=arguments.seed, epochs=arguments.epochs),
        ),
        partial(print, flush=True),
    )


def build(options: Options, report: Report) -> None:
    """Learn from the texts, prune, tune on the approved questions that may be learnt from, quantise and
    write the model."""
    started = time.monotonic()
    knowledge = load_shipped(options.questions)
    tuner = tuner_for(options, knowledge, report)
    passages = collect(knowledge)
    module = tuner.tune(passages, Folds(knowledge, passages).learnable(None), report)
    module.save(str(options.out))
    notes: dict[str, Any] = {
        "recipe": asdict(options.recipe),
        "tuning": asdict(TUNING),
        "kept_features": len(module.rows),
        "data": {name: _digest(options.data / name) for name in FILES},
        "knowledge": knowledge.fingerprint,
        "seconds": round(time.monotonic() - started),
    }
    (options.out / NOTES).write_text(json.dumps(notes, indent=2) + "\n", encoding="utf-8")


def tuner_for(options: Options, knowledge: Knowledge, report: Report) -> Tuner:
    """The vectors that the texts give, as many as the model keeps."""
    return Tuner(kept(_base(options, knowledge, report), options.features))


def _base(options: Options, knowledge: Knowledge, report: Report) -> Vectors:
    """The vectors learnt from the training texts, from `options.base` if they are kept there."""
    if options.base is not None and options.base.is_file():
        stored = np.load(options.base, allow_pickle=False)
        vectors = Vectors(stored["vocabulary"].tolist(), stored["rows"], stored["counts"])
        report(f"{len(vectors.vocabulary)} vectors from {options.base}")
        return vectors
    pairs = read_pairs(options.data, seed=options.recipe.seed)
    counts = count_features(chain.from_iterable((pair.query, pair.context) for pair in pairs))
    known = count_features(_searchable_texts(knowledge))
    always = [feature for feature, count in known.items() if count >= KEPT_FROM]
    vocabulary = choose_vocabulary(counts, options.recipe, always)
    report(f"{len(pairs)} pairs, {len(vocabulary)} of {len(counts)} features")
    examples: Examples = encode_pairs(pairs, vocabulary)
    vectors = train(initial_vectors(vocabulary, counts, options.recipe), examples, options.recipe, report)
    if options.base is not None:
        np.savez(options.base, vocabulary=np.array(vocabulary), rows=vectors.rows, counts=vectors.counts)
    return vectors


def _searchable_texts(knowledge: Knowledge) -> Iterator[str]:
    """Every text that is searched or asked: the features in them are always worth a vector."""
    passages = collect(knowledge)
    yield from passages.sentences.texts
    yield from passages.questions.texts
    lexicon = knowledge.lexicon
    for table in (lexicon.synonyms, lexicon.items, lexicon.districts):
        for word, others in table.items():
            yield word
            yield from others


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
