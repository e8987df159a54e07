from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx
import pytest

from tests.api.parts import LoopbackRasa

CHAT = "/api/v1/chat"
REPLY_FIELDS = {
    "id", "as_of", "snapshot", "kind", "text", "plain", "force", "reason", "contacts", "citations", "related",
    "suggestions", "form",
}  # fmt: skip


async def say(client: httpx.AsyncClient, message: Any, **more: Any) -> httpx.Response:
    return await client.post(CHAT, json={"message": message, **more})


def field_of(response: httpx.Response) -> list[str]:
    assert response.headers["content-type"] == "application/problem+json"
    return [error["field"] for error in response.json()["errors"]]


async def test_a_message_gets_a_reply_with_the_contracts_fields(client: httpx.AsyncClient) -> None:
    content = (await say(client, "你好", conversation_id="abc_-1")).json()
    assert set(content) == {"conversation_id", "token", "request_id", "degraded", "messages"}
    assert content["conversation_id"] == "abc_-1"
    assert content["degraded"] is False
    [message] = content["messages"]
    assert set(message) == REPLY_FIELDS
    assert (message["kind"], message["text"], message["as_of"]) == ("smalltalk", "你好", "2026-11-20")


async def test_a_conversation_id_is_made_and_can_be_used_again(client: httpx.AsyncClient) -> None:
    first = (await say(client, "你好")).json()
    again = (await say(client, "再来", conversation_id=first["conversation_id"])).json()
    assert first["token"]
    assert again["token"] is None
    assert again["messages"][0]["id"] != first["messages"][0]["id"]


async def test_an_empty_message_names_its_field(client: httpx.AsyncClient) -> None:
    response = await say(client, "")
    assert response.status_code == 422
    assert field_of(response) == ["message"]


@pytest.mark.parametrize("message", [" ", "\t\n  ", "？？！", "。。。", "😀", "\u0000\u0001", "　", "\u200b"])
async def test_white_space_and_signs_alone_are_small_talk(
    client: httpx.AsyncClient, rasa: LoopbackRasa, message: str
) -> None:
    response = await say(client, message)
    assert response.status_code == 200
    assert [reply["kind"] for reply in response.json()["messages"]] == ["smalltalk"]
    assert rasa.seen == []


async def test_a_thousand_characters_are_counted_after_trimming(client: httpx.AsyncClient) -> None:
    assert (await say(client, "  " + "问" * 1000 + " \n")).status_code == 200
    response = await say(client, "问" * 1001)
    assert response.status_code == 422
    assert field_of(response) == ["message"]
    assert "1000" in response.json()["detail"]


async def test_characters_outside_the_basic_plane_count_as_one(client: httpx.AsyncClient) -> None:
    assert (await say(client, "𠮷" * 1000)).status_code == 200


async def test_control_characters_are_taken_out(client: httpx.AsyncClient, rasa: LoopbackRasa) -> None:
    response = await say(client, "骑\u0000行\u001b[31m\u0007停\u007f放\r\n点\t呢\u202e")
    assert response.status_code == 200
    assert rasa.seen[0]["message"] == "骑行[31m停放\n点\t呢"


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"message=1", b"\xff\xfe{\x00", b'{"message": "\xff"}', '{"message": "你"}'.encode("gb18030"),
     '{"message": "a"}'.encode("utf-16"), b"[" * 60_000, b'{"message": NaN}', b"1" * 5000],
)  # fmt: skip
async def test_what_is_not_json_in_utf8_is_malformed(client: httpx.AsyncClient, body: bytes) -> None:
    response = await client.post(CHAT, content=body, headers={"content-type": "application/json"})
    assert response.status_code == 400
    problem = response.json()
    assert (problem["title"], problem["status"], problem["instance"]) == ("Bad Request", 400, CHAT)
    assert problem["request_id"] == response.headers["x-request-id"]


@pytest.mark.parametrize("body", ["[]", '"x"', "1", "null"])
async def test_json_that_is_no_object_is_refused(client: httpx.AsyncClient, body: str) -> None:
    response = await client.post(CHAT, content=body, headers={"content-type": "application/json"})
    assert response.status_code == 422


async def test_a_lone_surrogate_is_refused_and_named(client: httpx.AsyncClient) -> None:
    response = await client.post(
        CHAT, content=rb'{"message": "\ud800"}', headers={"content-type": "application/json"}
    )
    assert response.status_code == 422
    assert field_of(response) == ["message"]


async def test_a_lone_surrogate_in_a_fields_name_does_not_crash(client: httpx.AsyncClient) -> None:
    response = await client.post(
        CHAT, content=rb'{"message": "a", "\ud800": 1}', headers={"content-type": "application/json"}
    )
    assert response.status_code == 422


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=a"]
)
async def test_another_content_type_is_refused(client: httpx.AsyncClient, kind: str) -> None:
    response = await client.post(CHAT, content=b'{"message": "a"}', headers={"content-type": kind})
    assert response.status_code == 415


