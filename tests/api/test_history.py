from __future__ import annotations

import httpx
import pytest

PATH = "/api/v1/conversations/"


async def begin(
    client: httpx.AsyncClient, message: str = "你好", conversation_id: str = "c1"
) -> dict[str, str]:
    response = await client.post(
        "/api/v1/chat", json={"message": message, "conversation_id": conversation_id}
    )
    return {"token": response.json()["token"], "message_id": response.json()["messages"][0]["id"]}


async def test_the_history_needs_a_token(client: httpx.AsyncClient) -> None:
    await begin(client)
    response = await client.get(PATH + "c1")
    assert response.status_code == 401
    assert response.headers["www-authenticate"] == "Bearer"


async def test_a_wrong_token_and_an_unknown_conversation_look_the_same(client: httpx.AsyncClient) -> None:
    await begin(client)
    wrong = await client.get(PATH + "c1", headers={"authorization": "Bearer nonsense"})
    unknown = await client.get(PATH + "c2", headers={"authorization": "Bearer nonsense"})
    assert (wrong.status_code, unknown.status_code) == (404, 404)
    assert wrong.json()["detail"] == unknown.json()["detail"]


@pytest.mark.parametrize("how", ["header", "query"])
async def test_the_token_opens_the_history(client: httpx.AsyncClient, how: str) -> None:
    token = (await begin(client))["token"]
    headers = {"authorization": f"Bearer {token}"} if how == "header" else {}
    params = {"token": token} if how == "query" else {}
    response = await client.get(PATH + "c1", headers=headers, params=params)
    asked, said = response.json()["messages"]
    assert (asked["role"], asked["text"]) == ("resident", "你好")
    assert (said["role"], said["kind"], said["text"]) == ("assistant", "smalltalk", "你好")
    assert response.headers["cache-control"] == "no-store"


async def test_the_token_of_one_conversation_does_not_open_another(client: httpx.AsyncClient) -> None:
    token = (await begin(client))["token"]
    await begin(client, conversation_id="c2")
    response = await client.get(PATH + "c2", headers={"authorization": f"Bearer {token}"})
    assert response.status_code == 404


async def test_the_history_holds_masked_words_only(client: httpx.AsyncClient) -> None:
    token = (await begin(client, "我的邮箱 a.b@example.com，骑行呢"))["token"]
    response = await client.get(PATH + "c1", headers={"authorization": f"Bearer {token}"})
    assert "a.b@example.com" not in response.text
    assert response.json()["messages"][0]["text"] == "我的邮箱 〔电子邮箱〕，骑行呢"


async def test_an_id_with_a_slash_leads_nowhere(client: httpx.AsyncClient) -> None:
    for path in ("a/b", "a%2Fb", "..%2Fetc"):
        response = await client.get(PATH + path, params={"token": "x"})
        assert response.status_code in {404, 422}
        assert response.headers["content-type"] == "application/problem+json"


async def test_feedback_is_kept_and_can_be_changed(client: httpx.AsyncClient) -> None:
    message_id = (await begin(client))["message_id"]
    for useful in (True, False):
        response = await client.post(
            "/api/v1/feedback", json={"message_id": message_id, "useful": useful, "comment": "不错"}
        )
        assert response.status_code == 204


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"message_id": "nobody", "useful": True}, 404),
        ({"message_id": "x", "useful": "yes"}, 422),
        ({"message_id": "x"}, 422),
        ({"message_id": "x", "useful": True, "comment": "长" * 1001}, 422),
        ({"message_id": "x", "useful": True, "stars": 5}, 422),
    ],
)
async def test_feedback_that_cannot_be_kept_says_why(
    client: httpx.AsyncClient, body: dict[str, object], status: int
) -> None:
    response = await client.post("/api/v1/feedback", json=body)
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
