"""Pages that wait for notices, on a server of their own: a stream ends only with its connection."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncIterator

import httpx
import pytest

from api.web_channel.streams import MOST_A_CONVERSATION, Streams
from tests.e2e.serving import free_port, serving
from tests.web_channel.conftest import CONTENT, World

PATIENCE_S = 15


class Counter:
    """Stands for the database; tells each look at it."""

    def __init__(self) -> None:
        self.counts: dict[str, int] = {}
        self.looks: list[list[str]] = []
        self.fails = False

    def __call__(self, ids: object) -> dict[str, int]:
        self.looks.append(sorted(ids))  # type: ignore[call-overload]
        if self.fails:
            self.fails = False
            raise OSError("the database is gone")
        return dict(self.counts)


@pytest.fixture
async def streams() -> AsyncIterator[tuple[Streams, Counter]]:
    counter = Counter()
    streams = Streams(counter, look_every_s=0.01, most=6)
    yield streams, counter
    streams.close()


async def woken(news: asyncio.Event) -> None:
    async with asyncio.timeout(PATIENCE_S):
        await news.wait()
    news.clear()


async def test_one_look_serves_all_pages_and_wakes_those_with_news(streams: tuple[Streams, Counter]) -> None:
    hub, counter = streams
    with hub.opened("a") as one, hub.opened("b") as other:
        await woken(one.news)
        await woken(other.news)
        counter.counts["a"] = 1
        await woken(one.news)
        assert not other.news.is_set()
        assert counter.looks[-1] == ["a", "b"]
    assert hub.size == 0


async def test_a_look_that_fails_is_tried_again(streams: tuple[Streams, Counter]) -> None:
    hub, counter = streams
    counter.fails = True
    with hub.opened("a") as page:
        await woken(page.news)
        assert len(counter.looks) > 1


async def test_a_conversations_oldest_page_gives_way(streams: tuple[Streams, Counter]) -> None:
    hub, _ = streams
    held = [hub.opened("a") for _ in range(MOST_A_CONVERSATION + 1)]
    pages = [page.__enter__() for page in held]
    assert [page.ended for page in pages] == [True, False, False, False, False]
    for page in held:
        page.__exit__(None, None, None)
    assert hub.size == 0


async def test_a_page_too_many_and_a_page_of_a_stopping_server_end_at_once(
    streams: tuple[Streams, Counter],
) -> None:
    hub, _ = streams
    held = [hub.opened(str(number)) for number in range(6)]
    pages = [page.__enter__() for page in held]
    with hub.opened("more") as beyond:
        assert beyond.ended
    hub.close()
    assert all(page.ended for page in pages)
    with hub.opened("late") as late:
        assert late.ended


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
async def test_a_notice_comes_to_an_open_page_and_the_server_stops_at_once(world: World) -> None:
    app = world.client._transport.app  # type: ignore[attr-defined]
    port = free_port()
    address = "/api/v1/conversations/c1/notices/stream"
    came: list[dict[str, object]] = []
    with serving(app, port) as origin:
        async with (
            httpx.AsyncClient(base_url=origin, timeout=PATIENCE_S) as client,
            client.stream("GET", address, headers=world.holder("c1")) as response,
        ):
            assert response.headers["content-type"].startswith("text/event-stream")
            lines = response.aiter_lines()
            assert await anext(lines) == "retry: 3000"
            await asyncio.to_thread(world.services.web_channel.sender.send, world.outgoing("c1"))
            async for line in lines:
                if line.startswith("data: "):
                    came.append(json.loads(line[6:]))
                    break
            app.state.streams.close()
            rest = [line async for line in lines]
    assert [notice["text"] for notice in came] == [CONTENT.text]
    assert [line for line in rest if line] == []
    assert not any(thread.name.startswith("notices") for thread in threading.enumerate())
