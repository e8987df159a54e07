"""How channels do, as administrators read it, and their confirming and switching off from the console."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine

from api.accounts.audit import Sought
from api.accounts.roles import Actor, Role
from api.channels.confirming import NotAbroad
from api.channels.health import ChannelHealth, Health
from api.desk.channels import ChannelsDesk, ChannelState
from tests.channels.conftest import OpenPlace, Place
from tests.channels.fake_telegram import FakeTelegram
from tests.channels.fake_wechat import FakeWeChat, Fault
from tests.channels.test_restarts import incoming
from tests.channels.wechat.conftest import OpenWorld, wechat
from tests.channels.wechat.conftest import open_world as open_world

__all__ = ["open_world", "wechat"]
LI = Actor("li", frozenset({Role.administrator}))


class Hand:
    """A clock moved by hand."""

    def __init__(self) -> None:
        self.at = datetime(2026, 11, 20, 1, tzinfo=UTC)

    def now(self) -> datetime:
        return self.at


def state(place: Place, name: str) -> ChannelState:
    return {each.name: each for each in ChannelsDesk(place.services, LI).listed()}[name]


def test_the_same_is_written_every_few_seconds_and_news_at_once(database: Engine) -> None:
    clock = Hand()
    health = ChannelHealth(database, clock=clock)  # type: ignore[arg-type]
    assert health.of("telegram") == Health()
    first = clock.at
    health.worked("telegram")
    clock.at += timedelta(seconds=9)
    health.worked("telegram")
    assert health.of("telegram") == Health(first)
    health.failed("telegram", "not_connected")
    assert health.of("telegram") == Health(first, clock.at, "not_connected")
    assert health.of("telegram").fails
    failed = clock.at
    clock.at += timedelta(seconds=1)
    health.worked("telegram")
    assert health.of("telegram") == Health(clock.at, failed, "not_connected")
    assert not health.of("telegram").fails
    assert health.of("wechat") == Health()


async def test_what_goes_through_and_what_does_not_is_seen(
    open_place: OpenPlace, telegram: FakeTelegram
) -> None:
    async with open_place() as place:
        await place.desk.handle(incoming())
        seen = state(place, "telegram").health
        assert (seen.worked_at is not None, seen.reason) == (True, "")
        telegram.fail("502", chat="42")
        await place.desk.handle(incoming("2"))
        seen = state(place, "telegram").health
        assert (seen.fails, seen.reason) == (True, "http_502")
        assert state(place, "telegram").updates == {"settled": 2}


async def test_what_waits_to_be_fetched_counts_as_a_failure_and_nobody_is_asked_to_ask_again(
    open_world: OpenWorld, wechat: FakeWeChat
) -> None:
    world = await open_world(within_s=0.1)
    world.answerer.delay_s = 0.4
    wechat.fail("message/custom/send", Fault(code=40164))
    await world.phone.says("自行车停放点在哪里")
    await world.at_rest()
    seen = world.services.channels.health.of("wechat")
    assert (seen.fails, seen.reason) == (True, "wechat_40164")
    assert wechat.sent == []
    fetched = await world.phone.says("1")
    assert fetched is not None
    assert fetched.endswith("公园周边设置自行车停放点")


async def test_polling_that_fails_is_seen(open_place: OpenPlace, telegram: FakeTelegram) -> None:
    telegram.fail("503", method="getUpdates")
    async with open_place(telegram_updates="polling") as place:
        await telegram.until(lambda: any(method == "getUpdates" for method, _ in telegram.calls))
        while (seen := state(place, "telegram").health).failed_at is None:
            await telegram.until(lambda: True)
        assert seen.reason == "http_503"
        assert state(place, "telegram").receives == "polling"


async def test_an_administrator_confirms_and_switches_off(open_place: OpenPlace) -> None:
    async with open_place(confirmed=False) as place:
        desk = ChannelsDesk(place.services, LI)
        states = {each.name: each.state for each in desk.listed()}
        assert states == {"web": "on", "telegram": "waits", "wechat": "off", "webhook": "off"}
        assert desk.confirm("telegram")
        assert not desk.confirm("telegram")
        assert state(place, "telegram").state == "on"
        with pytest.raises(NotAbroad):
            desk.confirm("wechat")
        assert desk.switch_off("telegram")
        assert not desk.switch_off("telegram")
        assert state(place, "telegram").state == "waits"
        lines = [
            (line.what, line.by, line.subject) for line in place.services.audit.lines(Sought(kind="channel"))
        ]
        assert lines == [("channel.withdrawn", "li", "telegram"), ("channel.confirmed", "li", "telegram")]
