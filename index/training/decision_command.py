"""`python -m index.train decision`: the ranking weights of an encoder, from the shipped questions."""

from __future__ import annotations

import argparse
import json
from datetime import date
from pathlib import Path
from typing import Any

from index.encoder import BUILTIN, load_encoder
from index.ranking import WEIGHTS, weights_file
from index.training.decision import train
from knowledge.content_loader import CONTENT, load_shipped


def add_parser(commands: Any) -> None:
    parser: argparse.ArgumentParser = commands.add_parser("decision", help="train order and decision")
    parser.add_argument(
        "--encoder", default=BUILTIN, help="the encoder the weights belong to; 'none' for words"
    )
    parser.add_argument("--questions", type=Path, default=CONTENT, help="content folder")
    parser.add_argument("--out", type=Path, default=WEIGHTS, help="folder for the weights")
    parser.add_argument("--date", type=date.fromisoformat, default=date.today(), help="the day asked about")
    parser.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> None:
    encoder = None if options.encoder == "none" else load_encoder(options.encoder)
    ranking = train(load_shipped(options.questions), encoder, as_of=options.date)
    options.out.mkdir(parents=True, exist_ok=True)
    path = weights_file(ranking.encoder, options.out)
    ranking.save(path)
    print(json.dumps(ranking.evaluation, indent=1))
    print(f"answers from probability {ranking.answer_at}; written to {path}")
