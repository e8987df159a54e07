"""Rasa's own ResponseSelector as a peer: each entry a response, its first wordings the examples.

Owns the generated project, in a temporary folder, and the process that trains and asks it. A pipeline
without DIET: words and characters counted, as Rasa's template configures the selector.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import yaml

from index.evaluation.cases import live_texts
from index.evaluation.peers import Offer
from index.training.split import wordings
from knowledge.model import Knowledge

PYTHON = Path(__file__).resolve().parents[2] / ".venv-rasa" / "bin" / "python"
SCRIPT = Path(__file__).with_name("rasa_selector.py")
WORDINGS_AN_ENTRY = 8
_PASSED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "LD_LIBRARY_PATH")
_APART = ("-I", "-X", "utf8", "-W", "ignore")
"""Isolated: the script's own folder, with modules of this package, must not be looked into."""
_NO_MARKUP = str.maketrans("", "", "[](){}\n")


class RasaFailed(RuntimeError):
    """Rasa could not be trained or asked; names its log's last lines."""


class ResponseSelector:
    """Training takes minutes: a dozen for 378 entries and 60 epochs on two idle cores."""

    name = "rasa_response_selector"

    def __init__(self, knowledge: Knowledge, day: date, epochs: int, python: Path = PYTHON) -> None:
        live = live_texts(knowledge, day)
        self._python, self._epochs = python, epochs
        self._examples: dict[str, list[str]] = {}
        self._clauses: dict[str, str] = {}
        for number, entry in enumerate(knowledge.entries):
            clause = entry.quotes[0].clause_id
            if clause.partition("#")[0] in live:
                key = f"faq/e{number}"
                self._clauses[key] = clause
                self._examples[key] = [
                    text.translate(_NO_MARKUP) for text in wordings(entry)[:WORDINGS_AN_ENTRY]
                ]

    @property
    def described(self) -> str:
        count = sum(map(len, self._examples.values()))
        return f"{len(self._examples)} entries, {count} wordings, {self._epochs} epochs"

    def offer(self, questions: Sequence[str]) -> list[Offer]:
        if not self._python.is_file():
            raise RasaFailed(f"{self._python} is missing: run `requirements/install.sh rasa` first")
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            self._write(folder, questions)
            log = folder / "log.txt"
            with log.open("wb") as sink:
                status = subprocess.run(  # noqa: S603
                    [str(self._python), *_APART, str(SCRIPT), str(folder)],
                    cwd=folder, env=_environment(folder), stdout=sink, stderr=sink, check=False,
                ).returncode  # fmt: skip
            if status != 0:
                last = log.read_text("utf-8", "replace").strip().splitlines()[-5:]
                raise RasaFailed(f"ResponseSelector ended with status {status}: " + " / ".join(last))
            found = json.loads((folder / "offers.json").read_text(encoding="utf-8"))
        return [Offer(self._clauses.get(key, ""), float(confidence)) for key, confidence in found]

    def _write(self, folder: Path, questions: Sequence[str]) -> None:
        nlu = [
            {"intent": key, "examples": "".join(f"- {text}\n" for text in texts)}
            for key, texts in self._examples.items()
        ]
        responses = {f"utter_{key}": [{"text": key}] for key in self._examples}
        for name, content in (
            ("nlu.yml", {"version": "3.1", "nlu": nlu}),
            ("domain.yml", {"version": "3.1", "intents": ["faq"], "responses": responses}),
            ("config.yml", self._config()),
        ):
            (folder / name).write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
        (folder / "questions.json").write_text(json.dumps(list(questions)), encoding="utf-8")

    def _config(self) -> dict[str, object]:
        counted = {"name": "CountVectorsFeaturizer"}
        return {
            "recipe": "default.v1",
            "language": "zh",
            "assistant_id": "peer",
            "pipeline": [
                {"name": "JiebaTokenizer"},
                counted,
                {**counted, "analyzer": "char_wb", "min_ngram": 1, "max_ngram": 4},
                {
                    "name": "ResponseSelector",
                    "epochs": self._epochs,
                    "constrain_similarities": True,
                    "random_seed": 7,
                },
            ],
        }


def _environment(folder: Path) -> dict[str, str]:
    return {
        **{name: os.environ[name] for name in _PASSED_ON if name in os.environ},
        "TMPDIR": str(folder),
        "MPLCONFIGDIR": str(folder),
        "RASA_TELEMETRY_ENABLED": "false",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    }
