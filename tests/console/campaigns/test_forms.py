"""The form of a campaign between the page and the service: what is left out, and what is said of its shape."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from api.console.campaigning.elements import span_said
from api.console.campaigning.filling import faults, filled
from api.console.campaigning.places import Note, note_of
from api.console.campaigning.settling import _flat, _merged
from api.console.writing.conflict import proposed
from campaigns.finding import finding

BLANK: dict[str, Any] = {
    "text": "街坊，你好。", "picture": None, "links": [], "quick_replies": [], "quiz": None, "pledge": None,
}  # fmt: skip


def form(**version: Any) -> dict[str, Any]:
    return {
        "title": " 节粮 ",
        "content": {"versions": {"default": {**BLANK, **version}}, "clause_ids": [], "activity_id": None},
        "audience": {},
        "schedule": {"first_at": None, "zone": "Asia/Shanghai"},
    }


def test_empty_rows_and_parts_that_nobody_filled_in_are_left_out() -> None:
    given = form(
        picture={"url": " ", "alternative": ""},
        links=[{"label": "", "url": " "}, {"label": " 看 ", "url": "https://x.cn/"}],
        quick_replies=["", " 问一句 "],
        quiz={"question": "", "options": ["", ""], "right": 0, "explanation": "", "clause_id": ""},
        pledge=" ",
    )
    assert filled(given) == {
        "title": "节粮",
        "content": {
            "versions": {
                "default": {
                    **BLANK,
                    "links": [{"label": "看", "url": "https://x.cn/"}],
                    "quick_replies": ["问一句"],
                }
            },
            "clause_ids": [],
            "activity_id": None,
        },
        "audience": {},
        "schedule": {"first_at": None},
    }


def test_the_right_option_keeps_its_place_when_empty_ones_before_it_go() -> None:
    quiz = {
        "question": "问",
        "options": ["", "甲", "乙"],
        "right": 2,
        "explanation": "讲",
        "clause_id": "d#1",
    }
    kept = filled(form(quiz=quiz))["content"]["versions"]["default"]["quiz"]
    assert (kept["options"], kept["right"]) == (["甲", "乙"], 1)


def test_what_the_service_would_refuse_is_said_at_its_field() -> None:
    quiz = {"question": "问", "options": ["甲"], "right": 0, "explanation": "", "clause_id": ""}
    given = form(
        text=" ", links=[{"label": "看", "url": ""}], quiz=quiz, picture={"url": "", "alternative": "图"}
    )
    assert [note.place for note in faults(filled(given))] == [
        "default:text", "default:picture", "default:links", "default:quiz", "default:quiz", "default:quiz",
    ]  # fmt: skip
    assert faults(filled(form())) == []


def test_a_finding_stands_at_the_field_of_its_version() -> None:
    found = finding("link_not_https", where="web", url="http://x.cn/")
    assert note_of(found) == Note("web:links", found.text)
    assert note_of(finding("audience_nobody")).place == "audience"
    assert note_of(finding("start_in_the_past", at="昨天")).place == "schedule"


def test_two_who_wrote_different_parts_are_merged_by_default() -> None:
    base, mine, theirs = form(), form(text="我的。"), form(pledge="别人的。")
    sides = proposed(_flat(base), _flat(mine), _flat(theirs))
    assert sides == {"default/text": "mine", "default/pledge": "theirs"}
    merged = _merged(mine, theirs, sides)["content"]["versions"]["default"]
    assert (merged["text"], merged["pledge"]) == ("我的。", "别人的。")


def test_a_version_that_only_the_other_one_wrote_comes_with_all_its_parts() -> None:
    base, mine, theirs = form(), form(), form()
    theirs["content"]["versions"]["web"] = {**BLANK, "text": "给网页的。"}
    sides = proposed(_flat(base), _flat(mine), _flat(theirs))
    merged = _merged(mine, theirs, sides)["content"]["versions"]
    assert merged["web"] == {**BLANK, "text": "给网页的。"}


def test_a_version_that_the_other_one_took_away_is_gone_and_an_empty_one_of_mine_stays() -> None:
    base, mine, theirs = form(), form(text=""), form()
    for each in (base, mine):
        each["content"]["versions"]["web"] = {**BLANK, "text": "给网页的。"}
    sides = proposed(_flat(base), _flat(mine), _flat(theirs))
    assert list(_merged(mine, theirs, sides)["content"]["versions"]) == ["default"]


def test_spans_are_said_as_people_say_them() -> None:
    spans = [timedelta(), timedelta(seconds=59), timedelta(minutes=12), timedelta(hours=3, minutes=5),
             timedelta(days=2, hours=4)]  # fmt: skip
    assert [span_said(each) for each in spans] == [
        "不到 1 秒",
        "59 秒",
        "12 分钟",
        "3 小时 5 分",
        "2 天 4 小时",
    ]
