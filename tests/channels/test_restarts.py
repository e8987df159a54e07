"""An app that ends in the middle: what was received is answered once, by the one that starts next."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from api.channels.protocol import Incoming
from api.channels.updates import Updates
from api.channels.words import say
from api.keys import Keys
from tests.api.parts import LoopbackRasa, SteppingClock
from tests.channels.conftest import OpenPlace
from tests.channels.fake_telegram import FakeTelegram, Fault

KEYS = Keys("p" * 40, "a" * 40, "d" * 40, "c" * 40, "k" * 40)


class Later:
    """A clock that a test can put forward."""

    def __init__(self) -> None:
        self.ahead = timedelta(0)

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def today(self) -> date:
        return self.now().date()


def incoming(update_id: str = "1", text: str = "骑车", **more: Any) -> Incoming:
    return Incoming("telegram", "42", update_id, "text", text, **more)


async def test_what_was_received_and_not_answered_is_answered_by_the_next_start(
    open_place: OpenPlace, telegram: FakeTelegram
) -> None:
    clock = Later()
    async with open_place(clock=clock) as place:
        assert await place.desk.accept(incoming())
    clock.ahead = timedelta(seconds=31)
    async with open_place(clock=clock):
        await telegram.until(lambda: len(telegram.texts()) == 2)
        assert telegram.texts()[1] == "骑车"
    async with open_place(clock=clock) as place:
        assert not await place.desk.handle(incoming())
    assert len(telegram.texts()) == 2


async def test_a_turn_that_was_stored_is_not_taken_again(
    open_place: OpenPlace, telegram: FakeTelegram, rasa: LoopbackRasa, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Later()
    async with open_place(clock=clock) as place:
        end = asyncio.CancelledError

        def dies(*_: object) -> bool:
            raise end

        with monkeypatch.context() as patched:
            patched.setattr(place.services.channels.updates, "advance", dies)
            with pytest.raises(asyncio.CancelledError):
                await place.desk.handle(incoming())
    assert len(rasa.seen) == 1
    assert telegram.texts() == []
    clock.ahead = timedelta(seconds=31)
    async with open_place(clock=clock):
        await telegram.until(lambda: telegram.texts() != [])
        await telegram.until(lambda: telegram.texts()[-1] == "骑车")
    assert len(rasa.seen) == 1


async def test_an_answer_that_may_be_half_sent_is_not_sent_again(
    open_place: OpenPlace, telegram: FakeTelegram
) -> None:
    clock = Later()
    async with open_place(clock=clock) as place:
        await place.desk.receive(incoming())
    clock.ahead = timedelta(seconds=31)
    for _ in range(2):
        async with open_place(clock=clock) as place:
            await place.desk.take_up(_telegram_of(place))
            await telegram.until(lambda: telegram.texts() == [say("interrupted")])


async def test_what_is_older_than_ten_minutes_is_not_answered_but_said(
    open_place: OpenPlace, telegram: FakeTelegram, rasa: LoopbackRasa
) -> None:
    clock = Later()
    async with open_place(clock=clock) as place:
        await place.desk.accept(incoming())
    clock.ahead = timedelta(minutes=11)
    async with open_place(clock=clock):
        await telegram.until(lambda: telegram.texts() == [say("interrupted")])
    assert rasa.seen == []


async def test_an_answer_that_nobody_can_tell_of_is_excused_once(
    open_place: OpenPlace, telegram: FakeTelegram
) -> None:
    async with open_place() as place:
        telegram.fail("nonsense", chat="42")
        await place.desk.handle(incoming())
        assert telegram.texts() == [say("interrupted")]


@pytest.mark.parametrize("faults", [("500", "503"), ("503",)])
async def test_what_telegram_refused_is_sent_again(
    open_place: OpenPlace, telegram: FakeTelegram, faults: tuple[Fault, ...]
) -> None:
    async with open_place() as place:
        telegram.fail(*faults, chat="42")
        await place.desk.handle(incoming())
        assert telegram.texts()[1:] == ["骑车"]


@pytest.mark.parametrize("fault", ["502", "restart"])
async def test_what_telegram_may_have_taken_is_never_sent_again(
    open_place: OpenPlace, telegram: FakeTelegram, fault: Fault
) -> None:
    async with open_place() as place:
        await place.desk.handle(incoming())
        telegram.fail(fault, chat="42")
        await place.desk.handle(incoming("2"))
        assert telegram.texts()[1:] == ["骑车", "骑车", say("interrupted")]


async def test_who_has_blocked_the_bot_is_left(open_place: OpenPlace, telegram: FakeTelegram) -> None:
    async with open_place() as place:
        telegram.blocked.add("42")
        await place.desk.handle(incoming())
        assert place.services.channels.addresses.find("telegram", "42") is None


async def test_a_limit_is_waited_out(open_place: OpenPlace, telegram: FakeTelegram) -> None:
    async with open_place() as place:
        telegram.fail("429", chat="42")
        await place.desk.handle(incoming())
        assert telegram.texts()[1] == "骑车"
        assert telegram.refused == [("42", 1)]


def test_two_processes_never_take_the_same_update(database: Engine) -> None:
    clock = SteppingClock()
    one, other = (Updates(database, keys=KEYS, clock=clock) for _ in range(2))
    assert one.accept(incoming(received_at=clock.now()))
    assert not other.accept(incoming(received_at=clock.now()))
    assert other.take_left_behind("telegram") == []
    for _ in range(31):
        clock.now()
    [(found, state)] = other.take_left_behind("telegram")
    assert (found.text, found.chat, state) == ("骑车", "42", "received")
    assert one.take_left_behind("telegram") == []
    assert one.advance(found, "answering")
    assert not other.advance(found, "answering")
    assert one.settle(found)
    assert not other.settle(found)
    assert one.counts("telegram") == {"settled": 1}


def _telegram_of(place: Any) -> Any:
    return place.desk._channels["telegram"]
