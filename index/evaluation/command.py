"""The command line: which sets, which peers, what is printed and written, and the exit status."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

from index.encoder import BUILTIN
from index.evaluation.figures import UnknownFigure, falling_short, line, parse_bound, value
from index.evaluation.response_selector import RasaFailed
from index.evaluation.run import Evaluation, evaluate
from index.ingredients import gather_ingredients
from knowledge.content_loader import load_shipped

DOCS = Path(__file__).resolve().parents[2] / "docs"
_ROUND = 6


def main(arguments: Sequence[str] | None = None) -> int:
    """0: every bound holds; 1: a figure falls short; 2: a bound names no figure, or Rasa fails."""
    options = _parser().parse_args(arguments)
    knowledge = load_shipped()
    ingredients, notes = gather_ingredients(
        options.encoder,
        trust_remote_code=False,
        knowledge=knowledge,
        data_dir=Path("var"),
        today=options.date,
        progress=print,
    )
    for note in notes:
        print(f"warning: {note}")
    try:
        evaluation = evaluate(
            knowledge,
            ingredients,
            options.date,
            data=options.data,
            rasa_epochs=options.rasa_epochs if options.peers == "all" else None,
            progress=lambda text: print(f"# {text}", flush=True),
        )
    except RasaFailed as error:
        print(f"error: {error}")
        return 2
    _tell(evaluation, options.show)
    figures = evaluation.figures
    if options.json:
        flat = {name: round(value(figure), _ROUND) for name, figure in figures.items()}
        options.json.write_text(json.dumps(flat, indent=1) + "\n", encoding="utf-8")
    if options.write:
        # Imported here: drawing needs packages that a run without it does not.
        from index.evaluation.document import Configuration, write

        configuration = Configuration.of(knowledge, ingredients, options.date, _command(options))
        print(f"written to {write(evaluation, configuration, options.write)}")
    try:
        short = falling_short(figures, options.min, options.max)
    except UnknownFigure as error:
        print(f"error: {error}")
        return 2
    for sentence in short:
        print(f"falls short: {sentence}")
    return 1 if short else 0


def _tell(evaluation: Evaluation, failures: int) -> None:
    for name, figure in evaluation.figures.items():
        print(line(name, figure))
    for name, described in evaluation.notes.items():
        print(f"# {name}: {described}")
    for name, asked in evaluation.asked.items():
        failed = [one for one in asked if one.judgement not in {"right", "safe"}][:failures]
        print(
            "\n".join([f"# {name}", *(f"  {one}" for one in failed)]) if failed else "",
            end="\n" * bool(failed),
        )


def _command(options: argparse.Namespace) -> str:
    """What makes the same again; folders are the reader's own."""
    arguments = [f"--peers {options.peers}"]
    if options.peers == "all":
        arguments.append(f"--rasa-epochs {options.rasa_epochs}")
    data = "EVAL=FOLDER " if options.data else ""
    return f"make eval {data}ARGS='{' '.join([*arguments, '--write'])}'"


def _bound(text: str) -> tuple[str, float]:
    try:
        return parse_bound(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m index.evaluation",
        description="Scores the running configuration on question sets, takes it apart and compares it.",
    )
    add: Callable[..., object] = parser.add_argument
    add("--data", type=Path, metavar="FOLDER", help="further question sets (*.jsonl) and the statutes")
    add("--date", type=date.fromisoformat, default=date.today(), help="the day asked about")
    add("--encoder", default=BUILTIN, help="builtin, a folder or a model's name")
    add("--peers", choices=("quick", "all"), default="quick", help="all trains Rasa too: many minutes")
    add("--rasa-epochs", type=int, default=60, metavar="N")
    add("--show", type=int, default=0, metavar="N", help="print up to N failures of each set")
    add("--json", type=Path, metavar="FILE", help="write every figure as flat JSON")
    add(
        "--write", type=Path, nargs="?", const=DOCS, metavar="FOLDER", help="write evaluation.md and pictures"
    )
    for name, side in (("--min", "at least"), ("--max", "at most")):
        add(name, type=_bound, action="append", default=[], metavar="FIGURE=VALUE", help=f"must be {side}")
    return parser
