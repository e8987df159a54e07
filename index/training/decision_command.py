"""`python -m index.train decision`, `builtin-decision` and `calibration`: the ranking weights of an encoder.

The shipped encoder has learnt from approved questions, so its own weights are trained with one encoder a
fold, tuned anew from the same vectors on everything but that fold. Calibration alone takes a minute: it is
due after new questions without an answer, or new ones to choose the operating point on.
"""

from __future__ import annotations

import argparse
import json
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import torch

from index.encoder import BUILTIN, Encoder, load_encoder
from index.passages import collect
from index.ranking import NO_ENCODER, WEIGHTS, Ranking, weights_file
from index.training.decision import ask_apart, calibrated, train
from index.training.decision_files import save
from index.training.encoder import Recipe
from index.training.encoder_command import Options, add_sources, tuner_for
from index.training.samples import Folds
from index.training.tuning import TunedEncoder
from knowledge.content_loader import CONTENT, load_shipped


def add_parser(commands: Any) -> None:
    parser: argparse.ArgumentParser = commands.add_parser(
        "decision", help="order and decision for an encoder that learnt from no approved question"
    )
    parser.add_argument("--encoder", required=True, help="a folder or a model's name; 'none' for words alone")
    parser.add_argument("--questions", type=Path, default=CONTENT, help="content folder")
    _add_common(parser)
    parser.set_defaults(run=_run_plain)
    again = commands.add_parser(
        "calibration", help="calibration and operating point of existing weights, anew"
    )
    again.add_argument("--encoder", default=BUILTIN, help="builtin, a folder or a model's name, 'none'")
    again.add_argument("--questions", type=Path, default=CONTENT, help="content folder")
    _add_common(again)
    again.set_defaults(run=_run_calibration)
    builtin = commands.add_parser("builtin-decision", help="order and decision for the shipped encoder")
    add_sources(builtin)
    _add_common(builtin)
    builtin.set_defaults(run=_run_builtin)


def _add_common(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--out", type=Path, default=WEIGHTS, help="folder for the weights")
    parser.add_argument("--date", type=date.fromisoformat, default=date.today(), help="the day asked about")


def _run_plain(options: argparse.Namespace) -> None:
    encoder = _encoder(options.encoder)
    _save(train(load_shipped(options.questions), encoder, as_of=options.date), encoder, options.out)


def _run_calibration(options: argparse.Namespace) -> None:
    encoder = _encoder(options.encoder)
    ranking = Ranking.load(weights_file(encoder.fingerprint if encoder else NO_ENCODER, options.out))
    apart = ask_apart(load_shipped(options.questions), encoder, as_of=options.date)
    _save(calibrated(ranking, apart), encoder, options.out)


def _encoder(name: str) -> Encoder | None:
    return None if name == "none" else load_encoder(name)


def _run_builtin(options: argparse.Namespace) -> None:
    torch.set_num_threads(options.threads)
    report = partial(print, flush=True)
    knowledge = load_shipped(options.questions)
    sources = Options(options.data, options.out, options.questions, options.base, options.features, Recipe())
    tuner = tuner_for(sources, knowledge, report)
    passages = collect(knowledge)
    folds = Folds(knowledge, passages)

    def encoder_of_fold(fold: int) -> Encoder:
        report(f"fold {fold + 1}")
        return TunedEncoder(tuner.tune(passages, folds.learnable(fold), report))

    encoder = load_encoder(BUILTIN)
    ranking = train(knowledge, encoder, as_of=options.date, encoder_of_fold=encoder_of_fold)
    _save(ranking, encoder, options.out)


def _save(ranking: Ranking, encoder: Encoder | None, folder: Path) -> None:
    path = weights_file(ranking.encoder, folder)
    save(ranking, encoder, path)
    print(json.dumps(ranking.evaluation, indent=1))
    print(f"answers from probability {ranking.answer_at}; written to {path}")
