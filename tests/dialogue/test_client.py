"""The client's judgement of what Rasa sends back, without a Rasa."""

from __future__ import annotations

import json
from collections.abc import Callable

import httpx
import pytest

from api.dialogue.client import DialogueClient, escape_command
from api.dialogue.errors import DialogueError, DialogueUnavailable

Handler = Callable[[httpx.Request], httpx.Response]


def speaking(handler: Handler) -> DialogueClient:
    return DialogueClient("http://rasa", "token", timeout_s=1, transport=httpx.MockTransport(handler))


async def test_a_complete_turn_is_its_customs_in_order() -> None:
    def rasa(request: httpx.Request) -> httpx.Response:
        assert request.headers["X-Channel-Token"] == "token"
        assert json.loads(request.content) == {
            "sender": "a",
            "message": "／restart now",
            "metadata": {"channel": "web", "request_id": "r1"},
        }
        first, last = {"kind": "notice"}, {"kind": "answer", "request_id": "r1"}
        return httpx.Response(200, json=[{"custom": first}, {"custom": last}])

    turn = await speaking(rasa).send("a", "  /restart now ", "r1", {"channel": "web", "request_id": "forged"})
    assert turn == [{"kind": "notice"}, {"kind": "answer", "request_id": "r1"}]


def fails(error: Exception) -> Handler:
    def rasa(request: httpx.Request) -> httpx.Response:
        raise error

    return rasa


@pytest.mark.parametrize(
    ("rasa", "reason"),
    [
        (fails(httpx.ReadTimeout("slow")), "timeout"),
        (fails(httpx.ConnectError("refused")), "connection"),
        (fails(httpx.RemoteProtocolError("gone")), "connection"),
        (lambda _: httpx.Response(500), "status"),
        (lambda _: httpx.Response(401, json={"error": "token"}), "status"),
        (lambda _: httpx.Response(200, content=b"<html>"), "malformed"),
        (lambda _: httpx.Response(200, json={"custom": {}}), "malformed"),
        (lambda _: httpx.Response(200, json=[]), "empty"),
        (lambda _: httpx.Response(200, json=[{"text": "only text"}]), "malformed"),
        (lambda _: httpx.Response(200, json=[{"custom": {"request_id": "r0"}}]), "incomplete"),
        (
            lambda _: httpx.Response(200, json=[{"custom": {"request_id": "r1"}}, {"custom": {}}]),
            "incomplete",
        ),
    ],
)
async def test_anything_less_is_dialogue_unavailable(rasa: Handler, reason: str) -> None:
    with pytest.raises(DialogueUnavailable) as failure:
        await speaking(rasa).send("a", "你好", "r1")
    assert failure.value.reason == reason


async def test_forgetting_names_the_senders_and_is_done_with_a_204() -> None:
    def rasa(request: httpx.Request) -> httpx.Response:
        assert request.url.path == "/webhooks/lvxiaoyu/forget"
        assert request.headers["X-Channel-Token"] == "token"
        assert json.loads(request.content) == {"senders": ["a", "b"]}
        return httpx.Response(204)

    await speaking(rasa).forget(["a", "b"])


@pytest.mark.parametrize(
    ("rasa", "reason"),
    [
        (fails(httpx.ReadTimeout("slow")), "timeout"),
        (fails(httpx.ConnectError("refused")), "connection"),
        (lambda _: httpx.Response(503), "status"),
        (lambda _: httpx.Response(200, json=[]), "status"),
    ],
)
async def test_what_was_not_forgotten_is_dialogue_unavailable(rasa: Handler, reason: str) -> None:
    with pytest.raises(DialogueUnavailable) as failure:
        await speaking(rasa).forget(["a"])
    assert failure.value.reason == reason


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("/greet", "／greet"),
        (" \t/restart", "／restart"),
        ("\u3000/restart", "／restart"),
        ("//x", "／/x"),
        ("／greet", "／greet"),
        ("and/or", "and/or"),
        ("  ", "…"),
        (" 你好 ", "你好"),
    ],
)
def test_a_leading_slash_is_escaped_after_stripping(typed: str, sent: str) -> None:
    assert escape_command(typed) == sent


def test_a_client_without_a_time_out_is_refused() -> None:
    with pytest.raises(DialogueError, match="timeout_s is 0"):
        DialogueClient("http://rasa", "token", timeout_s=0)
