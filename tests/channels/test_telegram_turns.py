"""A resident's way through Telegram: from an update to what the chat shows."""

from __future__ import annotations

import asyncio
from typing import Any

from sqlalchemy import select

from api.channels.tables import channel_addresses, channel_updates
from api.channels.words import say
from api.store.tables import feedback, messages
from campaigns.model import Subscriber
from tests.api.parts import LoopbackRasa
from tests.channels.conftest import OpenPlace
from tests.channels.fake_telegram import USERNAME, FakeTelegram


async def card(body: dict[str, Any]) -> tuple[int, Any]:
    """An answer with a card, choices and hostile words."""
    quote = "公园周边设置自行车停放点"
    reply = {
        "kind": "answer",
        "text": f"有停放点 <script>alert(1)</script>。\n· 第一部分（二）：“{quote}”\n以官方通知为准。",
        "force": "duty",
        "citations": [
            {
                "clause_id": "xx-2024-1#1.2", "document_id": "xx-2024-1", "document_title": "某区办法",
                "clause_label": "第一部分（二）", "quote": quote, "start": 0, "end": 11,
                "url": "/policies/xx-2024-1?span=1.2:0-11#1.2",
            }
        ],
        "suggestions": [
            {"label": "还有呢", "message": "还有什么规定"},
            {"label": "很长的", "message": "一个长到按钮里装不下的问题" * 4},
        ],
        "request_id": body["metadata"]["request_id"],
    }  # fmt: skip
    return 200, [{"custom": reply}]


async def test_a_first_message_is_answered_behind_the_privacy_notice(
    open_place: OpenPlace, telegram: FakeTelegram
) -> None:
    async with open_place() as place:
        assert (await place.post(telegram.said("骑车去公园"))).json() == {"ok": True}
        await telegram.until(lambda: len(telegram.texts()) == 2)
        notice, answer = telegram.texts()
        assert notice.startswith("隐私说明")
        assert "境外" in notice
        assert "14周岁" in notice
        assert answer == "骑车去公园"
        await place.post(telegram.said("再问一句"))
        await telegram.until(lambda: len(telegram.texts()) == 3)
        assert telegram.texts()[2] == "再问一句"


async def test_a_card_is_html_with_its_quote_its_link_and_buttons(
    open_place: OpenPlace, telegram: FakeTelegram, rasa: LoopbackRasa
) -> None:
    rasa.handler = card
    async with open_place() as place:
        await place.post(telegram.said("停放点"))
        await telegram.until(lambda: len(telegram.texts()) == 2)
        html = telegram.sent[-1].html
        assert html == (
            "有停放点 &lt;script&gt;alert(1)&lt;/script&gt;。\n· 第一部分（二）：\n"
            "<blockquote>公园周边设置自行车停放点</blockquote>\n以官方通知为准。\n"
            '<a href="https://lvxiaoyu.example.org/policies/xx-2024-1?span=1.2:0-11#1.2">'
            "📄 《某区办法》第一部分（二）</a>"
        )
        buttons = telegram.buttons()
        assert list(buttons) == ["还有呢", "很长的", "👍 有用", "👎 没用"]
        assert buttons["还有呢"] == "t:还有什么规定"
        await place.post(telegram.pressed(buttons["很长的"]))
        await telegram.until(lambda: len(telegram.texts()) == 3)
        assert rasa.seen[-1]["message"] == "一个长到按钮里装不下的问题" * 4


async def test_a_thumb_is_kept_and_asks_for_a_reason(
    open_place: OpenPlace, telegram: FakeTelegram, rasa: LoopbackRasa
) -> None:
    rasa.handler = card
    async with open_place() as place:
        await place.post(telegram.said("停放点"))
        await telegram.until(lambda: len(telegram.texts()) == 2)
        thumb = telegram.buttons()["👎 没用"]
        await place.post(telegram.pressed(thumb))
        await telegram.until(lambda: any(call == "editMessageReplyMarkup" for call, _ in telegram.calls))
        markup = next(fields for call, fields in telegram.calls if call == "editMessageReplyMarkup")
        reasons = [each for row in markup["reply_markup"]["inline_keyboard"] for each in row]
        await place.post(telegram.pressed(reasons[0]["callback_data"]))
        await place.post(telegram.pressed(thumb, chat=43))  # somebody else's message opens nothing
        with place.services.engine.connect() as connection:
            kept = connection.execute(select(feedback.c.useful, feedback.c.reason)).all()
        assert [tuple(row) for row in kept] == [(False, reasons[0]["callback_data"].split(":")[3])]
        told = [fields.get("text") for call, fields in telegram.calls if call == "answerCallbackQuery"]
        assert say("thanks_not_useful") in told


