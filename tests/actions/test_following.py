"""Questions that lean on the one before: what they are read as, and what a conversation remembers."""

from __future__ import annotations

import pytest

from actions.context import Memory
from actions.following import leaning, named, remembered, undone, without_opening
from actions.mentions import Mentions
from knowledge.content_loader import load_shipped


@pytest.fixture(scope="module")
def mentions() -> Mentions:
    return Mentions(load_shipped().lexicon)


@pytest.mark.parametrize(
    ("before", "question", "first"),
    [
        ("旧衣服可以捐不", "那旧家电呢", "旧家电可以捐不"),
        ("冰箱以旧换新补好多", "那手机呢", "手机以旧换新补好多"),
        ("冰箱以旧换新补好多", "洗衣机勒", "洗衣机以旧换新补好多"),
        ("2025年新能源车要占多少", "那2030年呢", "2030年新能源车要占多少"),
        ("冰箱有补贴吗", "回收呢", "冰箱有回收吗"),
        ("渝北区冰箱有补贴吗", "万州呢", "万州冰箱有补贴吗"),
        ("冰箱有补贴吗", "万州区呢", "万州区冰箱有补贴吗"),
        ("有没得补贴", "家电", "家电有没得补贴"),
        ("旧冰箱往哪丢", "旧电视", "旧电视往哪丢"),
    ],
)
def test_a_fragment_takes_the_place_of_what_it_names(
    mentions: Mentions, before: str, question: str, first: str
) -> None:
    leant = leaning(question, Memory(asked=before), mentions)
    assert leant is not None
    assert leant.readings[0] == first


@pytest.mark.parametrize(
    ("before", "question", "first"),
    [
        ("汽车以旧换新有补贴吗", "不是说汽车，是说家电", "家电以旧换新有补贴吗"),
        ("旧手机咋处理", "不对，我问的是旧电脑", "旧电脑咋处理"),
        ("冰箱有补贴吗", "说错了，是空调", "空调有补贴吗"),
        ("冰箱有补贴吗", "我说的是洗衣机哈", "洗衣机有补贴吗"),
        ("渝北冰箱有补贴吗", "不是渝北，是万州", "万州冰箱有补贴吗"),
    ],
)
def test_a_correction_takes_back_what_was_assumed(
    mentions: Mentions, before: str, question: str, first: str
) -> None:
    leant = leaning(question, Memory(asked=before), mentions)
    assert leant is not None
    assert leant.readings[0] == first


@pytest.mark.parametrize(
    "question",
    [
        "旧衣服可以捐给哪些人",
        "二手车上户要啥子条件",
        "充电桩电费比油费便宜吗",
        "你们这个方案是哪年发的",
        "红烧肉怎么做",
        "单位食堂可以点小份菜不",
    ],
)
def test_a_whole_question_stands_first_by_itself(mentions: Mentions, question: str) -> None:
    leant = leaning(question, Memory(asked="冰箱有补贴吗", item="冰箱"), mentions)
    assert leant is None or (leant.alone_first and leant.within)


@pytest.mark.parametrize("question", ["那手机呢", "家电", "不是说汽车，是说家电"])
def test_without_a_question_before_there_is_nothing_to_lean_on(mentions: Mentions, question: str) -> None:
    assert leaning(question, Memory(), mentions) is None


@pytest.mark.parametrize(
    ("said", "choice"),
    [("1", 0), ("第一个", 0), ("选2", 1), ("二", 1), ("第三个嘛", 2), ("最后一个", 2), ("头一个", 0)],
)
def test_a_choice_is_taken_by_its_place(mentions: Mentions, said: str, choice: int) -> None:
    offered = ("冰箱有补贴吗", "旧冰箱咋处理", "冰箱能效标识是什么")
    leant = leaning(said, Memory(asked="冰箱", offered=offered), mentions)
    assert leant is not None
    assert leant.chosen
    assert leant.readings == (offered[choice],)


def test_a_place_that_was_not_offered_is_no_choice(mentions: Mentions) -> None:
    assert leaning("第四个", Memory(asked="冰箱", offered=("甲", "乙")), mentions) is None
    assert leaning("2", Memory(asked="冰箱"), mentions) is None


@pytest.mark.parametrize("said", ["不是这个", "答非所问", "不对", "不是这个意思嘛", "我不是问这个"])
def test_that_the_answer_missed_is_understood(said: str) -> None:
    assert undone(said)


@pytest.mark.parametrize("said", ["不是新车可以补贴不", "不对外开放的充电桩算吗", "是不是真的"])
def test_a_question_that_begins_like_a_protest_is_a_question(said: str) -> None:
    assert not undone(said)


def test_a_new_subject_drops_the_old_one_and_keeps_where_and_for_whom(mentions: Mentions) -> None:
    before = Memory(asked="x", item="冰箱", act="补贴", district="渝北区", role="居民", year="2025")
    now = remembered("快递包装要怎么处理", before, mentions)
    assert now == {
        "item": "快递包装", "act": "处理", "district": "渝北区", "year": None, "role": "居民", "document": None,
    }  # fmt: skip


def test_what_stands_in_slots_comes_back_as_it_was() -> None:
    memory = Memory(asked="问", cited=("a#1",), item="冰箱", offered=("甲", "乙"), misses=2)
    assert Memory.of_slots(memory.slots()) == memory
    assert Memory.of_slots({"asked": 7, "offered": "x", "misses": None, "other": 1}) == Memory()


@pytest.mark.parametrize(
    ("said", "name"),
    [("那冰箱呢", "冰箱"), ("那么2030年呢？", "2030年"), ("旧家具勒", "旧家具"), ("冰箱有补贴吗", None)],
)
def test_what_a_follow_up_names_is_found(said: str, name: str | None) -> None:
    assert named(said) == name


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("另外公务用车要买电动的吗", "公务用车要买电动的吗"),
        ("顺便问一下，旧衣服咋个捐", "旧衣服咋个捐"),
        ("还有补贴没得", "还有补贴没得"),
    ],
)
def test_what_is_said_before_a_question_is_taken_off(said: str, left: str) -> None:
    assert without_opening(said) == left
