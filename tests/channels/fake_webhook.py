"""The other system of the plain HTTP channel, on loopback: posts what residents say, is posted replies."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from typing import Any

import httpx
from aiohttp import web

SECRET = b"s" * 40


class Receiver:
    """Keeps what it was posted, answers with `status`."""

    def __init__(self) -> None:
        self.got: list[dict[str, Any]] = []
        self.status = 200
        self.url = ""

    async def start(self) -> None:
        app = web.Application()
        app.router.add_post("/replies", self._take)
        self._runner = web.AppRunner(app, shutdown_timeout=0.2)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}/replies"

    async def stop(self) -> None:
        await self._runner.cleanup()

    async def _take(self, request: web.Request) -> web.Response:
        body = await request.read()
        stamp = request.headers["X-Timestamp"]
        assert request.headers["X-Signature"] == sign(stamp, body)
        self.got.append(json.loads(body))
        return web.Response(status=self.status)


def sign(stamp: str, body: bytes) -> str:
    return hmac.new(SECRET, stamp.encode() + b"." + body, hashlib.sha256).hexdigest()


async def post(
    client: httpx.AsyncClient, content: Any, *, age_s: int = 0, signature: str | None = None
) -> httpx.Response:
    """What a resident said, to the app; signed now and rightly unless told otherwise."""
    body = json.dumps(content).encode()
    stamp = str(int(time.time()) - age_s)
    headers = {"X-Timestamp": stamp, "X-Signature": signature or sign(stamp, body)}
    return await client.post("/channels/webhook", content=body, headers=headers)
