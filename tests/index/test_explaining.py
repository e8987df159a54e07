"""A decision taken apart says what the search itself decided on."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
import yaml

from index import explained_words
from index.constraints import ASKS
from index.describing import FEATURES
from index.explained_words import Reason, reasons, veto_said, word
from index.explaining import Explained, Veto, explain
from index.ranking import DECISION_FEATURES
from index.search import Searcher
from index.snapshot import Ingredients, assemble
from knowledge.model import Lexicon
from tests.index import tiny

INGREDIENTS = Ingredients(tiny.BigramEncoder(), tiny.ranking())


def searcher(**changes: object) -> Searcher:
    return assemble(tiny.knowledge(**changes), INGREDIENTS)


def told(question: str, on: date = tiny.DAY, **changes: object) -> Explained:
    return explain(searcher(**changes), question, as_of=on)


@pytest.mark.parametrize(
    "question",
    [
        "旧衣服可以捐出去吗？",
        "电车现在占好多",
        "馆子有小份菜没得",
        "冰箱补贴好多钱",
        "火星上有没有饭馆",
        "哦",
    ],
)
def test_the_parts_of_a_decision_add_up_to_its_probability(question: str) -> None:
    explained = told(question)
    assert explained.outcome == searcher().search(question, as_of=tiny.DAY)
    if explained.outcome.probability:
        assert 1 / (1 + math.exp(-explained.logit)) == pytest.approx(explained.outcome.probability)


def test_an_approved_wording_has_no_parts() -> None:
    explained = told("旧衣服可以捐吗")
    assert (explained.outcome.why, explained.outcome.probability) == ("worded", 1.0)
    assert (explained.weights, explained.vetoes) == ((), ())
    assert "问法" in word("why", explained.outcome.why)


def test_an_answer_has_no_veto_and_names_wording_and_features() -> None:
    explained = told("旧衣服可以捐吗？")
    assert explained.outcome.verdict == "answer"
    assert explained.vetoes == ()
    first = explained.candidates[0]
    assert (first.candidate.passage.clause_id, first.wording) == ("plan#1", "旧衣服可以捐吗？")
    assert first.features["same_question"] == 1.0
    assert "item_agrees" not in first.features, "no thing was named"


def test_the_lexicons_words_are_named() -> None:
    explained = told("馆子有小份菜没得")
    assert explained.widened == {"馆子": ("餐饮企业",)}
    assert told("渝北的冰柜").districts == ("渝北区",)
    assert told("渝北的冰柜").items == ("冰箱",)


def test_what_was_asked_and_is_not_held_is_a_veto() -> None:
    explained = told("旧衣服捐到哪里的地址电话是好多")
    assert explained.outcome.verdict == "abstain"
    lacking = next(veto for veto in explained.vetoes if veto.kind == "lacking")
    assert set(lacking.words) == explained.outcome.lacking
    assert "电话" in veto_said(lacking)


def test_a_nearer_text_that_no_longer_holds_is_named() -> None:
    explained = told("买冰箱补15%，最多1500元", on=date(2027, 3, 1))
    assert explained.outcome.why == "expired"
    assert Veto("not_in_force", clause_id="fridge", status="expired") in explained.vetoes
    assert (
        veto_said(explained.vetoes[0], "冰箱换新补贴")
        == "冰箱换新补贴 更接近问题，但在所问日期已过期，不参加比较。"
    )


def test_a_question_without_a_word_or_without_a_match_says_so() -> None:
    assert told("的了吗").vetoes == (Veto("no_terms"),)
    assert told("的了吗").weights == ()
    assert told("qqq zzz").outcome.verdict == "abstain"


def test_a_probability_under_the_line_is_told_with_the_line() -> None:
    strict = assemble(tiny.knowledge(), Ingredients(tiny.BigramEncoder(), tiny.ranking(0.9999)))
    explained = explain(strict, "旧衣服可以捐出去吗", as_of=tiny.DAY)
    assert [veto.kind for veto in explained.vetoes] == ["below_answer"]
    assert (explained.vetoes[0].value, explained.vetoes[0].bar) == (explained.outcome.probability, 0.9999)
    assert "1.00" in veto_said(explained.vetoes[0])


def test_the_strongest_reasons_come_first_in_chinese_and_add_up() -> None:
    explained = told("旧衣服可以捐吗捐")
    found = reasons(explained)
    assert found[0].name == "问题说到的，条文和问法说到了多少"
    assert found[0].adds == pytest.approx(6.0)
    assert found[0].details[0] == "原文加问法覆盖了多少关键字 1.00"
    assert found[1] == Reason("起点（任何问题都一样）", (), -3.0)
    assert [abs(one.adds) for one in found] == sorted((abs(one.adds) for one in found), reverse=True)
    assert sum(one.adds for one in found) == pytest.approx(explained.logit)


def test_every_feature_and_every_kind_has_a_name() -> None:
    table = yaml.safe_load(Path(explained_words.__file__).with_name("explained.yml").read_text("utf-8"))
    assert set(table["feature"]) == set(DECISION_FEATURES) | set(FEATURES)
    assert set(table["group_of"]) == set(DECISION_FEATURES)
    assert set(table["group_of"].values()) <= set(table["group"])
    assert set(table["kind"]) == set(ASKS)
    assert word("verdict", "answer") == "回答"


def test_another_lexicon_changes_only_the_reading() -> None:
    before = searcher()
    lexicon = replace(tiny.knowledge().lexicon, synonyms={"衣裳": ("旧衣物",)})
    after = before.with_lexicon(lexicon, "other")
    fresh = assemble(tiny.knowledge(lexicon=lexicon), INGREDIENTS, "other")
    for question in ("衣裳捐不捐", "馆子有小份菜没得", "冰柜补好多"):
        assert after.search(question, as_of=tiny.DAY) == fresh.search(question, as_of=tiny.DAY)
    assert after.snapshot_id == "other"
    assert before.knowledge.lexicon == tiny.knowledge().lexicon
    assert after.evidence.passages is before.evidence.passages
    assert explain(before, "衣裳捐不捐", as_of=tiny.DAY).widened == {}
    assert explain(after, "衣裳捐不捐", as_of=tiny.DAY).widened == {"衣裳": ("旧衣物",)}


def test_an_empty_lexicon_takes_words_away_again() -> None:
    after = searcher().with_lexicon(Lexicon(), "none")
    assert explain(after, "馆子有小份菜没得", as_of=tiny.DAY).widened == {}
