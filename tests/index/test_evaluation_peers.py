"""Peers and parts of the search over a hand-made world, and the thresholds that make them comparable."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from index.evaluation.ablation import SYSTEMS, Places, ablate, best_clauses
from index.evaluation.cases import Case
from index.evaluation.figures import Share
from index.evaluation.judging import ask
from index.evaluation.peers import Bm25Jieba, Offer, Peer, TfidfCharacters, compare, matching_threshold
from index.evaluation.response_selector import PYTHON, RasaFailed, ResponseSelector
from index.evaluation.statutes import Collection, figures, measure
from index.evaluation.texts import Texts, searchable_texts
from index.snapshot import Ingredients, assemble
from tests.index import tiny, topics

WORLD = Texts(
    ("旧衣服捐给慈善组织", "旧家电回收怎么预约", "新能源汽车销售占比", "旧衣服怎么捐"),
    ("clothes", "appliances", "cars", "clothes"),
    ("", "", "", "donate"),
)


@pytest.mark.parametrize("kind", [Bm25Jieba, TfidfCharacters])
def test_a_peer_puts_the_clause_first_whose_words_are_asked(kind: type[Bm25Jieba | TfidfCharacters]) -> None:
    offers = kind(WORLD).offer(["旧家电回收", "新能源汽车", "旧衣服怎么捐", "xyz"])
    assert [offer.clause for offer in offers] == ["appliances", "cars", "clothes", ""]
    assert offers[-1].score == 0
    assert all(offer.score > 0 for offer in offers[:-1])


def test_character_cosine_is_one_for_the_same_text_only() -> None:
    same, near = TfidfCharacters(WORLD).offer(["旧衣服怎么捐", "旧衣服怎么扔"])
    assert same.score == pytest.approx(1.0)
    assert 0 < near.score < 1


@pytest.mark.parametrize(("share", "above"), [(0.0, 0), (0.25, 1), (0.3, 1), (0.5, 2), (0.75, 3), (1.0, 4)])
def test_the_threshold_lets_through_the_share_that_is_wanted(share: float, above: int) -> None:
    scores = [0.1, 0.2, 0.3, 0.4]
    threshold = matching_threshold(scores, share)
    assert sum(score >= threshold for score in scores) == above


def test_equal_scores_are_never_told_apart() -> None:
    threshold = matching_threshold([0.2, 0.2, 0.2, 0.9], 0.5)
    assert 0.2 < threshold < 0.9


class Scripted:
    """Offers what the test says."""

    name = "scripted"

    def __init__(self, **offers: Offer) -> None:
        self._offers = offers

    def offer(self, questions: Sequence[str]) -> list[Offer]:
        return [self._offers[question] for question in questions]


def test_a_peer_is_judged_at_its_threshold_and_with_hindsight() -> None:
    peer: Peer = Scripted(
        practice_a=Offer("x", 0.9), practice_b=Offer("x", 0.3),
        sure=Offer("due", 0.95), unsure=Offer("due", 0.5), beside=Offer("other", 0.8), silent=Offer("", 0.0),
        trap=Offer("x", 0.4), decoy=Offer("x", 0.2),
    )  # fmt: skip
    wordings = [Case(name, frozenset({"due"})) for name in ("sure", "unsure", "beside", "silent")]
    traps = [Case(name, frozenset()) for name in ("trap", "decoy")]
    compared = compare(peer, wordings, traps, practice=["practice_a", "practice_b"], unsafe=0.5)
    assert compared.threshold == pytest.approx(0.6)
    assert compared.shares == {
        "first": Share(2, 4), "right": Share(1, 4), "wrong": Share(1, 4), "missed": Share(2, 4),
        "unsafe": Share(0, 2), "right_with_hindsight": Share(2, 4),
    }  # fmt: skip


def test_plain_searches_see_what_holds_on_the_day_only() -> None:
    knowledge = tiny.knowledge()
    every = searchable_texts(knowledge, tiny.DAY)
    assert set(every.clauses) == {"plan#1", "plan#2", "plan#3", "fridge"}
    assert set(every.entries) == {"", "clothes", "cars"}
    later = searchable_texts(knowledge, tiny.DAY.replace(year=2027), entries=False)
    assert set(later.clauses) == {"plan#1", "plan#2", "plan#3"}
    assert set(later.entries) == {""}


def test_the_best_clauses_are_named_once_and_never_without_a_score() -> None:
    scores = np.asarray([0.2, 0.9, 0.8, 0.0, 0.5])
    assert best_clauses(scores, ["c", "a", "a", "d", "b"]) == ("a", "b", "c")
    assert best_clauses(scores, ["c", "a", "a", "d", "b"], depth=2) == ("a", "b")
    assert best_clauses(np.zeros(2), ["a", "b"]) == ()


def test_each_part_is_measured_on_the_same_questions() -> None:
    """绿牌 stands in an approved question alone, 馆子 in the lexicon alone; hidden, the question is no help."""
    plates = tiny.entry("plates", tiny.CARS, "建成综合能源站100座。", "绿牌哪阵普及")
    knowledge = tiny.knowledge(entries=(*tiny.knowledge().entries, plates))
    ingredients = Ingredients(tiny.BigramEncoder(), tiny.ranking())
    searcher = assemble(knowledge, ingredients)
    due = frozenset({"plan#2"})
    sets = {
        "entry": [Case("绿牌普及", due)],
        "hidden": [Case("绿牌普及", due, hidden=frozenset({"plates"}))],
        "lexicon": [Case("馆子", frozenset({"plan#3"}))],
    }
    asked = {name: ask(searcher, each, tiny.DAY) for name, each in sets.items()}
    ablation = ablate(knowledge, ingredients, asked, tiny.DAY)
    firsts = {
        name: {system: parts[system].first.hits for system in SYSTEMS} for name, parts in ablation.items()
    }
    assert firsts["entry"]["bm25"] == firsts["hidden"]["bm25"] == 0
    assert [firsts["entry"][system] for system in ("entries", "reranker", "lexicon")] == [1, 1, 1]
    assert [firsts["hidden"][system] for system in ("entries", "lexicon")] == [0, 0]
    assert [firsts["lexicon"][system] for system in ("bm25", "reranker", "lexicon")] == [0, 0, 1]
    assert ablation["entry"]["lexicon"] == Places(Share(1, 1), Share(1, 1))


def test_without_an_encoder_words_alone_are_taken_apart() -> None:
    ingredients = Ingredients(None, tiny.ranking())
    asked = {
        "asked": ask(
            assemble(tiny.knowledge(), ingredients), [Case("小份菜", frozenset({"plan#3"}))], tiny.DAY
        )
    }
    parts = ablate(tiny.knowledge(), ingredients, asked, tiny.DAY)["asked"]
    assert list(parts) == ["bm25", "entries", "reranker", "lexicon"]
    assert parts["bm25"].first == Share(1, 1)


def test_statute_figures_are_recall_and_the_rank_of_the_first_found() -> None:
    ranked = np.asarray([[3, 1, 0, 2], [2, 0, 1, 3]])
    assert figures(ranked, [{1, 9}, {2}]) == {
        "recall_at_5": 0.75, "recall_at_10": 0.75, "recall_at_100": 0.75, "mrr_at_10": 0.75,
    }  # fmt: skip


def test_statutes_are_searched_by_words_and_by_vectors() -> None:
    collection = Collection(
        ["旧衣回收管理办法", "新能源汽车销售规定", "餐饮企业小份菜"], ["新能源汽车"], [{1}]
    )
    measured = measure(collection, tiny.BigramEncoder())
    assert [measured[f"statutes.{system}.mrr_at_10"] for system in ("bm25", "encoder", "ranking")] == [
        1.0
    ] * 3
    assert set(measured) == {
        f"statutes.{system}.{figure}"
        for system in ("bm25", "encoder", "ranking")
        for figure in ("recall_at_5", "recall_at_10", "recall_at_100", "mrr_at_10")
    }


def test_a_missing_dialogue_environment_is_named(tmp_path: Path) -> None:
    selector = ResponseSelector(topics.knowledge(), tiny.DAY, 1, python=tmp_path / "python")
    with pytest.raises(RasaFailed, match=r"requirements/install\.sh rasa"):
        selector.offer(["路灯"])


@pytest.mark.rasa
def test_rasas_selector_learns_the_entries_and_says_how_many() -> None:
    selector = ResponseSelector(topics.knowledge(), tiny.DAY, 40)
    assert selector.described == "12 entries, 60 wordings, 40 epochs"
    assert PYTHON.is_file()
    offers = selector.offer(["旧书在图书馆能换吗？", "新建住宅装马桶要节水不"])
    assert [offer.clause for offer in offers] == ["plan#7", "plan#12"]
    assert all(0 < offer.score <= 1 for offer in offers)
