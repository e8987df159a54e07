"""The document says what was measured, its words come from a template, and the shipped one has not drifted."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from xml.etree import ElementTree

import pytest

from index.encoder import BUILTIN, load_encoder
from index.evaluation import cases, command, run
from index.evaluation.command import DOCS, main
from index.evaluation.document import NAME, RELIABILITY, RISK_COVERAGE, ranking_fingerprint
from index.evaluation.response_selector import ResponseSelector
from index.ranking import Ranking, weights_file
from index.snapshot import Ingredients
from tests.index import tiny, topics


@pytest.fixture
def on_topics(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The command over twelve invented topics, two of them held out, with sets of its own."""
    ingredients = Ingredients(tiny.BigramEncoder(), tiny.ranking())
    sets = tmp_path / "sets"
    sets.mkdir()
    monkeypatch.setattr(command, "load_shipped", topics.knowledge)
    monkeypatch.setattr(command, "gather_ingredients", lambda *_, **__: (ingredients, ()))
    monkeypatch.setattr(cases, "OWN_SETS", sets)
    monkeypatch.setattr(cases, "held_out", lambda entry: entry.id in {"topic-1", "topic-2"})
    monkeypatch.setattr(run, "unanswerable_questions", lambda: topics.UNANSWERABLE)
    wordings = [
        {"question": "废旧电池丢回收箱", "clauses": ["plan#11"]},
        {"question": "学校屋顶光伏板", "clauses": ["plan#3"]},
    ]
    traps = [{"question": "路灯罚款多少钱", "asks": "amount"}, {"question": "图书馆几点开门", "asks": "date"}]
    (sets / "heldout_questions.yml").write_text(json.dumps(wordings))
    (sets / "heldout_near_misses.yml").write_text(json.dumps(traps))
    return tmp_path / "docs"


def measured(docs: Path, *more: str) -> dict[str, float]:
    figures = docs.parent / "figures.json"
    assert main(["--date", "2026-11-21", "--json", str(figures), "--write", str(docs), *more]) == 0
    found: dict[str, float] = json.loads(figures.read_text())
    return found


def test_every_part_of_a_run_has_its_figures(on_topics: Path) -> None:
    figures = measured(on_topics)
    judged = ("right", "wrong", "missed")
    asked = {f"{name}.{verdict}" for name in ("heldout_questions", "heldout_facts") for verdict in judged}
    near = {f"heldout_near_misses.unsafe{of}" for of in ("", ".amount", ".date")}
    decision = {f"decision.{name}" for name in ("calibration_error", "coverage", "risk")}
    parts = {
        f"ablation.{name}.{system}.{place}"
        for name in ("heldout_questions", "heldout_facts")
        for system in ("bm25", "encoder", "fused", "entries", "reranker", "lexicon")
        for place in ("first", "first_three")
    }
    shown = ("first", *judged, "unsafe")
    peers = {
        f"peers.{name}.{figure}" for name in ("ours", "bm25s_jieba", "tfidf_characters") for figure in shown
    }
    hindsight = {f"peers.{name}.right_with_hindsight" for name in ("bm25s_jieba", "tfidf_characters")}
    assert set(figures) == asked | near | decision | parts | peers | hindsight
    assert figures["heldout_questions.right"] == figures["peers.ours.right"]
    assert sum(figures[f"heldout_facts.{verdict}"] for verdict in judged) == pytest.approx(1, abs=1e-5)


def test_the_document_holds_the_runs_figures_and_its_configuration(on_topics: Path) -> None:
    figures = measured(on_topics)
    text = (on_topics / NAME).read_text(encoding="utf-8")
    fingerprint = ranking_fingerprint(tiny.ranking())
    assert f"encoder `bigrams`, ranking `{fingerprint}`, knowledge `{topics.knowledge().fingerprint}`" in text
    assert "| made by | `make eval ARGS='--peers quick --write'` |" in text
    assert "12 entries with 60 wordings" in text
    right = figures["heldout_questions.right"]
    assert f"| held-out wordings | {right:.3f} ({round(2 * right)} of 2; " in text
    assert f"| expected calibration error, ten bins | {figures['decision.calibration_error']:.3f} |" in text
    assert f"| bm25s with jieba | {figures['peers.bm25s_jieba.first']:.3f} |" in text
    assert f"| of the answers, wrong | {figures['decision.risk']:.3f} |" in text
    assert "Rasa" not in text
    assert "\n\n\n" not in text


def test_the_pictures_are_small_labelled_and_the_same_each_time(on_topics: Path) -> None:
    measured(on_topics)
    names = (RISK_COVERAGE, RELIABILITY)
    first = [(on_topics / name).read_bytes() for name in names]
    measured(on_topics)
    assert [(on_topics / name).read_bytes() for name in names] == first
    assert all(len(picture) < 60_000 for picture in first)
    written = ["".join(ElementTree.fromstring(picture).itertext()) for picture in first]
    assert "Share of questions answered" in written[0]
    assert "in use: answers " in written[0]
    assert "Probability given by the decision" in written[1]
    text = (on_topics / NAME).read_text(encoding="utf-8")
    assert all(f"]({name})" in text for name in names)


def test_sets_of_a_folder_alone_make_a_document_too(on_topics: Path) -> None:
    for own in (on_topics.parent / "sets").iterdir():
        own.rename(on_topics.parent / own.name)
    line = {"question": "学校屋顶光伏板", "clauses": ["plan#3"]}
    (on_topics.parent / "mine.jsonl").write_text(json.dumps(line))
    figures = measured(on_topics, "--data", str(on_topics.parent))
    assert {name.partition(".")[0] for name in figures} == {"mine", "heldout_facts", "decision", "ablation"}
    text = (on_topics / NAME).read_text(encoding="utf-8")
    assert "\n| mine | " in text
    assert "make eval EVAL=FOLDER ARGS=" in text
    assert "What one might take instead" not in text


def test_a_run_without_rasas_environment_ends_with_its_remedy(
    on_topics: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    missing = on_topics / "python"
    monkeypatch.setattr(run, "ResponseSelector", partial(ResponseSelector, python=missing))
    assert main(["--date", "2026-11-21", "--peers", "all"]) == 2
    assert f"error: {missing} is missing: run `requirements/install.sh rasa` first" in capsys.readouterr().out


def test_the_shipped_document_belongs_to_the_shipped_weights() -> None:
    encoder = load_encoder(BUILTIN).fingerprint
    ranking = ranking_fingerprint(Ranking.load(weights_file(encoder)))
    text = (DOCS / NAME).read_text(encoding="utf-8")
    assert f"\nencoder `{encoder}`, ranking `{ranking}`, knowledge `" in text, "run make eval ARGS=--write"
    assert all((DOCS / name).is_file() for name in (RISK_COVERAGE, RELIABILITY))
