"""The process ends in the middle of a message: nothing is lost, nothing answered twice."""

from __future__ import annotations

from datetime import timedelta

import pytest

from api.channels.protocol import Incoming
from api.channels.wechat import CHANNEL
from tests.channels.fake_wechat import FakeWeChat
from tests.channels.wechat.conftest import OpenWorld, World

QUESTION, ANSWER = "自行车停放点在哪里", "公园周边设置自行车停放点"


async def left_behind(world: World, state: str) -> Incoming:
    """A message that another process had taken and was at when it ended."""
    await world.phone.says("/help")
    await world.at_rest()
    incoming = Incoming(CHANNEL, "oAlice", "m55", "text", QUESTION, world.clock.now())
    updates = world.services.channels.updates
    assert updates.accept(incoming)
    if state == "answering":
        assert updates.advance(incoming, "answering")
    world.clock.ahead += timedelta(seconds=31)
    return incoming


@pytest.mark.parametrize(("state", "said"), [("received", ANSWER), ("answering", "刚才断线了，请再问一次。")])
async def test_a_message_left_behind_is_taken_up_once(
    open_world: OpenWorld, wechat: FakeWeChat, state: str, said: str
) -> None:
    world = await open_world()
    await left_behind(world, state)
    desk = world.app.state.channel_desk
    assert await desk.take_up(world.channel) == 1
    await desk.close()
    assert await desk.take_up(world.channel) == 0
    assert await world.phone.says(QUESTION, msg_id="55") is None
    await world.at_rest()
    assert wechat.sent == [("oAlice", said)]


async def test_who_may_not_be_written_to_is_told_to_fetch_it_when_wechat_asks_again(
    open_world: OpenWorld,
) -> None:
    world = await open_world(account="basic")
    await left_behind(world, "received")
    assert await world.phone.says(QUESTION, msg_id="55") == "还在查，请过几秒回复“1”取答案。"
    await world.app.state.channel_desk.take_up(world.channel)
    await world.app.state.channel_desk.close()
    assert await world.phone.says(QUESTION, msg_id="55") == "答案好了，回复“1”查看。"
    assert await world.phone.says("1") == ANSWER
    assert await world.phone.says(QUESTION, msg_id="55") is None


async def test_closing_lets_an_answer_end(open_world: OpenWorld, wechat: FakeWeChat) -> None:
    world = await open_world(within_s=0.2)
    await world.phone.says("/help")
    await world.at_rest()
    world.answerer.delay_s = 0.8
    await world.phone.says(QUESTION)
    await world.receiver.close()
    assert wechat.sent[-1:] == [("oAlice", ANSWER)]
    assert world.services.channels.updates.counts(CHANNEL) == {"settled": 2}
