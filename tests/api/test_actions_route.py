from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from actions.context import Answered, Memory
from actions.webhook import build_webhook
from api.app import create_app
from tests.api.conftest import MakeServices, browse
from tests.api.parts import CLAUSE, SentenceAnswerer, Shelf

PATH = "/internal/actions"
CALL: dict[str, Any] = {
    "next_action": "action_answer",
    "sender_id": "s",
    "tracker": {
        "sender_id": "s",
        "slots": {},
        "latest_message": {
            "text": "骑行停放点",
            "intent": {"name": "ask_policy"},
            "entities": [],
            "metadata": {"request_id": "r1"},
        },
        "events": [],
        "paused": False,
        "followup_action": None,
        "active_loop": {},
        "latest_action_name": None,
    },
}


class ContextAnswerer(SentenceAnswerer):
    def turn(self, question: str, *, context: object = None, **more: Any) -> Answered:
        return Answered(self.reply(question, **more), Memory(asked=question))


@pytest.fixture
async def client(make_services: MakeServices) -> AsyncIterator[httpx.AsyncClient]:
    webhook = build_webhook(ContextAnswerer(Shelf()), timeout_s=1.0)
    services = make_services(actions=webhook)
    async with browse(create_app(services)) as browser:
        browser.headers["x-actions-token"] = services.keys.action_token
        yield browser
    webhook.close()


async def test_rasa_gets_the_reply_as_data(client: httpx.AsyncClient) -> None:
    response = await client.post(PATH, json=CALL)
    assert response.status_code == 200
    [said] = response.json()["responses"]
    assert said["custom"]["request_id"] == "r1"
    assert said["custom"]["citations"][0]["clause_id"] == CLAUSE.id


@pytest.mark.parametrize("token", ["", "nonsense", "ü"])
async def test_another_token_is_refused(client: httpx.AsyncClient, token: str) -> None:
    response = await client.post(PATH, json=CALL, headers={"x-actions-token": token.encode()})
    assert response.status_code == 403


async def test_another_machine_is_refused_with_the_right_token(make_services: MakeServices) -> None:
    services = make_services(actions=build_webhook(ContextAnswerer(Shelf()), timeout_s=1.0))
    async with browse(create_app(services), "203.0.113.7") as browser:
        response = await browser.post(
            PATH, json=CALL, headers={"x-actions-token": services.keys.action_token}
        )
    assert response.status_code == 403


@pytest.mark.parametrize(("body", "status"), [(b"{", 400), (b"[]", 422), (b"{}", 200)])
async def test_a_call_that_is_none_does_not_crash(
    client: httpx.AsyncClient, body: bytes, status: int
) -> None:
    assert (await client.post(PATH, content=body)).status_code == status


async def test_a_long_conversation_fits(client: httpx.AsyncClient) -> None:
    tracker = {**CALL["tracker"], "events": [{"event": "slot", "name": "x", "value": "y" * 1000}] * 300}
    assert (await client.post(PATH, json={**CALL, "tracker": tracker})).status_code == 200
