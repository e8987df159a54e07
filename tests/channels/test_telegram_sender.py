"""A campaign's message on Telegram, and what is told of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import delete, select

from api.channels.words import say
from api.store.tables import conversations
from api.web_channel.tables import notices
from campaigns.content import Link, Picture, Quiz, Rendered
from campaigns.delivery.senders import Outgoing, Refused, Sent
from tests.api.parts import CLAUSE, LoopbackRasa
from tests.channels.conftest import OpenPlace, Place
from tests.channels.fake_telegram import FakeTelegram, Fault

CONTENT = Rendered(
    text="绿色出行日 <b>骑车</b> & 走路。",
    picture=Picture("https://example.org/bike.png", "一辆自行车"),
    links=(Link("地图", "https://example.org/map"),),
    quick_replies=("停放点在哪里",),
    quiz=Quiz("多远一处？", ("五十米", "五百米"), 1, "办法写的是“每五百米一处”。", CLAUSE.id),
    pledge="这周骑车三次",
    clause_ids=(CLAUSE.id,),
)


TAKEN_UNSAID = ("502", "restart", "dropped")
"""What the chat has got although Telegram's answer is a failure."""


async def begun(place: Place, telegram: FakeTelegram) -> Outgoing:
    """Somebody who has written, and a message for them."""
    await place.post(telegram.said("你好"))
    await telegram.until(lambda: len(telegram.texts()) == 2)
    await place.desk.close()
    address = place.services.channels.addresses.find("telegram", "42")
    assert address is not None
    return Outgoing(1, "run-1", address.person, "telegram", CONTENT, "run-1:1")


def sender_of(place: Place) -> Any:
    return place.services.campaigning.senders["telegram"]


async def test_a_message_goes_out_whole_and_its_buttons_work(
    open_place: OpenPlace, telegram: FakeTelegram, rasa: LoopbackRasa
) -> None:
    async with open_place() as place:
        outgoing = await begun(place, telegram)
        assert sender_of(place).send(outgoing) == Sent()
        last = telegram.sent[-1]
        assert last.html == "绿色出行日 &lt;b&gt;骑车&lt;/b&gt; &amp; 走路。\n多远一处？\n这周骑车三次"
        assert last.fields["link_preview_options"]["url"] == "https://example.org/bike.png"
        buttons = telegram.buttons()
        assert list(buttons) == ["地图", "五十米", "五百米", say("pledge_label"), "停放点在哪里"]
        for pressed in ("五十米", "五百米", say("pledge_label")):
            await place.post(telegram.pressed(buttons[pressed]))
        with place.services.engine.connect() as connection:
            row = connection.execute(select(notices)).one()
        assert row.chosen == 0
        assert row.pledged_at is not None
        await place.post(telegram.pressed(buttons["停放点在哪里"]))
        await telegram.until(lambda: telegram.texts()[-1] == "停放点在哪里")
        assert rasa.seen[-1]["metadata"]["prompt"]["clause_ids"] == [CLAUSE.id]


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        ("403", Refused("blocked", "forbidden")),
        ("429", Refused("retry", "too_many", 1.0)),
        ("500", Refused("retry", "http_500", 5.0)),
        ("503", Refused("retry", "http_503", 5.0)),
        ("502", Refused("unknown", "http_502")),
        ("restart", Refused("unknown", "http_500")),
        ("nonsense", Refused("unknown", "telegramerror")),
        ("dropped", Refused("unknown", "networkerror")),
    ],
)
async def test_what_went_wrong_is_told_truly(
    open_place: OpenPlace, telegram: FakeTelegram, fault: Fault, outcome: Refused
) -> None:
    async with open_place() as place:
        outgoing = await begun(place, telegram)
        telegram.fail(fault, chat="42")
        before = len(telegram.texts())
        assert sender_of(place).send(outgoing) == outcome
        assert len(telegram.texts()) - before == (fault in TAKEN_UNSAID)
        forgotten = place.services.channels.addresses.find("telegram", "42") is None
        assert forgotten == (fault == "403")


async def test_nobody_is_sent_to_where_nobody_confirmed_or_the_address_is_gone(
    open_place: OpenPlace, telegram: FakeTelegram
) -> None:
    async with open_place() as place:
        outgoing = await begun(place, telegram)
        sender = sender_of(place)
        assert sender.send(replace(outgoing, person="nobody")) == Refused("blocked", "address_gone")
        long = replace(outgoing, content=replace(CONTENT, text="字" * 5000))
        assert sender.send(long) == Refused("permanent", "too_long")
        place.services.channels.confirmations.withdraw("telegram", by="li")
        assert sender.send(outgoing) == Refused("retry", "not_confirmed", 600.0)
        assert len(telegram.texts()) == 2


async def test_a_subscription_outlives_its_unused_conversation(
    open_place: OpenPlace, telegram: FakeTelegram
) -> None:
    async with open_place() as place:
        outgoing = await begun(place, telegram)
        with place.services.engine.begin() as connection:
            connection.execute(delete(conversations))
        assert sender_of(place).send(outgoing) == Sent()
        assert telegram.texts()[-1].startswith("绿色出行日")
