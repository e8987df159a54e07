"""The loop in the background: it follows, withholds, catches up, publishes what is due, and never ends."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import date, timedelta

from sqlalchemy.orm import Session

from api.publishing.loop import PublishingLoop
from knowledge.model import Knowledge
from knowledge.publishing import withdrawals
from knowledge.publishing.model import Target
from tests.publishing.world import CLOTHES_ENTRY, DAY, World


class Live:
    """What the loop needs of a live index; counts how often it looked, and fails the first time."""

    snapshot = "x"

    def __init__(self, world: World) -> None:
        self._world, self.looked = world, 0
        self._loop, self.again = asyncio.get_running_loop(), asyncio.Event()

    @property
    def knowledge(self) -> Knowledge:
        return self._world.index.live().knowledge

    def follow(self) -> bool:
        self.looked += 1
        self._loop.call_soon_threadsafe(self.again.set)
        if self.looked == 1:
            raise OSError("not now")
        return False


async def until(world: World, met: Callable[[], bool], today: date = DAY) -> None:
    live = Live(world)
    loop = PublishingLoop(live, world.publisher, today=lambda: today, look_every_s=0.01)  # type: ignore[arg-type]
    running = asyncio.create_task(loop.run())
    try:
        async with asyncio.timeout(30):
            while not (await asyncio.to_thread(met) and live.looked > 1):
                await live.again.wait()
                live.again.clear()
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def test_what_another_process_took_back_is_withheld_and_then_built_without(world: World) -> None:
    with Session(world.engine) as session:
        withdrawals.take_back(
            session, Target("clause", "plan#1"), title="第1条", by="reviewer", reason="错了",
            at=world.clock.now(), journal=world.publisher._core.journal,
        )  # fmt: skip
        session.commit()
    assert world.said(CLOTHES_ENTRY.question) != ""
    await until(world, lambda: world.publisher.history()[0].kind == "withdrawal")
    assert world.said(CLOTHES_ENTRY.question) == ""


async def test_what_falls_due_is_published(world: World) -> None:
    at = world.clock.now() + timedelta(minutes=5)
    world.approved("clothes", plain="可以捐给慈善组织。", publish_at=at)
    world.clock.at = at  # type: ignore[union-attr]
    await until(world, lambda: world.said(CLOTHES_ENTRY.question) == "可以捐给慈善组织。")
    assert world.publisher.history()[0].kind == "scheduled"


async def test_an_ending_is_noted_on_the_day_after(world: World) -> None:
    world.published(world.approved("clothes", valid_to="2026-11-20"), reason="到期")
    await until(world, lambda: world.journal("expired") == ["clothes"])
