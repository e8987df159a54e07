"""Search over a tiny knowledge: what is found, when it is answered, and what validity does to it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from index.search import Searcher
from index.snapshot import Ingredients, assemble
from knowledge.model import Amount, Entry, Quote
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


@pytest.mark.parametrize("wording", ["综合能源站建成100座", "哪个街道的电车占得多，地址在哪里"])
def test_an_approved_wording_has_its_own_answer_whatever_else_is_near(wording: str) -> None:
    known = tiny.knowledge()
    clothes, cars = known.entries
    worded = replace(cars, variants=(*cars.variants, wording))
    found = []
    for entries in ((clothes, cars), (clothes, worded)):
        searcher = assemble(
            replace(known, entries=entries), Ingredients(tiny.BigramEncoder(), tiny.ranking())
        )
        found.append(searcher.search(f"{wording}？", as_of=tiny.DAY))
    without, with_it = found
    assert without.verdict == "abstain" or without.candidates[0].entry is None
    assert (with_it.verdict, with_it.why, with_it.probability) == ("answer", "worded", 1.0)
    assert with_it.candidates[0].entry == worded
    assert with_it.candidates[0].passage.text == "到2025年，新能源汽车新车销售量占比达到20%以上。"
    assert len({candidate.passage for candidate in with_it.candidates}) == len(with_it.candidates)


def test_another_number_is_another_wording() -> None:
    known = tiny.knowledge()
    clothes, cars = known.entries
    worded = replace(cars, variants=("建成1.5座综合能源站嘛",))
    searcher = assemble(
        replace(known, entries=(clothes, worded)), Ingredients(tiny.BigramEncoder(), tiny.ranking())
    )
    assert searcher.search("建成1.5座，综合能源站嘛?", as_of=tiny.DAY).probability == 1.0
    assert searcher.search("建成15座综合能源站嘛", as_of=tiny.DAY).probability < 1.0


def test_an_approved_wording_brings_back_nothing_that_has_ended() -> None:
    known = tiny.knowledge()
    card = known.programmes[0]
    fridge = Entry("fridge", "冰箱补好多钱", (), (Quote(card.id, 0, len(card.text), card.text),))
    searcher = assemble(
        replace(known, entries=(*known.entries, fridge)), Ingredients(tiny.BigramEncoder(), tiny.ranking())
    )
    assert searcher.search("冰箱补好多钱", as_of=tiny.DAY).verdict == "answer"
    assert searcher.search("冰箱补好多钱", as_of=date(2027, 5, 1)).verdict == "abstain"


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


def of(entry_id: str) -> dict[str, object]:
    """The tiny knowledge with one more entry, on a part of the sentence about cars."""
    part = tiny.entry(entry_id, tiny.CARS, "综合能源站", "换电的点位好多")
    return {"entries": (*tiny.knowledge().entries, part)}


def test_a_hidden_entry_is_as_if_nobody_had_written_it() -> None:
    ingredients = Ingredients(tiny.BigramEncoder(), tiny.ranking())
    written = assemble(tiny.knowledge(**of("stations")), ingredients)
    unwritten = assemble(tiny.knowledge(), ingredients)
    question = "换电的点位好多"
    assert written.search(question, as_of=tiny.DAY).candidates[0].entry == written.knowledge.entries[-1]
    hidden = written.search(question, as_of=tiny.DAY, hidden={"stations"})
    plain = unwritten.search(question, as_of=tiny.DAY)
    assert hidden.verdict == plain.verdict != "answer"
    assert [(c.passage.text, c.entry) for c in hidden.candidates] == [
        (c.passage.text, c.entry) for c in plain.candidates
    ]
    assert "综合能源站" not in {candidate.passage.text for candidate in hidden.candidates}


def test_hiding_an_entry_leaves_the_others_as_they_are(searcher: Searcher) -> None:
    shown = searcher.search("不要的衣裳捐给哪个", as_of=tiny.DAY)
    assert searcher.search("不要的衣裳捐给哪个", as_of=tiny.DAY, hidden={"cars", "nobody"}) == shown


SUMMARY = "买新能源车的购置税有减免。"
FREE = "2024-01-01至2025-12-31：免征购置税，最多30000元。"
HALF = "2026-01-01至2027-12-31：购置税减半征收，最多15000元。"
TAX = tiny.programme(
    "tax",
    SUMMARY,
    title="购置税减免",
    text="\n".join((SUMMARY, FREE, HALF)),
    amounts=(
        Amount("免征购置税", "1", "30000", "元", date(2024, 1, 1), date(2025, 12, 31)),
        Amount("购置税减半征收", "0.5", "15000", "元", date(2026, 1, 1), date(2027, 12, 31)),
    ),
    valid_from=date(2024, 1, 1),
    valid_to=date(2027, 12, 31),
)


@pytest.fixture
def taxed() -> Searcher:
    known = tiny.knowledge(programmes=(*tiny.knowledge().programmes, TAX))
    return assemble(known, Ingredients(tiny.BigramEncoder(), tiny.ranking()))


def test_each_line_of_an_amount_has_the_dates_of_its_amount(taxed: Searcher) -> None:
    dates = {
        p.text: (p.valid_from, p.valid_to) for p in taxed.evidence.passages.passages if p.document_id == "tax"
    }
    assert dates == {
        SUMMARY: (None, None),
        FREE: (date(2024, 1, 1), date(2025, 12, 31)),
        HALF: (date(2026, 1, 1), date(2027, 12, 31)),
    }


@pytest.mark.parametrize("question", ["免征购置税最多30000元", "买车免征购置税", "免征"])
def test_an_amount_that_has_ended_is_never_given_although_its_programme_goes_on(
    taxed: Searcher, question: str
) -> None:
    outcome = taxed.search(question, as_of=tiny.DAY)
    live = [candidate for candidate in outcome.candidates if candidate.status == "in_force"]
    assert FREE not in {candidate.passage.text for candidate in live}
    assert outcome.verdict != "answer" or outcome.candidates[0].passage.text != FREE


def test_an_amount_that_has_ended_is_named_as_the_reason(taxed: Searcher) -> None:
    outcome = taxed.search("免征购置税最多30000元", as_of=tiny.DAY)
    assert (outcome.verdict, outcome.why) == ("abstain", "expired")
    assert (outcome.candidates[0].passage.text, outcome.candidates[0].status) == (FREE, "expired")


@pytest.mark.parametrize(
    ("question", "line"),
    [
        ("2024年免征购置税最多30000元", FREE),
        ("去年免征购置税最多30000元", FREE),
        ("购置税减半征收最多15000元", HALF),
        ("2026年购置税减半征收最多15000元", HALF),
        ("明年购置税减半征收最多15000元", HALF),
    ],
)
def test_the_year_asked_about_says_which_amount_holds(taxed: Searcher, question: str, line: str) -> None:
    outcome = taxed.search(question, as_of=tiny.DAY)
    assert (outcome.verdict, outcome.candidates[0].passage.text) == ("answer", line)


@pytest.mark.parametrize(
    "question", ["2024年买冰箱补15%", "去年买冰箱补15%", "2027年买冰箱补15%", "明年买冰箱补15%"]
)
def test_a_programme_of_this_year_is_not_given_for_another(searcher: Searcher, question: str) -> None:
    assert searcher.search("2026年买冰箱补15%", as_of=tiny.DAY).verdict == "answer"
    outcome = searcher.search(question, as_of=tiny.DAY)
    assert outcome.verdict == "abstain"
    assert not [c for c in outcome.candidates if c.passage.programme and c.status == "in_force"]


def test_the_outcome_says_which_day_was_asked_about(searcher: Searcher) -> None:
    assert searcher.search("电车占好多", as_of=tiny.DAY).day == tiny.DAY
    assert searcher.search("去年电车占好多", as_of=tiny.DAY).day == date(2025, 12, 31)
    assert searcher.search("去年？", as_of=tiny.DAY).day == date(2025, 12, 31)


def test_a_target_for_the_year_asked_about_stands_though_its_text_came_later() -> None:
    later = tiny.knowledge(documents=(tiny.document(effective_from=date(2026, 1, 1)),))
    searcher = assemble(later, Ingredients(tiny.BigramEncoder(), tiny.ranking()))
    target = searcher.search("2025年新能源汽车新车销售量占比达到20%以上", as_of=tiny.DAY)
    assert (target.verdict, target.candidates[0].passage.clause_id) == ("answer", "plan#2")
    other = searcher.search("2025年慈善组织捐赠旧衣物", as_of=tiny.DAY)
    assert other.verdict == "abstain"
    assert {candidate.passage.text for candidate in other.candidates if candidate.status == "in_force"} <= {
        "到2025年，新能源汽车新车销售量占比达到20%以上。"
    }


@pytest.mark.parametrize("question", ["渝北区", "渝北呢", "渝北区？"])
def test_a_district_alone_is_asked_back_however_well_it_is_covered(question: str) -> None:
    clauses = (*tiny.knowledge().clauses, tiny.clause("4", "渝北区", "渝北区建设换电站。"))
    searcher = assemble(tiny.knowledge(clauses=clauses), Ingredients(tiny.BigramEncoder(), tiny.ranking()))
    assert searcher.search("渝北区换电站", as_of=tiny.DAY).verdict == "answer"
    outcome = searcher.search(question, as_of=tiny.DAY)
    assert (outcome.verdict, outcome.why) == ("clarify", "district")
