"""An app over a migrated database of either kind, with one run and residents who have a conversation."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine, insert, select

from api.app import create_app
from api.keys import load_keys
from api.migrations import upgrade
from api.migrations.schema import every_metadata
from api.services import Services
from api.settings import Settings
from campaigns.content import Content, Link, Message, Picture, Quiz, Rendered
from campaigns.delivery.senders import Outgoing
from campaigns.store.campaign_tables import campaigns
from campaigns.store.delivery_tables import run_sums, runs
from knowledge.store import create_engine_for
from tests.api.conftest import browse
from tests.api.parts import CLAUSE, SentenceAnswerer, Shelf, SteppingClock
from tests.knowledge.conftest import postgresql

__all__ = ["postgresql"]

RUN = "run-1"
QUIZ = Quiz("公园周边多远一处停放点？", ("五十米", "五百米"), 1, "办法写的是“每五百米一处”。", CLAUSE.id)
CONTENT = Content(
    text="绿色出行日：骑车去公园吧。",
    picture=Picture("https://example.org/bike.png", "一辆停在公园门口的自行车"),
    links=(Link("骑行地图", "https://example.org/map"), Link("办法解读", "https://example.org/read")),
    quick_replies=("停放点在哪里",),
    quiz=QUIZ,
    pledge="这周骑车出门三次",
)
MESSAGE = Message({"default": CONTENT}, (CLAUSE.id,), None)
RENDERED = Rendered(
    text=CONTENT.text,
    picture=CONTENT.picture,
    links=CONTENT.links,
    quick_replies=CONTENT.quick_replies,
    quiz=QUIZ,
    pledge=CONTENT.pledge,
    clause_ids=(CLAUSE.id,),
)


@dataclass
class World:
    """The app's parts, a client, and what residents hold."""

    services: Services
    client: httpx.AsyncClient
    tokens: dict[str, str] = field(default_factory=dict)

    async def begin(self, conversation_id: str) -> None:
        body = {"conversation_id": conversation_id, "message": "自行车"}
        said = (await self.client.post("/api/v1/chat", json=body)).json()
        self.tokens[conversation_id] = said["token"]

    async def ask(self, conversation_id: str, message: str) -> dict[str, Any]:
        body = {"conversation_id": conversation_id, "message": message}
        said: dict[str, Any] = (await self.client.post("/api/v1/chat", json=body)).json()
        return said

    def holder(self, conversation_id: str) -> dict[str, str]:
        return {"authorization": f"Bearer {self.tokens[conversation_id]}"}

    async def get(self, conversation_id: str, path: str = "") -> httpx.Response:
        address = f"/api/v1/conversations/{conversation_id}{path}"
        return await self.client.get(address, headers=self.holder(conversation_id))

    async def post(self, conversation_id: str, path: str, body: Any) -> httpx.Response:
        address = f"/api/v1/conversations/{conversation_id}/notices/{path}"
        return await self.client.post(address, json=body, headers=self.holder(conversation_id))

    def person(self, conversation_id: str) -> str:
        return self.services.keys.pseudonym(conversation_id)

    def outgoing(self, conversation_id: str, delivery: int = 1, **changes: Any) -> Outgoing:
        given = {
            "delivery_id": delivery,
            "run_id": RUN,
            "person": self.person(conversation_id),
            "channel": "web",
            "content": RENDERED,
            "idempotency_key": f"{RUN}:{delivery}",
        }
        return Outgoing(**given | changes)

    async def notified(self, conversation_id: str, delivery: int = 1) -> str:
        """A notice kept for the conversation; its id."""
        self.services.web_channel.sender.send(self.outgoing(conversation_id, delivery))
        found = self.services.web_channel.notices.of(conversation_id)
        return found[-1].id

    def sums(self) -> dict[tuple[str, str], int]:
        return sums_of(self.services.engine)


def sums_of(engine: Engine) -> dict[tuple[str, str], int]:
    """Every sum, by what was counted and which of it."""
    columns = run_sums.c
    with engine.connect() as connection:
        rows = connection.execute(select(columns.what, columns.which, columns["count"]))
        return {(what, which): count for what, which, count in rows}


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    if request.param == "sqlite":
        address = f"sqlite:///{tmp_path / 'lvxiaoyu.db'}"
    else:
        address = request.getfixturevalue("postgresql")
    upgrade(address)
    engine = create_engine_for(address)
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":  # past the guard of the audit log
            connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        for metadata in every_metadata():
            for table in reversed(metadata.sorted_tables):
                connection.execute(table.delete())
    yield engine
    engine.dispose()


def a_run(engine: Engine, run_id: str = RUN, message: Message = MESSAGE) -> None:
    now = SteppingClock().now()
    frozen = {"content": message.as_json(), "audience": {}, "schedule": {}, "frozen_hash": "h"}
    staff = {"created_by": "li", "created_at": now, "updated_by": "li", "updated_at": now}
    with engine.begin() as connection:
        connection.execute(
            insert(campaigns).values(
                id=f"of-{run_id}", title="出行日", state="running", revision=1, **frozen, **staff
            )
        )
        connection.execute(
            insert(runs).values(
                id=run_id, campaign_id=f"of-{run_id}", due_at=now, state="running", recipients=1,
                created_at=now, **frozen,
            )
        )  # fmt: skip


@pytest.fixture
async def world(engine: Engine, tmp_path: Path) -> AsyncIterator[World]:
    a_run(engine)
    shelf = Shelf()
    services = Services(
        settings=Settings(data_dir=tmp_path, console=False),
        keys=load_keys(tmp_path / "secrets"),
        engine=engine,
        library=shelf,
        answerer=SentenceAnswerer(shelf),
        clock=SteppingClock(),
    )
    app = create_app(services)
    async with app.router.lifespan_context(app), browse(app) as client:
        world = World(services, client)
        await world.begin("c1")
        await world.begin("c2")
        yield world
