"""The conflict list of what is published: worked out in the background, kept, and set aside."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from api.accounts.roles import Forbidden
from api.conflict_watch import ConflictWatch
from api.desk.conflicts import ConflictsDesk, Listed
from knowledge.errors import Conflict, InvalidContent, UnknownRow
from knowledge.shipped import Shipped
from tests.desk.trial_world import CAMPAIGNER, EDITOR, NOW, TODAY, VIEWER, World, build


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = build(tmp_path)
    yield made
    made.services.conflicts.wait(60)
    made.services.engine.dispose()


@pytest.fixture
def desk(world: World) -> ConflictsDesk:
    return ConflictsDesk(world.services, EDITOR)


def checked(world: World, desk: ConflictsDesk) -> Listed:
    desk.listed()
    world.services.conflicts.wait(60)
    return desk.listed()


def withdraw_the_document(world: World) -> None:
    with world.services.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE documents SET state = 'withdrawn'")


def test_knowledge_in_order_is_said_to_be(world: World, desk: ConflictsDesk) -> None:
    first = desk.listed()
    assert (first.findings, first.current) == (None, False)
    listed = checked(world, desk)
    assert (listed.findings, listed.aside, listed.current, listed.failed) == ((), (), True, False)
    assert listed.checked_at == NOW


def test_an_entry_that_lost_its_ground_is_listed_until_it_is_set_aside(
    world: World, desk: ConflictsDesk
) -> None:
    withdraw_the_document(world)
    listed = checked(world, desk)
    assert listed.findings is not None
    assert [(one.kind, one.first.id) for one in listed.findings] == [
        ("ended", "ride-01"),
        ("ended", "ride-02"),
    ]
    assert listed.counts == {"contradiction": 0, "newer": 0, "gone": 0, "ended": 2, "duplicate": 0}
    key = listed.findings[0].key
    with pytest.raises(InvalidContent, match="理由"):
        desk.set_aside(key, reason="")
    desk.set_aside(key, reason="下周重新发布")
    after = desk.listed()
    assert after.findings is not None
    assert [one.first.id for one in after.findings] == ["ride-02"]
    ((finding, decision),) = after.aside
    assert (finding.key, decision.reason, decision.by, decision.at) == (key, "下周重新发布", "editor", NOW)
    with pytest.raises(Conflict):
        desk.set_aside(key, reason="再来一次")
    desk.take_back(key)
    assert len(desk.listed().findings or ()) == 2
    kinds = [(entry.what, entry.by) for entry in world.services.audit.every_line(_everything())]
    assert sorted(kinds) == [("conflict.set_aside", "editor"), ("conflict.taken_back", "editor")]


def _everything() -> object:
    from api.accounts.audit import Sought

    return Sought(kind="conflict")


def test_a_result_is_kept_for_the_snapshot_and_read_again_by_the_next_process(
    world: World, desk: ConflictsDesk
) -> None:
    withdraw_the_document(world)
    listed = checked(world, desk)

    def never() -> Shipped:
        raise AssertionError("it was worked out already")

    other = ConflictWatch(
        world.live, never, now=lambda: NOW, today=lambda: TODAY,
        folder=world.services.settings.data_dir / "conflicts",
    )  # fmt: skip
    again = other.look()
    assert (again.findings, again.current, again.checked_at) == (listed.findings, True, NOW)


def test_another_snapshot_is_checked_while_the_last_list_is_shown(world: World, desk: ConflictsDesk) -> None:
    before = checked(world, desk)
    withdraw_the_document(world)
    assert desk.listed() == before, "the same snapshot: nothing is worked out again"
    world.republish()
    stale = desk.listed()
    assert (stale.findings, stale.current) == ((), False)
    world.services.conflicts.wait(60)
    assert len(desk.listed().findings or ()) == 2


def test_it_can_be_worked_out_anew(world: World, desk: ConflictsDesk) -> None:
    checked(world, desk)
    withdraw_the_document(world)
    desk.check_again()
    world.services.conflicts.wait(60)
    assert len(desk.listed().findings or ()) == 2


def test_a_check_that_fails_is_said_and_not_tried_for_ever(world: World, tmp_path: Path) -> None:
    calls: list[int] = []

    def failing() -> Shipped:
        calls.append(1)
        raise RuntimeError("no")

    watch = ConflictWatch(world.live, failing, now=lambda: NOW, today=lambda: TODAY, folder=tmp_path / "x")
    watch.look()
    watch.wait(60)
    assert watch.look().failed
    watch.wait(60)
    assert len(calls) == 1
    watch.again()
    watch.wait(60)
    assert len(calls) == 2


def test_a_damaged_file_is_worked_out_again(world: World, desk: ConflictsDesk) -> None:
    checked(world, desk)
    folder = world.services.settings.data_dir / "conflicts"
    for file in folder.glob("*.json"):
        file.write_text("{", encoding="utf-8")
    fresh = ConflictWatch(
        world.live, world.services.editing.content, now=lambda: NOW, today=lambda: TODAY, folder=folder
    )
    assert fresh.look().findings is None
    fresh.wait(60)
    assert fresh.look().findings == ()


def test_what_is_not_in_the_list_cannot_be_set_aside(desk: ConflictsDesk) -> None:
    with pytest.raises(UnknownRow, match="不在列表里"):
        desk.set_aside("0" * 32, reason="试")


def test_rights_are_asked_of_every_call(world: World) -> None:
    nobody, viewer = ConflictsDesk(world.services, CAMPAIGNER), ConflictsDesk(world.services, VIEWER)
    for call in (
        nobody.listed,
        nobody.check_again,
        lambda: viewer.set_aside("0", reason="试"),
        lambda: viewer.take_back("0"),
    ):
        with pytest.raises(Forbidden):
            call()
