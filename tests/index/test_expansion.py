"""The lexicon widens a question; it never takes a word of it away."""

from __future__ import annotations

import pytest

from index.expansion import Expansion
from knowledge.model import Lexicon

EXPANSION = Expansion(
    Lexicon(
        synonyms={
            "啷个": ("怎么",),
            "啷个办": ("怎么办", "办理"),
            "馆子": ("餐饮企业",),
            "電車": ("新能源汽车",),
        },
        items={"冰箱": ("冰柜", "雪柜"), "新能源汽车": ("电车",)},
        districts={"渝北区": ("渝北",), "两江新区": ("两江",)},
    )
)


def test_synonyms_are_added_beside_what_was_said() -> None:
    widened = EXPANSION.widen("馆子剩菜")
    assert widened.added == ("餐饮企业",)
    assert widened.replaced == {"馆子": ("餐饮企业",)}


def test_the_longest_word_wins_where_one_holds_another() -> None:
    widened = EXPANSION.widen("旧衣服啷个办")
    assert widened.added == ("怎么办", "办理")
    assert widened.replaced == {"啷个办": ("怎么办", "办理")}


def test_a_word_that_the_question_has_already_is_not_added_again() -> None:
    assert EXPANSION.widen("餐饮企业和馆子").added == ()
    assert EXPANSION.widen("馆子和馆子").added == ("餐饮企业",)


def test_the_lexicon_is_normalised_as_questions_are() -> None:
    assert EXPANSION.widen("电车").added == ("新能源汽车",)


@pytest.mark.parametrize(
    ("question", "items"),
    [
        ("雪柜补贴", {"冰箱"}),
        ("冰箱和冰柜", {"冰箱"}),
        ("冰箱还是电车", {"冰箱", "新能源汽车"}),
        ("旧衣服", set()),
    ],
)
def test_things_go_by_one_name(question: str, items: set[str]) -> None:
    assert EXPANSION.widen(question).items == items == EXPANSION.items(question)


@pytest.mark.parametrize(
    ("question", "districts"),
    [("渝北哪里", {"渝北区"}), ("两江新区和渝北区", {"两江新区", "渝北区"}), ("重庆", set())],
)
def test_districts_go_by_their_full_name(question: str, districts: set[str]) -> None:
    assert EXPANSION.widen(question).districts == districts


def test_signs_in_a_word_are_only_signs() -> None:
    expansion = Expansion(Lexicon(synonyms={"a+b?": ("甲",)}))
    assert expansion.widen("a+b?").added == ("甲",)
    assert expansion.widen("aab").added == ()


@pytest.mark.parametrize("question", ["", "馆子啷个办"])
def test_an_empty_lexicon_adds_nothing(question: str) -> None:
    widened = Expansion(Lexicon()).widen(question)
    assert (widened.added, widened.replaced, widened.items, widened.districts) == (
        (),
        {},
        frozenset(),
        frozenset(),
    )


@pytest.mark.parametrize(
    ("question", "only"),
    [
        ("渝北区", True),
        ("渝北呢", True),
        ("渝北区和渝北", True),
        ("渝北区冰箱", False),
        ("冰箱", False),
        ("", False),
    ],
)
def test_a_question_that_says_nothing_but_a_district_is_known_as_such(question: str, only: bool) -> None:
    lexicon = Lexicon(districts={"渝北区": ("渝北",)})
    assert Expansion(lexicon).widen(question).only_district == only


@pytest.mark.parametrize(
    ("question", "only"),
    [
        ("冰箱", True),
        ("旧冰箱", True),
        ("废旧冰箱呢", True),
        ("二手冰箱", True),
        ("渝北区冰箱", True),
        ("旧车", True),
        ("我的车子", False),
        ("买车", False),
        ("冰箱补贴", False),
        ("旧冰箱往哪扔", False),
        ("新冰箱便宜", False),
        ("渝北区", False),
        ("", False),
    ],
)
def test_a_question_that_says_nothing_but_a_thing_is_known_as_such(question: str, only: bool) -> None:
    lexicon = Lexicon(items={"冰箱": ("电冰箱",)}, districts={"渝北区": ("渝北",)})
    assert Expansion(lexicon).widen(question).only_item == only
