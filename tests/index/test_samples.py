"""Which questions training asks, and what the encoder of each fold must not have learnt from."""

from __future__ import annotations

import numpy as np
import pytest

from index.describing import FEATURES
from index.evaluation.cases import question_sets
from index.evidence import Evidence
from index.passages import Passages, collect
from index.snapshot import Ingredients, assemble
from index.training.decision import untrained
from index.training.samples import (
    FOLDS,
    TERSE,
    Asking,
    Folds,
    Sample,
    choosing_questions,
    collect_samples,
    unanswerable_questions,
)
from index.training.split import HELD_OUT_PERCENT, held_out, wordings
from knowledge.content_loader import load_shipped
from knowledge.model import Entry, Knowledge, Quote
from tests.index import tiny, topics

KNOWLEDGE = topics.knowledge()
HELD_OUT = {"topic-7", "topic-11"}


@pytest.fixture(scope="module")
def evidence() -> Evidence:
    return assemble(KNOWLEDGE, Ingredients(tiny.BigramEncoder(), untrained())).evidence


@pytest.fixture(scope="module")
def folds(evidence: Evidence) -> Folds:
    return Folds(KNOWLEDGE, evidence.passages)


@pytest.fixture(scope="module")
def samples(evidence: Evidence) -> list[Sample]:
    return collect_samples(KNOWLEDGE, lambda _: evidence, topics.UNANSWERABLE, as_of=tiny.DAY)


@pytest.fixture(scope="module")
def shipped() -> Knowledge:
    return load_shipped()


@pytest.fixture(scope="module", params=["topics", "shipped"])
def asked(request: pytest.FixtureRequest, shipped: Knowledge) -> tuple[Knowledge, Passages, Folds]:
    known = KNOWLEDGE if request.param == "topics" else shipped
    passages = collect(known)
    return known, passages, Folds(known, passages)


def of_kind(samples: list[Sample], kind: str) -> list[Sample]:
    return [sample for sample in samples if sample.kind == kind]


Asked = tuple[Knowledge, Passages, Folds]


def units_of_held_out(knowledge: Knowledge, passages: Passages) -> set[int]:
    never = {entry.id for entry in knowledge.entries if held_out(entry)}
    return {number for number, owner in enumerate(passages.questions.entries) if owner in never}


def test_no_folds_encoder_learns_from_what_it_is_asked(asked: Asked) -> None:
    _, passages, folds = asked
    for fold in range(FOLDS):
        learnt = set(folds.learnable(fold))
        wordings_asked = {number for _, number in folds.wordings(fold)}
        facts_asked = {entry for entry, _ in folds.facts(fold)}
        assert learnt
        assert wordings_asked
        assert facts_asked
        assert not learnt & wordings_asked
        assert not {passages.questions.entries[number] for number in learnt} & facts_asked


def test_a_folds_wordings_belong_to_facts_that_its_encoder_knows(asked: Asked) -> None:
    _, _, folds = asked
    for fold in range(FOLDS):
        facts_asked = {entry for entry, _ in folds.facts(fold)}
        assert not {entry for entry, _ in folds.wordings(fold)} & facts_asked


def test_held_out_facts_are_neither_learnt_nor_asked(asked: Asked) -> None:
    knowledge, passages, folds = asked
    never = units_of_held_out(knowledge, passages)
    assert never
    assert set(folds.learnable(None)) == set(range(len(passages.questions.texts))) - never
    for fold in range(FOLDS):
        seen = {number for ask in (folds.wordings, folds.facts) for _, number in ask(fold)}
        assert not (seen | set(folds.learnable(fold))) & never


def test_over_all_folds_every_fact_is_asked_once_and_most_wordings(asked: Asked) -> None:
    knowledge, _, folds = asked
    facts = [entry for fold in range(FOLDS) for entry in {entry for entry, _ in folds.facts(fold)}]
    assert sorted(facts) == sorted(entry.id for entry in knowledge.entries if not held_out(entry))
    numbers = [number for fold in range(FOLDS) for _, number in folds.wordings(fold)]
    assert len(numbers) == len(set(numbers))
    assert 0.6 < len(numbers) / len(folds.learnable(None)) < 1.0