async def test_a_button_of_somebody_elses_conversation_says_nothing(
    open_place: OpenPlace, telegram: FakeTelegram, rasa: LoopbackRasa
) -> None:
    rasa.handler = card
    async with open_place() as place:
        await place.post(telegram.said("停放点"))
        await place.post(telegram.said("你好", chat=43))
        await telegram.until(lambda: len(telegram.sent) == 4)
        theirs = telegram.buttons(42)["很长的"]
        asked = len(rasa.seen)
        await place.post(telegram.pressed(theirs, chat=43))
        await telegram.until(lambda: any(call == "answerCallbackQuery" for call, _ in telegram.calls))
        assert len(rasa.seen) == asked
        answered = [fields["text"] for call, fields in telegram.calls if call == "answerCallbackQuery"]
        assert answered == [say("choice_gone")]


async def test_an_update_that_comes_twice_is_answered_once(
    open_place: OpenPlace, telegram: FakeTelegram
) -> None:
    async with open_place() as place:
        first, second = telegram.said("甲问题"), telegram.said("乙问题")
        await asyncio.gather(*(place.post(update) for update in (second, first, second, first, second)))
        await telegram.until(lambda: len(telegram.texts()) == 3)
        await place.post(first)
        await place.desk.close()
        assert sorted(telegram.texts()[1:]) == ["乙问题", "甲问题"]
        with place.services.engine.connect() as connection:
            states = connection.execute(select(channel_updates.c.state, channel_updates.c.sealed)).all()
        assert [tuple(row) for row in states] == [("settled", None), ("settled", None)]


async def test_what_cannot_be_read_is_met_kindly(open_place: OpenPlace, telegram: FakeTelegram) -> None:
    file = {"file_id": "a", "file_unique_id": "b"}
    photo = file | {"width": 1, "height": 1}
    sticker = photo | {"type": "regular", "is_animated": False, "is_video": False}
    sent = [
        ("sticker", telegram.said(None, sticker=sticker)),
        ("voice", telegram.said(None, voice=file | {"duration": 1})),
        ("photo", telegram.said(None, photo=[photo])),
        ("file", telegram.said(None, document=file)),
        ("unknown", telegram.said(None, location={"latitude": 29.5, "longitude": 106.5})),
    ]
    async with open_place() as place:
        await place.post(telegram.said("你好"))
        await telegram.until(lambda: len(telegram.texts()) == 2)
        for at, (kind, update) in enumerate(sent, 3):
            await place.post(update)
            await telegram.until(lambda at=at: len(telegram.texts()) == at)
            assert telegram.texts()[-1] == say(kind)
        await place.post(telegram.said("😀"))
        await telegram.until(lambda: len(telegram.texts()) == 8)
        assert "我在呢" in telegram.texts()[-1]
        assert (await place.post(telegram.update(chat_boost={"x": 1}))).json() == {"ok": True}
        assert (await place.post(telegram.said("字" * 1001))).json() == {"ok": True}
        await telegram.until(lambda: len(telegram.texts()) == 9)
        assert telegram.texts()[-1] == say("too_long", length=1001, most=1000)


async def test_an_edited_message_is_answered_anew(open_place: OpenPlace, telegram: FakeTelegram) -> None:
    async with open_place() as place:
        await place.post(telegram.update(edited_message=telegram.message("改过的话") | {"edit_date": 1}))
        await telegram.until(lambda: len(telegram.texts()) == 3)
        assert telegram.texts()[1:] == [say("edited"), "改过的话"]


async def test_commands_and_posters_say_what_they_stand_for(
    open_place: OpenPlace, telegram: FakeTelegram, rasa: LoopbackRasa
) -> None:
    async with open_place() as place:
        for text in ("/start week", "/subscribe", "/unsubscribe", "/help", "/topics", "/privacy", "/start"):
            await place.post(telegram.said(text))
        await telegram.until(lambda: len(telegram.texts()) == 8)
        assert [seen["message"] for seen in rasa.seen] == ["绿色消费活动周有哪些活动？", "订阅", "退订"]
        texts = telegram.texts()
        assert texts[4] == say("help")
        assert "家电以旧换新" in texts[5]
        assert texts[6].startswith("隐私说明")
        assert texts[7] == say("start")


async def test_in_a_group_only_who_means_the_bot_is_answered(
    open_place: OpenPlace, telegram: FakeTelegram, rasa: LoopbackRasa
) -> None:
    async with open_place() as place:
        group = {"chat": -100, "kind": "supergroup"}
        await place.post(telegram.said("今天天气好", user=5, **group))
        await place.post(telegram.said("@another_bot 你好", user=5, **group))
        await place.post(telegram.said(f"@{USERNAME} 骑车", user=5, **group))
        await telegram.until(lambda: len(telegram.texts(-100)) == 2)
        await place.post(telegram.said(f"请问@{USERNAME} 停车", user=6, **group))
        await telegram.until(lambda: len(telegram.texts(-100)) == 4)
        assert [seen["message"] for seen in rasa.seen] == ["骑车", "请问 停车"]
        assert rasa.seen[0]["sender"] != rasa.seen[1]["sender"]
        assert "reply_parameters" in telegram.sent[0].fields


