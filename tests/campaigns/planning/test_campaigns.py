from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from campaigns.errors import ChangedMeanwhile, InvalidInput, KeyTaken, NotAllowed, UnknownCampaign
from campaigns.planning.model import InTheWay
from tests.campaigns.planning.world import (
    AUDIENCE,
    CONTENT,
    NOW,
    SCHEDULE,
    World,
    key,
    received,
    subscribers,
)


@pytest.fixture(autouse=True)
def somebody(world: World) -> None:
    subscribers(world.engine, 3)


def test_a_campaign_goes_from_draft_to_scheduled(world: World) -> None:
    made = world.draft()
    assert (made.state, made.revision, made.tested, made.approved) == ("draft", 1, False, False)
    tested = world.campaigns.tested(made.id, hash=made.frozen_hash, by="lan", key=key())
    assert tested.tested
    handed = world.campaigns.submit(made.id, revision=tested.revision, by="lan", key=key())
    assert handed.state == "in_review"
    approved = world.campaigns.approve(made.id, revision=handed.revision, by="mei", key=key())
    assert (approved.state, approved.approved_by, approved.approved) == ("approved", "mei", True)
    due = world.campaigns.schedule(made.id, by="lan", key=key())
    assert (due.state, due.next_due_at) == ("scheduled", made.schedule.first_at)
    events = [(each.what, each.by, each.state, each.edited) for each in world.campaigns.history(made.id)]
    assert events == [
        ("created", "lan", "draft", True),
        ("tested", "lan", "draft", False),
        ("submitted", "lan", "in_review", False),
        ("approved", "mei", "approved", False),
        ("scheduled", "lan", "scheduled", False),
    ]
    assert world.campaigns.read(made.id) == due


def test_without_a_first_time_it_begins_when_somebody_starts_it(world: World) -> None:
    assert world.scheduled(schedule={}).next_due_at == NOW


@pytest.mark.parametrize("who", ["lan", "jun"])
def test_nobody_who_wrote_any_of_it_approves_it(world: World, who: str) -> None:
    made = world.save(world.draft(), title="节粮第二稿", by="jun")
    tested = world.campaigns.tested(made.id, hash=made.frozen_hash, by="lan", key=key())
    handed = world.campaigns.submit(made.id, revision=tested.revision, by="lan", key=key())
    with pytest.raises(NotAllowed, match=f"是{who}写的或改过的"):
        world.campaigns.approve(made.id, revision=handed.revision, by=who, key=key())
    assert world.campaigns.approve(made.id, revision=handed.revision, by="mei", key=key()).approved


def test_after_an_approval_only_those_who_edited_since_are_its_authors(world: World) -> None:
    approved = world.approved()
    edited = world.save(approved, content=CONTENT | {"versions": {"default": {"text": "改过"}}}, by="jun")
    tested = world.campaigns.tested(edited.id, hash=edited.frozen_hash, by="jun", key=key())
    handed = world.campaigns.submit(edited.id, revision=tested.revision, by="jun", key=key())
    with pytest.raises(NotAllowed, match="jun"):
        world.campaigns.approve(edited.id, revision=handed.revision, by="jun", key=key())
    assert world.campaigns.approve(edited.id, revision=handed.revision, by="mei", key=key()).approved


@pytest.mark.parametrize(
    "change",
    [
        {"content": CONTENT | {"clause_ids": ["cq-2022-11#2.5"]}},
        {"audience": AUDIENCE | {"districts": ["渝北区"]}},
        {"schedule": SCHEDULE | {"per_second": 5}},
        {"title": "另一个标题"},
    ],
)
def test_any_later_edit_takes_an_approval_back(world: World, change: dict[str, object]) -> None:
    edited = world.save(world.scheduled(), **change)
    assert (edited.state, edited.approved, edited.approved_by, edited.next_due_at) == (
        "draft",
        False,
        None,
        None,
    )


def test_saving_without_a_change_changes_nothing(world: World) -> None:
    approved = world.approved()
    assert world.save(approved) == approved
    assert [each.what for each in world.campaigns.history(approved.id)][-1] == "approved"


def test_an_edit_needs_a_new_test_send(world: World) -> None:
    made = world.draft()
    world.campaigns.tested(made.id, hash=made.frozen_hash, by="lan", key=key())
    edited = world.save(
        world.campaigns.read(made.id), content=CONTENT | {"versions": {"default": {"text": "改过"}}}
    )
    handed = world.campaigns.submit(made.id, revision=edited.revision, by="lan", key=key())
    with pytest.raises(NotAllowed, match="还没有试发"):
        world.campaigns.approve(made.id, revision=handed.revision, by="mei", key=key())


