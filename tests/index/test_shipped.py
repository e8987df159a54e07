"""What ships belongs together: the model, its weights and the knowledge answer questions of our own."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from index.encoder import BUILTIN, BUILTIN_FOLDER, load_encoder
from index.errors import IndexFault
from index.evaluation.cases import question_sets
from index.ingredients import gather_ingredients
from index.ranking import NO_ENCODER, Ranking, weights_file
from index.search import Searcher
from index.snapshot import Ingredients, assemble
from index.static_features import StaticFeatures
from index.training.samples import choosing_questions, unanswerable_questions
from knowledge.content_loader import load_shipped
from knowledge.model import Knowledge
from tests.index import tiny, topics

LARGEST_MODEL_BYTES = 25_000_000

# Each with the clauses, of which any one answers it.
ANSWERED = (
    ("食堂打饭可以要小份菜吗", "cq-2022-11#2.3"),
    ("新建房子要达到什么绿色建筑标准", "cq-2022-11#2.5"),
    ("到2025年新能源汽车新车销售占比要到好多", "cq-2022-11#2.6"),
    ("共享单车在方案里怎么说", "cq-2022-11#2.6"),
    ("商品过度包装有没有强制性标准要守", "cq-2022-11#2.7"),
    ("绿色电力消费怎么促进", "cq-2022-11#2.9"),
    ("快递包裹的纸箱有没有要求回收", "cq-2022-11#3.13"),
    ("闲置物品交易有什么政策", "cq-2022-11#3.14"),
    ("政府单位采购要不要优先买环保产品", "cq-2022-11#5.20"),
    ("居民阶梯电价的事文件里怎么提的", "cq-2022-11#5.22 cq-2020-1891#2.9"),
    ("2026年买新能源车购置税减半吗", "nev-purchase-tax"),
    ("小区里面装自用充电桩物业不同意咋整", "cq-private-charger"),
    ("六五环境日在哪天过", "env-day-0605"),
)
NOT_ANSWERED = (
    "绿色建筑奖励每平方米多少元",
    "解放碑附近哪里收旧家电",
    "空调补贴的热线电话是多少",
    "重庆公积金贷款利率是多少",
    "儿童医院挂号怎么预约",
    "重庆北站到机场坐几号线",
    "社保卡丢了去哪里补",
    "怎么煮火锅底料",
    "今天会不会下雨",
)


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return load_shipped()


def gathered(
    encoder: str, knowledge: Knowledge, folder: Path, said: list[str] | None = None
) -> tuple[Ingredients, tuple[str, ...]]:
    progress = (said if said is not None else []).append
    return gather_ingredients(
        encoder,
        trust_remote_code=False,
        knowledge=knowledge,
        data_dir=folder,
        today=tiny.DAY,
        progress=progress,
    )


@pytest.fixture(scope="module")
def searcher(knowledge: Knowledge, tmp_path_factory: pytest.TempPathFactory) -> Searcher:
    assert weights_file(load_encoder(BUILTIN).fingerprint).is_file(), "weights of another model ship"
    folder = tmp_path_factory.mktemp("data")
    ingredients, notes = gathered(BUILTIN, knowledge, folder)
    assert notes == ()
    assert not (folder / "weights").exists(), "the shipped weights must do"
    return assemble(knowledge, ingredients)


def test_the_shipped_weights_belong_to_the_shipped_model() -> None:
    fingerprint = load_encoder(BUILTIN).fingerprint
    assert Ranking.load(weights_file(fingerprint)).encoder == fingerprint


def test_weights_for_search_without_a_model_ship_too() -> None:
    assert Ranking.load(weights_file(NO_ENCODER)).encoder == NO_ENCODER


def test_every_shipped_weights_file_is_in_use() -> None:
    fingerprint = load_encoder(BUILTIN).fingerprint
    files = set(weights_file(NO_ENCODER).parent.glob("*.json"))
    assert files == {weights_file(NO_ENCODER), weights_file(fingerprint)}


def test_the_shipped_model_keeps_to_its_size() -> None:
    size = sum(path.stat().st_size for path in BUILTIN_FOLDER.rglob("*") if path.is_file())
    assert 0 < size <= LARGEST_MODEL_BYTES


@pytest.mark.parametrize("question", [question for question, _ in ANSWERED] + list(NOT_ANSWERED))
def test_the_questions_below_stand_nowhere_else(knowledge: Knowledge, question: str) -> None:
    learnt = {text for entry in knowledge.entries for text in (entry.question, *entry.variants)}
    held_out = {case.question for _, cases in question_sets(None) for case in cases}
    chosen = choosing_questions()
    listed = (*unanswerable_questions(), *chosen.answerable, *chosen.unanswerable)
    assert question not in learnt | held_out | {item.question for item in listed}


@pytest.mark.parametrize(("question", "clause"), ANSWERED)
def test_a_resident_is_answered_from_the_right_text(searcher: Searcher, question: str, clause: str) -> None:
    outcome = searcher.search(question, as_of=tiny.DAY)
    assert outcome.verdict == "answer"
    assert outcome.candidates[0].passage.clause_id in clause.split()


@pytest.mark.parametrize("question", NOT_ANSWERED)
def test_what_no_text_answers_is_not_answered(searcher: Searcher, question: str) -> None:
    assert searcher.search(question, as_of=tiny.DAY).verdict == "abstain"


def test_a_programme_that_has_ended_is_not_answered_from(searcher: Searcher) -> None:
    question = "报废旧车买新能源车补贴多少钱？"
    assert searcher.search(question, as_of=tiny.DAY).verdict == "answer"
    after = searcher.search(question, as_of=date(2027, 1, 1))
    assert after.verdict == "abstain"
    assert after.why == "expired"


def test_what_held_in_the_year_asked_about_is_told_later_too(searcher: Searcher) -> None:
    outcome = searcher.search("2026年报废旧车买新能源车补贴多少钱？", as_of=date(2027, 1, 1))
    assert (outcome.verdict, outcome.day) == ("answer", date(2026, 12, 31))
    assert outcome.candidates[0].passage.document_id == "national-car-scrappage-2026"


@pytest.mark.parametrize("question", ["2024年报废旧车买新能源车补贴多少钱？", "明年买手机国补多少钱"])
def test_a_programme_of_2026_is_not_given_for_another_year(searcher: Searcher, question: str) -> None:
    outcome = searcher.search(question, as_of=tiny.DAY)
    assert outcome.verdict == "abstain"


@pytest.mark.parametrize("question", ["购置税免征还有没有", "新能源车免征购置税最多免多少"])
def test_an_exemption_that_has_ended_is_not_given_in_2026(searcher: Searcher, question: str) -> None:
    outcome = searcher.search(question, as_of=tiny.DAY)
    given = outcome.candidates[0].passage
    assert outcome.verdict != "answer" or given.valid_to is None or given.valid_to >= tiny.DAY


def test_a_missing_model_leaves_search_by_words_and_says_so(knowledge: Knowledge, tmp_path: Path) -> None:
    ingredients, notes = gathered("/nonexistent", knowledge, tmp_path)
    assert ingredients.encoder is None
    assert len(notes) == 1
    assert "searching by words only" in notes[0]
    assert "/nonexistent" in notes[0]
    lexical = assemble(knowledge, ingredients)
    found = [lexical.search(q, as_of=tiny.DAY).candidates[0].passage.clause_id in due for q, due in ANSWERED]
    assert np.mean(found) >= 0.75
    assert lexical.search("共享单车规范发展", as_of=tiny.DAY).verdict == "answer"


@pytest.fixture(scope="module")
def other_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A static model of single characters with directions of chance, saved as an administrator would."""
    folder = tmp_path_factory.mktemp("models") / "characters"
    known = "".join(e.question + "".join(e.variants) + e.quotes[0].text for e in topics.knowledge().entries)
    vocabulary = sorted(set(known))
    vectors = np.random.default_rng(3).normal(size=(len(vocabulary), 32)).astype(np.float32)
    StaticFeatures.quantised(vocabulary, vectors).save(str(folder))
    return folder


