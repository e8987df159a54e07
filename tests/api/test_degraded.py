from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from api.app import create_app
from api.dialogue.client import DialogueClient
from api.services import Services
from api.small_talk import SmallTalk
from tests.api.conftest import MakeServices, browse
from tests.api.parts import CLAUSE, LoopbackRasa, SentenceAnswerer, Shelf, smalltalk

TIGHT = {"index_timeout_s": 0.1, "action_timeout_s": 0.2, "rasa_timeout_s": 0.4, "channel_timeout_s": 5.0}
QUESTION = "骑行停放点怎么设"


@asynccontextmanager
async def serving(services: Services) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(services)
    async with app.router.lifespan_context(app), browse(app) as browser:
        yield browser


async def say(client: httpx.AsyncClient, message: str) -> dict[str, Any]:
    response = await client.post("/api/v1/chat", json={"message": message})
    assert response.status_code == 200, response.text
    content: dict[str, Any] = response.json()
    return content


def assert_cited(content: dict[str, Any]) -> None:
    assert content["degraded"] is True
    [message] = content["messages"]
    [citation] = message["citations"]
    assert citation["clause_id"] == CLAUSE.id
    assert CLAUSE.text[citation["start"] : citation["end"]] == citation["quote"]
    assert "sources" not in citation


async def answers_500(body: dict[str, Any]) -> tuple[int, Any]:
    return 500, {}


async def answers_nothing(body: dict[str, Any]) -> tuple[int, Any]:
    return 200, []


async def answers_half(body: dict[str, Any]) -> tuple[int, Any]:
    return 200, [{"custom": {"kind": "smalltalk", "text": "前一半"}}]


async def answers_an_unknown_kind(body: dict[str, Any]) -> tuple[int, Any]:
    stamp = body["metadata"]["request_id"]
    return 200, [{"custom": {"kind": "song", "text": "啦", "request_id": stamp}}]


async def answers_prose(body: dict[str, Any]) -> tuple[int, Any]:
    return 200, [{"text": "只有字"}]


async def answers_garbage(body: dict[str, Any]) -> tuple[int, Any]:
    return 200, b"<html>"


async def answers_late(body: dict[str, Any]) -> tuple[int, Any]:
    await asyncio.sleep(3)
    return await smalltalk(body)


@pytest.mark.parametrize(
    "handler",
    [
        answers_500,
        answers_nothing,
        answers_half,
        answers_an_unknown_kind,
        answers_prose,
        answers_garbage,
        answers_late,
    ],
)
async def test_a_failing_dialogue_still_gets_the_resident_a_cited_answer(
    make_services: MakeServices, rasa: LoopbackRasa, dialogue: DialogueClient, handler: Callable[..., Any]
) -> None:
    rasa.handler = handler
    async with serving(make_services(dialogue=dialogue, settings=TIGHT)) as client:
        assert_cited(await say(client, QUESTION))


async def test_a_dialogue_that_is_down_still_gets_the_resident_a_cited_answer(
    make_services: MakeServices, rasa: LoopbackRasa, dialogue: DialogueClient
) -> None:
    await rasa.stop()
    async with serving(make_services(dialogue=dialogue)) as client:
        assert_cited(await say(client, QUESTION))
    await rasa.start()


async def test_without_any_dialogue_the_index_answers(make_services: MakeServices) -> None:
    async with serving(make_services()) as client:
        assert_cited(await say(client, QUESTION))


async def test_a_slow_dialogue_slows_one_turn_and_not_the_next(
    make_services: MakeServices, rasa: LoopbackRasa, dialogue: DialogueClient
) -> None:
    rasa.handler = answers_late
    settings = {**TIGHT, "rasa_timeout_s": 0.7, "dialogue_retry_s": 60.0}
    async with serving(make_services(dialogue=dialogue, settings=settings)) as client:
        await say(client, QUESTION)
        started = time.perf_counter()
        assert_cited(await say(client, QUESTION))
        assert time.perf_counter() - started < 0.5
        assert len(rasa.seen) == 1
        ready = (await client.get("/readyz")).json()
    assert (ready["status"], ready["parts"]["dialogue"]["status"]) == ("degraded", "unavailable")