def test_the_folds_are_the_same_each_time(evidence: Evidence, folds: Folds) -> None:
    again = Folds(KNOWLEDGE, evidence.passages)
    for fold in range(FOLDS):
        assert again.learnable(fold) == folds.learnable(fold)
        assert list(again.wordings(fold)) == list(folds.wordings(fold))
        assert list(again.facts(fold)) == list(folds.facts(fold))


def test_each_fold_is_asked_of_its_own_evidence(evidence: Evidence) -> None:
    given: list[int] = []

    def evidence_of_fold(fold: int) -> Evidence:
        given.append(fold)
        return evidence

    collect_samples(KNOWLEDGE, evidence_of_fold, (), as_of=tiny.DAY)
    assert given == list(range(FOLDS))


def test_the_samples_are_what_the_folds_say(samples: list[Sample], folds: Folds, evidence: Evidence) -> None:
    texts = evidence.passages.questions.texts
    for kind, ask in (("wording", folds.wordings), ("fact", folds.facts)):
        due = [
            (evidence.prepare(texts[number]).text, fold) for fold in range(FOLDS) for _, number in ask(fold)
        ]
        assert sorted((s.question, s.fold) for s in of_kind(samples, kind)) == sorted(due)


def test_no_sample_is_about_a_held_out_clause(samples: list[Sample]) -> None:
    right = {c for s in samples for c, is_right in zip(s.clauses, s.right, strict=True) if is_right}
    assert right == {f"plan#{number}" for number in range(1, 13)} - {"plan#7", "plan#11"}


def test_a_wording_is_asked_with_itself_hidden_and_a_fact_with_its_whole_entry(samples: list[Sample]) -> None:
    has_entry, same = FEATURES.index("has_entry"), FEATURES.index("same_question")
    assert all((s.features[s.right][:, has_entry] == 0).all() for s in of_kind(samples, "fact"))
    assert all((s.best_unit[s.right] == -1).all() for s in of_kind(samples, "fact"))
    assert any((s.features[s.right][:, has_entry] == 1).any() for s in of_kind(samples, "wording"))
    assert all((s.features[:, same] < 1).all() for s in samples)


def test_questions_without_an_answer_are_dealt_out_by_subject(samples: list[Sample]) -> None:
    of_fold: dict[str, set[int]] = {}
    subject_of = {item.question: item.subject for item in topics.UNANSWERABLE}
    seen = of_kind(samples, "unanswerable")
    assert len(seen) >= 10
    for sample in seen:
        of_fold.setdefault(subject_of[sample.question], set()).add(sample.fold)
        assert not sample.right.any()
    assert all(len(folds) == 1 for folds in of_fold.values())
    assert len({fold for folds in of_fold.values() for fold in folds}) == FOLDS


def test_a_sample_holds_what_search_would_see(evidence: Evidence) -> None:
    asking = Asking(KNOWLEDGE, evidence, 3, tiny.DAY)
    assert asking.due("topic-5") == {"plan#5"}
    asking.ask("公交专用道违停罚多少钱", "unanswerable", set(), ())
    (sample,) = asking.samples
    question = evidence.prepare("公交专用道违停罚多少钱")
    found = evidence.gather(question)
    assert (sample.fold, sample.kind, sample.asked) == (3, "unanswerable", question.pieces)
    assert sample.passages.tolist() == found.passages.tolist()
    assert np.array_equal(sample.features, found.features)
    assert sample.lacking.tolist() == [bool(evidence.lacking(question, int(n))) for n in found.passages]
    assert list(sample.unmet) == [
        evidence.unmet(question, int(n), int(u)) for n, u in zip(found.passages, found.best_unit, strict=True)
    ]
    assert sample.alike.shape == (len(found.passages),) * 2
    assert sample.alike.diagonal().all()


