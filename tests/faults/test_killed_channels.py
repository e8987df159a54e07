"""Apps killed in the middle of receiving and of answering: every message answered at most once, none passed over.

What is promised: an answer goes out at most once. Whoever got none is asked to ask again, at least once; where
the process died after the answer had left and before it could note so, both are read.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine, select

from api.channels.confirming import Confirmations
from api.channels.tables import channel_updates
from api.channels.updates import HELD_FOR
from api.channels.words import say
from api.clock import SystemClock
from api.keys import load_keys
from bench.system import free_port
from campaigns.journal import NoJournal
from tests.api.conftest import database, postgresql, rasa
from tests.api.parts import LoopbackRasa, smalltalk
from tests.channels.conftest import telegram
from tests.channels.fake_telegram import TOKEN, FakeTelegram
from tests.channels.fake_wechat import APP_ID, SECRET, FakeWeChat, Fault, Phone
from tests.channels.fake_wechat import TOKEN as WECHAT_TOKEN
from tests.channels.wechat.conftest import wechat
from tests.faults.app_processes import Apps, Forker, forking, plan_apps

__all__ = ["database", "postgresql", "rasa", "telegram", "wechat"]

SORRY = say("interrupted")
KILLS = 6
CHATS, EACH = 15, 3
SETTLES_WITHIN_S = 90.0


@dataclass
class Mortal:
    """One app on a port, killed at a moment and started again, its clock beyond what the dead one held."""

    apps: Apps
    port: int
    killed: int = 0
    pid: int = 0
    _aim: Callable[[str], bool] | None = None
    _fell: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        ahead_s = self.killed * (HELD_FOR.total_seconds() + 1)
        self.pid = self.apps.start(self.port, ahead_s=ahead_s)

    def aim(self, moment: str, count: int = 1) -> None:
        """Kill the app when `moment` is seen for the `count`th time from now on."""
        left = Counter({moment: count})

        def hit(seen: str) -> bool:
            left[seen] -= 1
            return seen == moment and left[seen] == 0

        self._fell.clear()
        self._aim = hit

    def seen(self, moment: str) -> None:
        """What servers around the app tell, from their threads."""
        with self._lock:
            if self._aim is not None and self._aim(moment):
                self._aim = None
                os.kill(self.pid, signal.SIGKILL)
                self.killed += 1
                self._fell.set()

    async def fall(self, within_s: float = 15.0) -> None:
        """Until the app was killed; now, where its moment does not come any more."""
        if not await asyncio.to_thread(self._fell.wait, within_s):
            self.aim("now")
            self.seen("now")

    def end(self) -> None:
        os.kill(self.pid, signal.SIGKILL)

    async def rise(self) -> None:
        await asyncio.to_thread(self.start)


def watched(rasa: LoopbackRasa, mortal: Mortal, takes_s: float = 0.05) -> None:
    """Have `mortal` told when the dialogue is asked; the dialogue takes a moment to answer."""

    async def handler(body: dict[str, Any]) -> tuple[int, Any]:
        mortal.seen("asked")
        await asyncio.sleep(takes_s)
        return await smalltalk(body)

    rasa.handler = handler


@pytest.fixture(scope="module")
def forker() -> Iterator[Forker]:
    with forking() as forker:
        yield forker


@contextmanager
def with_telegram(
    forker: Forker, folder: Path, database: Engine, telegram: FakeTelegram, rasa: LoopbackRasa, updates: str
) -> Iterator[Mortal]:
    token = folder / "telegram_token"
    token.write_text(TOKEN)
    Confirmations(database, journal=NoJournal(), clock=SystemClock()).confirm("telegram", by="li")
    port = free_port()
    planned = plan_apps(
        forker,
        folder,
        database=database.url.render_as_string(hide_password=False),
        dialogue=rasa.url,
        telegram_token_file=token,
        telegram_api_url=telegram.url,
        telegram_updates=updates,
        public_url=f"http://127.0.0.1:{port}",
    )
    mortal = Mortal(planned, port)
    telegram.on_call = lambda method, fields: mortal.seen(method)
    watched(rasa, mortal)
    yield mortal
    mortal.end()


@contextmanager
def with_wechat(
    forker: Forker, folder: Path, database: Engine, wechat: FakeWeChat, rasa: LoopbackRasa, account: str
) -> Iterator[Mortal]:
    keys = folder / "wechat.toml"
    keys.write_text(f'secret = "{SECRET}"\ntoken = "{WECHAT_TOKEN}"\n')
    planned = plan_apps(
        forker,
        folder,
        database=database.url.render_as_string(hide_password=False),
        dialogue=rasa.url,
        wechat_app_id=APP_ID,
        wechat_keys_file=keys,
        wechat_account=account,
        wechat_api_url=wechat.url,
    )
    mortal = Mortal(planned, free_port())
    wechat.on_call = mortal.seen
    watched(rasa, mortal)
    yield mortal
    mortal.end()


def questions() -> dict[str, str]:
    """What is asked and by whom; the dialogue says each question back, so an answer tells which it answers."""
    return {f"骑车，第{chat}人第{at}问": str(1000 + chat) for at in range(EACH) for chat in range(CHATS)}


async def until_settled(database: Engine, count: int) -> None:
    """Until every update is done with, `count` of them at least."""

    def states() -> list[str]:
        with database.connect() as connection:
            return list(connection.scalars(select(channel_updates.c.state)))

    def wait() -> None:
        until = time.monotonic() + SETTLES_WITHIN_S
        while len(found := states()) < count or set(found) != {"settled"}:
            assert time.monotonic() < until, Counter(found)
            time.sleep(0.1)

    await asyncio.to_thread(wait)


async def post_until_taken(mortal: Mortal, post: Callable[[], Awaitable[httpx.Response]]) -> None:
    """As Telegram and WeChat do: again and again, until it is answered for."""
    while True:
        try:
            if (await post()).status_code == 200:
                return
        except httpx.TransportError:
            pass
        await asyncio.sleep(0.05)


def check(said: Callable[[str], list[str]], asked: dict[str, str], *, all_answered: bool) -> int:
    """Each question answered at most once, and each chat told of what was not. Gives the number told of."""
    told = 0
    for chat in sorted(set(asked.values())):
        texts = said(chat)
        answers = Counter(text for text in texts if text in asked)
        mine = [question for question, who in asked.items() if who == chat]
        assert set(answers) <= set(mine), "an answer went to somebody else"
        assert not [text for text, times in answers.items() if times > 1]
        missing = len(mine) - len(answers)
        sorry = texts.count(SORRY)
        assert sorry >= missing, f"{chat} was passed over: {texts}"
        assert not (all_answered and missing)
        told += sorry
    return told


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("moment", "all_answered"),
    [("gaveUpdates", True), ("asked", True), ("sendMessage", False)],
    ids=["handed over", "being thought about", "being answered"],
)
async def test_telegram_killed_at_a_known_moment(
    forker: Forker,
    tmp_path: Path,
    database: Engine,
    telegram: FakeTelegram,
    rasa: LoopbackRasa,
    moment: str,
    all_answered: bool,
) -> None:
    asked = questions()
    with with_telegram(forker, tmp_path, database, telegram, rasa, "polling") as mortal:
        mortal.start()
        mortal.aim(moment)
        telegram.push(*(telegram.said(text, int(chat)) for text, chat in asked.items()))
        await mortal.fall()
        await mortal.rise()
        await until_settled(database, len(asked))
    told = check(telegram.texts, asked, all_answered=all_answered)
    assert mortal.killed == 1
    assert bool(told) == (not all_answered)


@pytest.mark.parametrize("updates", ["polling", "webhook"])
async def test_telegram_killed_again_and_again(
    forker: Forker, tmp_path: Path, database: Engine, telegram: FakeTelegram, rasa: LoopbackRasa, updates: str
) -> None:
    asked, chance = questions(), random.Random(updates)
    with with_telegram(forker, tmp_path, database, telegram, rasa, updates) as mortal:
        mortal.start()
        said = [telegram.said(text, int(chat)) for text, chat in asked.items()]
        said += said[::4]  # Telegram repeats what it isn't sure of
        secret = load_keys(tmp_path / "secrets").derived("webhook", "telegram")
        async with httpx.AsyncClient(timeout=30) as client, asyncio.TaskGroup() as group:

            def send(update: dict[str, Any]) -> None:
                headers = {"X-Telegram-Bot-Api-Secret-Token": secret}
                address = f"{mortal.url}/channels/telegram"
                post = lambda: client.post(address, json=update, headers=headers)  # noqa: E731
                group.create_task(post_until_taken(mortal, post))

            for batch in range(KILLS):
                mortal.aim(chance.choice(["sendMessage", "asked", "sendChatAction"]), chance.randint(1, 6))
                for update in said[batch::KILLS]:
                    telegram.push(update) if updates == "polling" else send(update)
                await mortal.fall()
                await mortal.rise()
        await until_settled(database, len(asked))
    assert mortal.killed == KILLS
    check(telegram.texts, asked, all_answered=False)


@pytest.mark.parametrize("account", ["service", "basic"])
async def test_wechat_killed_again_and_again(
    forker: Forker, tmp_path: Path, database: Engine, wechat: FakeWeChat, rasa: LoopbackRasa, account: str
) -> None:
    asked, chance = questions(), random.Random(account)
    read: dict[str, list[str]] = {chat: [] for chat in asked.values()}
    with with_wechat(forker, tmp_path, database, wechat, rasa, account) as mortal:
        mortal.start()
        async with httpx.AsyncClient(timeout=30) as client:
            phone = Phone(client)

            async def says(text: str, chat: str, msg_id: str) -> None:
                async def post() -> httpx.Response:
                    phone.path = f"{mortal.url}/channels/wechat"
                    fields = {"FromUserName": chat, "MsgType": "text", "Content": text, "MsgId": msg_id}
                    response = await phone.post(phone.xml(fields))
                    if response.status_code == 200 and (answer := phone.read(response)) is not None:
                        read[chat] += parts(answer)
                        mortal.seen("read")
                    return response

                await post_until_taken(mortal, post)

            async with asyncio.TaskGroup() as group:
                numbered = [(text, chat, str(5000 + at)) for at, (text, chat) in enumerate(asked.items())]
                for batch in range(KILLS):
                    moments = ["asked", "read"]
                    mortal.aim(chance.choice(moments), chance.randint(1, 4))
                    for message in numbered[batch::KILLS] + numbered[batch::KILLS][::3]:
                        group.create_task(says(*message))
                    await mortal.fall()
                    await mortal.rise()
            await until_settled(database, len(asked))
            if account == "basic":
                await fetch_all(phone, read)
    for chat, text in wechat.sent:
        read[chat] += parts(text)
    assert mortal.killed == KILLS
    check(read.__getitem__, asked, all_answered=False)


@pytest.mark.parametrize("arrives", [True, False], ids=["taken", "not taken"])
async def test_wechat_killed_while_it_sends_by_customer_service(
    forker: Forker, tmp_path: Path, database: Engine, wechat: FakeWeChat, rasa: LoopbackRasa, arrives: bool
) -> None:
    """The dialogue is slower than WeChat waits here, so that every answer is sent; each third send kills the
    app, and WeChat has taken that message or has not."""
    asked, chance = questions(), random.Random(arrives)
    with with_wechat(forker, tmp_path, database, wechat, rasa, "service") as mortal:
        watched(rasa, mortal, takes_s=0.6)

        def on_call(path: str) -> None:
            before = mortal.killed
            mortal.seen(path)
            if mortal.killed > before and not arrives:
                wechat.fail(path, Fault(status=500))

        wechat.on_call = on_call
        mortal.start()
        async with httpx.AsyncClient(timeout=0.4) as client:
            phone = Phone(client)

            async def says(text: str, chat: str, msg_id: str) -> None:
                fields = {"FromUserName": chat, "MsgType": "text", "Content": text, "MsgId": msg_id}
                while not stored(database, msg_id):
                    phone.path = f"{mortal.url}/channels/wechat"
                    with suppress(httpx.TransportError):
                        response = await phone.post(phone.xml(fields), waits_s=0.4)
                        assert phone.read(response) is None, "the dialogue was to be too slow for this"

            async with asyncio.TaskGroup() as group:
                numbered = [(text, chat, str(5000 + at)) for at, (text, chat) in enumerate(asked.items())]
                for batch in range(KILLS):
                    mortal.aim("message/custom/send", chance.randint(1, 3))
                    for message in numbered[batch::KILLS]:
                        group.create_task(says(*message))
                    await mortal.fall()
                    await mortal.rise()
        await until_settled(database, len(asked))
    read: dict[str, list[str]] = {chat: [] for chat in asked.values()}
    for chat, text in wechat.sent:
        read[chat] += parts(text)
    assert mortal.killed == KILLS
    assert check(read.__getitem__, asked, all_answered=False)


def stored(database: Engine, msg_id: str) -> bool:
    with database.connect() as connection:
        mine = select(channel_updates.c.state).where(channel_updates.c.update_id == f"m{msg_id}")
        return connection.scalar(mine) is not None


def parts(text: str) -> list[str]:
    """A message's paragraphs: the notice, an answer, an excuse."""
    return [each.removesuffix("。") if each != SORRY else each for each in text.split("\n\n")]


async def fetch_all(phone: Phone, read: dict[str, list[str]]) -> None:
    """Everybody fetches with 1 what still waits."""
    for chat in read:
        while True:
            fetched = await phone.says("1", who=chat)
            if fetched is None or "1" in parts(fetched):
                break
            read[chat] += parts(fetched)
