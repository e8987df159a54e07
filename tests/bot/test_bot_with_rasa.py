"""What Rasa itself makes of the bot's files."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from api.dialogue.environment import rasa_environment

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.rasa


def rasa_python(tmp_path: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(ROOT / ".venv-rasa/bin/python"), *arguments],
        cwd=ROOT,
        env=rasa_environment(tmp_path / "private"),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def test_rasa_finds_nothing_wrong_with_the_data(tmp_path: Path) -> None:
    sources = ("--config", "config.yml", "--domain", "bot/domain", "--data", "bot/data", "intents")
    done = rasa_python(tmp_path, "-m", "rasa", "data", "validate", *sources)
    said = done.stdout + done.stderr
    assert done.returncode == 0, said[-3000:]
    for problem in (
        "is not found in the NLU training data",
        "not listed in the domain",
        "is not used in any",
    ):
        assert problem not in said


def test_small_talk_is_told_from_questions_it_was_not_trained_on(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    done = rasa_python(tmp_path, "tests/bot/crossvalidation.py")
    assert done.returncode == 0, done.stderr[-3000:]
    report: dict[str, Any] = json.loads(done.stdout.splitlines()[0])
    for name in (
        "smalltalk_precision",
        "smalltalk_recall",
        "smalltalk_f1",
        "questions_kept",
        "intent_accuracy",
    ):
        print(name, report[name])
        record_property(name, report[name])
    assert report["smalltalk_f1"] >= 0.95
    assert report["questions_kept"] >= 0.95
