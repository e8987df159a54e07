"""How answers are judged, how sure a share is, and what the evaluation's exit status says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from index import evaluate
from index.evaluate import Case, interval, judge, main, question_sets
from index.search import Candidate, Outcome, Searcher, Verdict
from index.snapshot import Ingredients, assemble
from tests.index import tiny

DUE = Case("电车占好多", frozenset({"plan#2"}), frozenset({"fridge"}))
NONE_DUE = Case("电车哪款好", frozenset())
ONLY_ALLOWED = Case("冰箱补好多", frozenset(), frozenset({"fridge"}))


@pytest.fixture(scope="module")
def searcher() -> Searcher:
    return assemble(tiny.knowledge(), Ingredients(tiny.BigramEncoder(), tiny.ranking()))


@pytest.fixture
def on_tiny(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The command over the tiny knowledge, without the project's own sets; a folder for others."""
    ingredients = Ingredients(tiny.BigramEncoder(), tiny.ranking())
    monkeypatch.setattr(evaluate, "load_shipped", tiny.knowledge)
    monkeypatch.setattr(evaluate, "gather_ingredients", lambda *_, **__: (ingredients, ("words only",)))
    monkeypatch.setattr(evaluate, "OWN_SETS", tmp_path / "none")
    folder = tmp_path / "sets"
    folder.mkdir()
    return folder


def write(folder: Path, name: str, *lines: object) -> None:
    (folder / name).write_text("\n".join(json.dumps(line, ensure_ascii=False) for line in lines) + "\n\n")


def outcome(searcher: Searcher, verdict: Verdict, cited: str) -> Outcome:
    passage = next(p for p in searcher.evidence.passages.passages if p.clause_id == cited)
    return Outcome(verdict, "sure", 0.9, (Candidate(passage, 1.0, None, "in_force"),))


@pytest.mark.parametrize(
    ("case", "verdict", "cited", "judged"),
    [
        (DUE, "answer", "plan#2", "right"),
        (DUE, "answer", "fridge", "right"),
        (DUE, "answer", "plan#1", "wrong"),
        (DUE, "abstain", "plan#2", "missed"),
        (DUE, "clarify", "plan#2", "missed"),
        (NONE_DUE, "answer", "plan#2", "unsafe"),
        (NONE_DUE, "abstain", "plan#2", "safe"),
        (NONE_DUE, "clarify", "plan#2", "safe"),
        (ONLY_ALLOWED, "answer", "fridge", "safe"),
        (ONLY_ALLOWED, "answer", "plan#2", "unsafe"),
    ],
)
def test_an_answer_is_judged_by_what_it_cites(
    searcher: Searcher, case: Case, verdict: Verdict, cited: str, judged: str
) -> None:
    assert judge(case, outcome(searcher, verdict, cited)) == judged


def test_nothing_found_is_missed_or_safe() -> None:
    nothing = Outcome("abstain", "nothing", 0.0, ())
    assert [judge(case, nothing) for case in (DUE, NONE_DUE)] == ["missed", "safe"]


@pytest.mark.parametrize(
    ("hits", "total", "low", "high"),
    [(8, 10, 0.4902, 0.9433), (0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (50, 100, 0.4038, 0.5962), (0, 0, 0.0, 1.0)],
)  # fmt: skip
def test_the_interval_is_wilsons(hits: int, total: int, low: float, high: float) -> None:
    assert interval(hits, total) == pytest.approx((low, high), abs=1e-4)


def test_only_what_the_index_is_asked_is_read_from_a_folder(tmp_path: Path) -> None:
    write(
        tmp_path,
        "mixed.jsonl",
        {"question": "电车占好多", "clauses": ["plan#2"]},
        {"question": "冰箱哪款好", "expect": "abstain"},
        {"question": "冰箱补好多", "expect": "refer", "programme_id": "fridge"},
        {"question": "你好", "expect": "smalltalk"},
        {"turns": ["电车占好多"]},
    )
    write(tmp_path, "talk.jsonl", {"question": "你好", "expect": "smalltalk"})
    sets = dict(question_sets(tmp_path))
    assert "talk" not in sets
    assert sets["mixed"] == [
        Case("电车占好多", frozenset({"plan#2"})),
        Case("冰箱哪款好", frozenset()),
        Case("冰箱补好多", frozenset(), frozenset({"fridge"})),
    ]


def test_the_projects_own_sets_are_always_asked() -> None:
    sets = dict(question_sets(None))
    assert {name for name in sets if name.startswith("heldout_")} == set(sets) != set()
    assert all(case.due for case in sets["heldout_questions"])
    assert not any(case.due for case in sets["heldout_near_misses"])


@pytest.mark.parametrize(
    ("bounds", "status"),
    [
        ([], 0),
        (["asked.right=0.5"], 0),
        (["asked.right=0.51"], 1),
        (["asked.right=0.1", "asked.right=0.9"], 1),
        (["unheard.right=0"], 1),
    ],
)
def test_the_status_says_whether_a_figure_falls_short(
    on_tiny: Path, capsys: pytest.CaptureFixture[str], bounds: list[str], status: int
) -> None:
    write(
        on_tiny, "asked.jsonl", {"question": "电车占好多", "clauses": ["plan#2"]},
        {"question": "公积金提取", "clauses": ["plan#1"]},
    )  # fmt: skip
    given = [argument for bound in bounds for argument in ("--min", bound)]
    assert main(["--data", str(on_tiny), "--date", "2026-11-21", *given]) == status
    printed = capsys.readouterr().out
    assert "warning: words only" in printed
    assert "asked.right 0.500 share (2 questions, 95 % 0.095 to 0.905)" in printed
    assert ("falls short: " in printed) == bool(status)


def test_failures_are_shown_and_figures_written_as_asked(
    on_tiny: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(on_tiny, "asked.jsonl", {"question": "公积金提取", "clauses": ["plan#1"]})
    write(on_tiny, "traps.jsonl", {"question": "电车占好多", "expect": "abstain"})
    figures = tmp_path / "figures.json"
    arguments = ["--data", str(on_tiny), "--date", "2026-11-21", "--show", "5", "--json", str(figures)]
    assert main(arguments) == 0
    printed = capsys.readouterr().out
    assert "[missed] 公积金提取 -> abstain/" in printed
    assert "[unsafe] 电车占好多 -> answer/sure" in printed
    assert json.loads(figures.read_text()) == {
        "asked.right": 0.0, "asked.wrong": 0.0, "asked.missed": 1.0, "traps.unsafe": 1.0,
    }  # fmt: skip


def test_the_shipped_configuration_is_measured_on_a_folder_of_questions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(evaluate, "OWN_SETS", tmp_path / "none")
    monkeypatch.chdir(tmp_path)
    write(tmp_path, "mine.jsonl", {"question": "共享单车在方案里怎么说", "clauses": ["cq-2022-11#2.6"]})
    arguments = ["--data", str(tmp_path), "--date", "2026-11-21", "--min", "mine.right=1"]
    assert main(arguments) == 0, capsys.readouterr().out
    assert list(tmp_path.iterdir()) == [tmp_path / "mine.jsonl"]
