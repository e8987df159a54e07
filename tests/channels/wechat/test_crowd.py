"""A hundred residents write at the same moment, and WeChat's own repeats come in between."""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest

from tests.channels.fake_wechat import FakeWeChat, Fault
from tests.channels.wechat.conftest import OpenWorld

ANSWER = "公园周边设置自行车停放点"


@pytest.mark.parametrize("account", ["service", "basic"])
async def test_a_hundred_messages_at_once_are_all_answered_and_none_twice(
    open_world: OpenWorld, wechat: FakeWeChat, account: str
) -> None:
    """Each third comes twice; half of them are asked of an answerer that is too slow for the first way."""
    world = await open_world(account=account, within_s=0.5)
    if account == "service":
        wechat.fail("message/custom/send", *(Fault(wait_s=0.3),) * 10)
    world.answerer.delay_s = 0.05
    people = [f"oPerson{number}" for number in range(100)]
    asked = [(who, str(5000 + at)) for at, who in enumerate(people)]
    asked += asked[::3]
    await asyncio.gather(*(world.phone.insists("自行车停放点", who=who, msg_id=id_) for who, id_ in asked))
    await world.at_rest()
    got: Counter[str] = Counter()
    for at, who in enumerate(people):
        got[who] += sum(text.endswith(ANSWER) for text in world.phone.answers[str(5000 + at)])
        got[who] += sum(text.endswith(ANSWER) for chat, text in wechat.sent if chat == who)
        if account == "basic" and not got[who]:
            fetched = await world.phone.says("1", who=who)
            got[who] += fetched is not None and fetched.endswith(ANSWER)
    assert got == Counter(dict.fromkeys(people, 1))
    assert len(world.answerer.asked) == 100
