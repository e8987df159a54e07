from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from api.accounts.audit import Sought
from api.accounts.roles import Actor, Forbidden, Role
from api.desk.activities import ActivityDesk
from api.desk.campaigns import CampaignDesk, WeekDesk
from campaigns.errors import NotAllowed
from campaigns.planning.model import Campaign, InTheWay
from tests.campaigns.planning.world import AUDIENCE, key, subscribers
from tests.desk.trial_world import World, build

LAN = Actor("lan", frozenset({Role.campaigner}))
MEI = Actor("mei", frozenset({Role.approver}))
BOTH = Actor("jun", frozenset({Role.campaigner, Role.approver}))


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = build(tmp_path)
    subscribers(made.services.engine, 2, district="渝北区")
    yield made
    made.services.engine.dispose()


def draft(world: World, actor: Actor = LAN, clause: str = "xx-2026-1#1.1") -> Campaign:
    content = {"versions": {"default": {"text": "{district}，骑车去。"}}, "clause_ids": [clause]}
    desk = CampaignDesk(world.services, actor)
    return desk.create(title="骑车", content=content, audience=AUDIENCE, schedule={}, key=key())


def clause_of(world: World) -> str:
    return world.services.knowledge().clauses[-1].id


def test_who_plans_and_may_approve_still_does_not_approve_their_own(world: World) -> None:
    made = draft(world, BOTH, clause_of(world))
    world.services.campaigning.campaigns.tested(made.id, hash=made.frozen_hash, by="jun", key=key())
    desk = CampaignDesk(world.services, BOTH)
    handed = desk.submit(made.id, revision=made.revision + 1, key=key())
    with pytest.raises(NotAllowed, match="要请另一个人来批准"):
        desk.approve(made.id, revision=handed.revision, key=key())
    approved = CampaignDesk(world.services, MEI).approve(made.id, revision=handed.revision, key=key())
    assert approved.state == "approved"


def test_every_step_stands_in_the_audit_log_once(world: World) -> None:
    made, pressed = draft(world), key()
    desk = CampaignDesk(world.services, LAN)
    desk.cancel(made.id, key=pressed, reason="不办了")
    desk.cancel(made.id, key=pressed, reason="不办了")
    lines = world.services.audit.lines(Sought(kind="campaign"))
    assert [(line.what, line.by, line.subject) for line in lines] == [
        ("campaign.cancelled", "lan", made.id),
        ("campaign.created", "lan", made.id),
    ]
    assert lines[0].after == {
        "title": "骑车", "state": "cancelled", "hash": made.frozen_hash, "note": "不办了",
    }  # fmt: skip


def test_a_clause_that_is_not_published_stands_in_the_way(world: World) -> None:
    made = draft(world, clause="nothing-1#1")
    desk = CampaignDesk(world.services, LAN)
    assert [(each.code, each.where) for each in desk.problems(made.id)] == [
        ("clause_not_in_force", "nothing-1#1")
    ]
    with pytest.raises(InTheWay, match="没有发布，或者已经撤回"):
        desk.submit(made.id, revision=made.revision, key=key())


def test_the_reach_is_told_before_anything_is_sent(world: World) -> None:
    reach = CampaignDesk(world.services, MEI).reach(AUDIENCE)
    assert (reach.counted.total, reach.by_district, len(reach.sample)) == (2, {"渝北区": 2}, 2)


def test_a_preview_is_what_the_district_would_see(world: World) -> None:
    made = draft(world)
    desk = CampaignDesk(world.services, MEI)
    assert desk.preview(made.id, "web", "万州区").text == "万州区，骑车去。"
    assert desk.preview(made.id, "web").text == "重庆，骑车去。"
    assert desk.sending_s(made.id) == pytest.approx(2 / 300)


def test_an_approver_plans_nothing(world: World) -> None:
    with pytest.raises(Forbidden):
        WeekDesk(world.services, MEI).create(starts_on="2027-11-22", source="通知", key=key())
    with pytest.raises(Forbidden):
        ActivityDesk(world.services, MEI).create(key=key())
    assert WeekDesk(world.services, MEI).list() == []
