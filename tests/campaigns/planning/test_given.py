"""A message or an audience that is wrong: the error names the part and the remedy in words that staff read."""

from __future__ import annotations

import re
from typing import Any

import pytest

from campaigns.audience import audience_from
from campaigns.content import message_from
from campaigns.errors import InvalidInput
from campaigns.offer import load_offer

CLAUSE = "cq-2022-11#2.6"
QUIZ = {
    "question": "哪样省电？",
    "options": ["甲", "乙"],
    "right": 0,
    "explanation": "甲。",
    "clause_id": CLAUSE,
}
LINK = {"label": "看全文", "url": "https://example.org"}


def message(**version: Any) -> dict[str, Any]:
    return {"versions": {"default": {"text": "今天少开一盏灯。"} | version}, "clause_ids": [CLAUSE]}


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (None, "消息现在是空的，请按项目分别填写"),
        ("一句话", "消息现在是'一句话'（3个字），请按项目分别填写"),
        ({"versions": {}}, "请至少写通用版本（default）"),
        ({"versions": {"WEB 1": {"text": "好"}}}, "版本的渠道现在是'WEB 1'（5个字），渠道名用1到32个"),
        ({"versions": {"web": "好"}}, "web 渠道的版本现在是'好'（1个字）"),
        (message(colour="red"), "通用版本里有不认识的项'colour'，可以填的是：links、"),
        (message(text="  "), "通用版本的正文现在是空的，请写1到"),
        (message(text="字" * 100_000), "（100000个字），请写1到"),
        (message(text="一\x00二"), "不要带控制符"),
        (message(text=7), "通用版本的正文现在是7，"),
        (message(picture={"url": "", "alternative": "灯"}), "通用版本的图片地址现在是空的"),
        (message(links=[LINK] * 100), "通用版本的链接现在是100项，请给出至多"),
        (message(links=[LINK | {"label": ""}]), "通用版本的链接文字现在是空的"),
        (message(quick_replies="好"), "通用版本的快捷回复现在是'好'（1个字），请给出至多"),
        (message(quiz=QUIZ | {"options": ["甲"]}), "通用版本的小测验现有1个选项。请写2到"),
        (message(quiz=QUIZ | {"right": True}), "标出哪一个对"),
        (message(quiz=QUIZ | {"clause_id": "第五条"}), "小测验依据现在是'第五条'（3个字），请选一条条款"),
        (message(pledge=["我愿意"]), "通用版本的小约定现在是不能识别的内容"),
        (message() | {"clause_ids": ["不是编号"]}, "依据条款现在是'不是编号'（4个字），请选一条条款"),
        (message() | {"activity_id": ""}, "活动（activity_id）现在是空的"),
    ],
)
def test_what_is_wrong_in_a_message_is_named(raw: object, said: str) -> None:
    with pytest.raises(InvalidInput, match=re.escape(said)):
        message_from(raw)


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ([], "受众请按区县、主题、渠道等分别填写"),
        ({"colour": 1}, "受众里有不认识的项'colour'，可以填的是："),
        ({"topics": "节电"}, "主题（topics）现在是'节电'（2个字），请给出名称的列表"),
        ({"districts": [1]}, "区县（districts）现在是不能识别的内容"),
        ({"exclude_recent_h": -1}, "现在是-1，请填0到"),
        ({"exclude_recent_h": "半天"}, "现在是'半天'（2个字），请填0到"),
        ({"since": "昨天"}, "现在是'昨天'（2个字），请写成 2026-11-25 这样"),
    ],
)
def test_what_is_wrong_in_an_audience_is_named(raw: object, said: str) -> None:
    with pytest.raises(InvalidInput, match=re.escape(said)):
        audience_from(raw, load_offer())