async def test_who_blocks_the_bot_is_forgotten_and_subscribed_no_more(
    open_place: OpenPlace, telegram: FakeTelegram
) -> None:
    async with open_place() as place:
        await place.post(telegram.said("你好"))
        await telegram.until(lambda: len(telegram.texts()) == 2)
        book, subscriptions = place.services.channels.addresses, place.services.subscriptions
        address = book.find("telegram", "42")
        assert address is not None
        subscriber = Subscriber(address.person, "telegram")
        subscriptions.subscribe(
            subscriber=subscriber, topics=["绿色出行"], wording=place.services.terms.wording, message_id="m1"
        )
        assert book.chat_of("telegram", address.person) == "42"
        await place.post(telegram.member("member", "kicked"))
        await place.desk.close()
        ended = subscriptions.subscriptions_of(subscriber=subscriber, include_ended=True)
        assert [each.end_reason for each in ended] == ["unreachable"]
        assert book.find("telegram", "42") is None
        await place.post(telegram.member("kicked", "member"))
        await telegram.until(lambda: len(telegram.texts()) == 4)
        assert telegram.texts()[3] == say("welcome_back")


async def test_no_address_no_name_and_no_text_stands_in_the_store_in_clear(
    open_place: OpenPlace, telegram: FakeTelegram
) -> None:
    async with open_place() as place:
        await place.post(telegram.said("你好", chat=987654321))
        await telegram.until(lambda: len(telegram.texts(987654321)) == 2)
        await place.desk.close()
        with place.services.engine.connect() as connection:
            rows = [
                str(tuple(row))
                for table in (channel_addresses, channel_updates, messages)
                for row in connection.execute(select(table))
            ]
        assert rows
        assert not any("987654321" in row or "张三" in row for row in rows)


async def test_erasing_takes_the_address_along(open_place: OpenPlace, telegram: FakeTelegram) -> None:
    async with open_place() as place:
        await place.post(telegram.said("你好"))
        await telegram.until(lambda: len(telegram.texts()) == 2)
        address = place.services.channels.addresses.find("telegram", "42")
        assert address is not None
        await place.services.retention.erase(address.conversation_id)
        assert place.services.channels.addresses.find("telegram", "42") is None
        await place.post(telegram.said("又来了"))
        await telegram.until(lambda: len(telegram.texts()) == 4)
        assert telegram.texts()[2].startswith("隐私说明")


async def test_a_forged_or_senseless_webhook_gets_nowhere(
    open_place: OpenPlace, telegram: FakeTelegram, rasa: LoopbackRasa
) -> None:
    async with open_place() as place:
        assert (await place.post(telegram.said("你好"), secret="forged")).status_code == 403
        assert (await place.post(telegram.said("你好"), secret="")).status_code == 403
        assert (await place.post(["no object"])).status_code == 400
        assert (await place.post({"update_id": "x"})).status_code == 400
        assert (await place.post({"update_id": 5, "message": "no message"})).json() == {"ok": True}
        assert rasa.seen == []
        assert telegram.sent == []


async def test_telegram_is_off_until_it_is_confirmed(open_place: OpenPlace, telegram: FakeTelegram) -> None:
    async with open_place(confirmed=False) as place:
        assert (await place.post(telegram.said("你好"))).status_code == 404
        assert telegram.calls == []
        place.services.channels.confirmations.confirm("telegram", by="li")
        assert (await place.post(telegram.said("你好"))).json() == {"ok": True}
        await telegram.until(lambda: len(telegram.texts()) == 2)
        place.services.channels.confirmations.withdraw("telegram", by="wang")
        assert (await place.post(telegram.said("你好"))).status_code == 404


async def test_the_webhook_is_announced_with_its_secret(
    open_place: OpenPlace, telegram: FakeTelegram
) -> None:
    async with open_place() as place:
        await telegram.until(lambda: any(call == "setMyCommands" for call, _ in telegram.calls))
        assert telegram.webhook["url"] == "https://lvxiaoyu.example.org/channels/telegram"
        assert telegram.webhook["secret_token"] == place.app.state.telegram.secret
        assert set(telegram.webhook["allowed_updates"]) == {
            "message", "edited_message", "callback_query", "my_chat_member",
        }  # fmt: skip


async def test_polling_takes_each_update_once(open_place: OpenPlace, telegram: FakeTelegram) -> None:
    first, second = telegram.said("甲问题"), telegram.said("乙问题", chat=43)
    telegram.push(second, first, second, {"update_id": 103, "message": "nonsense"}, first)
    telegram.fail("500", "nonsense", method="getUpdates")
    async with open_place(telegram_updates="polling"):
        await telegram.until(lambda: len(telegram.sent) == 4, 30)
        assert telegram.texts(42)[1:] == ["甲问题"]
        assert telegram.texts(43)[1:] == ["乙问题"]
