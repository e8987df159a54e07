"""Ours against stock Rasa, message by message and event by event; and a conversation that outlives its process."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import pytest

from tests.dialogue.form_world import FormWorld
from tests.dialogue.rasa_world import wait_until

pytestmark = pytest.mark.rasa

QUESTIONS = ["旧冰箱哪里回收", "补贴多少钱", "怎么申请", "充电桩怎么装", "什么时候截止"]
CONVERSATIONS = {
    "questions": [*QUESTIONS, "你好"],
    "ordered": ["你好", "我要订一个", "大", "红", "补贴多少钱"],
    "interrupted": ["我要订一个", "旧冰箱哪里回收", "中", "充电桩怎么装", "补贴多少钱", "蓝", "你好"],
    "twice": ["我要订一个", "小", "红", "帮我下单", "怎么申请", "大", "蓝", "怎么申请"],
    "misunderstood": ["我要订一个", "紫", "紫", "大", "你好", "红"],
    "guest": ["你好", "我是贵客，有优惠吗", "你好", "我要订一个", "你好", "大", "红", "你好"],
    "signs": ["😂😂", "2026", "…", "／restart", "ABC def", "𠮷"],
}


@pytest.fixture(scope="module")
def forms(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FormWorld]:
    world = FormWorld(tmp_path_factory.mktemp("forms"))
    yield world
    world.close()


def test_the_form_bot_does_what_its_conversations_are_about(forms: FormWorld) -> None:
    said = forms.say("stock", "plain", ["我要订一个", "旧冰箱哪里回收", "大", "红"])
    assert said == [
        ["order_size, order_form?"],
        ["answer to 旧冰箱哪里回收, before: None, form: order_form", "order_size, order_form?"],
        ["order_colour, order_form?"],
        ["ordered: 大 红, asked: 旧冰箱哪里回收"],
    ]


def test_the_speed_ups_are_all_in_place(forms: FormWorld) -> None:
    log = forms.processes["ours"].settings.log_file.read_text("utf-8", "replace")
    assert "stock Rasa's way" not in log
    assert "switched off" not in log


@pytest.mark.parametrize("name", CONVERSATIONS)
def test_replies_and_stored_events_are_those_of_stock_rasa(forms: FormWorld, name: str) -> None:
    messages = CONVERSATIONS[name]
    assert forms.say("ours", name, messages) == forms.say("stock", name, messages)
    assert forms.events("ours", name) == forms.events("stock", name)


def test_a_long_conversation_gets_the_replies_of_stock_rasa_and_is_read_back_in_part(
    forms: FormWorld,
) -> None:
    turns = [
        "我是贵客，有优惠吗",
        *QUESTIONS,
        "你好",
        "我要订一个",
        "怎么申请",
        "大",
        *QUESTIONS,
        "红",
        "你好",
    ] * 4
    assert forms.say("ours", "long", turns) == forms.say("stock", "long", turns)
    starts = [e["type"] for e in forms.events("ours", "long")].count("session_started")
    assert [e["type"] for e in forms.events("stock", "long")].count("session_started") == 1
    assert starts > 2


def test_a_form_and_its_slots_outlive_a_session_begun_again(forms: FormWorld) -> None:
    turns = ["我要订一个", "大", *QUESTIONS * 9]
    forms.say("ours", "patient", turns)
    assert [e["type"] for e in forms.events("ours", "patient")].count("session_started") > 1
    assert forms.say("ours", "patient", ["红"]) == [["ordered: 大 红, asked: 什么时候截止"]]


def test_a_conversation_goes_on_where_it_was_when_the_process_is_killed(forms: FormWorld) -> None:
    ours = forms.processes["ours"]
    forms.say("ours", "killed", ["我是贵客，有优惠吗", "我要订一个", "旧冰箱哪里回收", "大"])
    forms.say("ours", "killed-late", ["我要订一个", "小", *QUESTIONS * 9])
    killed = ours.pid
    assert killed is not None
    os.kill(killed, signal.SIGKILL)
    wait_until(lambda: ours.state == "ready" and ours.pid not in (None, killed), 120, "Rasa is ready again")
    assert forms.say("ours", "killed", ["怎么申请", "红", "你好"]) == [
        ["answer to 怎么申请, before: 旧冰箱哪里回收, form: order_form", "order_colour, order_form?"],
        ["ordered: 大 红, asked: 怎么申请"],
        ["欢迎贵客"],
    ]
    assert forms.say("ours", "killed-late", ["蓝"]) == [["ordered: 小 蓝, asked: 什么时候截止"]]
