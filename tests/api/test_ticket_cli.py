from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine
from typer.testing import CliRunner, Result

from api.cli import app
from api.clock import SystemClock
from api.keys import load_keys
from api.migrations import upgrade
from api.settings import Settings
from api.store.conversations import ConversationStore
from api.tickets.service import Tickets, build_tickets
from knowledge.store import create_engine_for
from tests.api.kept import PHONE, talk


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("LVXIAOYU_DATA_DIR", str(tmp_path / "var"))
    monkeypatch.setenv("COLUMNS", "200")
    return Settings()


@pytest.fixture
def engine(settings: Settings) -> Iterator[Engine]:
    upgrade(settings.database)
    engine = create_engine_for(settings.database)
    yield engine
    engine.dispose()


@pytest.fixture
def tickets(settings: Settings, engine: Engine) -> Tickets:
    return build_tickets(settings, load_keys(settings.data_dir / "secrets"), engine, SystemClock())


@pytest.fixture
def ticket_id(engine: Engine, tickets: Tickets) -> str:
    talk(engine, "c", SystemClock().now(), asked="旧冰箱怎么换新")
    return tickets.open(
        conversation_id="c", channel="web", question="旧冰箱怎么换新", contact=PHONE, district="渝北区"
    ).id


def run(*words: str) -> Result:
    return CliRunner().invoke(app, ["ticket", *words])


def test_open_tickets_are_listed_without_contacts(ticket_id: str) -> None:
    result = run("list")
    assert result.exit_code == 0, result.stderr
    (line,) = [line for line in result.stdout.splitlines() if ticket_id in line]
    assert all(word in line for word in ("open", "web", "渝北区", "旧冰箱怎么换新"))
    assert PHONE not in result.stdout
    (listed,) = json.loads(run("list", "--json").stdout)
    assert (listed["id"], listed["state"], listed["has_contact"]) == (ticket_id, "open", True)
    assert json.loads(run("list", "--state", "closed", "--json").stdout) == []


def test_the_contact_shows_only_when_asked_for_and_that_is_written_down(
    tickets: Tickets, ticket_id: str
) -> None:
    plain = run("show", ticket_id.lower())
    assert plain.exit_code == 0, plain.stderr
    assert "居民 旧冰箱怎么换新" in plain.stdout
    assert "绿小渝 答1" in plain.stdout
    assert PHONE not in plain.stdout
    assert [event.what for event in tickets.events(ticket_id)] == ["opened"]
    shown = run("show", ticket_id, "--contact", "--by", "li")
    assert PHONE in shown.stdout
    assert "contact_shown by li" in shown.stdout


def test_a_reply_reaches_the_conversation(engine: Engine, ticket_id: str) -> None:
    result = run("reply", ticket_id, "请带发票到商场。", "--by", "li")
    assert result.exit_code == 0, result.stderr
    assert f"The reply to {ticket_id} is in the resident's conversation." in result.stdout
    said = ConversationStore(engine).history("c")[-1]
    assert (said["kind"], said["text"].split("\n")[-1]) == ("handoff", "请带发票到商场。")


def test_a_reply_that_reaches_nobody_says_what_to_do(engine: Engine, tickets: Tickets) -> None:
    talk(engine, "t", SystemClock().now(), channel="telegram")
    ticket = tickets.open(conversation_id="t", channel="telegram", question="问")
    result = run("reply", ticket.id, "好的", "--by", "li")
    assert result.exit_code == 0
    assert "telegram cannot be written to" in result.stdout
    assert f"ticket show {ticket.id} --contact" in result.stdout


def test_taking_and_taking_over(ticket_id: str) -> None:
    assert run("take", ticket_id, "--by", "li").stdout == f"{ticket_id} is li's.\n"
    refused = run("reply", ticket_id, "好的", "--by", "wang")
    assert refused.exit_code == 1
    assert f"Ticket {ticket_id} is taken and held by li." in refused.stderr
    assert run("take", ticket_id, "--from", "li", "--by", "wang").exit_code == 0
    assert run("reply", ticket_id, "好的", "--by", "wang").exit_code == 0


def test_closing_erases_the_contact(tickets: Tickets, ticket_id: str) -> None:
    assert run("close", ticket_id, "--by", "li").exit_code == 0
    assert not tickets.get(ticket_id).has_contact
    assert "none was left, or it is erased" in run("show", ticket_id, "--contact").stdout
    assert ticket_id not in run("list").stdout


def test_an_unknown_ticket_is_named_with_a_remedy(settings: Settings) -> None:
    for words in (("show",), ("close",), ("take",), ("reply", "好的")):
        result = run(words[0], "QQQQQQ", *words[1:])
        assert result.exit_code == 1
        assert re.search(r"no ticket 'QQQQQQ'.*lvxiaoyu ticket list", result.stderr)
