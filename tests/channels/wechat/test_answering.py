"""A resident writes to the official account: in time, late, twice, in every kind of message."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable

import pytest
import xmltodict
from sqlalchemy import select

from api.channels.tables import channel_addresses, channel_updates
from api.channels.wechat.channel import parts_of
from api.channels.wechat.reading import Received, answer_xml
from api.channels.wechat.tables import wechat_waiting, wechat_windows
from tests.channels.fake_wechat import FakeWeChat, Fault
from tests.channels.wechat.conftest import OpenWorld, World

QUESTION = "自行车停放点在哪里"
ANSWER = "公园周边设置自行车停放点"


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110 - the fake's thread tells nobody
            await asyncio.sleep(0.02)


async def known(world: World, who: str = "oAlice") -> None:
    """Somebody who has seen the privacy notice."""
    await world.phone.says("/help", who=who)
    await world.at_rest()


@pytest.mark.parametrize("sealed", [False, True])
async def test_an_answer_goes_out_with_the_response(
    open_world: OpenWorld, wechat: FakeWeChat, sealed: bool
) -> None:
    world = await open_world(sealed=sealed)
    await known(world)
    assert await world.phone.says(QUESTION) == ANSWER
    assert wechat.sent == []


async def test_the_first_answer_begins_with_the_privacy_notice(open_world: OpenWorld) -> None:
    world = await open_world()
    text = await world.phone.says(QUESTION)
    assert text is not None
    assert (text.startswith("隐私说明"), text.endswith(ANSWER)) == (True, True)


async def test_a_late_answer_comes_as_a_customer_service_message(
    open_world: OpenWorld, wechat: FakeWeChat
) -> None:
    world = await open_world(within_s=0.3)
    await known(world)
    world.answerer.delay_s = 0.8
    assert await world.phone.says(QUESTION) is None
    await world.at_rest()
    assert wechat.sent == [("oAlice", ANSWER)]


async def test_a_late_answer_is_fetched_with_1_where_the_account_may_not_write(
    open_world: OpenWorld, wechat: FakeWeChat
) -> None:
    world = await open_world(account="basic", within_s=0.4)
    await known(world)
    world.answerer.delay_s = 1.0
    promised = await world.phone.says(QUESTION)
    assert promised == "还在查，请过几秒回复“1”取答案。"
    await world.at_rest()
    assert await world.phone.says("１") == ANSWER
    assert wechat.calls == []


async def test_whoever_fetches_too_early_is_asked_to_wait_and_loses_nothing(open_world: OpenWorld) -> None:
    world = await open_world(account="basic", within_s=0.6)
    await known(world)
    world.answerer.delay_s = 1.3
    await world.phone.says(QUESTION)
    assert await world.phone.says("1") == "还没查完，请再过几秒回复“1”取答案。"
    await world.at_rest()
    assert await world.phone.says("1") == ANSWER


async def test_1_is_a_choice_again_once_nothing_waits(open_world: OpenWorld) -> None:
    world = await open_world(account="basic")
    await known(world)
    first = world.services.channels.addresses.open("wechat", "oAlice")
    assert first.choices
    world.answerer.asked.clear()
    await world.phone.says("1")
    await world.at_rest()
    assert world.answerer.asked == [first.choices[0]]


async def test_a_message_that_comes_twice_at_once_is_answered_once(
    open_world: OpenWorld, wechat: FakeWeChat
) -> None:
    world = await open_world()
    await known(world)
    world.answerer.delay_s = 0.4
    answers = await asyncio.gather(*(world.phone.says(QUESTION, msg_id="77") for _ in range(3)))
    assert Counter(answers) == {ANSWER: 1, None: 2}
    assert await world.phone.says(QUESTION, msg_id="77") is None
    assert (world.answerer.asked, wechat.sent) == ([QUESTION], [])


async def test_a_repeat_gets_the_answer_that_the_first_request_no_longer_waits_for(
    open_world: OpenWorld, wechat: FakeWeChat
) -> None:
    """WeChat hangs up and asks again, as it does when an answer takes longer than it waits."""
    world = await open_world()
    await known(world)
    world.answerer.delay_s = 0.8
    slow = asyncio.create_task(world.phone.says(QUESTION, msg_id="78"))
    await until(lambda: bool(world.answerer.asked))
    slow.cancel()
    assert await world.phone.says(QUESTION, msg_id="78") == ANSWER
    await world.at_rest()
    assert wechat.sent == []


async def test_a_subscriber_is_greeted_and_a_poster_leads_to_its_question(open_world: OpenWorld) -> None:
    world = await open_world()
    greeting = await world.phone.event("subscribe")
    assert "您好，我是绿小渝" in (greeting or "")
    await world.at_rest()
    await world.phone.event("subscribe", who="oBob", EventKey="qrscene_recycle")
    await world.phone.event("SCAN", who="oAlice", EventKey="sorting", CreateTime="1900000000")
    await world.at_rest()
    assert world.answerer.asked == ["旧家电回收有什么规定？", "垃圾怎么分类？"]


async def test_an_event_that_comes_again_is_handled_once(open_world: OpenWorld) -> None:
    world = await open_world()
    first = await world.phone.event("CLICK", EventKey="/help", CreateTime="1900000000")
    await world.at_rest()
    again = await world.phone.event("CLICK", EventKey="/help", CreateTime="1900000000")
    assert (first is not None, again) == (True, None)


async def test_who_stops_following_is_forgotten(open_world: OpenWorld) -> None:
    world = await open_world()
    await known(world)
    assert world.services.channels.addresses.find("wechat", "oAlice") is not None
    assert await world.phone.event("unsubscribe") is None
    await world.at_rest()
    assert world.services.channels.addresses.find("wechat", "oAlice") is None
    with world.services.engine.connect() as connection:
        assert connection.scalars(select(wechat_windows.c.chat_key)).all() == []


@pytest.mark.parametrize(
    ("fields", "begins"),
    [
        ({"MsgType": "image", "PicUrl": "http://x", "MediaId": "m"}, "照片我看不了"),
        ({"MsgType": "voice", "MediaId": "m", "Format": "amr"}, "抱歉，我还听不懂语音"),
        ({"MsgType": "voice", "MediaId": "m", "Recognition": QUESTION}, ANSWER),
        ({"MsgType": "video", "MediaId": "m"}, "文件我打不开"),
        ({"MsgType": "location", "Location_X": "1", "Location_Y": "2"}, "这种消息我还看不懂"),
        ({"MsgType": "hologram"}, "这种消息我还看不懂"),
        ({"MsgType": "text", "Content": "[Unsupported Message]"}, "这个表情真好看"),
        ({"MsgType": "text", "Content": "😀"}, ""),
    ],
)
async def test_every_kind_of_message_gets_a_kind_word(
    open_world: OpenWorld, fields: dict[str, str], begins: str
) -> None:
    world = await open_world()
    await known(world)
    text = await world.phone.posts({"FromUserName": "oAlice", "MsgId": "5", **fields})
    assert (text or "none").startswith(begins)


@pytest.mark.parametrize("event", ["VIEW", "LOCATION", "TEMPLATESENDJOBFINISH", "brand_new_event"])
async def test_events_that_need_no_answer_get_none(open_world: OpenWorld, event: str) -> None:
    world = await open_world()
    assert await world.phone.event(event) is None
    with world.services.engine.connect() as connection:
        assert connection.scalars(select(channel_updates.c.update_id)).all() == []


async def test_script_and_xml_in_a_message_stay_words(open_world: OpenWorld) -> None:
    world = await open_world(sealed=True)
    await known(world)
    text = await world.phone.says("]]></Content><script>alert(1)</script>\u2028自行车停放点")
    assert text == ANSWER


async def test_an_answer_with_the_end_of_a_section_arrives_whole(open_world: OpenWorld) -> None:
    world = await open_world()
    receiver = world.receiver
    xml = answer_xml(Received(None, "gh", "oAlice"), "a ]]> b \x00<c>&")
    assert receiver.envelope.seal(xml) == xml
    assert xmltodict.parse(xml)["xml"]["Content"] == "a ]]> b <c>&"


async def test_no_openid_stands_anywhere_in_clear(open_world: OpenWorld) -> None:
    world = await open_world(account="basic", within_s=0.2)
    world.answerer.delay_s = 0.6
    await world.phone.event("subscribe", who="oSecretOne")
    await world.phone.says(QUESTION, who="oSecretOne")
    await world.at_rest()
    with world.services.engine.connect() as connection:
        for table in (channel_addresses, channel_updates, wechat_waiting, wechat_windows):
            for row in connection.execute(select(table)):
                assert "oSecretOne" not in str(tuple(row))


@pytest.mark.parametrize("code", [45015, 45047, 48001])
async def test_what_customer_service_refuses_waits_to_be_fetched(
    open_world: OpenWorld, wechat: FakeWeChat, code: int
) -> None:
    world = await open_world(within_s=0.3)
    await known(world)
    world.answerer.delay_s = 0.8
    wechat.fail("message/custom/send", Fault(code=code))
    await world.phone.says(QUESTION)
    await world.at_rest()
    world.answerer.delay_s = 0
    reply = await world.phone.says("/topics")
    assert (reply or "").endswith("（前面还有1条答案没看，回复“1”查看）")
    assert await world.phone.says("1") == ANSWER
    assert wechat.sent == []


@pytest.mark.parametrize(
    "fault",
    [Fault(wait_s=4.0, does=True), Fault(status=502, does=True), Fault(nonsense=b"<html>", does=True)],
)
async def test_an_answer_that_may_have_arrived_is_never_sent_again(
    open_world: OpenWorld, wechat: FakeWeChat, fault: Fault
) -> None:
    world = await open_world(within_s=0.3)
    await known(world)
    world.answerer.delay_s = 0.8
    wechat.fail("message/custom/send", fault)
    await world.phone.says(QUESTION)
    await world.at_rest()
    await until(lambda: len(wechat.sent) == 2)
    assert sorted(wechat.sent) == [("oAlice", ANSWER), ("oAlice", "刚才断线了，请再问一次。")]


async def test_a_token_that_ran_out_is_renewed_once_for_all(
    open_world: OpenWorld, wechat: FakeWeChat
) -> None:
    world = await open_world()
    line = world.services.channels.wechat.line  # type: ignore[union-attr]
    line.send_text("oAlice", "first")
    wechat.forget_token()
    await asyncio.gather(*(line.later(line.send_text, "oAlice", str(number)) for number in range(8)))
    assert sorted(text for _, text in wechat.sent) == sorted(["first", *map(str, range(8))])
    assert wechat.tokens_given == 2


async def test_a_long_answer_is_split_at_sentences(open_world: OpenWorld, wechat: FakeWeChat) -> None:
    text = "公园周边设置自行车停放点，每五百米一处。" * 80
    parts = parts_of([text, "第二条。"])
    assert all(len(part.encode()) <= 1888 for part in parts)
    assert all(part.endswith("。") for part in parts)
    assert "".join(parts).replace("\n", "") == text + "第二条。"


async def test_the_parts_of_a_long_answer_are_fetched_one_by_one(open_world: OpenWorld) -> None:
    world = await open_world(account="basic")
    await known(world)
    key = world.chat_key()
    world.receiver._waiting.put(key, ["甲", "乙", "丙"])
    assert await world.phone.says("1") == "甲\n\n（还有2段，回复“1”看下一段）"
    assert await world.phone.says("1") == "乙\n\n（还有1段，回复“1”看下一段）"
    assert await world.phone.says("1") == "丙"
    assert world.receiver._waiting.look(key) is None


async def test_deleting_ones_records_deletes_what_waits(open_world: OpenWorld) -> None:
    world = await open_world(account="basic")
    await known(world)
    key = world.chat_key()
    world.receiver._waiting.put(key, ["甲"])
    address = world.services.channels.addresses.find("wechat", "oAlice")
    assert address is not None
    world.services.retention._erasure.erase(address.conversation_id)
    await world.channel.deliver("oAlice", [], in_reply_to=None)
    assert world.receiver._waiting.look(key) is None
