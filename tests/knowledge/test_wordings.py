"""When two wordings count as one."""

from __future__ import annotations

import random

from knowledge.messages import say
from knowledge.model import Entry
from knowledge.wordings import NEARLY, check_shared_wordings, marks, near_pairs, same_form, telling_bigrams


def test_width_case_characters_signs_and_spaces_make_no_difference() -> None:
    forms = {
        same_form(text) for text in ("買ＬＥＤ燈，有補貼嗎？", "买led灯 有补贴吗", "买 LED 灯有补贴吗！！😀")
    }
    assert forms == {"买led灯有补贴吗"}


def test_decimal_points_and_percent_signs_stay() -> None:
    assert same_form("1.6升、50％。") == "1.6升50%"
    assert same_form("1.6升") != same_form("16升")


def test_function_words_tell_nothing() -> None:
    assert (
        telling_bigrams("请问报废车补贴有好多嘛？")
        == telling_bigrams("报废车的补贴是多少")
        == {"报废", "废车", "车补", "补贴"}
    )
    assert telling_bigrams("税？") == {"税"}
    assert telling_bigrams("？！") == frozenset()


def test_figures_and_distinguishing_words_keep_questions_apart() -> None:
    assert marks("2025年报废补贴") == {"2025", "报废"}
    assert marks("2.0升以上不补") == {"2.0", "以上", "不"}
    assert marks("买电车交购置税不") == marks("买电车交不交购置税") - {"不"} == frozenset()


def test_near_pairs_are_exactly_those_that_comparing_all_would_find() -> None:
    dice = random.Random(7)
    letters = "甲乙丙丁戊己庚辛"
    base = ["".join(dice.choices(letters, k=24)) for _ in range(30)]
    texts = [
        text[:place] + dice.choice(letters) + text[place + 1 :] for text in base for place in (0, 12, 23)
    ]
    texts += ["".join(dice.choices(letters, k=dice.randint(1, 6))) for _ in range(200)]
    sets = [telling_bigrams(text) for text in texts]
    wanted = {
        (a, b)
        for b in range(len(sets))
        for a in range(b)
        if 2 * len(sets[a] & sets[b]) >= NEARLY * (len(sets[a]) + len(sets[b]))
    }
    assert len(wanted) > 50
    assert set(near_pairs(sets)) == wanted


def test_a_wording_of_another_entry_is_named_however_it_is_written() -> None:
    first = Entry("a-01", "旧家电怎么回收？", ("舊家電咋收",), ())
    second = Entry("b-01", "电视机怎么处理？", ("旧家电 怎么回收", "旧家电咋收！"), ())
    third = Entry("c-01", "电脑怎么处理？", (), ())
    assert check_shared_wordings([first, second, third]) == [
        say(
            "check.shared", where="问答 b-01", text="旧家电 怎么回收", owner="a-01", theirs="旧家电怎么回收？"
        ),
        say("check.shared", where="问答 b-01", text="旧家电咋收！", owner="a-01", theirs="舊家電咋收"),
    ]
    assert check_shared_wordings([first, second, third], of="c-01") == []
    assert len(check_shared_wordings([first, second, third], of="a-01")) == 2


def test_wordings_of_signs_alone_are_not_compared() -> None:
    assert check_shared_wordings([Entry("a-01", "？", (), ()), Entry("b-01", "！", (), ())]) == []
