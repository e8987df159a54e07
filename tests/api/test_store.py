from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine

from actions.replies import Reply
from api.migrations import upgrade
from api.migrations.schema import every_metadata
from api.store.conversations import ConversationStore, Turn
from knowledge.store import create_engine_for
from tests.api.parts import DAY

NOON = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    url = f"sqlite:///{tmp_path / 'app.db'}"
    upgrade(url)
    engine = create_engine_for(url)
    yield engine
    engine.dispose()


def turn(number: int) -> Turn:
    reply = Reply(id=f"r{number}", as_of=DAY, snapshot=None, kind="smalltalk", text=f"答{number}")
    return Turn("c", "p", "web", f"q{number}", f"m{number}", f"问{number}", NOON, [reply], NOON, False)


def test_migrations_make_the_tables_that_the_code_declares(engine: Engine) -> None:
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, every_metadata()) == []


def test_only_the_first_turn_of_a_conversation_gives_a_token(engine: Engine) -> None:
    store = ConversationStore(engine)
    token = store.record(turn(1))
    assert token is not None
    assert store.record(turn(2)) is None
    assert store.opens("c", token)
    assert not store.opens("c", "")
    assert not store.opens("d", token)


def test_the_history_is_in_the_order_of_the_turns(engine: Engine) -> None:
    store = ConversationStore(engine)
    for number in range(3):
        store.record(turn(number))
    assert [item["text"] for item in store.history("c")] == ["问0", "答0", "问1", "答1", "问2", "答2"]
    assert [item["text"] for item in store.history("c", limit=2)] == ["问2", "答2"]
    assert store.history("c")[0]["created_at"] == "2026-11-20T04:00:00+00:00"
