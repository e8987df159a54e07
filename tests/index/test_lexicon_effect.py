"""What another lexicon would change, told before it is saved."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from index.lexicon_effect import Effect, Probe, effect
from index.search import Searcher
from index.snapshot import Ingredients, assemble
from knowledge.model import Lexicon
from knowledge.publishing.golden import Given, GoldenQuestion
from tests.index import tiny

SEARCHER: Searcher = assemble(tiny.knowledge(), Ingredients(tiny.BigramEncoder(), tiny.ranking()))
LEXICON = SEARCHER.knowledge.lexicon


def asking(searcher: Searcher, asked: list[str] | None = None) -> Callable[[str], Given]:
    def ask(question: str) -> Given:
        if asked is not None:
            asked.append(question)
        outcome = searcher.search(question, as_of=tiny.DAY)
        if outcome.verdict != "answer":
            return Given(outcome.verdict)
        first = outcome.candidates[0].passage
        return Given("answer", first.clause_id, first.text)

    return ask


def golden(text: str, *expects: str) -> Probe:
    return Probe(text, GoldenQuestion("g", text, frozenset(expects) or None))


def effect_of(new: Lexicon, *probes: Probe, old: Lexicon = LEXICON) -> Effect:
    before, after = SEARCHER.with_lexicon(old, "before"), SEARCHER.with_lexicon(new, "after")
    found = effect(old, new, probes, asking(before), asking(after))
    assert found is not None
    return found


def with_synonyms(**words: tuple[str, ...]) -> Lexicon:
    return replace(LEXICON, synonyms=dict(words))


def test_a_synonym_taken_away_that_answered_breaks_a_golden_question() -> None:
    found = effect_of(with_synonyms(), golden("馆子小份", "plan#3"))
    assert (found.asked, found.touched, found.known) == (1, 1, 1)
    assert (found.right_before, found.right_after, found.broken, found.mended) == (1, 0, 1, 0)
    (change,) = found.changes
    assert change.before == Given("answer", "plan#3", "鼓励餐饮企业提供小份菜、半份菜。")
    assert change.after == Given("clarify")


def test_a_synonym_that_helps_mends_one() -> None:
    found = effect_of(LEXICON, golden("馆子小份", "plan#3"), old=with_synonyms())
    assert (found.right_before, found.right_after, found.broken, found.mended) == (0, 1, 0, 1)


def test_a_question_that_must_not_be_answered_breaks_when_it_is() -> None:
    found = effect_of(LEXICON, golden("馆子小份"), old=with_synonyms())
    assert (found.right_before, found.right_after, found.broken) == (1, 0, 1)


def test_a_residents_question_changes_without_being_judged() -> None:
    found = effect_of(with_synonyms(), Probe("馆子小份"), golden("旧衣服可以捐吗？", "plan#1"))
    assert (found.touched, found.known, found.right_before, found.right_after) == (1, 1, 1, 1)
    (change,) = found.changes
    assert (change.probe.text, change.broken, change.mended) == ("馆子小份", False, False)


def test_broken_questions_stand_first_then_mended_ones() -> None:
    old = with_synonyms(馆子=("餐饮企业",))
    new = with_synonyms(衣裳=("旧衣物", "慈善组织"))
    found = effect_of(new, Probe("馆子小份不"), golden("馆子小份的"), golden("馆子小份", "plan#3"), old=old)
    assert [change.probe.text for change in found.changes] == ["馆子小份", "馆子小份的", "馆子小份不"]


def test_only_questions_that_are_read_otherwise_are_asked_twice() -> None:
    before: list[str] = []
    after: list[str] = []
    probes = [Probe("电车占好多"), golden("旧衣服可以捐吗？", "plan#1"), Probe("火锅有小份菜没得")]
    new = with_synonyms(馆子=("餐饮企业",), 火锅=("餐饮企业",))
    effect(LEXICON, new, probes, asking(SEARCHER, before), asking(SEARCHER, after))
    assert before == ["旧衣服可以捐吗？", "火锅有小份菜没得"]
    assert after == ["火锅有小份菜没得"]


def test_another_name_of_a_thing_touches_whoever_names_a_thing() -> None:
    new = replace(LEXICON, items={"冰箱": ("冰柜", "雪柜")})
    found = effect_of(new, Probe("雪柜补好多"), Probe("冰柜补好多"), Probe("小份菜"))
    assert found.touched == 2


def test_another_name_of_whom_it_concerns_touches_whoever_says_it() -> None:
    new = replace(LEXICON, audiences={"学生": ("细娃",)})
    found = effect_of(new, Probe("细娃啷个捐旧衣服"), Probe("小份菜"))
    assert found.touched == 1


def test_progress_is_told_and_the_work_can_be_stopped() -> None:
    told: list[tuple[int, int]] = []
    probes = [Probe("旧衣服"), Probe("馆子")]
    ask = asking(SEARCHER)
    effect(LEXICON, LEXICON, probes, ask, ask, progress=lambda done, of: told.append((done, of)))
    assert told == [(1, 2), (2, 2)]
    assert effect(LEXICON, LEXICON, probes, ask, ask, stopped=lambda: True) is None
