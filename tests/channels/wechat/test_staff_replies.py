"""Staff answer a resident of the official account: while WeChat takes messages for them, and when no more."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from api.tickets.model import Outcome
from tests.channels.fake_wechat import FakeWeChat, Fault
from tests.channels.wechat.conftest import OpenWorld, World

WORDS = "请带发票到商场。"


async def answered(world: World, text: str = WORDS) -> tuple[str, Outcome | None]:
    """A ticket of oAlice's that staff have answered, and what became of that."""
    await world.phone.says("自行车停放点在哪里")
    await world.at_rest()
    address = world.services.channels.addresses.find("wechat", "oAlice")
    assert address is not None
    tickets = world.services.tickets
    ticket = tickets.open(conversation_id=address.conversation_id, channel="wechat", question="旧冰箱")
    assert "答复会发到这里；到时没有收到的话，随便发一句话就能看到" in tickets.told(ticket)
    await asyncio.to_thread(tickets.reply, ticket.id, text, by="li")
    return ticket.id, tickets.outcome(ticket.id)


def said(ticket_id: str) -> str:
    return f"工作人员答复（受理编号 {ticket_id}）：\n{WORDS}"


async def test_while_the_window_is_open_it_comes_as_a_customer_service_message(
    open_world: OpenWorld, wechat: FakeWeChat
) -> None:
    wechat.keeps_windows, wechat.windows["oAlice"] = True, 5
    world = await open_world()
    ticket_id, outcome = await answered(world)
    assert outcome == "delivered"
    assert wechat.sent == [("oAlice", said(ticket_id))]
    assert world.services.channels.wechat.waiting.look(world.chat_key()) is None  # type: ignore[union-attr]


@pytest.mark.parametrize("account", ["service", "basic"])
async def test_what_cannot_be_sent_is_kept_for_the_next_message(
    open_world: OpenWorld, wechat: FakeWeChat, account: str
) -> None:
    wechat.keeps_windows = True
    world = await open_world(account=account)
    ticket_id, outcome = await answered(world)
    assert (outcome, wechat.sent) == ("kept", [])
    world.clock.ahead = timedelta(days=3)
    world.services.channels.sweep(keep_days=180)
    next_answer = await world.phone.says("/topics")
    assert (next_answer or "").endswith("（前面还有1条答案没看，回复“1”查看）")
    assert await world.phone.says("1") == said(ticket_id)
    assert world.services.channels.health.of("wechat").fails is False


async def test_what_nobody_fetches_is_forgotten_after_a_month(
    open_world: OpenWorld, wechat: FakeWeChat
) -> None:
    wechat.keeps_windows = True
    world = await open_world()
    await answered(world)
    world.clock.ahead = timedelta(days=31)
    world.services.channels.sweep(keep_days=180)
    assert world.services.channels.wechat.waiting.look(world.chat_key()) is None  # type: ignore[union-attr]


async def test_a_long_reply_that_the_window_cuts_off_goes_on_where_it_stopped(
    open_world: OpenWorld, wechat: FakeWeChat
) -> None:
    wechat.keeps_windows, wechat.windows["oAlice"] = True, 1
    world = await open_world()
    sentences = [f"第{number}件事，请带发票到商场。" for number in range(1, 121)]
    _, outcome = await answered(world, "".join(sentences))
    assert outcome == "kept"
    parts = [text for _, text in wechat.sent]
    while (part := await world.phone.says("1")) is not None and "第" in part:
        parts.append(part.split("\n\n（还有")[0])
    whole = "".join(parts).replace("\n", "")
    assert whole.endswith("".join(sentences))
    assert whole.count("第1件事") == 1


@pytest.mark.parametrize(
    "fault", [Fault(wait_s=4.0, does=True), Fault(status=502, does=True), Fault(code=40003)]
)
async def test_what_may_have_arrived_or_reaches_nobody_is_not_tried_again(
    open_world: OpenWorld, wechat: FakeWeChat, fault: Fault
) -> None:
    world = await open_world()
    wechat.fail("message/custom/send", fault)
    _, outcome = await answered(world)
    assert outcome == "undelivered"
    assert wechat.calls.count("message/custom/send") == 1
    gone = fault.code == 40003
    assert (world.services.channels.addresses.find("wechat", "oAlice") is None) == gone
