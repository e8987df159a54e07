"""No answer leaves in a response that WeChat waits for no more: what is late takes the second way, once."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest

from api.channels.wechat.ages import COMPARED_FOR_S, Ages
from api.channels.wechat.slots import LATE_S, Slot
from api.dialogue.client import DialogueClient
from tests.api.parts import LoopbackRasa, smalltalk
from tests.channels.fake_wechat import FakeWeChat
from tests.channels.wechat.conftest import OpenWorld, World

QUESTION, ANSWER = "自行车停放点在哪里", "公园周边设置自行车停放点"


async def known(world: World) -> None:
    await world.phone.says("/help")
    await world.at_rest()


@pytest.mark.parametrize("account", ["service", "basic"])
async def test_a_slow_dialogue_has_the_time_from_the_receipt_and_no_more(
    open_world: OpenWorld, wechat: FakeWeChat, rasa: LoopbackRasa, dialogue: DialogueClient, account: str
) -> None:
    """Five at once, four of which are thought about at a time: the fifth's time goes by while it waits."""
    thought = asyncio.Event()

    async def slow(body: dict[str, Any]) -> tuple[int, Any]:
        await thought.wait()
        return await smalltalk(body)

    world = await open_world(account=account, within_s=0.5, dialogue=dialogue)
    people = [f"o{number}" for number in range(5)]
    for who in people:
        await world.phone.says("/help", who=who)
    await world.at_rest()
    rasa.handler = slow
    answers = await asyncio.gather(*(world.phone.says("你好呀", who=who) for who in people))
    thought.set()
    await world.at_rest()
    assert len(rasa.seen) == 5
    if account == "service":
        assert answers == [None] * 5
        assert sorted(chat for chat, _ in wechat.sent) == people
    else:
        assert set(answers) == {"还在查，请过几秒回复“1”取答案。"}
        assert [await world.phone.says("1", who=who) for who in people] == ["你好呀"] * 5


async def at(world: World, seconds_ago: float) -> str | None:
    """The question, in a request that WeChat stamped so long ago."""
    fields = {
        "FromUserName": "oAlice",
        "MsgType": "text",
        "Content": QUESTION,
        "MsgId": world.phone.next_id(),
    }
    body, query = world.phone.signed(world.phone.xml(fields), at=str(int(time.time() - seconds_ago)))
    return world.phone.read(await world.phone.client.post(world.phone.path, params=query, content=body))


async def test_a_request_that_waited_before_it_was_read_has_so_much_less_time(
    open_world: OpenWorld, wechat: FakeWeChat
) -> None:
    world = await open_world()
    await known(world)
    assert await at(world, 1) == ANSWER
    assert await at(world, 6) is None
    await world.at_rest()
    assert wechat.sent == [("oAlice", ANSWER)]


async def test_a_busy_loop_gives_no_answer_to_a_request_whose_time_is_over(
    open_world: OpenWorld, wechat: FakeWeChat
) -> None:
    world = await open_world(within_s=0.4)
    await known(world)
    world.answerer.delay_s = 0.2
    asked = asyncio.create_task(world.phone.says(QUESTION))
    async with asyncio.timeout(5):
        while not world.answerer.asked:  # noqa: ASYNC110 - it is asked in a thread
            await asyncio.sleep(0.01)
    time.sleep(0.4 + LATE_S)  # noqa: ASYNC251 - the loop is what is to be busy
    assert await asked is None
    await world.at_rest()
    assert wechat.sent == [("oAlice", ANSWER)]


async def test_a_promise_that_comes_too_late_is_made_to_the_next_request(
    open_world: OpenWorld, wechat: FakeWeChat
) -> None:
    world = await open_world(account="basic", within_s=0.3)
    await known(world)
    world.answerer.delay_s = 2.0
    asked = asyncio.create_task(world.phone.says(QUESTION, msg_id="91"))
    async with asyncio.timeout(5):
        while not world.answerer.asked:  # noqa: ASYNC110 - it is asked in a thread
            await asyncio.sleep(0.01)
    time.sleep(0.4 + LATE_S)  # noqa: ASYNC251 - the loop is what is to be busy
    assert await asked is None
    assert await world.phone.says(QUESTION, msg_id="91") == "还在查，请过几秒回复“1”取答案。"
    await world.at_rest()
    assert await world.phone.says("1") == ANSWER


async def test_a_text_is_not_taken_past_its_time() -> None:
    async def there() -> bool:
        return False

    now = asyncio.get_running_loop().time
    slot = Slot()
    late, in_time = slot.wait(now() - LATE_S - 0.01, there), slot.wait(now() + 5, there)
    waiting = asyncio.gather(late, in_time)
    await asyncio.sleep(0)
    offered = asyncio.create_task(slot.offer(ANSWER))
    assert await waiting == [None, ANSWER]
    await slot.sent()
    assert await offered


class Hands:
    def __init__(self) -> None:
        self.at = 1_900_000_000.4

    def __call__(self) -> float:
        return self.at


@pytest.mark.parametrize("apart", [0, 200, -200])
def test_an_age_is_what_a_stamp_lies_behind_the_fastest(apart: int) -> None:
    now = Hands()
    ages = Ages(now)
    sent = int(now.at) + apart
    assert [ages.age_s(sent), ages.age_s(sent - 3), ages.age_s(sent)] == pytest.approx([0.0, 2.5, 0.0])
    now.at += 2 * COMPARED_FOR_S + 1  # the clocks may have been set meanwhile
    assert ages.age_s(sent) == 0.0


def test_the_fastest_is_remembered_for_a_while() -> None:
    now = Hands()
    ages = Ages(now)
    ages.age_s(int(now.at))
    now.at += COMPARED_FOR_S + 1
    assert ages.age_s(int(now.at) - 4) == pytest.approx(3.5)