def test_another_model_gets_weights_of_its_own_once(other_model: Path, tmp_path: Path) -> None:
    said: list[str] = []
    first, notes = gathered(str(other_model), topics.knowledge(), tmp_path, said)
    assert first.encoder is not None
    own = weights_file(first.encoder.fingerprint, tmp_path / "weights")
    assert (notes, len(said)) == ((), 1)
    assert json.loads(own.read_text())["encoder"] == first.encoder.fingerprint == first.ranking.encoder
    written = own.stat().st_mtime_ns

    again, _ = gathered(str(other_model), topics.knowledge(), tmp_path, said)
    assert again.ranking == first.ranking
    assert (len(said), own.stat().st_mtime_ns) == (1, written)
    best = assemble(topics.knowledge(), again).search("学校屋顶装光伏板", as_of=tiny.DAY).candidates[0]
    assert best.passage.clause_id == "plan#3"


def test_damaged_weights_of_another_model_are_named_with_the_remedy(
    other_model: Path, tmp_path: Path
) -> None:
    own = weights_file(load_encoder(other_model).fingerprint, tmp_path / "weights")
    own.parent.mkdir()
    own.write_text("{")
    with pytest.raises(IndexFault) as fault:
        gathered(str(other_model), topics.knowledge(), tmp_path)
    assert str(own) in str(fault.value)
    assert "python -m index.train decision" in str(fault.value)


def test_no_live_neighbour_answers_for_a_programme_that_has_ended(searcher: Searcher) -> None:
    day = date(2027, 1, 2)
    ended = {p.id for p in searcher.knowledge.programmes if p.status_on(day) == "expired"}
    entries = [e for e in searcher.knowledge.entries if e.quotes[0].clause_id in ended]
    asked = [entry.question.replace("2026年", "") for entry in entries]
    assert asked
    outcomes = {question: searcher.search(question, as_of=day) for question in asked}
    assert {q: (o.verdict, o.why) for q, o in outcomes.items()} == dict.fromkeys(
        asked, ("abstain", "expired")
    )
