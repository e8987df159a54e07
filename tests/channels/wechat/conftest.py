"""An app with an official account, WeChat on loopback, and a phone."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.app import create_app
from api.channels.wechat.channel import WeChatChannel
from api.channels.wechat.receiving import WeChatReceiver
from api.dialogue.client import DialogueClient
from api.keys import load_keys
from api.migrations import upgrade
from api.services import Services
from api.settings import Settings
from knowledge.store import create_engine_for
from tests.api.conftest import database, dialogue, postgresql, rasa
from tests.api.parts import DAY, SentenceAnswerer, Shelf
from tests.channels.fake_wechat import AES_KEY, APP_ID, SECRET, TOKEN, FakeWeChat, Phone

__all__ = ["database", "dialogue", "postgresql", "rasa"]


class HandClock:
    """Real time, moved ahead by hand: WeChat's signatures are of real time."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def today(self) -> date:
        return DAY


@dataclass
class World:
    services: Services
    app: Any
    phone: Phone
    answerer: SentenceAnswerer
    clock: HandClock

    @property
    def receiver(self) -> WeChatReceiver:
        return self.app.state.wechat  # type: ignore[no-any-return]

    @property
    def channel(self) -> WeChatChannel:
        return self.receiver._channel

    def chat_key(self, who: str = "oAlice") -> str:
        return self.services.channels.addresses.key("wechat", who)

    async def at_rest(self) -> None:
        """Until nothing is being answered any more."""
        while self.receiver._at_work:
            for task in list(self.receiver._at_work):
                await task


OpenWorld = Callable[..., Awaitable[World]]


@pytest.fixture
def wechat() -> Iterator[FakeWeChat]:
    fake = FakeWeChat()
    fake.start()
    yield fake
    fake.stop()


@pytest.fixture
async def open_world(wechat: FakeWeChat, tmp_path: Path) -> AsyncIterator[OpenWorld]:
    """A started app; `sealed` for the encrypted mode, `within_s` for how long an answer has."""
    async with AsyncExitStack() as stack:

        async def opened(
            *,
            account: str = "service",
            sealed: bool = False,
            within_s: float = 4.2,
            dialogue: DialogueClient | None = None,
            **settings: Any,
        ) -> World:
            keys = tmp_path / "wechat.toml"
            key_line = f'\naes_key = "{AES_KEY}"' if sealed else ""
            keys.write_text(f'secret = "{SECRET}"\ntoken = "{TOKEN}"{key_line}\n')
            answerer, clock = SentenceAnswerer(Shelf()), HandClock()
            given = {
                "wechat_app_id": APP_ID,
                "wechat_keys_file": keys,
                "wechat_account": account,
                "wechat_api_url": wechat.url,
            }
            made = Settings(data_dir=tmp_path, **(given | settings))
            upgrade(made.database)
            services = Services(
                settings=made,
                keys=load_keys(tmp_path / "secrets"),
                engine=create_engine_for(made.database),
                library=Shelf(),
                answerer=answerer,
                dialogue=dialogue,
                clock=clock,
            )
            stack.callback(services.engine.dispose)
            app = create_app(services)
            if services.channels.wechat is not None:
                app.state.wechat._within_s = within_s
            await stack.enter_async_context(app.router.lifespan_context(app))
            transport = httpx.ASGITransport(app, raise_app_exceptions=False)
            client = httpx.AsyncClient(transport=transport, base_url="http://app")
            await stack.enter_async_context(client)
            stack.callback(answerer.release)
            return World(services, app, Phone(client, AES_KEY if sealed else None), answerer, clock)

        yield opened
