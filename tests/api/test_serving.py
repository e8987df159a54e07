"""The app behind a real uvicorn on loopback: what only bytes on a socket can show."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest

from api.app import create_app
from api.cli.serve import Server, claim_port, server_config
from api.dialogue.client import DialogueClient
from tests.api.conftest import MakeServices

HEAD = b"POST /api/v1/chat HTTP/1.1\r\nhost: app\r\ncontent-type: application/json\r\n"


@pytest.fixture
async def port(make_services: MakeServices, dialogue: DialogueClient) -> AsyncIterator[int]:
    services = make_services(dialogue=dialogue)
    listener = claim_port("127.0.0.1", 0)
    server = Server(server_config(create_app(services), services.settings))
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    await server.listening.wait()
    yield listener.getsockname()[1]
    server.should_exit = True
    await serving


async def send(port: int, data: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(data)
    head = await reader.readuntil(b"\r\n\r\n")
    writer.close()
    return head


async def test_a_chat_over_a_socket(port: int) -> None:
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
        response = await client.post("/api/v1/chat", json={"message": "/greet"})
    assert response.status_code == 200
    assert response.json()["messages"][0]["text"] == "／greet"
    assert "server" not in response.headers


async def test_ten_megabytes_are_refused_before_they_are_sent(port: int) -> None:
    head = await send(port, HEAD + b"content-length: 10485760\r\n\r\n" + b"{")
    assert head.startswith(b"HTTP/1.1 413")


async def test_an_endless_body_is_cut_off(port: int) -> None:
    chunk = b"10000\r\n" + b" " * 65_536 + b"\r\n"
    head = await send(port, HEAD + b"transfer-encoding: chunked\r\n\r\n" + chunk * 3)
    assert head.startswith(b"HTTP/1.1 413")


async def test_bytes_that_are_not_http_are_refused(port: int) -> None:
    assert (await send(port, b"\x00\xff nonsense\r\n\r\n")).startswith(b"HTTP/1.1 400")


async def test_a_client_that_hangs_up_half_way_harms_nobody(port: int) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(HEAD + b"content-length: 100\r\n\r\n{")
    await writer.drain()
    writer.close()
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
        assert (await client.post("/api/v1/chat", json={"message": "你好"})).status_code == 200
