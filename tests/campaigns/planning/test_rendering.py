from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from campaigns.content import Content, Link, Message, Picture, Quiz, message_from
from campaigns.errors import InvalidInput
from campaigns.rendering import names_for, problems, render
from tests.campaigns.planning.world import PLAIN, WEB

QUIZ = Quiz("哪样最省？", ("灯开着", "人走灯关"), 1, "方案倡导合理控制。", "cq-2022-11#2.5")
FULL = Content(
    text="{district}的街坊好。",
    picture=Picture("https://example.org/a.png", "{district}的步道"),
    links=(Link("看方案", "https://example.org/p"), Link("报名", "https://example.org/q")),
    quick_replies=("怎么分类？", "在哪点？"),
    quiz=QUIZ,
    pledge="在{district}走一段路。",
)
MESSAGE = Message({"default": FULL}, ("cq-2022-11#2.5",), "act1")


def test_a_channel_that_can_show_everything_gets_everything() -> None:
    shown = render(MESSAGE, "web", WEB, names_for("渝北区"))
    assert (shown.text, shown.pledge) == ("渝北区的街坊好。", "在渝北区走一段路。")
    assert (shown.picture, shown.links, shown.quick_replies, shown.quiz) == (
        Picture("https://example.org/a.png", "渝北区的步道"), FULL.links, FULL.quick_replies, QUIZ,
    )  # fmt: skip
    assert (shown.clause_ids, shown.activity_id, shown.left_out) == (("cq-2022-11#2.5",), "act1", ())


def test_what_a_channel_cannot_show_becomes_words_and_is_named() -> None:
    shown = render(MESSAGE, "sms", PLAIN, names_for(None))
    assert shown.text == "\n\n".join(
        [
            "重庆的街坊好。",
            "（图：重庆的步道）",
            "看方案：https://example.org/p\n报名：https://example.org/q",
            "猜一猜：哪样最省？\nA. 灯开着\nB. 人走灯关\n答案：B。方案倡导合理控制。",
            "今天的小约定：在重庆走一段路。",
            "可以直接回复：“怎么分类？” / “在哪点？”",
        ]
    )
    assert (shown.picture, shown.links, shown.quick_replies, shown.quiz, shown.pledge) == (
        None,
        (),
        (),
        None,
        None,
    )
    assert [each[:2] for each in shown.left_out] == ["图片", "链接", "答题", "承诺", "快捷"]


def test_a_channel_with_a_version_of_its_own_gets_that() -> None:
    message = Message({"default": FULL, "sms": Content("短的。")})
    assert render(message, "sms", PLAIN, {}).text == "短的。"
    with pytest.raises(InvalidInput, match="没有 web 渠道的版本"):
        render(Message({"sms": Content("短的。")}), "web", WEB, {})


def test_an_unknown_name_is_never_sent() -> None:
    with pytest.raises(InvalidInput, match=r"\{name\} 不认识"):
        render(Message({"default": Content("{name}你好")}), "web", WEB, names_for(None))


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"text": "{name}你好"}, "name_unknown"),
        ({"text": "{}你好"}, "name_unknown"),
        ({"pledge": "{district}、{street}"}, "name_unknown"),
        ({"quick_replies": ("{street}在哪点？",)}, "name_unknown"),
        ({"quiz": replace(QUIZ, options=("{a}", "乙"))}, "name_unknown"),
        ({"links": (Link("x", "http://example.org"),)}, "link_not_https"),
        ({"links": (Link("x", "https://"),)}, "link_not_https"),
        ({"links": (Link("x", "https://a:b@example.org"),)}, "link_not_https"),
        ({"links": (Link("x", "https://[::1"),)}, "link_not_https"),
        ({"links": (Link("x", "javascript:alert(1)"),)}, "link_not_https"),
        ({"picture": Picture("ftp://example.org/a", "图")}, "picture_not_https"),
        ({"picture": Picture("https://example.org/a", " ")}, "picture_without_alternative"),
        ({"quiz": replace(QUIZ, clause_id="")}, "quiz_without_clause"),
        ({"text": "长" * 1001}, "text_too_long"),
    ],
)
def test_each_fault_is_found(changed: dict[str, Any], code: str) -> None:
    found = problems(Message({"default": replace(FULL, **changed)}), {"web": WEB})
    assert [(each.code, each.asks, each.where) for each in found] == [(code, False, "default")]


def test_a_sound_message_has_no_fault() -> None:
    assert problems(MESSAGE, {"web": WEB, "sms": PLAIN}) == []


def test_a_picture_that_the_app_keeps_is_sound() -> None:
    own = replace(FULL, picture=Picture("/media/" + "0a" * 32, "步道"))
    assert problems(Message({"default": own}), {"web": WEB}) == []
    other = replace(FULL, picture=Picture("/media/../x", "步道"))
    found = problems(Message({"default": other}), {"web": WEB})
    assert [each.code for each in found] == ["picture_not_https"]


def test_length_counts_what_was_put_into_words_and_the_longest_district() -> None:
    short = replace(PLAIN, longest_text=len("彭水苗族土家族自治县好"))
    assert problems(Message({"default": Content("{district}好")}), {"sms": short}) == []
    (found,) = problems(Message({"default": Content("{district}好！")}), {"sms": short})
    assert found.text.startswith("在渠道 sms 上是12字，超过它能显示的11字。")
    words = Message({"default": Content("好", links=(Link("看", "https://example.org"),))})
    assert [each.code for each in problems(words, {"sms": short})] == ["text_too_long"]


def test_a_channel_without_any_version_is_named() -> None:
    (found,) = problems(Message({"sms": Content("短")}), {"web": WEB})
    assert (found.code, found.where) == ("version_missing", "web")


def test_json_and_rendering_agree() -> None:
    assert render(message_from(MESSAGE.as_json()), "web", WEB, names_for(None)) == render(
        MESSAGE, "web", WEB, names_for(None)
    )
