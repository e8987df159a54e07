"""The assistant on a Bot API emulator that others wrote: npm's telegram-test-api, pinned in emulator/."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.channels.conftest import OpenPlace
from tests.channels.fake_telegram import TOKEN

FOLDER = Path(__file__).with_name("emulator")


@pytest.fixture(scope="module")
def emulator() -> Iterator[str]:
    """The address of a running emulator; its files are installed once, from the lock file."""
    npm, node = shutil.which("npm"), shutil.which("node")
    if npm is None or node is None:
        pytest.skip("Node.js and npm are not installed: the emulator of others is not driven")
    if not (FOLDER / "node_modules" / "telegram-test-api").exists():
        command = [npm, "ci", "--no-audit", "--no-fund", "--ignore-scripts"]
        subprocess.run(command, cwd=FOLDER, check=True, capture_output=True, timeout=300)
    server = subprocess.Popen(
        [node, "serve.js"], cwd=FOLDER, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert server.stdout is not None
    assert server.stdin is not None
    yield f"http://127.0.0.1:{int(server.stdout.readline())}"
    server.stdin.close()
    server.wait(10)
    server.stdout.close()


async def test_the_emulators_user_is_answered_with_buttons_that_work(
    open_place: OpenPlace, emulator: str
) -> None:
    person = {"id": 42, "first_name": "x", "is_bot": False}
    message = {
        "botToken": TOKEN, "message_id": 1, "date": 1_790_000_000, "text": "/topics", "from": person,
        "chat": {"id": 42, "first_name": "x", "type": "private"},
    }  # fmt: skip
    async with (
        open_place(telegram_api_url=emulator, telegram_updates="polling"),
        httpx.AsyncClient(base_url=emulator) as client,
    ):
        await client.post("/sendMessage", json=message)
        notice, topics = await _told(client, 2)
        assert notice["text"].startswith("隐私说明")
        button = topics["reply_markup"]["inline_keyboard"][0][0]
        pressed = {
            "botToken": TOKEN, "data": button["callback_data"], "from": person, "message": message,
        }  # fmt: skip
        await client.post("/sendCallback", json=pressed)
        *_, answer = await _told(client, 1)
        assert answer["text"] == f"订阅{button['text']}"


async def _told(client: httpx.AsyncClient, count: int) -> list[dict[str, Any]]:
    """The next messages that the bot sent, waited for."""
    told: list[dict[str, Any]] = []
    async with asyncio.timeout(20):
        while len(told) < count:
            found = (await client.post("/getUpdates", json={"token": TOKEN, "chatId": 42})).json()["result"]
            told += [each["message"] for each in found]
            await asyncio.sleep(0.1)
    return told
