"""The plain HTTP channel, written as docs/channels.md tells, against a receiver on loopback."""

from __future__ import annotations

import inspect
from typing import Any

from api.channels import webhook as module
from api.channels.words import say
from campaigns.content import Rendered
from campaigns.delivery.senders import Outgoing, Refused, Sent
from tests.api.parts import LoopbackRasa
from tests.channels.conftest import OpenPlace
from tests.channels.fake_webhook import Receiver, post


async def choosing(body: dict[str, Any]) -> tuple[int, Any]:
    reply = {
        "kind": "clarify",
        "text": f"您问：{body['message']}",
        "suggestions": [
            {"label": "骑车", "message": "骑车去公园"},
            {"label": "走路", "message": "走路去公园"},
        ],
        "request_id": body["metadata"]["request_id"],
    }
    return 200, [{"custom": reply}]


async def test_a_message_is_answered_once_and_its_choices_have_numbers(
    open_place: OpenPlace, webhook: dict[str, Any], receiver: Receiver, rasa: LoopbackRasa
) -> None:
    rasa.handler = choosing
    async with open_place(**webhook) as place:
        said = {"id": "m1", "chat": "c1", "text": "怎么去公园"}
        assert (await post(place.client, said)).json() == {"accepted": True}
        assert (await post(place.client, said)).json() == {"accepted": False}
        await place.desk.close()
        await post(place.client, {"id": "m2", "chat": "c1", "text": "2"})
        await place.desk.close()
        first, second = receiver.got
        assert (first["chat"], first["in_reply_to"]) == ("c1", "m1")
        assert first["texts"][0].startswith("隐私说明")
        assert first["texts"][1:] == ["您问：怎么去公园\n\n回复数字选择：\n1. 骑车\n2. 走路"]
        assert second["texts"][0].startswith("您问：走路去公园")


async def test_what_is_forged_replayed_or_senseless_is_refused(
    open_place: OpenPlace, webhook: dict[str, Any], receiver: Receiver
) -> None:
    async with open_place(**webhook) as place:
        said = {"id": "m1", "chat": "c1", "text": "你好"}
        assert (await post(place.client, said, signature="0" * 64)).status_code == 403
        assert (await post(place.client, said, age_s=400)).status_code == 403
        assert (await post(place.client, said | {"id": ""})).status_code == 422
        assert (await post(place.client, said | {"kind": "telepathy"})).status_code == 422
        assert receiver.got == []


async def test_a_failed_delivery_is_excused_and_a_gone_chat_left(
    open_place: OpenPlace, webhook: dict[str, Any], receiver: Receiver
) -> None:
    async with open_place(**webhook) as place:
        receiver.status = 500
        await post(place.client, {"id": "m1", "chat": "c1", "text": "你好"})
        await place.desk.close()
        assert [len(each["texts"]) for each in receiver.got] == [2, 1]
        assert receiver.got[1]["texts"] == [say("interrupted")]
        receiver.status = 410
        await post(place.client, {"id": "m2", "chat": "c1", "text": "你好"})
        await place.desk.close()
        assert place.services.channels.addresses.find("webhook", "c1") is None


async def test_a_campaigns_message_goes_the_same_way(
    open_place: OpenPlace, webhook: dict[str, Any], receiver: Receiver
) -> None:
    import asyncio

    async with open_place(**webhook) as place:
        await post(place.client, {"id": "m1", "chat": "c1", "text": "你好"})
        await place.desk.close()
        address = place.services.channels.addresses.find("webhook", "c1")
        assert address is not None
        sender = place.services.campaigning.senders["webhook"]
        outgoing = Outgoing(1, "run", address.person, "webhook", Rendered("出行日到了"), "run:1")
        assert await asyncio.to_thread(sender.send, outgoing) == Sent()
        assert receiver.got[-1] == {"chat": "c1", "id": "run:1", "texts": ["出行日到了"]}
        for status, outcome in (
            (503, Refused("retry", "status_503", 30.0)),
            (410, Refused("blocked", "status_410")),
            (400, Refused("permanent", "status_400")),
        ):
            receiver.status = status
            assert await asyncio.to_thread(sender.send, outgoing) == outcome


async def test_the_export_tells_all_and_words_do_what_commands_do(
    open_place: OpenPlace, webhook: dict[str, Any], receiver: Receiver, rasa: LoopbackRasa
) -> None:
    async with open_place(**webhook) as place:
        for at, text in enumerate(("隐私说明", "骑车去公园", "导出我的记录"), 1):
            await post(place.client, {"id": f"m{at}", "chat": "c1", "text": text})
            await place.desk.close()
        assert [len(each["texts"]) for each in receiver.got] == [1, 1, 1]
        exported = receiver.got[2]["texts"][0]
        assert "您：骑车去公园" in exported
        assert "我：骑车去公园" in exported
        assert [seen["message"] for seen in rasa.seen] == ["骑车去公园"]


def test_it_is_written_in_under_150_lines() -> None:
    assert len(inspect.getsource(module).splitlines()) < 150
