"""Staff's reply and erasure as a resident with the web page sees them: over HTTP."""

from __future__ import annotations

import httpx

from api.app import create_app
from api.dialogue.client import DialogueClient
from tests.api.conftest import MakeServices, browse
from tests.api.parts import LoopbackRasa


async def begin(client: httpx.AsyncClient) -> str:
    response = await client.post("/api/v1/chat", json={"message": "骑行", "conversation_id": "c1"})
    return str(response.json()["token"])


async def history(client: httpx.AsyncClient, token: str) -> httpx.Response:
    return await client.get("/api/v1/conversations/c1", headers={"authorization": f"Bearer {token}"})


async def test_the_reply_of_staff_shows_in_the_history(
    make_services: MakeServices, dialogue: DialogueClient
) -> None:
    services = make_services(dialogue=dialogue)
    app = create_app(services)
    async with app.router.lifespan_context(app), browse(app) as client:
        token = await begin(client)
        ticket = services.tickets.open(conversation_id="c1", channel="web", question="骑行")
        services.tickets.reply(ticket.id, "公园服务台可以借。", by="li")
        asked, answered, said = (await history(client, token)).json()["messages"]
        assert (asked["text"], answered["text"]) == ("骑行", "骑行")
        assert (said["role"], said["kind"]) == ("assistant", "handoff")
        assert said["text"] == f"工作人员答复（受理编号 {ticket.id}）：\n公园服务台可以借。"
        assert set(said) == set(answered)
        judged = await client.post("/api/v1/feedback", json={"message_id": said["id"], "useful": True})
        assert judged.status_code == 204


async def test_an_erased_conversation_has_no_history(
    make_services: MakeServices, dialogue: DialogueClient, rasa: LoopbackRasa
) -> None:
    services = make_services(dialogue=dialogue)
    app = create_app(services)
    async with app.router.lifespan_context(app), browse(app) as client:
        token = await begin(client)
        assert (await history(client, token)).status_code == 200
        assert not await services.retention.erase("c1")  # the loopback answers 200, not 204
        assert (await history(client, token)).status_code == 404
        assert rasa.seen[-1] == {"senders": [services.keys.pseudonym("c1")]}
