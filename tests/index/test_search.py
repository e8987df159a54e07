"""Search over a tiny knowledge: what is found, when it is answered, and what validity does to it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from index.search import Searcher
from index.snapshot import Ingredients, assemble
from tests.index import tiny


@pytest.fixture
def searcher() -> Searcher:
    return assemble(tiny.knowledge(), Ingredients(tiny.BigramEncoder(), tiny.ranking()))


def test_a_question_finds_the_sentence_of_its_entry(searcher: Searcher) -> None:
    outcome = searcher.search("电车占好多", as_of=tiny.DAY)
    best = outcome.candidates[0]
    assert outcome.verdict == "answer"
    assert best.passage.clause_id == "plan#2"
    assert best.passage.text == "到2025年，新能源汽车新车销售量占比达到20%以上。"
    assert best.entry is not None
    assert best.entry.id == "cars"


def test_a_sentence_without_an_entry_is_found_by_its_own_words(searcher: Searcher) -> None:
    outcome = searcher.search("综合能源站建成100座", as_of=tiny.DAY)
    assert outcome.candidates[0].passage.text == "建成综合能源站100座。"
    assert outcome.candidates[0].entry is None


def test_the_lexicon_widens_a_question_to_the_words_of_the_text(searcher: Searcher) -> None:
    question = searcher.evidence.prepare("馆子有半份菜没得")
    assert question.widened.added == ("餐饮企业",)
    assert searcher.search("馆子半份菜", as_of=tiny.DAY).candidates[0].passage.clause_id == "plan#3"


def test_an_address_that_the_text_does_not_hold_is_not_answered(searcher: Searcher) -> None:
    outcome = searcher.search("捐赠旧衣物的门店地址", as_of=tiny.DAY)
    assert outcome.verdict != "answer"
    assert "address" in outcome.lacking


def test_a_question_of_other_words_finds_nothing_to_answer_with(searcher: Searcher) -> None:
    assert searcher.search("公积金提取", as_of=tiny.DAY).verdict == "abstain"


@pytest.mark.parametrize("question", ["", "？？？", "👍", "\u200b", "的吗呢"])
def test_a_question_without_content_is_no_question(searcher: Searcher, question: str) -> None:
    outcome = searcher.search(question, as_of=tiny.DAY)
    assert (outcome.verdict, outcome.why) == ("abstain", "nothing")


def test_an_expired_programme_is_named_as_expired_and_never_answered(searcher: Searcher) -> None:
    assert searcher.search("买冰箱补15%", as_of=date(2026, 12, 31)).verdict == "answer"
    after = searcher.search("买冰箱补15%", as_of=date(2027, 1, 1))
    assert (after.verdict, after.why) == ("abstain", "expired")
    assert after.candidates[0].status == "expired"
    before = searcher.search("买冰箱补15%", as_of=date(2025, 12, 31))
    assert before.verdict == "abstain"


def test_a_superseded_document_never_competes() -> None:
    knowledge = tiny.knowledge(
        documents=(replace(tiny.document(), superseded_by="plan-2"), tiny.document("plan-2")),
        clauses=(
            tiny.CARS,
            tiny.clause("2", "交通消费", "到2030年，新能源汽车新车销售量占比达到40%以上。", "plan-2"),
        ),
        entries=(),
    )
    searcher = assemble(knowledge, Ingredients(tiny.BigramEncoder(), tiny.ranking()))
    outcome = searcher.search("新能源汽车新车销售量占比", as_of=tiny.DAY)
    found = {candidate.passage.document_id for candidate in outcome.candidates}
    assert "plan-2" in found
    assert "plan" not in found


def test_search_goes_on_by_words_where_there_is_no_encoder() -> None:
    searcher = assemble(tiny.knowledge(), Ingredients(None, tiny.ranking()))
    assert searcher.search("新能源汽车销售占比", as_of=tiny.DAY).candidates[0].passage.clause_id == "plan#2"


def test_a_masked_question_leaves_no_trace_in_the_evidence(searcher: Searcher) -> None:
    question = searcher.evidence.prepare("电车占好多")
    units = searcher.evidence.passages.questions
    hidden = {number for number, entry_id in enumerate(units.entries) if entry_id == "cars"}
    assert hidden
    found = searcher.evidence.gather(question, hidden)
    cars = [
        row
        for row, n in enumerate(found.passages)
        if searcher.evidence.passages.passages[n].clause_id == "plan#2"
    ]
    assert all(found.best_unit[row] == -1 for row in cars)
    assert all(found.features[row][3:9].max(initial=0.0) == 0.0 for row in cars)


def test_a_lone_word_that_names_no_thing_is_asked_back(searcher: Searcher) -> None:
    outcome = searcher.search("捐赠", as_of=tiny.DAY)
    assert outcome.candidates[0].passage.clause_id == "plan#1"
    assert (outcome.verdict, outcome.why) == ("clarify", "vague")
