"""A process that is killed in mid-publish: what is answered and what the database says agree afterwards."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from api.migrations import upgrade
from knowledge.publishing.planning import publishable
from knowledge.store import create_engine_for
from tests.publishing.world import CLOTHES_ENTRY, RealClock, World, fill, open_world

ROOT = Path(__file__).parents[2]
OLD, NEW = "鼓励捐赠旧衣物。", "可以捐给慈善组织。"


def killed(tmp_path: Path, what: str, where: str) -> World:
    """The installation as the next start finds it, after a process died there and then."""
    address, folder = f"sqlite:///{tmp_path / 'lvxiaoyu.db'}", tmp_path / "snapshots"
    upgrade(address)
    engine = create_engine_for(address)
    fill(engine)
    done = subprocess.run(
        [sys.executable, "-m", "tests.publishing.dying", address, str(folder), what, where],
        cwd=ROOT, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == -signal.SIGKILL, done.stderr[-2000:]
    with Session(engine) as session:
        held = publishable(session)
    world = open_world(engine, folder, RealClock())
    world.index.start(held)  # as the app does first of all
    world.publisher.begin()
    return world


def settled(world: World) -> None:
    """Nothing is half-way, and whoever comes next can publish."""
    assert world.agrees()
    assert world.publisher.publisher_at_work() is None
    assert world.publisher.catch_up() is None
    assert {release.state for release in world.publisher.history()} == {"live"}


@pytest.mark.parametrize("where", ["before_build", "while_building", "while_asking", "in_the_transaction"])
def test_killed_before_the_commit_nothing_has_changed_and_the_draft_is_still_there(
    tmp_path: Path, where: str
) -> None:
    world = killed(tmp_path, "publish", where)
    settled(world)
    assert (world.said(CLOTHES_ENTRY.question), world.row("clothes")) == (OLD, ("published", OLD))
    (draft,) = world.editing.drafts()
    assert draft.state == "approved"
    world.published(draft)  # the same once more, to its end
    settled(world)
    assert world.said(CLOTHES_ENTRY.question) == NEW


@pytest.mark.parametrize("where", ["before_swap", "after_swap"])
def test_killed_after_the_commit_the_publication_is_finished(tmp_path: Path, where: str) -> None:
    world = killed(tmp_path, "publish", where)
    settled(world)
    assert (world.said(CLOTHES_ENTRY.question), world.row("clothes")) == (NEW, ("published", NEW))
    assert world.editing.drafts() == []
    newest = world.publisher.history()[0]
    assert (newest.state, newest.snapshot) == ("live", world.index.pointer)


@pytest.mark.parametrize(
    ("where", "left"), [("before_build", NEW), ("before_swap", OLD), ("after_swap", OLD)]
)
def test_killed_while_going_back_the_rollback_is_whole_or_never_was(
    tmp_path: Path, where: str, left: str
) -> None:
    world = killed(tmp_path, "roll_back", where)
    settled(world)
    assert (world.said(CLOTHES_ENTRY.question), world.row("clothes")[1]) == (left, left)


def test_killed_while_taking_back_the_next_start_withholds_it(tmp_path: Path) -> None:
    world = killed(tmp_path, "withdraw", "before_withholding")
    settled(world)
    assert world.said(CLOTHES_ENTRY.question) == ""
    assert world.index.withheld.entries == frozenset({"clothes"})
