"""Staff answer what was handed over: in the console's process and on the command line, through one channel."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select
from typer.testing import CliRunner, Result

from api.cli import app
from api.cli import ticket as ticket_cli
from api.store.tables import ticket_replies
from api.tickets.contacts import ContactBox
from api.tickets.hours import StaffHours
from api.tickets.model import Ticket
from api.tickets.outbox import HELD_FOR
from api.tickets.service import Tickets
from tests.api.kept import FRIDAY, KEYS, SetClock, talk
from tests.channels.conftest import OpenPlace, Place
from tests.channels.fake_webhook import Receiver, post


@pytest.fixture
def terminal(
    tmp_path: Path, engine: Engine, webhook: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Awaitable[Result]]:
    """`lvxiaoyu ticket …` over the app's database, with the app's settings."""
    monkeypatch.setenv("LVXIAOYU_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("LVXIAOYU_DATABASE_URL", engine.url.render_as_string(hide_password=False))
    monkeypatch.setenv("LVXIAOYU_WEBHOOK_URL", webhook["webhook_url"])
    monkeypatch.setenv("LVXIAOYU_WEBHOOK_SECRET_FILE", str(webhook["webhook_secret_file"]))
    monkeypatch.setenv("COLUMNS", "300")

    async def run(*words: str) -> Result:
        return await asyncio.to_thread(CliRunner().invoke, app, ["ticket", *words])

    return run


async def handed_over(place: Place) -> Ticket:
    """A question of chat c1 that waits for staff."""
    await post(place.client, {"id": "m1", "chat": "c1", "text": "旧冰箱怎么换新"})
    await place.desk.close()
    address = place.services.channels.addresses.find("webhook", "c1")
    assert address is not None
    return place.services.tickets.open(
        conversation_id=address.conversation_id, channel="webhook", question="旧冰箱怎么换新"
    )


def staff(receiver: Receiver) -> list[tuple[str, list[str]]]:
    """What was posted unasked: the chat, and the texts without who says them."""
    return [
        (each["chat"], [text.split("\n", 1)[1] for text in each["texts"]])
        for each in receiver.got
        if each["in_reply_to"] is None
    ]


async def test_a_reply_from_the_console_arrives_at_the_other_system(
    open_place: OpenPlace, webhook: dict[str, Any], receiver: Receiver
) -> None:
    async with open_place(**webhook) as place:
        ticket = await handed_over(place)
        answered = await asyncio.to_thread(place.services.tickets.reply, ticket.id, "请带发票。", by="li")
        assert (answered.state, answered.delivered) == ("answered", True)
        assert staff(receiver) == [("c1", ["请带发票。"])]
        assert place.services.tickets.told(ticket).endswith("答复会发到这个对话里。")


async def test_a_reply_that_fails_is_not_repeated_and_who_is_gone_is_left(
    open_place: OpenPlace, webhook: dict[str, Any], receiver: Receiver
) -> None:
    async with open_place(**webhook) as place:
        ticket = await handed_over(place)
        reply, outcome = place.services.tickets.reply, place.services.tickets.outcome
        receiver.status = 500
        await asyncio.to_thread(reply, ticket.id, "一", by="li")
        assert (outcome(ticket.id), staff(receiver)) == ("undelivered", [("c1", ["一"])])
        assert place.services.channels.health.of("webhook").reason == "status_500"
        receiver.status = 410
        await asyncio.to_thread(reply, ticket.id, "二", by="li")
        assert (outcome(ticket.id), len(staff(receiver))) == ("undelivered", 2)
        assert place.services.channels.addresses.find("webhook", "c1") is None


async def test_a_reply_from_the_command_line_goes_out_through_the_running_app(
    open_place: OpenPlace,
    webhook: dict[str, Any],
    receiver: Receiver,
    terminal: Callable[..., Awaitable[Result]],
) -> None:
    async with open_place(**webhook) as place:
        ticket = await handed_over(place)
        result = await terminal("reply", ticket.id, "请带发票。", "--by", "li")
        assert result.stdout == f"The reply to {ticket.id} is in the resident's conversation.\n"
        assert staff(receiver) == [("c1", ["请带发票。"])]
        receiver.status = 503
        result = await terminal("reply", ticket.id, "还有身份证。", "--by", "li")
        assert "webhook cannot be written to: use the contact" in result.stdout
        assert len(staff(receiver)) == 2
        events = [event.what for event in place.services.tickets.events(ticket.id)]
        assert events == ["opened", "replied", "delivered", "replied", "undelivered"]


async def test_a_reply_written_while_no_app_runs_goes_out_once_one_does(
    open_place: OpenPlace,
    webhook: dict[str, Any],
    receiver: Receiver,
    terminal: Callable[..., Awaitable[Result]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with open_place(**webhook) as place:
        ticket = await handed_over(place)
    monkeypatch.setattr(ticket_cli, "SENT_WITHIN_S", 0.3)
    result = await terminal("reply", ticket.id, "请带发票。", "--by", "li")
    assert "no running app has sent it yet: it goes out to webhook as soon as one runs" in result.stdout
    assert "on its way to webhook" in (await terminal("show", ticket.id)).stdout
    assert staff(receiver) == []
    async with open_place(**webhook) as place:
        async with asyncio.timeout(10):
            while place.services.tickets.outcome(ticket.id) is None:  # noqa: ASYNC110 - from other threads
                await asyncio.sleep(0.05)
        assert staff(receiver) == [("c1", ["请带发票。"])]
    assert "delivered by app" in (await terminal("show", ticket.id)).stdout


def posting(engine: Engine, clock: SetClock) -> Tickets:
    """Tickets as a terminal has them: without a channel of its own."""
    hours = StaffHours.parse("mon-fri 09:00-17:30")
    box = ContactBox(KEYS.contact_key)
    return Tickets(engine, box=box, clock=clock, hours=hours, posted={"telegram"})


def written(engine: Engine, clock: SetClock, *texts: str) -> Ticket:
    talk(engine, "c", FRIDAY, channel="telegram")
    tickets = posting(engine, clock)
    ticket = tickets.open(conversation_id="c", channel="telegram", question="问")
    for text in texts:
        tickets.reply(ticket.id, text, by="li")
    return ticket


def test_of_many_processes_one_sends_each_reply(database: Engine) -> None:
    clock, texts = SetClock(), [f"答复{number}" for number in range(20)]
    ticket = written(database, clock, *texts)
    together, sent = threading.Barrier(4), list[str]()

    def work() -> None:
        tickets = posting(database, clock)
        together.wait()
        while (found := tickets.next_post("telegram")) is not None:
            sent.append(found.message.text.split("\n")[-1])
            tickets.settle(found, "delivered")

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Counter(sent) == Counter(texts)
    assert posting(database, clock).get(ticket.id).delivered is True
    with database.connect() as connection:
        assert connection.execute(select(ticket_replies)).all() == []


def test_replies_are_sent_in_their_order_and_in_their_channel(database: Engine) -> None:
    clock = SetClock()
    written(database, clock, "一", "二")
    tickets = posting(database, clock)
    assert tickets.next_post("wechat") is None
    posts = [tickets.next_post("telegram") for _ in range(3)]
    assert [each and each.message.text.split("\n")[-1] for each in posts] == ["一", "二", None]


def test_a_reply_whose_sender_died_is_not_sent_again_and_staff_are_told(database: Engine) -> None:
    clock = SetClock()
    ticket = written(database, clock, "请带发票。")
    tickets = posting(database, clock)
    assert tickets.next_post("telegram") is not None
    clock.later(seconds=HELD_FOR.total_seconds() - 1)
    assert (tickets.next_post("telegram"), tickets.outcome(ticket.id)) == (None, None)
    clock.later(seconds=2)
    assert (tickets.next_post("telegram"), tickets.outcome(ticket.id)) == (None, "undelivered")


def test_what_is_erased_is_not_sent(database: Engine) -> None:
    clock = SetClock()
    ticket = written(database, clock, "请带发票。")
    with database.begin() as connection:
        connection.exec_driver_sql("DELETE FROM messages")
    assert posting(database, clock).next_post("telegram") is None
    assert posting(database, clock).outcome(ticket.id) == "undelivered"
    clock.later(seconds=timedelta(days=1).total_seconds())
    assert posting(database, clock).get(ticket.id).delivered is False
