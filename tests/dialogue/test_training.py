"""When a model is trained, and what is said when it can't be."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from api.dialogue.errors import TrainingFailed
from api.dialogue.training import ensure_model, fingerprint
from tests.dialogue.rasa_world import PYTHON, ROOT


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    root = tmp_path / "root"
    for folder in ("bot", "intents"):
        shutil.copytree(ROOT / folder, root / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "config.yml", root)
    return root


def append(path: Path, text: str) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.write(text)


@pytest.mark.parametrize(
    "changed", ["config.yml", "intents/greeting.yml", "bot/domain/character.yml", "bot/data/rules.yml"]
)
def test_a_change_of_what_a_model_is_made_of_asks_for_a_new_one(sources: Path, changed: str) -> None:
    before = fingerprint(sources, PYTHON)
    append(sources / changed, "# changed\n")
    assert fingerprint(sources, PYTHON) != before


@pytest.mark.parametrize("changed", ["bot/endpoints.yml", "bot/logging.yml", "bot/rasa_ext/logs.py"])
def test_a_change_of_how_a_model_is_served_does_not(sources: Path, changed: str) -> None:
    before = fingerprint(sources, PYTHON)
    append(sources / changed, "# changed\n")
    (sources / "bot/data/__pycache__").mkdir()
    (sources / "bot/data/__pycache__/x.pyc").write_bytes(b"x")
    assert fingerprint(sources, PYTHON) == before


def test_another_version_of_rasa_asks_for_a_new_model(sources: Path, tmp_path: Path) -> None:
    (tmp_path / "env/lib/python3.10/site-packages/rasa-3.7.0.dist-info").mkdir(parents=True)
    assert fingerprint(sources, tmp_path / "env/bin/python") != fingerprint(sources, PYTHON)


def python_that(tmp_path: Path, body: str) -> Path:
    python = tmp_path / "python"
    python.write_text(f"#!/bin/sh\n{body}\n")
    python.chmod(0o755)
    return python


def test_a_model_that_is_there_is_not_trained_again(sources: Path, tmp_path: Path) -> None:
    python = python_that(tmp_path, "exit 1")
    model = tmp_path / "models" / f"dialogue-{fingerprint(sources, python)}.tar.gz"
    model.parent.mkdir()
    model.write_bytes(b"model")
    assert ensure_model(sources, tmp_path / "models", python=python, log_file=tmp_path / "train.log") == model


def test_a_model_is_put_in_place_whole_and_the_oldest_is_forgotten(sources: Path, tmp_path: Path) -> None:
    write = (
        'while [ $# -gt 0 ]; do [ "$1" = --out ] && out=$2; shift; done; echo trained > $out/trained.tar.gz'
    )
    python = python_that(tmp_path, write)
    for name in ("dialogue-1.tar.gz", "dialogue-2.tar.gz"):
        (tmp_path / "models").mkdir(exist_ok=True)
        (tmp_path / "models" / name).write_bytes(b"old")
    said: list[str] = []
    model = ensure_model(
        sources, tmp_path / "models", python=python, log_file=tmp_path / "train.log", progress=said.append
    )
    assert model.read_text() == "trained\n"
    assert said[0] == "Training the dialogue model"
    assert len(list((tmp_path / "models").glob("dialogue-*.tar.gz"))) == 2
    assert [path.name for path in (tmp_path / "models").iterdir() if path.is_dir()] == []


def test_a_training_that_fails_names_its_log(sources: Path, tmp_path: Path) -> None:
    python = python_that(tmp_path, "echo the reason; exit 2")
    log = tmp_path / "log" / "train.log"
    with pytest.raises(TrainingFailed, match=r"exit status 2.*train\.log"):
        ensure_model(sources, tmp_path / "models", python=python, log_file=log)
    assert log.read_text() == "the reason\n"
    assert list((tmp_path / "models").glob("*.tar.gz")) == []


def test_a_missing_python_names_itself(sources: Path, tmp_path: Path) -> None:
    with pytest.raises(TrainingFailed, match="nowhere"):
        ensure_model(
            sources, tmp_path / "models", python=tmp_path / "nowhere", log_file=tmp_path / "train.log"
        )
