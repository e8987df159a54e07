"""Questions for what is on: told from the board alone, plainly where it is empty, never in a policy's place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from actions.activities import Activities, sought, when
from actions.answer import Answerer
from actions.context import Memory, Prompt, TurnContext
from actions.mentions import Mentions
from campaigns.activities import Activity
from index.snapshot import Ingredients, assemble
from knowledge.content_loader import load_shipped
from knowledge.model import Lexicon
from tests.index import tiny

NOW = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)
SHIPPED = load_shipped()
MENTIONS = Mentions(SHIPPED.lexicon)


def activity(title: str, district: str | None, *, days: float, **fields: Any) -> Activity:
    blank = dict.fromkeys(Activity.__dataclass_fields__)
    starts = NOW + timedelta(days=days)
    told = {
        "id": title,
        "title": title,
        "place": "步行街广场",
        "district": district,
        "settings": (),
        "starts_at": starts,
        "ends_at": starts + timedelta(hours=3),
        "organiser": "某街道办事处",
        "about": "现场讲解。",
        "source": "某区政府网站通知",
        "clause_ids": (),
        "state": "approved",
    }
    return Activity(**blank | told | fields)


@dataclass
class Wall:
    """A board whose activities a test sets."""

    known: list[Activity] = field(default_factory=list)

    def coming(self, district: str | None = None, setting: str | None = None) -> Sequence[Activity]:
        return [one for one in self.known if district is None or one.district in {None, district}]

    def current(self, activity_id: str) -> Activity | None:
        return next((one for one in self.known if one.id == activity_id), None)


RECYCLING = activity("旧物回收进社区", "江北区", days=-0.01, settings=("社区",))
OPENING = activity("绿色消费活动周启动仪式", "渝中区", days=2)
RIDING = activity("绿色出行骑行日", None, days=5)
KNOWN = [RECYCLING, OPENING, RIDING]


def answerer(*known: Activity) -> Answerer:
    districts = {"江北区": ("江北",), "渝中区": ("渝中",), "万州区": ("万州",)}
    named = Lexicon(districts=districts)
    searcher = assemble(
        tiny.knowledge(lexicon=named),
        Ingredients(tiny.BigramEncoder(), tiny.ranking(0.5)),
        "snapshot-1",
    )
    made = Answerer(lambda: searcher, lambda: tiny.DAY)
    made.tell_of(Activities(Wall(list(known)), now=lambda: NOW))
    return made


def told(*known: Activity, question: str, **context: Any) -> Any:
    return answerer(*known).turn(question, request_id="r1", context=TurnContext(**context))


@pytest.mark.parametrize(
    "question",
    [
        "活动周在哪点搞",
        "活动好久开始",
        "我们区有啥子活动",
        "周末有什么活动可以参加",
        "请问绿色消费活动周啥子时候结束",
        "附近有没得环保活动嘛",
        "这个活动谁主办的",
        "带娃儿去的活动有没有",
    ],
)
def test_a_question_for_what_is_on_is_told_all_of_it(question: str) -> None:
    reply = told(*KNOWN, question=question).reply
    assert (reply.kind, reply.citations) == ("notice", [])
    assert reply.text.startswith("已登记、还没结束的活动有3场：\n1. 旧物回收进社区（正在进行）\n")


def test_an_activity_is_told_with_place_time_organiser_and_source() -> None:
    assert told(RIDING, question="万州有啥子活动").reply.text.splitlines() == [
        "已登记、还没结束的活动里，万州区和全市的有1场：",
        "绿色出行骑行日",
        "时间：2026年11月26日（周四）12:00—15:00",
        "地点：全市，步行街广场",
        "主办：某街道办事处",
        "内容：现场讲解。",
        "信息来源：某区政府网站通知",
        "出发前请再向主办方确认。",
    ]


def test_a_district_limits_what_is_told_and_another_can_be_asked_for() -> None:
    first = told(*KNOWN, question="我们江北有啥子活动")
    assert "旧物回收进社区" in first.reply.text
    assert "启动仪式" not in first.reply.text
    other = told(*KNOWN, question="那渝中呢", memory=first.memory).reply
    assert other.text.startswith("已登记、还没结束的活动里，渝中区和全市的有2场")
    again = told(*KNOWN, question="好久开始", memory=first.memory)
    assert again.reply.text == first.reply.text
    there = told(*KNOWN, question="那渝中呢", memory=again.memory)
    assert there.reply.text == other.text
    assert told(*KNOWN, question="怎么参加", memory=there.memory).reply.text == other.text


def test_an_activity_named_by_its_title_is_told_alone() -> None:
    reply = told(*KNOWN, question="骑行活动怎么参加").reply
    assert reply.text.startswith("您问的活动是：\n绿色出行骑行日\n")


@pytest.mark.parametrize(
    ("question", "where"),
    [("活动周在哪点搞", "我这里没有登记到还没结束的活动"), ("江北有没得活动", "江北区还没结束的活动")],
)
def test_none_known_is_said_plainly(question: str, where: str) -> None:
    reply = told(question=question).reply
    assert reply.kind == "notice"
    assert where in reply.text
    assert "没有登记不等于没有人办" in reply.text
    assert [contact.phone for contact in reply.contacts] == ["12345"]


def test_a_reply_to_a_message_means_its_activity() -> None:
    prompt = Prompt("周四骑车去。", (), RIDING.id)
    for question in ("在哪点搞", "好久开始", "怎么报名", "是哪个主办的"):
        first = told(*KNOWN, question=question, prompt=prompt)
        assert first.reply.text.startswith("您问的活动是：\n绿色出行骑行日\n")
        assert told(*KNOWN, question="几点钟", memory=first.memory).reply.text == first.reply.text


def test_an_activity_that_is_over_is_told_no_more() -> None:
    reply = told(OPENING, question="在哪点搞", prompt=Prompt("周四骑车去。", (), RIDING.id)).reply
    assert (reply.kind, "启动仪式" in reply.text) == ("notice", False)


def test_a_bare_question_that_no_activity_came_before_is_no_question_for_one() -> None:
    assert told(*KNOWN, question="怎么报名").reply.kind != "notice"
    spoken_of = Memory(asked="买家电有没有补贴", cited=("x",))
    assert told(*KNOWN, question="好久开始", memory=spoken_of).reply.kind != "notice"


def test_no_approved_question_is_taken_for_one_about_what_is_on() -> None:
    """But those that the texts are asked first for."""
    stolen = [
        question
        for entry in SHIPPED.entries
        for question in (entry.question, *entry.variants)
        if (asked := sought(question, MENTIONS)) and not (asked.rest or asked.bare or asked.texts_first)
    ]
    assert stolen == []


def test_a_span_of_several_days_names_both() -> None:
    assert when(NOW, NOW + timedelta(days=2)) == "2026年11月21日（周六）12:00—2026年11月23日（周一）12:00"
