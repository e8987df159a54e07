"""`lvxiaoyu knowledge diff | publish | rollback`, over a world that needs no model."""

from __future__ import annotations

import getpass
from collections.abc import Callable
from pathlib import Path

import pytest
import typer
from click.testing import Result
from typer.testing import CliRunner

from api.cli import publishing
from api.settings import Settings
from tests.publishing.world import CLOTHES_ENTRY, World

Run = Callable[..., Result]


@pytest.fixture
def run(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    app = typer.Typer()
    app.callback()(lambda: None)
    publishing.register(app, lambda: (Settings(data_dir=tmp_path), world.engine))
    monkeypatch.setattr(publishing, "open_publisher", lambda settings, engine: world.publisher)
    return lambda *words: CliRunner().invoke(app, list(words))


def test_open_drafts_are_told_field_by_field(world: World, run: Run) -> None:
    assert "no open drafts" in run("diff").stdout
    world.approved("clothes", plain="可以捐给慈善组织。")
    said = run("diff", "clothes").stdout
    assert "clothes" in said
    assert "- 鼓励捐赠旧衣物。" in said
    assert "+ 可以捐给慈善组织。" in said
    assert run("diff", "food").exit_code == 1


def test_an_approved_draft_is_published_by_its_rows_id(world: World, run: Run) -> None:
    world.approved("clothes", plain="可以捐给慈善组织。")
    only = run("publish", "clothes", "--preview")
    assert "3 -> 3 of 3 golden questions right; 1 answers change" in only.stdout
    assert world.said(CLOTHES_ENTRY.question) == "鼓励捐赠旧衣物。"
    done = run("publish", "clothes")
    assert done.exit_code == 0, done.stderr
    assert world.index.pointer in done.stdout
    assert "restart" not in done.stdout
    assert world.said(CLOTHES_ENTRY.question) == "可以捐给慈善组织。"
    assert world.publisher.history()[0].published_by == getpass.getuser()


def test_all_approved_drafts_are_published_at_once(world: World, run: Run) -> None:
    assert run("publish", "--all").exit_code == 1
    world.approved("clothes", plain="甲。")
    world.approved("food", plain="乙。")
    assert run("publish", "--all").exit_code == 0
    assert {row.id for row in world.publisher.history()[0].rows} == {"clothes", "food"}


def test_what_breaks_a_golden_question_needs_a_reason(world: World, run: Run) -> None:
    world.approved("clothes", question="旧书可以捐吗？")
    refused = run("publish", "clothes")
    assert (refused.exit_code, "理由" in refused.stderr) == (1, True)
    assert "worse" in refused.stdout
    assert run("publish", "clothes", "--reason", "改问旧书").exit_code == 0
    assert world.publisher.history()[0].reason == "改问旧书"


def test_a_withdrawn_row_is_published_again_without_a_draft(world: World, run: Run) -> None:
    draft = world.editing.propose_withdrawal(kind="entry", row_id="food", by="editor", note="不再适用")
    draft = world.editing.submit(draft.id, by="editor", revision=draft.revision)
    world.editing.approve(draft.id, by="reviewer", revision=draft.revision)
    assert run("publish", "food", "--reason", "不再适用").exit_code == 0
    assert world.row("food")[0] == "withdrawn"
    done = run("publish", "food")
    assert done.exit_code == 0, done.stderr
    assert world.row("food")[0] == "published"
    assert world.agrees()


def test_what_cannot_be_published_is_said_in_one_sentence(world: World, run: Run) -> None:
    content = {**(world.editing.current("entry", "clothes") or {}), "plain": "新的"}
    world.editing.save(kind="entry", row_id="clothes", content=content, by="editor")
    for words, said in (
        (("publish",), "--all"),
        (("publish", "clothes", "--all"), "--all"),
        (("publish", "clothes"), "not approved"),
        (("publish", "food"), "published already"),
        (("publish", "nothing"), "nothing"),
    ):
        result = run(*words)
        assert (result.exit_code, said in result.stderr) == (1, True), words


def test_going_back_takes_the_release_before_or_a_named_one(world: World, run: Run) -> None:
    assert run("rollback").exit_code == 1
    world.published(world.approved("clothes", plain="甲。"))
    world.published(world.approved("clothes", plain="乙。"))
    listed = run("rollback", "--list").stdout
    assert "publication" in listed
    assert "live" in listed
    assert run("rollback", "--reason", "说法有误").exit_code == 0
    assert world.said(CLOTHES_ENTRY.question) == "甲。"
    start = world.publisher.history()[-1]
    assert run("rollback", start.id).exit_code == 0
    assert world.said(CLOTHES_ENTRY.question) == "鼓励捐赠旧衣物。"
    assert run("rollback", "nothing").exit_code == 1