def test_a_question_without_a_live_candidate_leaves_no_sample() -> None:
    ended = tiny.knowledge(
        documents=(tiny.document(effective_to=tiny.DAY.replace(year=2025)),), programmes=()
    )
    evidence = assemble(ended, Ingredients(tiny.BigramEncoder(), untrained())).evidence
    asking = Asking(ended, evidence, 0, tiny.DAY)
    asking.ask("电车占好多", "wording", {"plan#2"}, ())
    assert asking.samples == []


@pytest.mark.parametrize(("question", "terse"), [("路" * 2 + "灯" * 2, True), ("路灯换节能灯具" * 4, False)])
def test_a_short_question_is_terse(evidence: Evidence, question: str, terse: bool) -> None:
    asking = Asking(KNOWLEDGE, evidence, 0, tiny.DAY)
    asking.ask(question, "wording", {"plan#1"}, ())
    assert [sample.terse for sample in asking.samples] == [terse]
    assert (len(asking.samples[0].question) <= TERSE) == terse


def test_passages_that_do_not_hold_are_no_candidates() -> None:
    known = tiny.knowledge()
    evidence = assemble(known, Ingredients(tiny.BigramEncoder(), untrained())).evidence

    def clauses(year: int) -> set[str]:
        asking = Asking(known, evidence, 0, tiny.DAY.replace(year=year))
        asking.ask("买冰箱补15%", "unanswerable", set(), ())
        return set(asking.samples[0].clauses)

    assert "fridge" in clauses(2026)
    assert "fridge" not in clauses(2027)


def test_whole_clauses_are_held_out_and_the_split_never_moves() -> None:
    assert {entry.id for entry in KNOWLEDGE.entries if held_out(entry)} == HELD_OUT
    quote = KNOWLEDGE.entry_by_id["topic-7"].quotes[0]
    assert held_out(Entry("another", "别的问法", (), (quote, KNOWLEDGE.entries[0].quotes[0])))
    assert not held_out(Entry("another", "别的问法", (), (KNOWLEDGE.entries[0].quotes[0], quote)))


def test_about_as_many_clauses_are_held_out_as_is_said() -> None:
    entries = [Entry(str(n), "问", (), (Quote(f"some#{n}", 0, 1, "字"),)) for n in range(4000)]
    share = 100 * sum(map(held_out, entries)) / len(entries)
    assert abs(share - HELD_OUT_PERCENT) < 1.5


def test_wordings_are_the_question_and_its_variants_each_once() -> None:
    entry = Entry("e", "甲？", ("乙？", "甲？", "丙？", "乙？"), ())
    assert wordings(entry) == ("甲？", "乙？", "丙？")


def test_the_questions_for_the_operating_point_are_nobodys_to_learn_from(shipped: Knowledge) -> None:
    chosen = choosing_questions()
    due = {clause for item in chosen.answerable for clause in item.clauses}
    known = {clause.id for clause in shipped.clauses} | {programme.id for programme in shipped.programmes}
    assert due <= known
    assert all(item.clauses for item in chosen.answerable)
    asked = [item.question for item in (*chosen.answerable, *chosen.unanswerable)]
    assert len(asked) == len(set(asked)) > 100
    learnt = {text for entry in shipped.entries for text in wordings(entry)}
    learnt |= {item.question for item in unanswerable_questions()}
    assert not set(asked) & learnt


def test_nothing_of_the_evaluation_is_learnt_or_chosen_on(shipped: Knowledge) -> None:
    chosen = choosing_questions()
    used = {item.question for item in (*chosen.answerable, *chosen.unanswerable, *unanswerable_questions())}
    used |= {text for entry in shipped.entries for text in wordings(entry)}
    asked = {case.question for _, cases in question_sets(None) for case in cases}
    assert len(asked) > 500
    assert not asked & used


def test_contrasts_are_no_approved_questions(shipped: Knowledge) -> None:
    contrasts = [item.question for item in unanswerable_questions()]
    assert len(contrasts) > 1000
    assert not set(contrasts) & {text for entry in shipped.entries for text in wordings(entry)}
