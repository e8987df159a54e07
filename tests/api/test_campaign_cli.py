"""`lvxiaoyu campaign …` over a database of its own: the same steps and refusals as in the console."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session
from typer.testing import CliRunner, Result

from api.accounts.assembling import build_staff
from api.accounts.roles import Role
from api.cli import app
from api.clock import SystemClock
from api.keys import load_keys
from api.migrations import upgrade
from api.settings import Settings
from api.store.conversations import ConversationStore, Turn
from knowledge.store import create_engine_for, seed
from tests.accounts.conftest import PASSWORD, quick_passwords
from tests.campaigns.planning.world import subscribers

FORM = """
title: 节粮
content:
  versions:
    default: {text: "{district}的街坊，碗里不剩。"}
  clause_ids: [cq-2022-11#2.3]
audience: {topics: [绿色消费活动周]}
schedule: {first_at: 2099-11-25T09:30, quiet: ["21:00", "08:00"]}
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("campaign-cli")
    settings = Settings(data_dir=folder)
    upgrade(settings.database)
    engine = create_engine_for(settings.database)
    with Session(engine) as session:
        seed(session)
    accounts = build_staff(settings, engine, SystemClock(), passwords=quick_passwords()).accounts
    for name, role in (("lan", Role.campaigner), ("mei", Role.approver)):
        accounts.add(name, roles=[role], password=PASSWORD, by="test")
    subscribers(engine, 3)
    now = datetime.now(UTC)
    person = load_keys(folder / "secrets").pseudonym("mine")
    ConversationStore(engine).record(Turn("mine", person, "web", "q", "m", "你好", now, [], now, False))
    engine.dispose()
    return folder


@pytest.fixture
def engine(installed: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    monkeypatch.setenv("LVXIAOYU_DATA_DIR", str(installed))
    monkeypatch.setenv("COLUMNS", "200")
    engine = create_engine_for(Settings().database)
    yield engine
    with engine.begin() as connection:
        for table in ("campaign_history", "campaigns", "campaign_weeks", "campaign_keys"):
            connection.exec_driver_sql(f"DELETE FROM {table}")
    engine.dispose()


@pytest.fixture
def planned(engine: Engine, tmp_path: Path) -> str:
    (tmp_path / "form.yml").write_text(FORM, encoding="utf-8")
    assert run("plan", str(tmp_path / "form.yml"), by="lan").exit_code == 0
    (made,) = told()
    return str(made["id"])


def run(*words: str, by: str, typed: str = PASSWORD) -> Result:
    """`approve` reads the password from standard input."""
    more = ["--password-stdin"] if words[0] == "approve" else []
    return CliRunner().invoke(app, ["campaign", *words, "--by", by, *more], input=f"{typed}\n")


def told() -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(run("status", "--json", by="mei").stdout)
    return found


def test_a_campaign_goes_its_whole_way(planned: str) -> None:
    assert run("test", planned, "--conversation", "mine", by="lan").exit_code == 0
    assert "in_review now" in run("submit", planned, by="lan").stdout
    assert "approved now" in run("approve", planned[:8], by="mei").stdout
    assert "scheduled now, next at 2099-11-25 09:30" in run("start", planned, by="lan").stdout
    assert "paused now" in run("pause", planned, "--reason", "等通知", by="lan").stdout
    assert "scheduled now" in run("resume", planned, by="lan").stdout
    assert "cancelled now" in run("cancel", planned, by="lan").stdout
    shown = run("status", planned, by="mei").stdout
    assert all(word in shown for word in ("节粮", "cancelled", "approved by mei", "等通知"))
    assert json.loads(run("status", planned, "--json", by="mei").stdout)["approved_by"] == "mei"


def test_a_preview_shows_each_channel_and_how_many_it_reaches(planned: str) -> None:
    shown = run("preview", planned, "--district", "渝北区", by="mei").stdout
    assert "渝北区的街坊，碗里不剩。" in shown
    assert "3 recipients now (web 3)" in shown
    assert "There is no channel 'fax'" in run("preview", planned, "--channel", "fax", by="mei").stderr


def test_nobody_approves_untested_or_without_the_right(planned: str) -> None:
    assert run("submit", planned, by="lan").exit_code == 0
    refused = run("approve", planned, by="lan")
    assert (refused.exit_code, "没有权限" in refused.stderr) == (1, True)
    refused = run("approve", planned, by="mei")
    assert (refused.exit_code, "还没有试发" in refused.stderr) == (1, True)
    refused = run("approve", planned, "--revision", "1", by="mei")
    assert (refused.exit_code, "刚刚被别人改过" in refused.stderr) == (1, True)


def test_nobody_approves_in_somebody_elses_name(planned: str) -> None:
    run("test", planned, "--conversation", "mine", by="lan")
    run("submit", planned, by="lan")
    refused = run("approve", planned, by="mei", typed="guessed-it-1")
    assert (refused.exit_code, "账号或密码不正确" in refused.stderr) == (1, True)
    unasked = CliRunner().invoke(app, ["campaign", "approve", planned, "--by", "mei"])
    assert (unasked.exit_code, "--password-stdin" in unasked.stderr) == (1, True)
    assert told()[0]["state"] == "in_review"


def test_a_question_is_answered_by_its_code(engine: Engine, tmp_path: Path) -> None:
    (tmp_path / "all.yml").write_text(FORM.replace("{topics: [绿色消费活动周]}", "{}"), encoding="utf-8")
    run("plan", str(tmp_path / "all.yml"), by="lan")
    (made,) = told()
    refused = run("submit", str(made["id"]), by="lan")
    assert refused.exit_code == 1
    assert "asks  audience_everybody" in refused.stderr
    assert "If that is meant, say --confirm audience_everybody." in refused.stderr
    assert run("submit", str(made["id"]), "--confirm", "audience_everybody", by="lan").exit_code == 0


def test_a_week_is_laid_out_from_its_day_and_source(engine: Engine) -> None:
    assert run("plan", "--week", "2099-11-23", by="lan").exit_code == 1
    shown = run("plan", "--week", "2099-11-23", "--source", "通知", "--key", "k1", by="lan")
    assert shown.exit_code == 0, shown.stderr
    assert shown.stdout.count("绿色消费活动周 · ") == 8
    run("plan", "--week", "2099-11-23", "--source", "通知", "--key", "k1", by="lan")
    assert len(told()) == 8


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("plan",), "Name a file to plan one campaign"),
        (("plan", "nothing.yml"), "cannot be read"),
        (("status", "none"), "没有编号是“none”"),
        (("pause", "none"), "没有编号是“none”"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_sentence(
    engine: Engine, words: tuple[str, ...], said: str
) -> None:
    result = run(*words, by="lan")
    assert (result.exit_code, said in result.stderr) == (1, True)


def test_who_does_it_must_have_an_account(engine: Engine) -> None:
    assert run("status", by="nobody").exit_code == 1


def test_a_file_with_something_else_in_it_is_refused(engine: Engine, tmp_path: Path) -> None:
    (tmp_path / "form.yml").write_text(FORM + "colour: red\n", encoding="utf-8")
    result = run("plan", str(tmp_path / "form.yml"), by="lan")
    assert "must hold audience, content, schedule, title and nothing else" in result.stderr
