"""What the app itself does around guided tasks: the contact that is asked for, and deletion on request."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from api.app import create_app
from api.dialogue.client import DialogueClient
from campaigns.model import Subscriber
from campaigns.store.tables import metadata
from tests.api.conftest import MakeServices, browse
from tests.api.parts import LoopbackRasa

PHONE = "13812345678"


def replying(form: dict[str, Any]) -> Any:
    """A dialogue that answers every message with this step of a task."""

    async def handler(body: dict[str, Any]) -> tuple[int, Any]:
        said = {"kind": "form", "text": "好的", "form": form, "request_id": body["metadata"]["request_id"]}
        return 200, [{"recipient_id": body["sender"], "custom": said}]

    return handler


async def say(client: httpx.AsyncClient, message: str) -> list[dict[str, Any]]:
    response = await client.post("/api/v1/chat", json={"message": message, "conversation_id": "c1"})
    assert response.status_code == 200, response.text
    messages: list[dict[str, Any]] = response.json()["messages"]
    return messages


async def test_a_contact_that_was_asked_for_is_sealed_and_never_reaches_the_dialogue(
    make_services: MakeServices, dialogue: DialogueClient, rasa: LoopbackRasa
) -> None:
    rasa.handler = replying({"task": "handoff", "field": "contact"})
    services = make_services(dialogue=dialogue)
    sender = services.keys.pseudonym("c1")
    async with browse(create_app(services)) as client:
        await say(client, "转人工")
        (reply,) = await say(client, PHONE)
    assert reply["kind"] == "form"
    assert rasa.seen[-1]["message"] == "〔电话号码〕"
    assert PHONE not in str(rasa.seen)
    assert services.contact_stash.take(sender) == PHONE
    with services.engine.connect() as connection:
        stored = connection.execute(text("SELECT text FROM messages")).scalars().all()
    assert PHONE not in "\n".join(stored)


@pytest.mark.parametrize("field", ["question", None])
async def test_a_number_that_was_not_asked_for_is_noticed_and_not_kept(
    make_services: MakeServices, dialogue: DialogueClient, rasa: LoopbackRasa, field: str | None
) -> None:
    rasa.handler = replying({"task": "handoff", "field": field})
    services = make_services(dialogue=dialogue)
    async with browse(create_app(services)) as client:
        await say(client, "转人工")
        first, *_ = await say(client, f"旧衣服捐到哪里 {PHONE}")
    assert first["kind"] == "notice"
    assert PHONE not in str(rasa.seen)
    assert not services.contact_stash.holds(services.keys.pseudonym("c1"))


async def test_deletion_on_request_leaves_nothing_of_the_conversation_and_its_subscription(
    make_services: MakeServices, dialogue: DialogueClient, rasa: LoopbackRasa
) -> None:
    services = make_services(dialogue=dialogue)
    metadata.create_all(services.engine)
    person = services.keys.pseudonym("c1")
    subscriber = Subscriber(person, "web")
    async with browse(create_app(services)) as client:
        await say(client, "你好")
        services.subscriptions.subscribe(
            subscriber=subscriber, topics=["旧物回收"], wording=services.terms.wording, message_id="m-1"
        )
        rasa.handler = replying({"task": "erase", "done": True, "outcome": "erased"})
        (reply,) = await say(client, "确定删除")
    assert reply["form"]["outcome"] == "erased"
    assert services.subscriptions.subscriptions_of(subscriber=subscriber, include_ended=True) == ()
    with services.engine.connect() as connection:
        for table in ("messages", "conversations"):
            assert connection.execute(text(f"SELECT count(*) FROM {table}")).scalar() == 0


async def test_nobody_is_told_that_all_is_deleted_when_it_is_not(
    make_services: MakeServices, dialogue: DialogueClient, rasa: LoopbackRasa, monkeypatch: pytest.MonkeyPatch
) -> None:
    services = make_services(dialogue=dialogue)

    def fails(**_: object) -> None:
        raise OperationalError("DELETE", {}, Exception("disk"))

    monkeypatch.setattr(services.subscriptions, "erase", fails)
    rasa.handler = replying({"task": "erase", "done": True, "outcome": "erased"})
    async with browse(create_app(services)) as client:
        body = {"message": "确定删除", "conversation_id": "c1"}
        said = (await client.post("/api/v1/chat", json=body)).json()["messages"]
    assert [reply["kind"] for reply in said] == ["notice"]
    assert said[0]["form"] is None