async def test_the_dialogue_is_used_again_once_it_answers(
    make_services: MakeServices, rasa: LoopbackRasa, dialogue: DialogueClient
) -> None:
    rasa.handler = answers_late
    settings = {**TIGHT, "rasa_timeout_s": 0.6, "dialogue_retry_s": 0.01}
    async with serving(make_services(dialogue=dialogue, settings=settings)) as client:
        assert (await say(client, QUESTION))["degraded"] is True
        rasa.handler = smalltalk
        await asyncio.sleep(0.02)
        assert (await say(client, QUESTION))["degraded"] is False
        assert (await say(client, QUESTION))["degraded"] is False


@dataclass
class KeptProcess:
    """The keeper's word on Rasa, as the app reads it."""

    state: str = "ready"
    restarts: int = 0


async def test_a_restarted_dialogue_is_used_at_once(
    make_services: MakeServices, rasa: LoopbackRasa, dialogue: DialogueClient
) -> None:
    rasa.handler = answers_late
    settings = {**TIGHT, "rasa_timeout_s": 0.6, "dialogue_retry_s": 60.0}
    services = make_services(dialogue=dialogue, settings=settings)
    services.rasa = kept = KeptProcess()
    async with serving(services) as client:
        assert (await say(client, QUESTION))["degraded"] is True
        rasa.handler = smalltalk
        assert (await say(client, QUESTION))["degraded"] is True
        kept.restarts += 1
        assert (await say(client, QUESTION))["degraded"] is False


async def test_small_talk_is_still_small_talk_without_the_dialogue(make_services: MakeServices) -> None:
    greeting = ({"kind": "smalltalk", "text": "你好呀", "suggestions": []},)
    async with serving(make_services(small_talk=SmallTalk({"你好": greeting}))) as client:
        content = await say(client, "你好！！")
    assert [(m["kind"], m["text"]) for m in content["messages"]] == [("smalltalk", "你好呀")]
    assert content["degraded"] is True


@pytest.mark.parametrize("answerer", [{"fault": RuntimeError("secret words")}, {"delay_s": 5.0}])
async def test_when_neither_can_answer_the_resident_is_told_in_a_problem_document(
    make_services: MakeServices, answerer: dict[str, Any]
) -> None:
    shelf = Shelf()
    broken = SentenceAnswerer(shelf, **answerer)
    async with serving(make_services(library=shelf, answerer=broken, settings=TIGHT)) as client:
        response = await client.post("/api/v1/chat", json={"message": QUESTION})
        broken.release()
    assert response.status_code == 503
    assert response.headers["content-type"] == "application/problem+json"
    assert "retry-after" in response.headers
    assert "secret" not in response.text


async def test_without_a_snapshot_the_app_is_not_ready(make_services: MakeServices) -> None:
    async with serving(make_services(library=Shelf(None))) as client:
        assert (await client.post("/api/v1/chat", json={"message": QUESTION})).status_code == 503
        response = await client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["parts"]["index"]["status"] == "unavailable"


async def test_a_database_that_fails_costs_the_history_and_not_the_answer(
    make_services: MakeServices,
) -> None:
    services = make_services()
    with services.engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE messages")
    async with serving(services) as client:
        content = await say(client, QUESTION)
        metrics = (await client.get("/metrics")).text
    assert_cited(content)
    assert content["token"] is None
    assert "lvxiaoyu_store_failures_total 1.0" in metrics


async def test_more_waiting_messages_than_allowed_are_turned_away(
    make_services: MakeServices, rasa: LoopbackRasa, dialogue: DialogueClient
) -> None:
    go_on = asyncio.Event()

    async def held(body: dict[str, Any]) -> tuple[int, Any]:
        await go_on.wait()
        return await smalltalk(body)

    rasa.handler = held
    async with serving(make_services(dialogue=dialogue, settings={"waiting_messages": 1})) as client:
        tasks = []
        for number in range(3):
            message = {"message": str(number), "conversation_id": "one"}
            tasks.append(asyncio.create_task(client.post("/api/v1/chat", json=message)))
            await asyncio.sleep(0.05)
        refused = await tasks[2]
        go_on.set()
        assert [(await task).status_code for task in tasks[:2]] == [200, 200]
    assert refused.status_code == 429
    assert refused.headers["retry-after"] == "2"
