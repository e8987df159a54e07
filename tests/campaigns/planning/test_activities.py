from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from campaigns.activities import Activities, Activity
from campaigns.errors import ChangedMeanwhile, InvalidInput, NotAllowed, UnknownCampaign
from campaigns.journal import NoJournal
from campaigns.offer import load_offer
from campaigns.planning.model import InTheWay
from tests.campaigns.planning.world import NOW, Clock, Grounds, key

FIELDS: dict[str, Any] = {
    "title": "旧衣回收日", "place": "渝北区龙溪街道广场", "district": "渝北区", "settings": [],
    "starts_at": "2026-11-25T09:00+08:00", "ends_at": "2026-11-25T17:00+08:00", "organiser": "龙溪街道",
    "about": "带旧衣服来，换一包种子。", "source": "街道通知", "clause_ids": ["cq-2022-11#2.4"],
}  # fmt: skip
DAY = date(2026, 11, 25)


@dataclass
class Place:
    activities: Activities
    clock: Clock
    grounds: Grounds

    def approved(self, **given: Any) -> Activity:
        made = self.activities.create(by="lan", key=key(), **FIELDS | given)
        handed = self.activities.submit(made.id, revision=made.revision, by="lan", key=key())
        return self.activities.approve(made.id, revision=handed.revision, by="mei", key=key())


@pytest.fixture
def place(engine: Engine) -> Place:
    clock, grounds = Clock(), Grounds()
    made = Activities(engine, now=clock, journal=NoJournal(), grounds=grounds, offer=load_offer())
    return Place(made, clock, grounds)


def test_residents_are_told_only_of_what_is_approved(place: Place) -> None:
    made = place.activities.create(by="lan", key=key(), **FIELDS)
    assert place.activities.on(DAY) == []
    handed = place.activities.submit(made.id, revision=1, by="lan", key=key())
    assert place.activities.on(DAY) == []
    approved = place.activities.approve(made.id, revision=handed.revision, by="mei", key=key())
    assert place.activities.on(DAY) == [approved]
    assert place.activities.current(made.id) == approved


def test_an_activity_is_gone_when_it_is_over(place: Place) -> None:
    made = place.approved()
    place.clock.at = made.ends_at - timedelta(seconds=1)
    assert place.activities.on(DAY) == [made]
    assert place.activities.coming() == [made]
    place.clock.at = made.ends_at
    assert place.activities.on(DAY) == []
    assert place.activities.coming() == []
    assert place.activities.current(made.id) is None
    assert place.activities.list(over=False) == []
    assert place.activities.list() == [made]


def test_a_day_is_a_day_in_chongqing(place: Place) -> None:
    late = place.approved(starts_at="2026-11-25T23:30+08:00", ends_at="2026-11-26T00:00+08:00")
    assert place.activities.on(DAY) == [late]
    assert place.activities.on(DAY + timedelta(days=1)) == []
    assert place.activities.on(DAY - timedelta(days=1)) == []


def test_one_asks_for_a_district_and_a_setting(place: Place) -> None:
    there = place.approved()
    city = place.approved(district=None, settings=["学校"], starts_at="2026-11-25T10:00+08:00")
    assert place.activities.on(DAY) == [there, city]
    assert place.activities.on(DAY, district="渝北区") == [there, city]
    assert place.activities.on(DAY, district="万州区") == [city]
    assert place.activities.on(DAY, setting="家庭") == [there]
    assert place.activities.on(DAY, setting="学校") == [there, city]
    assert place.activities.coming(days=3) == []
    assert place.activities.coming(district="万州区", days=6) == [city]


def test_an_edit_takes_the_approval_back_and_the_activity_with_it(place: Place) -> None:
    made = place.approved()
    edited = place.activities.save(
        made.id, revision=made.revision, by="jun", key=key(), **FIELDS | {"place": "另一个地方"}
    )
    assert (edited.state, edited.approved_hash, edited.editors) == ("draft", None, ("jun",))
    assert place.activities.on(DAY) == []
    handed = place.activities.submit(made.id, revision=edited.revision, by="jun", key=key())
    with pytest.raises(NotAllowed, match="jun写的或改过的"):
        place.activities.approve(made.id, revision=handed.revision, by="jun", key=key())
    with pytest.raises(ChangedMeanwhile):
        place.activities.approve(made.id, revision=made.revision, by="mei", key=key())


def test_saving_without_a_change_keeps_the_approval(place: Place) -> None:
    made = place.approved()
    assert place.activities.save(made.id, revision=made.revision, by="jun", key=key(), **FIELDS) == made


def test_nobody_approves_their_own(place: Place) -> None:
    made = place.activities.create(by="lan", key=key(), **FIELDS)
    handed = place.activities.submit(made.id, revision=1, by="lan", key=key())
    with pytest.raises(NotAllowed, match="要请另一个人来批准"):
        place.activities.approve(made.id, revision=handed.revision, by="lan", key=key())
    back = place.activities.send_back(made.id, by="mei", key=key(), note="写清楚地点")
    assert back.state == "draft"


def test_what_is_over_or_rests_on_nothing_in_force_is_not_approved(place: Place) -> None:
    place.grounds.gone["cq-2022-11#2.4"] = "已经过期。"
    with pytest.raises(InTheWay, match=r"cq-2022-11#2\.4"):
        place.approved()
    place.grounds.gone.clear()
    with pytest.raises(InTheWay, match="已经结束"):
        place.approved(starts_at=(NOW - timedelta(days=2)).isoformat(), ends_at=NOW.isoformat())


def test_keys_work_as_for_campaigns(place: Place) -> None:
    pressed = key()
    first = place.activities.create(by="lan", key=pressed, **FIELDS)
    assert place.activities.create(by="lan", key=pressed, **FIELDS) == first
    cancelled = place.activities.cancel(first.id, by="lan", key=key(), reason="下雨")
    assert (cancelled.state, len(place.activities.list())) == ("cancelled", 1)
    with pytest.raises(NotAllowed, match="已取消"):
        place.activities.submit(first.id, revision=cancelled.revision, by="lan", key=key())


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"title": ""}, "活动名称"),
        ({"place": None}, "地点"),
        ({"source": " "}, "消息来源"),
        ({"starts_at": "2026-11-25T09:00"}, "带上时区"),
        ({"ends_at": "2026-11-25T08:00+08:00"}, "先开始后结束"),
        ({"ends_at": "2029-11-25T08:00+08:00"}, "最长一年"),
        ({"district": "渝北"}, "district"),
        ({"settings": ["月球"]}, "setting"),
        ({"clause_ids": "x"}, "依据条款"),
        ({"clause_ids": ["第五条"]}, "依据条款现在是.第五条.（3个字），请选一条条款"),
        ({"colour": "red"}, "不认识的项“colour”"),
    ],
)
def test_a_field_that_is_wrong_is_named(place: Place, changed: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        place.activities.create(by="lan", key=key(), **FIELDS | changed)


def test_what_is_not_there_is_said(place: Place) -> None:
    with pytest.raises(UnknownCampaign, match="没有编号是“none”的活动"):
        place.activities.read("none")
