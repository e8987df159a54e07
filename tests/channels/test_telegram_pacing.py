"""Who waits for whom on the way to Telegram."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from telegram.error import RetryAfter

from api.channels.telegram.pacing import Bucket, Pace, Urgency


class Requests:
    """Sends through a pace and remembers the order."""

    def __init__(self, pace: Pace) -> None:
        self.pace = pace
        self.order: list[str] = []
        self.refusals: dict[str, list[float]] = {}

    async def send(self, chat: str, urgency: Urgency = "reply", name: str = "") -> Any:
        async def callback() -> bool:
            if self.refusals.get(chat):
                raise RetryAfter(self.refusals[chat].pop())  # type: ignore[arg-type]
            self.order.append(name or chat)
            return True

        return await self.pace.process_request(callback, (), {}, "sendMessage", {"chat_id": chat}, urgency)


async def test_replies_go_before_broadcasts_that_waited_longer() -> None:
    requests = Requests(Pace(per_second=20, at_once=1))
    broadcasts = [asyncio.create_task(requests.send(f"{n}", "broadcast", f"b{n}")) for n in range(6)]
    await asyncio.sleep(0)
    replies = [asyncio.create_task(requests.send(f"1{n}", "reply", f"r{n}")) for n in range(3)]
    await asyncio.gather(*broadcasts, *replies)
    assert requests.order == ["b0", "r0", "r1", "r2", "b1", "b2", "b3", "b4", "b5"]


async def test_a_chat_that_must_wait_holds_up_nobody_else() -> None:
    requests = Requests(Pace())
    requests.refusals["7"] = [1]
    late = asyncio.create_task(requests.send("7"))
    await asyncio.sleep(0)
    await asyncio.gather(*(requests.send(str(n)) for n in range(100, 103)))
    assert requests.order == ["100", "101", "102"]
    assert not late.done()
    await late
    assert requests.order[-1] == "7"


async def test_a_broadcast_does_not_wait_for_its_chat() -> None:
    requests = Requests(Pace())
    requests.refusals["7"] = [30]
    with pytest.raises(RetryAfter):
        await requests.send("7", "broadcast")
    with pytest.raises(RetryAfter) as refused:
        await requests.send("7", "broadcast")
    assert refused.value.retry_after == timedelta(seconds=30)
    assert requests.order == []


async def test_a_reply_is_given_up_where_the_chat_is_closed_for_long() -> None:
    requests = Requests(Pace())
    requests.refusals["7"] = [600]
    with pytest.raises(RetryAfter):
        await requests.send("7")
    assert requests.order == []


async def test_one_chats_messages_keep_their_order() -> None:
    requests = Requests(Pace())
    requests.refusals["7"] = [1]
    await asyncio.gather(*(requests.send("7", name=f"m{n}") for n in range(3)))
    assert requests.order == ["m0", "m1", "m2"]


def test_a_bucket_fills_with_time() -> None:
    now = 0.0
    bucket = Bucket(2, 3, lambda: now)
    for _ in range(3):
        assert bucket.wait_s() == 0
        bucket.take()
    assert bucket.wait_s() == 0.5
    now = 0.5
    assert bucket.wait_s() == 0
    assert not bucket.full()
    now = 10
    assert bucket.full()