def test_a_test_of_what_was_edited_meanwhile_does_not_count(world: World) -> None:
    made = world.draft()
    world.save(made, title="第二稿", audience=AUDIENCE | {"channels": ["web"]})
    with pytest.raises(ChangedMeanwhile, match="刚刚被别人改过"):
        world.campaigns.tested(made.id, hash=made.frozen_hash, by="lan", key=key())


def test_content_changed_in_another_tab_is_not_approved(world: World) -> None:
    handed = world.reviewed()
    seen = handed.revision
    back = world.campaigns.send_back(handed.id, by="mei", key=key(), note="换个说法")
    world.campaigns.submit(back.id, revision=back.revision, by="lan", key=key())
    with pytest.raises(ChangedMeanwhile, match="刚刚被别人改过"):
        world.campaigns.approve(handed.id, revision=seen, by="mei", key=key())


def test_a_save_over_somebody_elses_is_refused(world: World) -> None:
    made = world.draft()
    world.save(made, title="甲的稿", by="jia")
    with pytest.raises(ChangedMeanwhile):
        world.save(made, title="乙的稿", by="yi")
    assert world.campaigns.read(made.id).title == "甲的稿"


def test_the_same_key_gives_the_first_result_again(world: World) -> None:
    handed, pressed = world.reviewed(), key()
    first = world.campaigns.approve(handed.id, revision=handed.revision, by="mei", key=pressed)
    world.campaigns.schedule(handed.id, by="lan", key=key())
    again = world.campaigns.approve(handed.id, revision=handed.revision, by="mei", key=pressed)
    assert again == first
    assert [each.what for each in world.campaigns.history(handed.id)].count("approved") == 1


def test_creating_twice_with_one_key_makes_one_campaign(world: World) -> None:
    pressed = key()
    assert world.draft(key=pressed) == world.draft(key=pressed)
    assert len(world.campaigns.list()) == 1


def test_a_key_of_another_action_is_refused(world: World) -> None:
    pressed = key()
    made = world.draft(key=pressed)
    with pytest.raises(KeyTaken, match="已经用在别的操作上"):
        world.campaigns.cancel(made.id, by="lan", key=pressed)
    with pytest.raises(InvalidInput, match="防重号"):
        world.campaigns.cancel(made.id, by="lan", key="")


def test_a_step_that_failed_leaves_its_key_free(world: World) -> None:
    made, pressed = world.draft(), key()
    with pytest.raises(NotAllowed):
        world.campaigns.pause(made.id, by="lan", key=pressed)
    assert world.campaigns.cancel(made.id, by="lan", key=pressed).state == "cancelled"


def test_old_keys_are_forgotten(world: World) -> None:
    made = world.draft()
    world.clock.at = NOW.replace(year=2027)
    assert world.campaigns.forget_old_keys() == 1
    assert world.campaigns.read(made.id) == made


def test_pause_and_resume_reach_the_runs(world: World) -> None:
    made = world.scheduled()
    paused = world.campaigns.pause(made.id, by="lan", key=key(), reason="等通知")
    assert (paused.state, paused.paused_for, paused.next_due_at) == ("paused", "等通知", made.next_due_at)
    assert world.campaigns.resume(made.id, by="lan", key=key()).state == "scheduled"
    world.campaigns.pause(made.id, by="lan", key=key())
    world.runs.open = 1
    assert world.campaigns.resume(made.id, by="lan", key=key()).state == "running"
    cancelled = world.campaigns.cancel(made.id, by="lan", key=key(), reason="不办了")
    assert (cancelled.state, cancelled.next_due_at) == ("cancelled", None)
    assert world.runs.told == ["pause", "pause", "resume", "cancel"]


def test_nothing_is_edited_while_a_run_is_open(world: World) -> None:
    made = world.scheduled()
    paused = world.campaigns.pause(made.id, by="lan", key=key())
    world.runs.open = 1
    with pytest.raises(NotAllowed, match="还有一批没有发完"):
        world.save(paused, title="改")


@pytest.mark.parametrize("step", ["submit", "approve", "send_back", "schedule", "pause", "resume", "tested"])
def test_a_cancelled_campaign_takes_no_step(world: World, step: str) -> None:
    made = world.draft()
    gone = world.campaigns.cancel(made.id, by="lan", key=key())
    more = {
        "submit": {"revision": gone.revision}, "approve": {"revision": gone.revision},
        "send_back": {"note": "改"}, "tested": {"hash": gone.frozen_hash},
    }  # fmt: skip
    with pytest.raises(NotAllowed, match="现在是“已取消”，不能"):
        getattr(world.campaigns, step)(made.id, by="mei", key=key(), **more.get(step, {}))


