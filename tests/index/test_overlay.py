"""An entry tried out beside a snapshot finds what a snapshot built with it would find."""

from __future__ import annotations

from dataclasses import replace

import pytest

from index.lexical import LexicalIndex
from index.overlay import ExtendedLexical, lay_over
from index.search import Searcher
from index.snapshot import Ingredients, assemble
from index.text import lexical_tokens
from knowledge.model import Entry, Knowledge, Quote
from knowledge.publishing.withheld import Withheld
from tests.index import tiny

NOTHING = Knowledge((), ())


def built(entries: tuple[Entry, ...]) -> Searcher:
    ingredients = Ingredients(tiny.BigramEncoder(), tiny.ranking())
    return assemble(tiny.knowledge(entries=entries), ingredients)


@pytest.fixture(scope="module")
def live() -> Searcher:
    return built(tiny.knowledge().entries)


NEW = tiny.entry(
    "portions", tiny.FOOD, "鼓励餐饮企业提供小份菜、半份菜。", "小份菜哪里有？", "吃不完可以点半份吗"
)


@pytest.mark.parametrize("question", ["小份菜哪里有", "吃不完点半份行不行", "旧衣服可以捐吗", "今天天气"])
def test_a_new_entry_is_found_as_if_it_had_been_built_in(live: Searcher, question: str) -> None:
    tried = lay_over(live, NEW, NOTHING).search(question, as_of=tiny.DAY)
    whole = built((*tiny.knowledge().entries, NEW)).search(question, as_of=tiny.DAY)
    assert (tried.verdict, tried.why) == (whole.verdict, whole.why)
    assert tried.probability == pytest.approx(whole.probability, abs=0.05)
    assert [c.entry and c.entry.id for c in tried.candidates] == [
        c.entry and c.entry.id for c in whole.candidates
    ]


def test_the_draft_takes_the_place_of_its_published_form(live: Searcher) -> None:
    shorter = replace(tiny.knowledge().entries[0], question="衣物捐到哪里", variants=())
    tried = lay_over(live, shorter, NOTHING).search("不要的衣裳捐给哪个", as_of=tiny.DAY)
    whole = built((tiny.knowledge().entries[1], shorter)).search("不要的衣裳捐给哪个", as_of=tiny.DAY)
    assert tried.verdict == whole.verdict
    assert tried.candidates[0].entry == whole.candidates[0].entry
    before = live.search("不要的衣裳捐给哪个", as_of=tiny.DAY)
    assert before.probability > tried.probability


def test_the_live_searcher_stays_as_it_was(live: Searcher) -> None:
    before = live.search("小份菜哪里有", as_of=tiny.DAY)
    lay_over(live, NEW, NOTHING).search("小份菜哪里有", as_of=tiny.DAY)
    assert live.search("小份菜哪里有", as_of=tiny.DAY) == before
    assert [entry.id for entry in live.knowledge.entries] == ["clothes", "cars"]


def test_a_clause_that_the_snapshot_lacks_is_found_through_the_draft(live: Searcher) -> None:
    clause = tiny.clause("9", "节约用水", "推广节水型器具。", document_id="water")
    draft = tiny.entry("water-1", clause, "推广节水型器具。", "水龙头换成哪种好")
    ground = Knowledge((tiny.document("water"),), (clause,))
    best = lay_over(live, draft, ground).search("水龙头换成哪种好", as_of=tiny.DAY).candidates[0]
    assert best.entry == draft
    assert best.passage.text == "推广节水型器具。"


def test_a_card_that_the_snapshot_lacks_is_found_through_the_draft(live: Searcher) -> None:
    card = tiny.programme("bulb", "换节能灯每只补5元。", title="节能灯补贴")
    draft = Entry("bulb-1", "节能灯补多少", (), (_whole(card.id, card.text),))
    best = lay_over(live, draft, Knowledge((), (), (), (card,))).search("节能灯补多少", as_of=tiny.DAY)
    assert best.candidates[0].passage.text == "换节能灯每只补5元。"


def test_what_is_withheld_stays_so_beside_a_draft(live: Searcher) -> None:
    reduced = live.without(Withheld(entries=frozenset({"clothes"})))
    trial = lay_over(reduced, NEW, NOTHING)
    found = trial.search("旧衣服可以捐吗", as_of=tiny.DAY)
    assert all(c.entry is None or c.entry.id != "clothes" for c in found.candidates)
    assert trial.search("小份菜哪里有", as_of=tiny.DAY).candidates[0].entry == NEW


def test_words_are_weighed_as_an_index_of_all_texts_weighs_them() -> None:
    texts = [f"第{number}号点位回收旧电池和废灯管" for number in range(200)] + [
        "旧手机交给哪里",
        "衣服捐到哪里",
    ]
    more = ["旧手机交到回收点", "平板电脑怎么处理"]
    whole, extended = (
        LexicalIndex.build([*texts, *more]),
        ExtendedLexical(LexicalIndex.build(texts), more),
    )
    for question in ("旧手机交给回收点", "平板电脑处理", "衣服"):
        tokens = lexical_tokens(question)
        assert extended.scores(tokens) == pytest.approx(whole.scores(tokens), abs=0.02)


def _whole(clause_id: str, text: str) -> Quote:
    return Quote(clause_id, 0, len(text), text)
