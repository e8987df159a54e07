"""What is wrong with a line of the lexicon, and what an editor should know of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from index.lexicon_checks import LexiconChecks, Remark
from knowledge.content_loader import load_shipped
from knowledge.model import Lexicon

WORDINGS = [
    *(f"第{number}个问题，旧衣服捐到哪里" for number in range(380)),
    *(text for text in ("买车", "买房", "买菜", "买电", "买水") for _ in range(4)),
]
CHECKS = LexiconChecks(WORDINGS, ["餐饮企业提供小份菜。旧衣物回收。"])


def codes(lexicon: Lexicon, section: str, name: str) -> list[tuple[str, str]]:
    return [(remark.severity, remark.code) for remark in CHECKS.line(lexicon, section, name)]


def test_a_good_line_has_no_remark() -> None:
    lexicon = Lexicon(
        synonyms={"馆子": ("餐饮企业",)}, items={"冰箱": ("冰柜",)}, districts={"渝北区": ("渝北",)}
    )
    assert codes(lexicon, "synonyms", "馆子") == []
    assert codes(lexicon, "items", "冰箱") == []
    assert codes(lexicon, "districts", "渝北区") == []


def test_a_word_in_two_lines_is_named_with_both_however_it_is_written() -> None:
    lexicon = Lexicon(
        items={"冰箱": ("冰柜",), "冷柜": ("冰櫃",)}, synonyms={"馆子": ("餐饮企业",), "館子": ("小份菜",)}
    )
    (remark,) = CHECKS.line(lexicon, "items", "冰箱")
    assert remark == Remark(
        "error", "two_lines", "items", "冰箱",
        "“冰柜”在两行里：“冰箱”和“冷柜”。检索时只有一行起作用，请只留一处。",
    )  # fmt: skip
    assert codes(lexicon, "synonyms", "館子") == [("error", "two_lines")]


def test_a_target_may_serve_several_synonyms() -> None:
    lexicon = Lexicon(synonyms={"馆子": ("餐饮企业",), "酒楼": ("餐饮企业",)})
    assert codes(lexicon, "synonyms", "馆子") == []


def test_a_circle_of_synonyms_is_told_with_its_way() -> None:
    lexicon = Lexicon(
        synonyms={"馆子": ("餐饮企业", "酒楼"), "酒楼": ("饭店",), "饭店": ("馆子",), "饭馆": ("饭店",)}
    )
    (remark,) = [each for each in CHECKS.line(lexicon, "synonyms", "馆子") if each.severity == "error"]
    assert remark.said == "绕成了一圈：馆子 → 酒楼 → 饭店 → 馆子。请拆开。"
    assert ("error", "cycle") not in codes(lexicon, "synonyms", "饭馆"), "it only leads into one"


@pytest.mark.parametrize(
    ("name", "words", "expected"),
    [
        ("旧衣服", ("旧衣物",), ("error", "general")),
        ("买", ("餐饮企业",), ("error", "general")),
        ("买车", ("餐饮企业",), ("warning", "common")),
        ("吃", ("餐饮企业",), ("warning", "short")),
        ("买买买", ("餐饮企业",), ("warning", "squeezed")),
        ("馆子", ("馆子", "餐饮企业"), ("warning", "itself")),
        ("馆子", ("火星餐厅",), ("warning", "unknown_target")),
        ("馆子", ("餐饮企业", "餐饮企业"), ("warning", "repeated")),
        ("馆子", (), ("error", "empty_words")),
        ("！", ("餐饮企业",), None),
        ("", ("餐饮企业",), ("error", "empty_name")),
        ("馆" * 41, ("餐饮企业",), ("error", "long")),
    ],
)
def test_a_line_is_told_what_it_does(
    name: str, words: tuple[str, ...], expected: tuple[str, str] | None
) -> None:
    found = codes(Lexicon(synonyms={name: words}), "synonyms", name)
    if expected is None:
        assert ("error", "empty_name") not in found
    else:
        assert expected in found


def test_a_share_of_a_handful_of_wordings_says_nothing() -> None:
    few = LexiconChecks(["买车", "买房"], ["餐饮企业"])
    remarks = few.line(Lexicon(synonyms={"买车": ("餐饮企业",)}), "synonyms", "买车")
    assert [(remark.severity, remark.code) for remark in remarks] == [("warning", "common")]


def test_a_thing_of_one_character_is_refused() -> None:
    assert codes(Lexicon(items={"汽车": ("车",)}), "items", "汽车") == [("error", "short")]


def test_errors_come_before_warnings_and_say_how_far_a_word_reaches() -> None:
    remarks = CHECKS.line(Lexicon(synonyms={"旧衣服": ("旧衣服", "旧衣物")}), "synonyms", "旧衣服")
    assert [remark.severity for remark in remarks] == ["error", "warning"]
    assert "95.0%" in remarks[0].said
    assert "（380个）" in remarks[0].said
    assert CHECKS.standing_in("旧衣服") == 380


def test_the_shipped_lexicon_has_one_line_that_reaches_too_far() -> None:
    knowledge = load_shipped()
    remarks = LexiconChecks.of(knowledge).whole(knowledge.lexicon)
    assert {(remark.section, remark.name) for remark in remarks} <= {("synonyms", "买买买")}
    broken = replace(knowledge.lexicon, synonyms={**knowledge.lexicon.synonyms, "消费": ("金额",)})
    assert ("general", "消费") in {(r.code, r.name) for r in LexiconChecks.of(knowledge).whole(broken)}


def test_every_synonym_that_ships_leads_to_words_that_stand_in_what_ships() -> None:
    knowledge = load_shipped()
    checks = LexiconChecks.of(knowledge)
    remarks = [
        remark
        for name in knowledge.lexicon.synonyms
        for remark in checks.line(knowledge.lexicon, "synonyms", name)
    ]
    assert {remark.code for remark in remarks} >= {"common"}, "the lines are looked at"
    assert [remark.said for remark in remarks if remark.code == "unknown_target"] == []
