"""One app a test over real SQLite, a loopback Rasa where the test asks for it, and a client."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import Engine

from api.app import create_app
from api.dialogue.client import DialogueClient
from api.keys import load_keys
from api.migrations import upgrade
from api.services import Services
from api.settings import Settings
from api.small_talk import SmallTalk
from api.store.tables import metadata
from knowledge.store import create_engine_for
from tests.api.parts import LoopbackRasa, SentenceAnswerer, Shelf, SteppingClock
from tests.knowledge.conftest import postgresql

__all__ = ["postgresql"]

MakeServices = Callable[..., Services]


@pytest.fixture
def make_services(tmp_path: Path) -> MakeServices:
    def make(**given: Any) -> Services:
        settings = Settings(data_dir=tmp_path, **given.pop("settings", {}))
        shelf = given.pop("library", Shelf())
        engine = create_engine_for(settings.database)
        metadata.create_all(engine)
        return Services(
            settings=settings,
            keys=load_keys(tmp_path / "secrets"),
            engine=engine,
            library=shelf,
            answerer=given.pop("answerer", None) or SentenceAnswerer(shelf),
            small_talk=given.pop("small_talk", SmallTalk()),
            clock=SteppingClock(),
            **given,
        )

    return make


@pytest.fixture
async def rasa() -> AsyncIterator[LoopbackRasa]:
    server = LoopbackRasa()
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def dialogue(rasa: LoopbackRasa) -> AsyncIterator[DialogueClient]:
    client = DialogueClient(rasa.url, "token", timeout_s=5.0)
    yield client
    await client.aclose()


def browse(app: FastAPI, host: str = "127.0.0.1") -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False, client=(host, 40000))
    return httpx.AsyncClient(transport=transport, base_url="http://app")


@pytest.fixture
async def client(make_services: MakeServices, dialogue: DialogueClient) -> AsyncIterator[httpx.AsyncClient]:
    """A client of an app whose dialogue is the loopback Rasa."""
    app = create_app(make_services(dialogue=dialogue))
    async with app.router.lifespan_context(app), browse(app) as browser:
        yield browser


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A migrated database with nothing of the app's in it: each test runs on both kinds."""
    if request.param == "sqlite":
        address = f"sqlite:///{tmp_path / 'lvxiaoyu.db'}"
    else:
        address = request.getfixturevalue("postgresql")
    upgrade(address)
    engine = create_engine_for(address)
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":  # past the guard of the audit log
            connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        for table in reversed(metadata.sorted_tables):
            connection.execute(table.delete())
    yield engine
    engine.dispose()
