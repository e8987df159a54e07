"""What is asked, how answers are judged, how sure a share is, and what the exit status says."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from index.encoder import BUILTIN, load_encoder
from index.evaluation import cases, command
from index.evaluation.cases import Case, held_out_facts, question_sets
from index.evaluation.command import main
from index.evaluation.figures import Share, UnknownFigure, falling_short, interval
from index.evaluation.judging import Asked, ask, judge, shares, unsafe_by_subject
from index.ranking import weights_file
from index.search import Candidate, Outcome, Searcher, Verdict
from index.snapshot import Ingredients, assemble
from knowledge.model import Entry, Quote
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
    monkeypatch.setattr(command, "load_shipped", tiny.knowledge)
    monkeypatch.setattr(command, "gather_ingredients", lambda *_, **__: (ingredients, ("words only",)))
    monkeypatch.setattr(cases, "OWN_SETS", tmp_path / "none")
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


def test_shares_are_counted_by_what_the_questions_have() -> None:
    assert shares(["right", "right", "missed", "wrong"]) == {
        "right": Share(2, 4), "wrong": Share(1, 4), "missed": Share(1, 4),
    }  # fmt: skip
    assert shares(["safe", "unsafe", "safe"]) == {"unsafe": Share(1, 3)}


def test_unsafe_answers_are_counted_by_what_is_asked_for(searcher: Searcher) -> None:
    asked = [
        Asked(Case("电车好多钱", frozenset(), asks="amount"), outcome(searcher, "answer", "plan#2")),
        Asked(Case("旧衣服好多钱", frozenset(), asks="amount"), outcome(searcher, "abstain", "plan#1")),
        Asked(Case("哪里捐", frozenset(), asks="address"), outcome(searcher, "clarify", "plan#1")),
        Asked(Case("电车占好多", frozenset({"plan#2"})), outcome(searcher, "answer", "plan#2")),
    ]
    assert list(unsafe_by_subject(asked)) == [("address", Share(0, 1)), ("amount", Share(1, 2))]


@pytest.fixture
def all_facts_held_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cases, "held_out", lambda _: True)


@pytest.mark.usefixtures("all_facts_held_out")
def test_a_held_out_fact_is_asked_without_any_entry_on_its_sentence() -> None:
    start = tiny.CARS.text.index("新能源汽车")
    part = Quote(tiny.CARS.id, start, start + 5, "新能源汽车")
    beside = Entry("beside", "电动车的目标", (), (part,))
    both = Entry(
        "both",
        "衣服和小份菜",
        (),
        (tiny.knowledge().entries[0].quotes[0], tiny.entry("food", tiny.FOOD, "小份菜", "小份").quotes[0]),
    )
    asked = held_out_facts(tiny.knowledge(entries=(*tiny.knowledge().entries, beside, both)), tiny.DAY)
    on_cars, on_clothes = frozenset({"cars", "beside"}), frozenset({"clothes", "both"})
    assert asked == [
        Case("旧衣服可以捐吗？", frozenset({"plan#1"}), hidden=on_clothes),
        Case("不要的衣裳捐给哪个", frozenset({"plan#1"}), hidden=on_clothes),
        Case("新能源车要占多少？", frozenset({"plan#2"}), hidden=on_cars),
        Case("电车占好多", frozenset({"plan#2"}), hidden=on_cars),
        Case("电动车的目标", frozenset({"plan#2"}), hidden=on_cars),
        Case("衣服和小份菜", frozenset({"plan#1", "plan#3"}), hidden=on_clothes),
    ]


@pytest.mark.usefixtures("all_facts_held_out")
@pytest.mark.parametrize(
    "ended",
    [
        {"documents": (tiny.document(effective_to=date(2025, 1, 1)),)},
        {"documents": (tiny.document(effective_from=date(2027, 1, 1)),)},
    ],
)
def test_facts_of_a_text_that_does_not_hold_are_not_asked(ended: dict[str, object]) -> None:
    assert held_out_facts(tiny.knowledge(**ended), tiny.DAY) == []


def test_only_facts_that_nothing_is_learnt_from_are_held_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cases, "held_out", lambda entry: entry.id == "cars")
    assert {case.due for case in held_out_facts(tiny.knowledge(), tiny.DAY)} == {frozenset({"plan#2"})}


def test_hidden_entries_take_no_part_in_an_answer(searcher: Searcher) -> None:
    due = frozenset({"plan#2"})
    known, bare = ask(
        searcher, [Case("电车占好多", due), Case("电车占好多", due, hidden=frozenset({"cars"}))], tiny.DAY
    )
    assert (known.judgement, bare.judgement) == ("right", "missed")


FIGURES = {"asked.right": Share(1, 2), "decision.risk": 0.1}


@pytest.mark.parametrize(
    ("minima", "maxima", "short"),
    [
        ([], [], []),
        ([("asked.right", 0.5)], [("decision.risk", 0.1)], []),
        ([("asked.right", 0.51)], [], ["asked.right 0.5000 is below 0.51"]),
        ([("asked.right", 0.9)], [("decision.risk", 0.05)], ["asked.right 0.5000 is below 0.9", "decision.risk 0.1000 is above 0.05"]),
    ],
)  # fmt: skip
def test_each_figure_that_falls_short_is_named(
    minima: list[tuple[str, float]], maxima: list[tuple[str, float]], short: list[str]
) -> None:
    assert falling_short(FIGURES, minima, maxima) == short


def test_a_bound_on_an_unknown_figure_names_the_known_ones() -> None:
    with pytest.raises(UnknownFigure) as error:
        falling_short(FIGURES, [("asked.rihgt", 0.5)], [])
    assert str(error.value) == "unknown figure asked.rihgt; known: asked.right, decision.risk"


@pytest.mark.parametrize(
    ("bounds", "status", "said"),
    [
        ([], 0, ""),
        (["--min", "asked.right=0.5", "--max", "asked.wrong=0"], 0, ""),
        (["--min", "asked.right=0.51"], 1, "falls short: asked.right 0.5000 is below 0.51"),
        (["--max", "asked.missed=0.4"], 1, "falls short: asked.missed 0.5000 is above 0.4"),
        (["--min", "unheard.right=0"], 2, "error: unknown figure unheard.right; known: asked.missed, asked.right, asked.wrong"),
    ],
)  # fmt: skip
def test_the_status_says_whether_a_figure_falls_short(
    on_tiny: Path, capsys: pytest.CaptureFixture[str], bounds: list[str], status: int, said: str
) -> None:
    write(
        on_tiny, "asked.jsonl", {"question": "电车占好多", "clauses": ["plan#2"]},
        {"question": "公积金提取", "clauses": ["plan#1"]},
    )  # fmt: skip
    assert main(["--data", str(on_tiny), "--date", "2026-11-21", *bounds]) == status
    printed = capsys.readouterr().out
    assert "warning: words only" in printed
    assert "asked.right 0.500 share (1 of 2, 95 % 0.095 to 0.905)" in printed
    assert said in printed
    assert bool(said) == ("falls short" in printed or "error" in printed)


@pytest.mark.parametrize("bound", ["asked.right", "=0.5", "asked.right=much"])
def test_a_bound_without_a_number_is_refused(capsys: pytest.CaptureFixture[str], bound: str) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["--min", bound])
    assert stop.value.code == 2
    assert "--min" in capsys.readouterr().err


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
    assert "[unsafe] 电车占好多 -> answer/worded" in printed
    assert json.loads(figures.read_text()) == {
        "asked.right": 0.0, "asked.wrong": 0.0, "asked.missed": 1.0, "traps.unsafe": 1.0,
    }  # fmt: skip


def test_the_shipped_configuration_is_measured_on_a_folder_of_questions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert weights_file(load_encoder(BUILTIN).fingerprint).is_file(), "weights of another model ship"
    monkeypatch.setattr(cases, "OWN_SETS", tmp_path / "none")
    monkeypatch.setattr(cases, "held_out", lambda _: False)
    monkeypatch.chdir(tmp_path)
    write(tmp_path, "mine.jsonl", {"question": "共享单车在方案里怎么说", "clauses": ["cq-2022-11#2.6"]})
    arguments = ["--data", str(tmp_path), "--date", "2026-11-21", "--min", "mine.right=1"]
    assert main(arguments) == 0, capsys.readouterr().out
    assert list(tmp_path.iterdir()) == [tmp_path / "mine.jsonl"]
