"""The training commands from end to end, on a handful of texts and a dozen of the shipped entries."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import yaml

from index.encoder import BUILTIN, load_encoder
from index.errors import IndexFault
from index.precedents import load_vectors, vectors_file
from index.ranking import NO_ENCODER, Ranking, weights_file
from index.snapshot import Ingredients, assemble
from index.train import main
from index.training import decision
from index.training.samples import Choosing, choosing_questions, unanswerable_questions
from index.training.split import held_out
from knowledge.content_loader import CONTENT, load_shipped
from knowledge.model import Knowledge
from tests.index import tiny
from tests.index.training_texts import write_texts

FAQ = "cq-2022-11.yml"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`data`, the texts; `content`, the shipped policies with a dozen entries of six wordings; `model`."""
    root = tmp_path_factory.mktemp("training")
    write_texts(root / "data")
    shutil.copytree(CONTENT, root / "content", ignore=shutil.ignore_patterns("faq"))
    (root / "content" / "faq").mkdir()
    listed = yaml.load((CONTENT / "faq" / FAQ).read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    every = len(listed) // 12
    chosen = [{**item, "variants": item["variants"][:5]} for item in listed[::every][:12]]
    (root / "content" / "faq" / FAQ).write_text(yaml.safe_dump(chosen, allow_unicode=True), encoding="utf-8")
    main([*encoder_arguments(root), "--out", str(root / "model")])
    return root


@pytest.fixture(scope="module")
def knowledge(folder: Path) -> Knowledge:
    return load_shipped(folder / "content")


@pytest.fixture(autouse=True)
def _few_questions_without_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    contrasts, chosen = unanswerable_questions()[::200], choosing_questions()
    few = Choosing(chosen.answerable[::10], chosen.unanswerable[::5])
    monkeypatch.setattr(decision, "unanswerable_questions", lambda: contrasts)
    monkeypatch.setattr(decision, "choosing_questions", lambda: few)


def sources(root: Path) -> list[str]:
    return [
        "--data", str(root / "data"), "--base", str(root / "base.npz"), "--questions", str(root / "content"),
        "--features", "1000",
    ]  # fmt: skip


def encoder_arguments(root: Path) -> list[str]:
    return ["encoder", *sources(root), "--epochs", "2"]


def test_the_small_content_has_facts_to_learn_and_to_hold_out(knowledge: Knowledge) -> None:
    assert len(knowledge.entries) == 12
    assert sum(not held_out(entry) for entry in knowledge.entries) > 0


def test_the_encoder_command_writes_a_model_that_loads(folder: Path, knowledge: Knowledge) -> None:
    encoder = load_encoder(folder / "model")
    assert encoder.dimension == 256
    assert np.allclose(np.linalg.norm(encoder.encode(["汽车应当登记"]), axis=1), 1)
    notes = json.loads((folder / "model" / "training.json").read_text())
    assert (notes["kept_features"], notes["knowledge"]) == (1000, knowledge.fingerprint)
    assert (notes["recipe"]["epochs"], notes["tuning"]["epochs"]) == (2, 6)
    assert sorted(notes["data"]) == ["atec.tsv.xz", "laws.jsonl.xz", "news.jsonl.xz", "stard.jsonl.xz"]


def test_vectors_of_the_texts_are_kept_and_give_the_same_model(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    written = (folder / "base.npz").stat().st_mtime_ns
    main([*encoder_arguments(folder), "--out", str(tmp_path / "again")])
    assert (folder / "base.npz").stat().st_mtime_ns == written
    assert f"vectors from {folder / 'base.npz'}" in capsys.readouterr().out
    assert load_encoder(tmp_path / "again").fingerprint == load_encoder(folder / "model").fingerprint


def test_without_kept_vectors_the_same_model_is_trained_from_the_texts(folder: Path, tmp_path: Path) -> None:
    arguments = encoder_arguments(folder)
    base = arguments.index("--base")
    main([*arguments[:base], *arguments[base + 2 :], "--out", str(tmp_path / "fresh")])
    assert load_encoder(tmp_path / "fresh").fingerprint == load_encoder(folder / "model").fingerprint


@pytest.mark.parametrize("kind", ["model", "none"])
def test_the_decision_command_writes_weights_that_search_can_use(
    folder: Path, knowledge: Knowledge, tmp_path: Path, capsys: pytest.CaptureFixture[str], kind: str
) -> None:
    encoder = None if kind == "none" else load_encoder(folder / "model")
    name = encoder.fingerprint if encoder else NO_ENCODER
    given = str(folder / "model") if encoder else "none"
    out = tmp_path / "new" / "weights"
    main([
        "decision", "--encoder", given, "--questions", str(folder / "content"), "--out", str(out),
        "--date", "2026-11-21",
    ])  # fmt: skip
    ranking = Ranking.load(weights_file(name, out))
    assert ranking.encoder == name
    assert (
        f"answers from probability {ranking.answer_at}; written to {weights_file(name, out)}"
        in capsys.readouterr().out
    )
    searcher = assemble(knowledge, Ingredients(encoder, ranking))
    asked = [entry for entry in knowledge.entries if not held_out(entry)]
    found = [searcher.search(entry.question, as_of=tiny.DAY).candidates[0] for entry in asked]
    right = [c.passage.clause_id == e.quotes[0].clause_id for c, e in zip(found, asked, strict=True)]
    assert np.mean(right) >= 0.8


def test_the_shipped_encoders_weights_come_from_an_encoder_a_fold(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "weights"
    main(["builtin-decision", *sources(folder), "--out", str(out), "--date", "2026-11-21"])
    fingerprint = load_encoder(BUILTIN).fingerprint
    assert Ranking.load(weights_file(fingerprint, out)).encoder == fingerprint
    weights = weights_file(fingerprint, out)
    assert sorted(out.iterdir()) == [weights, vectors_file(weights)]
    said = capsys.readouterr().out
    assert [f"fold {number}" in said for number in range(7)] == [False, True, True, True, True, True, False]


def test_calibration_alone_leaves_what_was_learnt(folder: Path, tmp_path: Path) -> None:
    given = [
        "--encoder",
        str(folder / "model"),
        "--questions",
        str(folder / "content"),
        "--out",
        str(tmp_path),
    ]
    main(["decision", *given, "--date", "2026-11-21"])
    encoder = load_encoder(folder / "model")
    path = weights_file(encoder.fingerprint, tmp_path)
    learnt, vectors = Ranking.load(path), load_vectors(vectors_file(path), encoder)
    assert vectors is not None
    assert vectors.size == len(unanswerable_questions())
    replace(learnt, answer_at=0.99, decision=replace(learnt.decision, slope=7.0)).save(path)
    main(["calibration", *given, "--date", "2026-11-21"])
    assert Ranking.load(path).to_json() == learnt.to_json()


def test_calibration_without_weights_says_so(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(IndexFault, match="cannot be read"):
        main(["calibration", "--encoder", str(folder / "model"), "--out", str(tmp_path)])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "required"),
        (["encoder"], "--data"),
        (["decision"], "--encoder"),
        (["decision", "--encoder", "none", "--date", "yesterday"], "--date"),
        (["poem"], "poem"),
    ],
)
def test_a_command_that_lacks_something_says_what(
    capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    assert stop.value.code == 2
    assert said in capsys.readouterr().err


def test_the_command_says_what_it_can_train() -> None:
    shown = subprocess.run(
        [sys.executable, "-m", "index.train", "--help"], capture_output=True, text=True, check=True
    )
    assert all(name in shown.stdout for name in ("encoder", "decision", "builtin-decision"))
