"""Guided tasks through the real Rasa: forms begin, go on, are left, hand on, and survive a killed process."""

from __future__ import annotations

import os
import signal

import pytest

from tests.dialogue.rasa_world import World, wait_until

pytestmark = pytest.mark.rasa


def kinds(replies: list[dict]) -> list[str]:
    return [reply["kind"] for reply in replies]


@pytest.mark.parametrize(
    ("message", "task"),
    [
        ("活动周要开始了喊我一声", "subscribe"),
        ("我要订阅消息", "subscribe"),
        ("我能领好多", "eligibility"),
        ("帮我算一下我能领多少补贴", "eligibility"),
        ("我要找真人", "handoff"),
        ("删除我的记录", "erase"),
    ],
)
def test_a_task_begins_with_its_words(world: World, message: str, task: str) -> None:
    (reply,) = world.turn(message)
    assert (reply["kind"], reply["form"]["task"], reply["form"]["done"]) == ("form", task, False)
    assert world.answers.asked == []


@pytest.mark.parametrize(
    ("message", "sender"), [("退订", "nothing-1"), ("刚才那个没用", "nothing-2"), ("我订了什么", "nothing-3")]
)
def test_where_there_is_nothing_to_do_it_is_said_at_once(world: World, message: str, sender: str) -> None:
    (reply,) = world.turn(message, sender=sender)
    assert reply["kind"] == "form"
    (after,) = world.turn("旧冰箱咋个处理", sender=sender)
    assert after["text"] == "answer to 旧冰箱咋个处理"


def test_a_subscription_from_the_first_word_to_the_last(world: World) -> None:
    said = [
        world.turn(message, sender="subscriber")
        for message in ("我要订阅", "渝北区", "旧物回收", "同意", "我订了什么", "退订", "我订了什么")
    ]
    assert [kinds(replies) for replies in said] == [["form"]] * 7
    texts = [replies[0]["text"] for replies in said]
    assert "订好了" in texts[3]
    assert "渝北区；旧物回收" in texts[4]
    assert "已退订" in texts[5]
    assert "还没有订阅" in texts[6]


def test_after_a_task_the_conversation_goes_on(world: World) -> None:
    for message in ("我要订阅", "算了"):
        world.turn(message, sender="left")
    (reply,) = world.turn("旧衣服捐到哪里", sender="left")
    assert reply["text"] == "answer to 旧衣服捐到哪里"


def test_a_question_in_a_form_is_answered_and_the_form_goes_on(world: World) -> None:
    world.turn("我要订阅", sender="digress")
    assert kinds(world.turn("谢谢", sender="digress")) == ["smalltalk", "form"]
    assert kinds(world.turn("餐馆可以点小份菜吗", sender="digress"))[-1] == "form"
    (reply,) = world.turn("渝北区", sender="digress")
    assert reply["form"]["field"] == "topics"


def test_another_task_takes_over_in_the_same_turn_and_the_first_is_taken_up_again(world: World) -> None:
    world.turn("我要订阅", sender="switch")
    world.turn("渝北区", sender="switch")
    (reply,) = world.turn("我要找真人", sender="switch")
    assert (reply["form"]["task"], reply["form"]["done"]) == ("handoff", False)
    world.turn("算了", sender="switch")
    (resumed,) = world.turn("我要订阅", sender="switch")
    assert resumed["form"]["task"] == "subscribe"


def test_a_task_that_was_left_is_taken_up_by_go_on(world: World) -> None:
    for message in ("我要订阅", "渝北区", "算了"):
        world.turn(message, sender="resume")
    (reply,) = world.turn("继续", sender="resume")
    assert (reply["form"]["task"], reply["form"]["field"]) == ("subscribe", "topics")
    (reply,) = world.turn("旧物回收", sender="resume")
    assert reply["form"]["field"] == "consent"


def test_nothing_to_go_on_with_is_said(world: World) -> None:
    (reply,) = world.turn("继续", sender="nothing-to-resume")
    assert reply["kind"] == "form"


def test_a_calculation_to_its_end(world: World) -> None:
    replies = world.turn("我报废旧车买个15万的电车能领多少", sender="calculates")
    for answer in ("2012年5月1日", "汽油", "不晓得", "不晓得"):
        if replies[-1]["form"]["done"]:
            break
        replies = world.turn(answer, sender="calculates")
    assert replies[-1]["form"]["done"]
    assert replies[-1]["citations"]


def test_a_correction_after_the_end_asks_what_is_then_missing(world: World) -> None:
    world.turn("你帮我测测，我买台空调领得到几多", sender="corrects")
    assert world.turn("二级能效", sender="corrects")[-1]["form"]["done"]
    (asked,) = world.turn("看错标签了，是一级", sender="corrects")
    assert (asked["form"]["task"], asked["form"]["field"]) == ("eligibility", "price")
    assert "1230" in world.turn("八千二百块", sender="corrects")[-1]["text"].replace(",", "")


def test_a_form_goes_on_after_the_dialogue_was_killed(world: World) -> None:
    world.turn("我要订阅", sender="killed")
    world.turn("渝北区", sender="killed")
    restarts = world.process.restarts
    assert world.process.pid is not None
    os.kill(world.process.pid, signal.SIGKILL)
    wait_until(
        lambda: world.process.restarts > restarts and world.process.state == "ready", 90, "Rasa is up again"
    )
    (reply,) = world.turn("旧物回收", sender="killed")
    assert (reply["form"]["task"], reply["form"]["field"]) == ("subscribe", "consent")
