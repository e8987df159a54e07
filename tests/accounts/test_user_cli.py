from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from api.accounts.assembling import build_staff
from api.accounts.audit import Sought
from api.accounts.errors import SignInRefused
from api.cli import app
from api.clock import SystemClock
from api.settings import load_settings
from knowledge.store import create_engine_for
from tests.accounts.conftest import PASSWORD


@pytest.fixture(autouse=True)
def _data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LVXIAOYU_DATA_DIR", str(tmp_path / "var"))
    monkeypatch.setenv("COLUMNS", "200")


def user(*words: str, password: str | None = None) -> Result:
    more = [] if password is None else ["--password-stdin"]
    entered = None if password is None else f"{password}\n"
    return CliRunner().invoke(app, ["user", *words, *more], input=entered)


def test_the_first_administrator_is_made_here_and_can_sign_in() -> None:
    made = user("add", "Chief", "--role", "administrator", "--role", "editor", password=PASSWORD)
    assert (made.exit_code, made.stdout) == (0, "chief can sign in as editor, administrator.\n")
    settings = load_settings()
    staff = build_staff(settings, create_engine_for(settings.database), SystemClock())
    assert staff.accounts.has_administrator()
    assert staff.sign_in.by_password("chief", PASSWORD, address="a")
    (line,) = staff.audit.lines(Sought(what="account.added"))
    assert line.by.startswith("cli:")
    listed = json.loads(user("list", "--json").stdout)
    assert [(each["name"], each["roles"], each["state"]) for each in listed] == [
        ("chief", ["editor", "administrator"], "active")
    ]


def test_a_password_is_never_an_argument() -> None:
    assert user("add", "chief", "--role", "administrator", "--password", "x").exit_code == 2
    asked = user("add", "chief", "--role", "administrator")
    assert asked.exit_code == 1
    assert "--password-stdin" in asked.stderr


def test_what_is_wrong_is_one_sentence() -> None:
    short = user("add", "chief", "--role", "administrator", password="short")
    assert (short.exit_code, "密码长度" in short.stderr) == (1, True)
    user("add", "chief", "--role", "administrator", password=PASSWORD)
    taken = user("add", "CHIEF", "--role", "viewer", password=PASSWORD)
    assert "已经有账号“chief”" in taken.stderr
    assert "没有账号“nobody”" in user("password", "nobody", password=PASSWORD).stderr
    last = user("disable", "chief")
    assert (last.exit_code, "最后一个" in last.stderr) == (1, True)
    assert "Traceback" not in short.stderr + taken.stderr + last.stderr


def test_roles_password_disabling_and_enabling() -> None:
    user("add", "chief", "--role", "administrator", password=PASSWORD)
    user("add", "li-lei", "--role", "viewer", password=PASSWORD)
    assert "reviewer" in user("roles", "li-lei", "--role", "reviewer").stdout
    assert user("password", "li-lei", password="另一个-password-9").exit_code == 0
    assert user("disable", "li-lei").exit_code == 0
    settings = load_settings()
    staff = build_staff(settings, create_engine_for(settings.database), SystemClock())
    with pytest.raises(SignInRefused):
        staff.sign_in.by_password("li-lei", "另一个-password-9", address="a")
    assert "disabled" in user("list").stdout
    assert user("enable", "li-lei").exit_code == 0
    assert staff.sign_in.by_password("li-lei", "另一个-password-9", address="a")
