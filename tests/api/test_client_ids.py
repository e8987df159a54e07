"""A message that comes twice with its client id is answered once; what is typed is helped; records are handed out."""

from __future__ import annotations

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import func, select

from api.app import create_app
from api.migrations.schema import every_metadata
from api.store.tables import conversations, messages
from knowledge.model import Entry, Quote
from tests.api.conftest import MakeServices, browse
from tests.api.parts import CLAUSE, KNOWLEDGE, Shelf

ASKED = {"message": "公园附近停自行车", "client_id": "0a1b2c"}


@pytest.fixture
def app(make_services: MakeServices) -> FastAPI:
    services = make_services()
    for metadata in every_metadata():
        metadata.create_all(services.engine)
    return create_app(services)


def counted(app: FastAPI, table: object) -> int:
    with app.state.services.engine.connect() as connection:
        return connection.scalar(select(func.count()).select_from(table)) or 0  # type: ignore[arg-type]


async def say(client: httpx.AsyncClient, **body: str) -> httpx.Response:
    return await client.post("/api/v1/chat", json=body)


async def test_a_message_sent_again_gets_its_answer_and_the_token_again(app: FastAPI) -> None:
    async with browse(app) as client:
        first, again = await say(client, **ASKED), await say(client, **ASKED)
    assert first.status_code == again.status_code == 200
    assert first.json()["token"]
    assert again.json() == first.json()
    assert counted(app, conversations) == 1
    assert counted(app, messages) == 2


async def test_a_later_message_sent_again_carries_no_token(app: FastAPI) -> None:
    async with browse(app) as client:
        opened = (await say(client, **ASKED)).json()
        body = {"conversation_id": opened["conversation_id"], "message": "每多少米一处", "client_id": "2"}
        first, again = (await say(client, **body)).json(), (await say(client, **body)).json()
    assert first["token"] is None
    assert again == first
    assert counted(app, messages) == 4


async def test_the_token_of_a_conversation_opened_so_reads_its_history(app: FastAPI) -> None:
    async with browse(app) as client:
        opened = (await say(client, **ASKED)).json()
        address = f"/api/v1/conversations/{opened['conversation_id']}"
        history = await client.get(address, headers={"authorization": f"Bearer {opened['token']}"})
    asked, said = history.json()["messages"]
    assert (asked["client_id"], asked["text"]) == ("0a1b2c", ASKED["message"])
    assert "client_id" not in said


async def test_an_id_that_was_used_for_other_words_is_refused_and_named(app: FastAPI) -> None:
    async with browse(app) as client:
        opened = (await say(client, **ASKED)).json()
        body = {**ASKED, "conversation_id": opened["conversation_id"], "message": "别的话"}
        refused = await say(client, **body)
    assert refused.status_code == 422
    assert [error["field"] for error in refused.json()["errors"]] == ["client_id"]


async def test_the_same_id_in_another_conversation_is_another_message(app: FastAPI) -> None:
    async with browse(app) as client:
        one = (await say(client, conversation_id="c1", **ASKED)).json()
        two = (await say(client, conversation_id="c2", **ASKED)).json()
    assert one["token"] != two["token"]
    assert counted(app, conversations) == 2


@pytest.mark.parametrize("client_id", ["", "a b", "x" * 65, "编号"])
async def test_a_client_id_of_another_form_is_named(app: FastAPI, client_id: str) -> None:
    async with browse(app) as client:
        refused = await say(client, message="骑行", client_id=client_id)
    assert refused.status_code == 422
    assert [error["field"] for error in refused.json()["errors"]] == ["client_id"]


async def test_only_published_questions_are_offered_while_typing(make_services: MakeServices) -> None:
    quote = Quote(CLAUSE.id, 0, 4, CLAUSE.text[:4])
    entries = (
        Entry("e1", "公园附近哪里停自行车？", ("单车停哪儿",), (quote,)),
        Entry("e2", "公园里能借自行车吗？", (), (quote,)),
    )
    known = type(KNOWLEDGE)(documents=KNOWLEDGE.documents, clauses=KNOWLEDGE.clauses, entries=entries)
    app = create_app(make_services(library=Shelf(known)))
    async with browse(app) as client:
        await say(client, message="公园里有狗吗")
        by_words = (await client.get("/api/v1/suggestions", params={"q": "自行车"})).json()
        by_variant = (await client.get("/api/v1/suggestions", params={"q": "单车停"})).json()
        whole = (await client.get("/api/v1/suggestions", params={"q": "公园里能借自行车吗"})).json()
        short = (await client.get("/api/v1/suggestions", params={"q": "公"})).json()
    labels = [
        {one["label"] for one in found["suggestions"]} for found in (by_words, by_variant, whole, short)
    ]
    assert labels[0] == {"公园附近哪里停自行车？", "公园里能借自行车吗？"}
    assert labels[1] == {"公园附近哪里停自行车？"}
    assert "公园里能借自行车吗？" not in labels[2]
    assert labels[3] == set()


async def test_typing_never_uses_up_the_messages_of_a_resident(make_services: MakeServices) -> None:
    app = create_app(make_services(settings={"rate_limit": "1/minute"}))
    async with browse(app, host="198.51.100.7") as client:
        typed = [await client.get("/api/v1/suggestions", params={"q": "自行"}) for _ in range(5)]
        said = await say(client, message="骑行停放")
    assert [answer.status_code for answer in (*typed, said)] == [200] * 6


async def test_a_resident_takes_a_copy_of_everything_and_deletes_it(app: FastAPI) -> None:
    async with browse(app) as client:
        opened = (await say(client, **ASKED)).json()
        address = f"/api/v1/conversations/{opened['conversation_id']}"
        own = {"authorization": f"Bearer {opened['token']}"}
        judged = {"message_id": opened["messages"][0]["id"], "useful": False, "reason": "outdated"}
        await client.post("/api/v1/feedback", json=judged)
        copy = await client.get(f"{address}/export", headers=own)
        foreign = await client.delete(address, headers={"authorization": "Bearer other"})
        gone = await client.delete(address, headers=own)
        after = await client.get(address, headers=own)
    content = copy.json()
    assert copy.headers["content-disposition"] == 'attachment; filename="lvxiaoyu.json"'
    assert content["messages"][0]["text"] == ASKED["message"]
    assert [(one["useful"], one["reason"]) for one in content["feedback"]] == [(False, "outdated")]
    assert (content["subscriptions"], content["consents"], content["handed_to_staff"]) == ([], [], [])
    assert (foreign.status_code, gone.status_code, after.status_code) == (404, 204, 404)
    assert counted(app, messages) == 0
