"""Which classifier tells small talk from questions: DIET, n-grams, or n-grams and our encoder.

Three pipelines: config.yml's (`ngrams`), the same with DIET as classifier (`diet`), the same with the
search's static encoder as a further featurizer (`encoder`). Of each, cross-validated on intents/: `f1` of
small talk against questions and `accuracy` of the intents as the gate decides, `gate_off.…` as the
classifier ranks them first, since the gate's figures were set for `ngrams`. Then of a model of all
examples: `training`; and in a process of its own with our speed-ups `start` until a first message is
understood, `resident`, and `p50` of one.

On one split (837 examples held out, two busy cores), in the order `ngrams`, `diet`, `encoder`: gate_off.f1
0.949, 0.957, 0.952; gate_off.accuracy 0.768, 0.793, 0.791; one message without speed-ups 3.8, 10.7, 5.2 ms;
training 17, 286, 12 s (DIET with 30 epochs). DIET is out by its training; the encoder's gain in F1 is within
what another split brings, and it turns the n-grams' speed-up off.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import yaml

from api.dialogue.environment import rasa_environment
from bench.report import Report

ROOT = Path(__file__).resolve().parents[1]
PYTHON = ROOT / ".venv-rasa" / "bin" / "python"
WORKER = Path(__file__).with_name("intents_rasa.py")
CLASSIFIER, GATE = "bot.rasa_ext.classifier.RegularisedClassifier", "bot.rasa_ext.gate.SmallTalkGate"
DIET = {
    "name": "DIETClassifier",
    "epochs": 30,  # by then it gets 0.99 of what it is trained on right
    "entity_recognition": False,
    "constrain_similarities": True,
    "ranking_length": 0,
    "random_seed": 7,
}
# Limits TensorFlow to one thread, which is right for serving; training may have all there are.
THREADS = "TF_NUM_INTRAOP_THREADS"
ENCODER = {"name": "bot.rasa_ext.static_encoder.StaticEncoderFeaturizer"}


def pipelines() -> dict[str, dict[str, Any]]:
    """Rasa configurations by name, without the gate: the worker asks it itself."""
    config = yaml.safe_load((ROOT / "config.yml").read_text("utf-8"))
    steps = [step for step in config["pipeline"] if step["name"] != GATE]
    place = next(i for i, step in enumerate(steps) if step["name"] == CLASSIFIER)
    variants = {
        "ngrams": steps,
        "diet": [*steps[:place], DIET, *steps[place + 1 :]],
        "encoder": [*steps[:place], ENCODER, *steps[place:]],
    }
    return {name: {**config, "pipeline": chosen} for name, chosen in variants.items()}


def work(folder: Path, *arguments: object) -> dict[str, float]:
    """One run of the worker on Rasa's Python; what it measured."""
    environment = rasa_environment(folder / "private", RASA_CACHE_DIRECTORY=str(folder / "cache"))
    environment.pop(THREADS)
    done = subprocess.run(
        [PYTHON, WORKER, *map(str, arguments)],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise SystemExit(f"{arguments[0]} failed with {done.returncode}:\n{done.stderr[-2000:]}")
    measured = json.loads(done.stdout.splitlines()[-1])
    assert isinstance(measured, dict)
    return measured


def main() -> None:
    report = Report(__doc__)
    report.parser.add_argument("--folds", type=int, default=3)
    report.parser.add_argument("--only", choices=["ngrams", "diet", "encoder"])
    arguments = report.parser.parse_args()
    print(f"cores {os.cpu_count()}")
    for name, config in pipelines().items():
        if arguments.only in (None, name):
            with tempfile.TemporaryDirectory() as folder:
                measure(report, name, config, Path(folder), arguments.folds)
    report.close(arguments.json)


def measure(report: Report, name: str, config: dict[str, Any], folder: Path, folds: int) -> None:
    written = folder / "config.yml"
    written.write_text(yaml.safe_dump(config, allow_unicode=True), "utf-8")
    for figure, value in work(folder, "folds", written, folder, folds).items():
        report.figure(f"{name}.{figure}", value, "")
    for figure, value in work(folder, "train", written, folder).items():
        report.figure(f"{name}.{figure}", value, "s")
    units = {"start": "s", "resident": "MB", "p50": "ms"}
    for figure, value in work(folder, "start", folder / "nlu-model.tar.gz").items():
        report.figure(f"{name}.{figure}", value, units[figure])


if __name__ == "__main__":
    main()
