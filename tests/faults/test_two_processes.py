"""Two app processes on one database: a message that reaches both at once is answered once."""

from __future__ import annotations

import asyncio
import os
import signal
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine, func, select

from api.store.tables import conversations, messages, turn_claims
from bench.system import free_port
from tests.api.conftest import database, postgresql
from tests.api.parts import LoopbackRasa, smalltalk
from tests.faults.app_processes import Apps, Forker, forking, plan_apps

__all__ = ["database", "postgresql"]
MESSAGES = 20


@pytest.fixture(scope="module")
def forker() -> Iterator[Forker]:
    with forking() as forker:
        yield forker


@dataclass
class Pair:
    """Two apps, and what the one dialogue behind them was asked."""

    apps: Apps
    rasa: LoopbackRasa
    clients: list[httpx.AsyncClient]
    pids: list[int]

    async def both(self, **body: str) -> list[httpx.Response]:
        """The same message to both at the same moment."""
        posts = [client.post("/api/v1/chat", json=body) for client in self.clients]
        return list(await asyncio.gather(*posts))


@pytest.fixture
async def pair(forker: Forker, database: Engine, tmp_path: Path) -> AsyncIterator[Pair]:
    rasa = LoopbackRasa()
    await rasa.start()
    address = database.url.render_as_string(hide_password=False)
    planned = plan_apps(
        forker, tmp_path, database=address, dialogue=rasa.url, action_timeout_s=1.0, rasa_timeout_s=1.5,
        index_timeout_s=0.5, channel_timeout_s=2.0,
    )  # fmt: skip
    ports = [free_port(), free_port()]
    pids = [await asyncio.to_thread(planned.start, port) for port in ports]
    clients = [httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30) for port in ports]
    yield Pair(planned, rasa, clients, pids)
    for client in clients:
        await client.aclose()
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    await rasa.stop()


def counted(database: Engine, table: Any) -> int:
    with database.connect() as connection:
        return connection.scalar(select(func.count()).select_from(table)) or 0


async def test_a_message_at_both_is_asked_once_and_answered_alike(pair: Pair, database: Engine) -> None:
    async def slow(body: dict[str, Any]) -> tuple[int, Any]:
        await asyncio.sleep(0.1)
        return await smalltalk(body)

    pair.rasa.handler = slow
    for number in range(MESSAGES):
        first, second = await pair.both(message=f"骑车{number}", client_id=f"id{number}")
        assert (first.status_code, second.status_code) == (200, 200)
        assert first.json() == second.json()
        assert first.json()["token"]
    assert Counter(seen["message"] for seen in pair.rasa.seen) == {f"骑车{n}": 1 for n in range(MESSAGES)}
    assert counted(database, conversations) == MESSAGES
    assert counted(database, messages) == 2 * MESSAGES
    assert counted(database, turn_claims) == 0


async def test_in_a_conversation_that_goes_on_each_message_is_asked_once(
    pair: Pair, database: Engine
) -> None:
    opened = (await pair.clients[0].post("/api/v1/chat", json={"message": "骑车"})).json()
    for number in range(MESSAGES):
        first, second = await pair.both(
            conversation_id=opened["conversation_id"], message=f"再问{number}", client_id=f"id{number}"
        )
        assert first.json() == second.json()
    assert len(pair.rasa.seen) == 1 + MESSAGES
    assert counted(database, messages) == 2 * (1 + MESSAGES)


async def test_what_a_killed_process_held_is_answered_by_the_other(pair: Pair, database: Engine) -> None:
    asked = asyncio.Event()

    async def hangs_once(body: dict[str, Any]) -> tuple[int, Any]:
        if len(pair.rasa.seen) == 1:
            asked.set()
            await asyncio.sleep(1.0)
        return await smalltalk(body)

    pair.rasa.handler = hangs_once
    body = {"message": "骑车", "client_id": "a"}
    lost = asyncio.create_task(pair.clients[0].post("/api/v1/chat", json=body))
    await asked.wait()
    os.kill(pair.pids[0], signal.SIGKILL)
    with pytest.raises(httpx.TransportError):
        await lost
    pair.pids[:1] = []
    answers = [await pair.clients[1].post("/api/v1/chat", json=body) for _ in range(3)]
    codes = [answer.status_code for answer in answers]
    assert codes[-1] == 200, codes
    assert set(codes) <= {429, 503, 200}
    assert answers[-1].json()["messages"][0]["text"] == "骑车"
    assert counted(database, messages) == 2
