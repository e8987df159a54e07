from __future__ import annotations

import re
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Engine, select, update

from actions.replies import Reply
from api.store.conversations import ConversationStore
from api.store.tables import conversations
from api.tickets import store as store_module
from api.tickets.errors import ConversationGone, TicketTaken, UnknownTicket, WrongWords
from api.tickets.model import Event, Outcome, Ticket
from tests.api.kept import FRIDAY, PHONE, SetClock, talk, tickets_over


class Telegram:
    """A channel of the tests: takes what it is given while it is up."""

    def __init__(self, up: bool = True) -> None:
        self.up, self.sent = up, list[tuple[str, str]]()

    def deliver(self, conversation_id: str, message: Reply) -> Outcome:
        if self.up:
            self.sent.append((conversation_id, message.text))
        return "delivered" if self.up else "undelivered"


def opened(engine: Engine, clock: SetClock, *, channel: str = "web", contact: str | None = None) -> Ticket:
    talk(engine, "c", channel=channel)
    tickets = tickets_over(engine, clock)
    return tickets.open(conversation_id="c", channel=channel, question="旧冰箱怎么换新", contact=contact)


def whats(engine: Engine, ticket: Ticket) -> list[tuple[str, str]]:
    return [(event.what, event.by) for event in tickets_over(engine, SetClock()).events(ticket.id)]


def test_a_new_ticket_says_what_was_asked_where_and_until_when(database: Engine) -> None:
    for number in range(1, 8):
        talk(database, "c", number=number)
    talk(database, "another")
    tickets = tickets_over(database, SetClock())
    ticket = tickets.open(conversation_id="c", channel="web", question="旧冰箱怎么换新", district="渝北区")
    assert re.fullmatch("[2-9A-HJ-NP-Z]{6}", ticket.id)
    assert ticket == Ticket(
        id=ticket.id,
        channel="web",
        state="open",
        conversation_id="c",
        question="旧冰箱怎么换新",
        message_ids=tuple(f"c-{kind}{number}" for number in range(3, 8) for kind in "mr"),
        has_contact=False,
        district="渝北区",
        held_by=None,
        delivered=None,
        created_at=FRIDAY,
        expected_at=ticket.expected_at,
        answered_at=None,
        closed_at=None,
    )
    assert tickets.events(ticket.id) == [Event("opened", "resident", FRIDAY)]
    assert [line.text for line in tickets.transcript(ticket.id)][:3] == [
        "旧冰箱怎么换新",
        "答3",
        "旧冰箱怎么换新",
    ]


def test_the_question_is_masked_once_more(database: Engine) -> None:
    ticket = tickets_over(database, SetClock()).open(
        conversation_id="c", channel="web", question=f"请打{PHONE}给我"
    )
    assert ticket.question == "请打〔电话号码〕给我"


@pytest.mark.parametrize(
    ("channel", "contact", "words"),
    [
        ("web", None, "您的问题已经转给工作人员，受理编号 {id}。预计11月23日（周一）16:00前答复，答复会出现在这个对话里，到时再打开本页就能看到。"),
        ("web", PHONE, "答复会出现在这个对话里，到时再打开本页就能看到。您留下的联系方式已加密保存，只有处理这个问题的工作人员能看到，办结后立即删除。"),
        ("telegram", PHONE, "预计11月23日（周一）16:00前按您留下的联系方式答复您。您留下的联系方式已加密保存"),
        ("telegram", None, "这里暂时收不到答复，请在11月23日（周一）16:00以后拨打 12345"),
    ],
)  # fmt: skip
def test_the_resident_is_told_the_id_and_by_when_and_where_the_answer_comes(
    database: Engine, channel: str, contact: str | None, words: str
) -> None:
    ticket = opened(database, SetClock(), channel=channel, contact=contact)
    told = tickets_over(database, SetClock()).told(ticket)
    assert words.format(id=ticket.id) in told
    assert ticket.id in told
    assert PHONE not in told


def test_a_ticket_is_found_as_it_is_spoken(database: Engine) -> None:
    ticket = opened(database, SetClock())
    spoken = f" {ticket.id[:3].lower()}-{ticket.id[3:]} "
    assert tickets_over(database, SetClock()).get(spoken) == ticket
    with pytest.raises(UnknownTicket, match="'ABC123'"):
        tickets_over(database, SetClock()).get("abc 123")


