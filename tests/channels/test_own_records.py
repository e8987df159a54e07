"""Rights in a chat app: the export is complete, deletion leaves nothing, staff's replies arrive."""

from __future__ import annotations

import asyncio
from typing import Any

from sqlalchemy import insert, select

from actions.tasks.erasing import ERASED
from api.channels.wechat.tables import wechat_waiting, wechat_ways
from api.store.tables import messages
from api.tickets.words import replied
from campaigns.content import Rendered
from campaigns.delivery.senders import Outgoing
from campaigns.model import Subscriber
from tests.api.kept import PHONE, tables_with
from tests.api.parts import CLAUSE, LoopbackRasa
from tests.channels.conftest import OpenPlace, Place
from tests.channels.fake_telegram import FakeTelegram
from tests.channels.test_restarts import incoming

CONTENT = Rendered(
    text="周末骑车去。",
    picture=None,
    links=(),
    quick_replies=(),
    quiz=None,
    pledge="",
    clause_ids=(CLAUSE.id,),
)


async def lived(place: Place, telegram: FakeTelegram) -> Any:
    """Somebody with all that can hang on a chat; gives its address."""
    services = place.services
    for text in ("骑车去公园", "再问一句"):
        await place.post(telegram.said(text))
        await telegram.until(lambda text=text: text in telegram.texts())  # type: ignore[misc]
    await place.desk.close()
    address = services.channels.addresses.find("telegram", "42")
    assert address is not None
    said = select(messages.c.id).where(messages.c.role == "assistant").order_by(messages.c.position)
    with services.engine.connect() as connection:
        first = connection.scalars(said).all()[0]
    services.feedback.judge(first, useful=False, reason="outdated", comment="去年的了")
    services.tickets.open(
        conversation_id=address.conversation_id,
        channel="telegram",
        question="旧车怎么报废",
        contact=PHONE,
        district="渝北区",
    )
    services.subscriptions.subscribe(
        subscriber=Subscriber(address.person, "telegram"),
        topics=[services.subscriptions.offer.topics.names[0]],
        district="渝北区",
        wording=services.terms.wording,
        message_id=first,
    )
    with services.engine.begin() as connection:
        way = {"run_id": "run-1", "person": address.person, "way": "mass", "tagged": False}
        connection.execute(insert(wechat_ways).values(way))
        fetched = {"chat_key": address.chat_key, "promised_at": services.clock.now()}
        connection.execute(insert(wechat_waiting).values(fetched))
    services.web_channel.notices.keep(Outgoing(1, "run-1", address.person, "telegram", CONTENT, "run-1:1"))
    return address


async def test_the_export_names_all_that_the_widgets_export_holds(
    open_place: OpenPlace, telegram: FakeTelegram
) -> None:
    async with open_place() as place:
        await lived(place, telegram)
        topic = place.services.subscriptions.offer.topics.all[0].label
        before = len(telegram.sent)
        await place.post(telegram.said("/export"))
        await telegram.until(lambda: len(telegram.sent) > before)
        await place.desk.close()
        lines = "\n".join(telegram.texts()[before:])
        for told in (
            "您：骑车去公园",
            "我：骑车去公园",
            "活动消息：周末骑车去。",
            "您觉得“骑车去公园…”没用。内容已经过时；去年的了",
            "待处理，渝北区，加密保存了您的联系方式）：旧车怎么报废",
            f"订阅：{topic}；渝北区；没说场所；",
            "；正在订阅",
            f"同意订阅：{topic}",
            "90天没有再用就自动删除",
            "这个聊天的地址",
        ):
            assert told in lines, lines
        assert PHONE not in lines


async def test_the_export_leaves_out_nothing_of_a_long_chat(
    open_place: OpenPlace, telegram: FakeTelegram
) -> None:
    async with open_place() as place:
        address = place.services.channels.addresses.open("telegram", "42")
        for number in range(120):
            await place.app.state.conversations.turn(
                address.conversation_id, f"骑车{number}", request_id=f"r{number}", channel="telegram"
            )
        replies = await place.desk.receive(incoming("900", text="/export"))
        assert [replies[-1].text.count(f"骑车{number}\n") for number in range(119)] == [2] * 119


async def test_deleting_leaves_nothing_that_leads_to_the_chat(
    open_place: OpenPlace, telegram: FakeTelegram, rasa: LoopbackRasa
) -> None:
    async def erases(body: dict[str, Any]) -> tuple[int, Any]:
        form = {"task": "erase", "done": True, "outcome": ERASED}
        reply = {"kind": "form", "text": "已经全部删除。", "form": form}
        return 200, [{"custom": {**reply, "request_id": body["metadata"]["request_id"]}}]

    async with open_place() as place:
        address = await lived(place, telegram)
        traces = (address.conversation_id, address.person, address.chat_key, "骑车去公园", "旧车怎么报废")
        assert all(tables_with(place.services.engine, trace) for trace in traces)
        rasa.handler = erases
        await place.post(telegram.said("删除我的记录"))
        await telegram.until(lambda: telegram.texts()[-1] == "已经全部删除。")
        await place.desk.close()
        left = {trace: set(tables_with(place.services.engine, trace)) for trace in traces}
        assert {trace: tables - {"forget_later"} for trace, tables in left.items()} == {
            trace: set() for trace in traces
        }


async def test_a_staff_members_reply_arrives_in_the_chat(
    open_place: OpenPlace, telegram: FakeTelegram
) -> None:
    async with open_place() as place:
        await lived(place, telegram)
        tickets = place.services.tickets
        [ticket] = tickets.listed()
        answered = await asyncio.to_thread(tickets.reply, ticket.id, "带上行驶证去报废点。", by="li")
        assert (answered.state, answered.delivered) == ("answered", True)
        assert telegram.texts()[-1] == replied(ticket.id, "带上行驶证去报废点。")
        place.services.channels.confirmations.withdraw("telegram", by="li")
        said = len(telegram.texts())
        again = await asyncio.to_thread(tickets.reply, ticket.id, "还有一句。", by="li")
        assert again.delivered is False
        assert len(telegram.texts()) == said