def test_faults_stand_in_the_way_and_questions_wait_for_an_answer(world: World) -> None:
    made = world.draft(audience={}, content=CONTENT | {"versions": {"default": {"text": "{name}你好"}}})
    with pytest.raises(InTheWay) as refused:
        world.campaigns.submit(
            made.id,
            revision=made.revision,
            by="lan",
            key=key(),
            confirm={"audience_everybody", "name_unknown"},
        )
    assert [each.code for each in refused.value.findings] == ["name_unknown"]
    mended = world.save(made, content=CONTENT)
    with pytest.raises(InTheWay) as refused:
        world.campaigns.submit(made.id, revision=mended.revision, by="lan", key=key())
    assert [each.code for each in refused.value.findings] == ["audience_everybody"]
    handed = world.campaigns.submit(
        made.id, revision=mended.revision, by="lan", key=key(), confirm={"audience_everybody"}
    )
    assert handed.state == "in_review"
    assert world.campaigns.history(made.id)[-1].note == "audience_everybody"


def test_what_went_wrong_since_the_approval_stops_the_start(world: World) -> None:
    made = world.approved()
    world.grounds.gone["cq-2022-11#2.3"] = "已经撤回。"
    with pytest.raises(InTheWay, match=r"cq-2022-11#2\.3"):
        world.campaigns.schedule(made.id, by="lan", key=key())


def test_a_start_that_passed_while_it_waited_is_not_made_up_for(world: World) -> None:
    made = world.approved()
    world.clock.at = NOW.replace(month=12)
    with pytest.raises(InTheWay, match="已经过了"):
        world.campaigns.schedule(made.id, by="lan", key=key())


def test_a_copy_is_a_draft_without_a_time(world: World) -> None:
    made = world.scheduled()
    copied = world.campaigns.copy(made.id, by="jun", key=key())
    assert (copied.state, copied.title, copied.copied_from) == ("draft", "节粮（复制）", made.id)
    assert (copied.message, copied.audience) == (made.message, made.audience)
    assert copied.schedule.first_at is None
    assert not copied.tested


def test_a_correction_counts_those_whom_the_run_reached(world: World) -> None:
    made = world.draft()
    people = subscribers(world.engine, 2, topic="旧物回收")
    run = received(world.engine, made, people, NOW)
    corrected = world.draft(title="更正", audience={}, corrects=run)
    assert corrected.corrects == run
    assert world.codes(corrected) == []


def test_what_is_not_there_is_said(world: World) -> None:
    with pytest.raises(UnknownCampaign, match="没有编号是“nothing”"):
        world.campaigns.read("nothing")
    with pytest.raises(InvalidInput, match="标题"):
        world.draft(title=" ")
    with pytest.raises(InvalidInput, match="退回"):
        world.campaigns.send_back("x", by="mei", key=key(), note=" ")


def test_lists_hold_what_was_asked_for(world: World) -> None:
    draft, due = (
        world.draft(),
        world.scheduled(title="节水", content=CONTENT | {"clause_ids": ["cq-2022-11#2.5"]}),
    )
    assert {each.id for each in world.campaigns.list()} == {draft.id, due.id}
    assert [each.id for each in world.campaigns.list(states={"scheduled"})] == [due.id]
    assert world.campaigns.list(week_id="other") == []


def test_two_presses_of_one_key_at_once_do_the_step_once(world: World) -> None:
    made, pressed = world.scheduled(), key()
    with ThreadPoolExecutor(4) as pool:
        presses = [pool.submit(world.campaigns.pause, made.id, by="lan", key=pressed) for _ in range(4)]
    assert len({each.result().revision for each in presses}) == 1
    assert [each.what for each in world.campaigns.history(made.id)].count("paused") == 1


def test_of_two_approvals_at_once_one_is_first(world: World) -> None:
    handed = world.reviewed()

    def approve(who: str) -> str:
        try:
            world.campaigns.approve(handed.id, revision=handed.revision, by=who, key=key())
        except NotAllowed:
            return "late"
        return "first"

    with ThreadPoolExecutor(3) as pool:
        assert sorted(pool.map(approve, ["mei", "jun", "tao"])) == ["first", "late", "late"]
    assert [each.what for each in world.campaigns.history(handed.id)].count("approved") == 1