def test_an_id_in_use_is_not_given_twice(database: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    made = iter(["AAAAAA", "AAAAAA", "BBBBBB"])
    monkeypatch.setattr(store_module, "new_id", lambda: next(made))
    tickets = tickets_over(database, SetClock())
    ids = [tickets.open(conversation_id="c", channel="web", question="问").id for _ in range(2)]
    assert ids == ["AAAAAA", "BBBBBB"]


def test_a_reply_stands_in_the_conversation_and_keeps_it_in_use(database: Engine) -> None:
    clock = SetClock()
    ticket = opened(database, clock)
    clock.later(days=2)
    answered = tickets_over(database, clock).reply(ticket.id, " 请带发票到商场。 ", by="li")
    assert (answered.state, answered.held_by, answered.delivered) == ("answered", "li", True)
    assert answered.answered_at == clock.moment
    said = ConversationStore(database).history("c")[-1]
    assert (said["role"], said["kind"]) == ("assistant", "handoff")
    assert said["text"] == f"工作人员答复（受理编号 {ticket.id}）：\n请带发票到商场。"
    assert said["snapshot"] is None
    with database.connect() as connection:
        assert connection.scalar(select(conversations.c.last_at)) == clock.moment
    assert answered.message_ids == ("c-m1", "c-r1", said["id"])
    assert whats(database, ticket) == [("opened", "resident"), ("replied", "li"), ("delivered", "app")]


def test_who_replied_may_add_something(database: Engine) -> None:
    ticket = opened(database, SetClock())
    tickets = tickets_over(database, SetClock())
    tickets.reply(ticket.id, "一", by="li")
    tickets.reply(ticket.id, "二", by="li")
    assert [line.text.split("\n")[-1] for line in tickets.transcript(ticket.id)][-2:] == ["一", "二"]
    with pytest.raises(TicketTaken, match=rf"{ticket.id} is answered and held by li\. Somebody else was"):
        tickets.reply(ticket.id, "三", by="wang")


@pytest.mark.parametrize("reaches", [True, False])
def test_a_channel_that_can_be_written_to_gets_the_reply_or_the_ticket_says_so(
    database: Engine, reaches: bool
) -> None:
    ticket = opened(database, SetClock(), channel="telegram")
    tickets, telegram = tickets_over(database, SetClock()), Telegram(up=reaches)
    tickets.deliveries["telegram"] = telegram
    assert tickets.reply(ticket.id, "好的", by="li").delivered is reaches
    sent = [("c", f"工作人员答复（受理编号 {ticket.id}）：\n好的")]
    assert telegram.sent == (sent if reaches else [])
    assert whats(database, ticket)[-1] == ("delivered" if reaches else "undelivered", "app")


def test_a_channel_nobody_can_write_to_is_undelivered(database: Engine) -> None:
    ticket = opened(database, SetClock(), channel="wechat")
    tickets = tickets_over(database, SetClock())
    assert (tickets.reaches("web"), tickets.reaches("wechat")) == (True, False)
    assert tickets.reply(ticket.id, "好的", by="li").delivered is False
    assert whats(database, ticket)[-1] == ("undelivered", "app")


def test_two_staff_at_once_and_one_wins(database: Engine) -> None:
    ticket = opened(database, SetClock())
    tickets, start = tickets_over(database, SetClock()), threading.Barrier(4)

    def reply(by: str) -> str:
        start.wait(10)
        try:
            tickets.reply(ticket.id, f"{by} 答", by=by)
        except TicketTaken as error:
            return f"{error.state} {error.held_by}"
        return "won"

    names = ["li", "wang", "zhao", "sun"]
    with ThreadPoolExecutor(4) as threads:
        outcomes = dict(zip(names, threads.map(reply, names), strict=True))
    (winner,) = [name for name, outcome in outcomes.items() if outcome == "won"]
    assert {outcomes[name] for name in names if name != winner} == {f"answered {winner}"}
    handoffs = [
        item["text"] for item in ConversationStore(database).history("c") if item.get("kind") == "handoff"
    ]
    assert handoffs == [f"工作人员答复（受理编号 {ticket.id}）：\n{winner} 答"]


def test_a_held_ticket_is_answered_by_who_holds_it_and_can_be_taken_over(database: Engine) -> None:
    ticket = opened(database, SetClock())
    tickets = tickets_over(database, SetClock())
    assert tickets.take(ticket.id, by="li").held_by == "li"
    with pytest.raises(TicketTaken, match="taken and held by li"):
        tickets.take(ticket.id, by="wang")
    with pytest.raises(TicketTaken):
        tickets.take(ticket.id, by="wang", instead_of="zhao")
    with pytest.raises(TicketTaken):
        tickets.reply(ticket.id, "好的", by="wang")
    assert tickets.take(ticket.id, by="wang", instead_of="li").held_by == "wang"
    assert tickets.reply(ticket.id, "好的", by="wang").state == "answered"
    assert whats(database, ticket) == [
        ("opened", "resident"), ("taken", "li"), ("taken", "wang"), ("replied", "wang"), ("delivered", "app"),
    ]  # fmt: skip


def test_a_closed_ticket_stays_as_it_is(database: Engine) -> None:
    ticket = opened(database, SetClock())
    tickets = tickets_over(database, SetClock())
    closed = tickets.close(ticket.id, by="li")
    assert (closed.state, closed.closed_at, closed.question) == ("closed", FRIDAY, "旧冰箱怎么换新")
    for refused in (
        lambda: tickets.close(ticket.id, by="li"),
        lambda: tickets.take(ticket.id, by="li"),
        lambda: tickets.reply(ticket.id, "好的", by="li"),
    ):
        with pytest.raises(TicketTaken, match="A closed ticket stays closed"):
            refused()
    assert whats(database, ticket) == [("opened", "resident"), ("closed", "li")]


def test_a_reply_to_a_conversation_that_is_gone_changes_nothing(database: Engine) -> None:
    tickets = tickets_over(database, SetClock())
    ticket = tickets.open(conversation_id="never stored", channel="web", question="问")
    with pytest.raises(ConversationGone, match=ticket.id):
        tickets.reply(ticket.id, "好的", by="li")
    assert tickets.get(ticket.id) == ticket
    assert whats(database, ticket) == [("opened", "resident")]


def test_what_is_due_first_comes_first(database: Engine) -> None:
    clock = SetClock()
    tickets = tickets_over(database, clock)
    ids = []
    for _ in range(3):
        ids.append(tickets.open(conversation_id="c", channel="web", question="问").id)
        clock.later(hours=-1)
    tickets.take(ids[0], by="li")
    assert [ticket.id for ticket in tickets.listed()] == ids[::-1]
    assert [ticket.id for ticket in tickets.listed(["open"])] == [ids[2], ids[1]]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda tickets, one: tickets.reply(one, "  ", by="li"), "this one has 0"),
        (lambda tickets, one: tickets.reply(one, "长" * 2001, by="li"), "this one has 2001"),
        (lambda tickets, one: tickets.reply(one, "好", by=" "), "is no name"),
        (lambda tickets, one: tickets.take(one, by="x" * 65), "is no name"),
    ],
)
def test_words_that_cannot_be_used_are_refused(database: Engine, call: object, message: str) -> None:
    ticket = opened(database, SetClock())
    with pytest.raises(WrongWords, match=message):
        call(tickets_over(database, SetClock()), ticket.id)  # type: ignore[operator]
    assert whats(database, ticket) == [("opened", "resident")]


def test_a_ticket_erased_while_its_reply_is_on_the_way_is_left_alone(database: Engine) -> None:
    ticket = opened(database, SetClock(), channel="telegram")
    tickets = tickets_over(database, SetClock())

    class Erasing:
        def deliver(self, conversation_id: str, message: Reply) -> Outcome:
            with database.begin() as connection:
                table = store_module.tickets
                connection.execute(update(conversations).values(channel="x"))
                connection.execute(table.delete().where(table.c.id == ticket.id))
            return "delivered"

    tickets.deliveries["telegram"] = Erasing()
    with pytest.raises(UnknownTicket):
        tickets.reply(ticket.id, "好的", by="li")
