"""Notices over HTTP: kept once, shown to whoever holds the conversation's token, counted in sum."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import text

from actions.context import Prompt
from actions.replies import Reply
from api.web_channel.sender import WebSender
from campaigns.content import Message, Picture
from campaigns.delivery.senders import Refused, Sent
from campaigns.model import Subscriber, Wording
from campaigns.rendering import problems
from tests.api.parts import CLAUSE
from tests.web_channel.conftest import CONTENT, RUN, World


async def test_what_is_sent_twice_is_kept_once(world: World) -> None:
    sender = world.services.web_channel.sender
    assert [sender.send(world.outgoing("c1")) for _ in range(3)] == [Sent(), Sent(), Sent()]
    notices = (await world.get("c1", "/notices")).json()["notices"]
    assert [notice["text"] for notice in notices] == [CONTENT.text]


async def test_a_person_without_a_conversation_can_no_longer_be_reached(world: World) -> None:
    gone = world.services.web_channel.sender.send(world.outgoing("never-was"))
    assert gone == Refused("blocked", "conversation_gone")


async def test_many_are_kept_in_one_go_and_each_has_an_answer_of_its_own(world: World) -> None:
    sender = world.services.web_channel.sender
    await world.notified("c1", delivery=1)
    deliveries = [
        world.outgoing("c1", 1),
        world.outgoing("never-was", 2),
        world.outgoing("c1", 3),
        world.outgoing("c1", 3),
    ]
    gone = Refused("blocked", "conversation_gone")
    assert sender.send_many(deliveries) == [Sent(), gone, Sent(), Sent()]
    assert len((await world.get("c1", "/notices")).json()["notices"]) == 2


async def test_a_notice_tells_all_but_the_quizs_right_option(world: World) -> None:
    notice_id = await world.notified("c1")
    (notice,) = (await world.get("c1", "/notices")).json()["notices"]
    assert notice["id"] == notice_id
    assert (notice["kind"], notice["text"]) == ("notice", CONTENT.text)
    assert [cited["clause_id"] for cited in notice["citations"]] == [CLAUSE.id]
    assert notice["suggestions"] == [{"label": "停放点在哪里", "message": "停放点在哪里"}]
    assert notice["campaign"] == {
        "opened": False,
        "picture": {
            "url": "https://example.org/bike.png",
            "alternative": "一辆停在公园门口的自行车",
            "own": False,
        },
        "links": [
            {"label": "骑行地图", "url": f"/r/{RUN}/0"},
            {"label": "办法解读", "url": f"/r/{RUN}/1"},
        ],
        "quiz": {
            "question": "公园周边多远一处停放点？",
            "options": ["五十米", "五百米"],
            "chosen": None,
            "right": None,
            "message": None,
        },
        "pledge": {"text": "这周骑车出门三次", "taken": False},
    }
    assert "每五百米" not in str(notice["campaign"])


@pytest.mark.parametrize("path", ["/notices", "/notices/stream"])
async def test_nobody_reads_notices_without_the_conversations_token(world: World, path: str) -> None:
    await world.notified("c1")
    address = f"/api/v1/conversations/c1{path}"
    without = await world.client.get(address)
    other = await world.client.get(address, headers=world.holder("c2"))
    assert (without.status_code, other.status_code) == (401, 404)


async def test_nobody_acts_on_the_notice_of_another_conversation(world: World) -> None:
    notice = await world.notified("c1")
    assert (await world.post("c2", f"{notice}/quiz", {"option": 1})).status_code == 404
    assert (await world.post("c2", f"{notice}/pledge", {})).status_code == 404
    assert (await world.post("c2", "opened", {"ids": [notice]})).status_code == 204
    assert world.sums() == {}


async def test_an_opened_notice_counts_once_and_waits_no_more(world: World) -> None:
    notice = await world.notified("c1")
    for _ in range(2):
        assert (await world.post("c1", "opened", {"ids": [notice]})).status_code == 204
    assert (await world.get("c1", "/notices")).json() == {"notices": []}
    assert world.sums() == {("opened", "0"): 1}


async def test_the_history_holds_notices_where_they_came(world: World) -> None:
    await world.notified("c1")
    await world.ask("c1", "停放点")
    messages = (await world.get("c1")).json()["messages"]
    told = [(message["role"], "campaign" in message) for message in messages]
    asked, said = ("resident", False), ("assistant", False)
    assert told == [asked, said, ("assistant", True), asked, said]


async def test_the_first_option_taken_stays_and_counts_once(world: World) -> None:
    notice = await world.notified("c1")
    wrong = (await world.post("c1", f"{notice}/quiz", {"option": 0})).json()
    again = (await world.post("c1", f"{notice}/quiz", {"option": 1})).json()
    assert wrong == again
    assert (wrong["chosen"], wrong["right"]) == (0, 1)
    assert wrong["message"]["text"] == "差一点，正确答案是“五百米”。办法写的是“每五百米一处”。"
    (cited,) = wrong["message"]["citations"]
    assert (cited["clause_id"], cited["quote"]) == (CLAUSE.id, "每五百米一处")
    assert CLAUSE.text[cited["start"] : cited["end"]] == cited["quote"]
    assert world.sums() == {("quiz", "0"): 1}
    await world.notified("c2", 2)
    other = world.services.web_channel.notices.of("c2")[0].id
    right = (await world.post("c2", f"{other}/quiz", {"option": 1})).json()
    assert right["message"]["text"] == "答对了！办法写的是“每五百米一处”。"
    assert world.sums() == {("quiz", "0"): 1, ("quiz", "1"): 1}


@pytest.mark.parametrize("body", [{"option": 2}, {"option": -1}, {"option": "1"}, {"option": True}, {}])
async def test_an_option_that_the_quiz_has_not_is_refused(world: World, body: dict[str, object]) -> None:
    notice = await world.notified("c1")
    assert (await world.post("c1", f"{notice}/quiz", body)).status_code == 422
    assert world.sums() == {}


async def test_a_pledge_counts_once(world: World) -> None:
    notice = await world.notified("c1")
    for _ in range(2):
        assert (await world.post("c1", f"{notice}/pledge", {})).json() == {"taken": True}
    assert world.sums() == {("pledge", "0"): 1}
    (shown,) = (await world.get("c1", "/notices")).json()["notices"]
    assert shown["campaign"]["pledge"]["taken"] is True


async def test_a_link_leads_on_and_counts_clicks_without_persons(world: World) -> None:
    for _ in range(3):
        response = await world.client.get(f"/r/{RUN}/1")
        assert (response.status_code, response.headers["location"]) == (302, "https://example.org/read")
        assert "set-cookie" not in response.headers
    await world.client.head(f"/r/{RUN}/1")
    await world.client.get(f"/r/{RUN}/0", headers={"sec-purpose": "prefetch"})
    assert world.sums() == {("clicked", "1"): 3}


@pytest.mark.parametrize("path", [f"/r/{RUN}/2", "/r/nowhere/0", f"/r/{RUN}/x"])
async def test_a_link_that_no_run_has_leads_nowhere(world: World, path: str) -> None:
    assert (await world.client.get(path)).status_code in {404, 422}
    assert world.sums() == {}


async def test_a_test_send_is_kept_but_counts_nothing(world: World) -> None:
    world.services.web_channel.sender.send(world.outgoing("c1", run_id="test-of-li", idempotency_key="t"))
    (notice,) = (await world.get("c1", "/notices")).json()["notices"]
    assert [link["url"] for link in notice["campaign"]["links"]] == [link.url for link in CONTENT.links]
    await world.post("c1", "opened", {"ids": [notice["id"]]})
    await world.post("c1", f"{notice['id']}/quiz", {"option": 1})
    assert world.sums() == {}


async def test_what_is_asked_after_a_notice_counts_for_a_day(world: World) -> None:
    notice = await world.notified("c1")
    await world.ask("c1", "停放点")
    assert world.sums() == {}, "nobody had seen it"
    await world.post("c1", "opened", {"ids": [notice]})
    await world.ask("c1", "停放点")
    await world.ask("c1", "？！")
    await world.ask("c2", "停放点")
    assert world.sums() == {("opened", "0"): 1, ("asked", "0"): 1}


async def test_the_first_message_after_a_notice_replies_to_it(world: World) -> None:
    seen = world.services.web_channel.aftermath.seen
    notice = await world.notified("c1")
    assert seen("c1", "怎么参加").prompt is None
    await world.post("c1", "opened", {"ids": [notice]})
    assert seen("c1", "怎么参加").prompt == Prompt(CONTENT.text, (CLAUSE.id,), None)
    await world.ask("c1", "停放点")
    assert seen("c1", "怎么参加").prompt is None
    quick = seen("c1", "停放点在哪里")
    assert quick.prompt is not None
    assert quick.notice is not None
    assert quick.notice.id == notice


async def test_who_has_all_deleted_after_a_notice_counts_as_unsubscribed_once(world: World) -> None:
    for number, conversation_id in enumerate(("c1", "c2"), start=1):
        world.services.subscriptions.subscribe(
            subscriber=Subscriber(world.person(conversation_id), "web"),
            topics=world.services.subscriptions.offer.topics.names[:2],
            wording=Wording("1", "我愿意收到消息。"),
            message_id=f"m-{number}",
        )
        await world.notified(conversation_id, number)
    (unopened,) = (await world.get("c1", "/notices")).json()["notices"]
    await world.post("c1", "opened", {"ids": [unopened["id"]]})
    for conversation_id in ("c1", "c2"):  # c2 never saw the message
        left = await world.client.delete(
            f"/api/v1/conversations/{conversation_id}", headers=world.holder(conversation_id)
        )
        assert left.status_code == 204
    assert world.sums() == {("opened", "0"): 1, ("unsubscribed", "0"): 1}
    assert world.services.subscriptions.count() == 0


async def test_erasing_a_conversation_takes_its_notices_along(world: World) -> None:
    await world.notified("c1")
    await world.services.retention.erase("c1")
    with world.services.engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM notices")).scalar_one() == 0


async def test_a_picture_is_served_by_its_hash_and_never_changes(world: World) -> None:
    png = b"\x89PNG\r\n\x1a\n" + b"0" * 20
    pictures = world.services.web_channel.pictures
    address = pictures.keep(png, by="li")
    assert pictures.keep(png, by="wang") == address
    response = await world.client.get(address)
    assert (response.content, response.headers["content-type"]) == (png, "image/png")
    assert "immutable" in response.headers["cache-control"]
    assert response.headers["cross-origin-resource-policy"] == "cross-origin"
    assert (await world.client.get("/media/" + "0" * 64)).status_code == 404


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"<svg onload='alert(1)'/>", "不是 PNG、JPEG 或 WebP"),
        (b"\xff\xd8\xff" + b"0" * 1_000_000, "最多 1 MB"),
    ],
)
async def test_what_is_no_fit_picture_is_refused_in_words(world: World, data: bytes, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        world.services.web_channel.pictures.keep(data, by="li")


async def test_a_reply_goes_to_whoever_answers_with_what_it_replies_to(world: World) -> None:
    notice = await world.notified("c1")
    await world.post("c1", "opened", {"ids": [notice]})
    heard: list[object] = []
    answers = world.services.answerer.reply

    def listening(question: str, *, context: object = None, **given: Any) -> Reply:
        heard.append(context)
        return answers(question, **given)

    world.services.answerer.reply = listening  # type: ignore[method-assign]
    await world.ask("c1", "停放点有没有")
    await world.ask("c1", "停放点还有没有")
    assert [context.prompt for context in heard] == [Prompt(CONTENT.text, (CLAUSE.id,), None), None]  # type: ignore[attr-defined]


def test_a_message_may_show_a_picture_that_the_app_keeps() -> None:
    own = Picture("/media/" + "a" * 64, "一辆自行车")
    message = Message({"default": replace(CONTENT, picture=own, quiz=None)})
    found = problems(message, {"web": WebSender.capabilities})
    assert [one.code for one in found] == []