async def test_a_missing_content_type_is_refused(client: httpx.AsyncClient) -> None:
    assert (await client.post(CHAT, content=b'{"message": "a"}')).status_code == 415


async def test_an_unknown_field_is_named(client: httpx.AsyncClient) -> None:
    response = await say(client, "a", mesage="b")
    assert response.status_code == 422
    assert field_of(response) == ["mesage"]


@pytest.mark.parametrize("conversation_id", ["a/b", "", "a" * 65, "会话", "a b", "a\n", 7, "../x"])
async def test_a_conversation_id_of_another_form_is_named(
    client: httpx.AsyncClient, conversation_id: Any
) -> None:
    response = await say(client, "a", conversation_id=conversation_id)
    assert response.status_code == 422
    assert field_of(response) == ["conversation_id"]


@pytest.mark.parametrize("message", [7, None, ["a"], {"a": 1}, True])
async def test_a_message_that_is_no_text_is_named(client: httpx.AsyncClient, message: Any) -> None:
    response = await say(client, message)
    assert response.status_code == 422
    assert field_of(response) == ["message"]


async def test_ten_megabytes_are_refused_by_their_stated_length(client: httpx.AsyncClient) -> None:
    response = await say(client, "问" * (10 * 1024 * 1024 // 3))
    assert response.status_code == 413
    assert response.json()["status"] == 413


async def test_ten_megabytes_without_a_stated_length_are_not_read_to_the_end(
    client: httpx.AsyncClient,
) -> None:
    sent = 0

    async def chunks() -> Any:
        nonlocal sent
        for _ in range(160):
            sent += 1
            yield b"x" * 65_536

    response = await client.post(CHAT, content=chunks(), headers={"content-type": "application/json"})
    assert response.status_code == 413
    assert sent <= 3


@pytest.mark.parametrize(
    ("typed", "escaped"),
    [
        ("/greet", "／greet"),
        (" /restart", "／restart"),
        ("／greet", "／greet"),
        ('/inform{"x":1}', '／inform{"x":1}'),
    ],
)
async def test_typed_commands_reach_the_dialogue_as_text(
    client: httpx.AsyncClient, rasa: LoopbackRasa, typed: str, escaped: str
) -> None:
    response = await say(client, typed)
    assert response.status_code == 200
    assert rasa.seen[0]["message"] == escaped


async def test_two_messages_at_once_are_answered_in_order(
    client: httpx.AsyncClient, rasa: LoopbackRasa
) -> None:
    first_in, go_on = asyncio.Event(), asyncio.Event()

    async def hold_the_first(body: dict[str, Any]) -> tuple[int, Any]:
        if body["message"] == "第一":
            first_in.set()
            await go_on.wait()
        stamp = body["metadata"]["request_id"]
        return 200, [{"custom": {"kind": "smalltalk", "text": body["message"], "request_id": stamp}}]

    rasa.handler = hold_the_first
    first = asyncio.create_task(say(client, "第一", conversation_id="two"))
    await first_in.wait()
    second = asyncio.create_task(say(client, "第二", conversation_id="two"))
    other = await say(client, "别人", conversation_id="other")
    assert [body["message"] for body in rasa.seen] == ["第一", "别人"]
    go_on.set()
    texts = [(await task).json()["messages"][0]["text"] for task in (first, second)]
    assert texts == ["第一", "第二"]
    assert other.json()["messages"][0]["text"] == "别人"
    token = first.result().json()["token"]
    history = await client.get("/api/v1/conversations/two", headers={"authorization": f"Bearer {token}"})
    assert [item["text"] for item in history.json()["messages"]] == ["第一", "第一", "第二", "第二"]


async def test_a_personal_number_is_noticed_and_the_rest_answered(
    client: httpx.AsyncClient, rasa: LoopbackRasa
) -> None:
    content = (await say(client, "我电话13800138000，骑行停放点在哪")).json()
    assert [reply["kind"] for reply in content["messages"]] == ["notice", "smalltalk"]
    assert "13800138000" not in json.dumps(content)
    assert rasa.seen[0]["message"] == "我电话 ，骑行停放点在哪"
    assert "13800138000" not in json.dumps(rasa.seen)


@pytest.mark.parametrize("message", [" 11010519491231002X。", "我的手机号是13800138000", "车牌：渝A12345"])
async def test_a_personal_number_alone_gets_the_notice_alone(
    client: httpx.AsyncClient, rasa: LoopbackRasa, message: str
) -> None:
    content = (await say(client, message)).json()
    assert [reply["kind"] for reply in content["messages"]] == ["notice"]
    assert rasa.seen == []


async def test_the_dialogue_never_sees_the_conversation_id(
    client: httpx.AsyncClient, rasa: LoopbackRasa
) -> None:
    await say(client, "你好", conversation_id="zhang-san")
    await say(client, "你好", conversation_id="zhang-san")
    assert rasa.seen[0]["sender"] == rasa.seen[1]["sender"]
    assert "zhang-san" not in json.dumps(rasa.seen)
