"""An app over SQLite with a dialogue on loopback, and Telegram on loopback beside it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import Engine

from api.app import create_app
from api.channels.desk import ChannelDesk
from api.clock import SystemClock
from api.dialogue.client import DialogueClient
from api.keys import load_keys
from api.migrations import upgrade
from api.services import Services
from api.settings import Settings
from knowledge.store import create_engine_for
from tests.api.conftest import browse, database, dialogue, postgresql, rasa
from tests.api.parts import SentenceAnswerer, Shelf
from tests.channels.fake_telegram import TOKEN, FakeTelegram
from tests.channels.fake_webhook import SECRET, Receiver

__all__ = ["database", "dialogue", "postgresql", "rasa"]


@dataclass
class Place:
    """The running app, its parts, and a client."""

    app: FastAPI
    services: Services
    client: httpx.AsyncClient

    @property
    def desk(self) -> ChannelDesk:
        desk: ChannelDesk = self.app.state.channel_desk
        return desk

    async def post(self, update: Any, secret: str | None = None) -> httpx.Response:
        """One update to the webhook, with the right secret unless another is given."""
        receiver = self.app.state.telegram
        headers = {"X-Telegram-Bot-Api-Secret-Token": receiver.secret if secret is None else secret}
        return await self.client.post("/channels/telegram", json=update, headers=headers)


class OpenPlace(Protocol):
    def __call__(self, **given: Any) -> AbstractAsyncContextManager[Place]: ...


@pytest.fixture
def telegram() -> Iterator[FakeTelegram]:
    server = FakeTelegram().start()
    yield server
    server.stop()


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    await receiver.start()
    yield receiver
    await receiver.stop()


@pytest.fixture
def webhook(tmp_path: Path, receiver: Receiver) -> dict[str, Any]:
    """Settings of an app whose one channel beside the web page is the plain HTTP one."""
    secret = tmp_path / "webhook_secret"
    secret.write_bytes(SECRET)
    return {"webhook_url": receiver.url, "webhook_secret_file": secret, "telegram_token_file": None}


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    address = f"sqlite:///{tmp_path / 'lvxiaoyu.db'}"
    upgrade(address)
    engine = create_engine_for(address)
    yield engine
    engine.dispose()


@pytest.fixture
def open_place(tmp_path: Path, engine: Engine, telegram: FakeTelegram, dialogue: DialogueClient) -> OpenPlace:
    """Opens the app, as often as a test restarts it. `confirmed` is whether Telegram may run."""
    token = tmp_path / "telegram_token"
    token.write_text(TOKEN)

    @asynccontextmanager
    async def opened(*, confirmed: bool = True, clock: Any = None, **settings: Any) -> AsyncIterator[Place]:
        shelf = Shelf()
        fields: dict[str, Any] = {
            "data_dir": tmp_path,
            "console": False,
            "telegram_token_file": token,
            "telegram_api_url": telegram.url,
            "telegram_updates": "webhook",
            "public_url": "https://lvxiaoyu.example.org",
        }
        services = Services(
            settings=Settings(**fields | settings),
            keys=load_keys(tmp_path / "secrets"),
            engine=engine,
            library=shelf,
            answerer=SentenceAnswerer(shelf),
            dialogue=dialogue,
            clock=clock or SystemClock(),
        )
        if confirmed:
            services.channels.confirmations.confirm("telegram", by="li")
        app = create_app(services)
        async with app.router.lifespan_context(app), browse(app) as client:
            yield Place(app, services, client)

    return opened
