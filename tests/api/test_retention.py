from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select

from api.dialogue.client import DialogueClient
from api.dialogue.errors import DialogueUnavailable
from api.feedback import Feedback
from api.migrations import upgrade
from api.retention import erasure as erasure_module
from api.retention import keeping as keeping_module
from api.retention.erasure import Erasure, Swept
from api.retention.keeping import Retention
from api.store.tables import conversations, ticket_events
from api.tickets.contacts import ContactBox, ContactStash
from knowledge.store import create_engine_for
from tests.api.kept import FRIDAY, KEYS, PHONE, SetClock, everything, tables_with, talk, tickets_over
from tests.api.parts import LoopbackRasa


class Dialogue:
    """Forgets, and remembers what it forgot; or is down."""

    def __init__(self, up: bool = True) -> None:
        self.up, self.forgot = up, list[list[str]]()

    async def forget(self, senders: Sequence[str]) -> None:
        if not self.up:
            raise DialogueUnavailable("connection")
        self.forgot.append(list(senders))


def erasure_over(engine: Engine, clock: SetClock, keep_days: int = 90) -> Erasure:
    return Erasure(engine, pseudonym=KEYS.pseudonym, clock=clock, keep_days=keep_days)


def retention_over(engine: Engine, clock: SetClock, dialogue: Dialogue | DialogueClient | None) -> Retention:
    return Retention(erasure_over(engine, clock), dialogue=dialogue, keep_days=90, look_every_s=0.01)


def live(engine: Engine, conversation_id: str, clock: SetClock) -> str:
    """A conversation with all that can hang on it. Returns its ticket's id."""
    answer = talk(engine, conversation_id, clock.now())
    Feedback(engine, clock=clock).judge(answer, useful=False, comment=f"{conversation_id} 不好")
    stash = ContactStash(engine, box=ContactBox(KEYS.contact_key), clock=clock)
    stash.put(KEYS.pseudonym(conversation_id), PHONE)
    ticket = tickets_over(engine, clock).open(
        conversation_id=conversation_id,
        channel="web",
        question=f"{conversation_id} 怎么办",
        contact=PHONE,
        district="渝北区",
    )
    tickets_over(engine, clock).reply(ticket.id, f"{conversation_id} 这样办", by="li")
    return ticket.id


def ids(engine: Engine) -> list[str]:
    with engine.connect() as connection:
        return sorted(connection.scalars(select(conversations.c.id)))


async def test_erasing_leaves_nothing_with_the_conversations_id(database: Engine) -> None:
    clock, dialogue = SetClock(), Dialogue()
    ticket_id = live(database, "conversation-of-lan", clock)
    other = live(database, "another", clock)
    pseudonym = KEYS.pseudonym("conversation-of-lan")
    traces = ("conversation-of-lan", pseudonym, ticket_id)
    assert [len(tables_with(database, trace)) for trace in traces] == [4, 2, 3]
    untouched = {
        name: [row for row in rows if not any(trace in repr(row) for trace in traces)]
        for name, rows in everything(database).items()
    }

    assert await retention_over(database, clock, dialogue).erase("conversation-of-lan")

    assert [tables_with(database, trace) for trace in traces] == [[], [], []]
    assert everything(database) == untouched
    assert tickets_over(database, clock).get(other).has_contact
    assert dialogue.forgot == [[pseudonym]]


async def test_erasing_takes_the_words_out_of_the_file(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'lvxiaoyu.db'}"
    upgrade(url)
    engine, clock = create_engine_for(url), SetClock()
    live(engine, "conversation-of-lan", clock)

    def files() -> list[str]:
        return [
            path.name
            for path in tmp_path.iterdir()
            if "conversation-of-lan 不好".encode() in path.read_bytes()
        ]

    assert files()
    await retention_over(engine, clock, Dialogue()).erase("conversation-of-lan")
    assert files() == []  # with the app's connections still open
    engine.dispose()


async def test_what_is_erased_while_the_dialogue_is_down_is_forgotten_later(database: Engine) -> None:
    clock, dialogue = SetClock(), Dialogue(up=False)
    retention = retention_over(database, clock, dialogue)
    for name in ("c", "d"):
        talk(database, name)
        assert not await retention.erase(name)
        clock.later(seconds=1)
    assert ids(database) == []
    assert not await retention.forget_pending()
    pseudonyms = [KEYS.pseudonym("c"), KEYS.pseudonym("d")]
    assert erasure_over(database, clock).to_forget(10) == pseudonyms

    dialogue.up = True
    assert await retention.forget_pending()
    assert dialogue.forgot == [pseudonyms]
    assert await retention.forget_pending()
    assert dialogue.forgot == [pseudonyms]
    assert everything(database)["forget_later"] == []


async def test_a_dialogue_that_hangs_does_not_hold_up_who_asked(
    database: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Hanging(Dialogue):
        async def forget(self, senders: Sequence[str]) -> None:
            await asyncio.Event().wait()

    monkeypatch.setattr(keeping_module, "ERASING_WAITS_S", 0.01)
    talk(database, "c")
    assert not await retention_over(database, SetClock(), Hanging()).erase("c")
    assert (ids(database), erasure_over(database, SetClock()).to_forget(9)) == ([], [KEYS.pseudonym("c")])


async def test_erasing_twice_while_the_dialogue_is_down_is_remembered_once(database: Engine) -> None:
    retention = retention_over(database, SetClock(), Dialogue(up=False))
    for _ in range(2):
        assert not await retention.erase("c")
    assert erasure_over(database, SetClock()).to_forget(10) == [KEYS.pseudonym("c")]


async def test_a_rasa_that_fails_is_asked_again_over_http(
    database: Engine, rasa: LoopbackRasa, dialogue: DialogueClient
) -> None:
    status = 503

    async def answer(body: dict[str, Any]) -> tuple[int, Any]:
        return status, b""

    rasa.handler = answer
    retention = retention_over(database, SetClock(), dialogue)
    assert not await retention.erase("c")
    status = 204
    assert await retention.forget_pending()
    assert rasa.seen == [{"senders": [KEYS.pseudonym("c")]}] * 2
    assert everything(database)["forget_later"] == []


def test_the_last_day_is_the_ninetieth(database: Engine) -> None:
    for seconds, name in ((-1, "older"), (0, "as old"), (1, "younger")):
        talk(database, name, FRIDAY - timedelta(days=90) + timedelta(seconds=seconds))
    assert erasure_over(database, SetClock()).sweep() == Swept(conversations=2, tickets=0, contacts=0)
    assert ids(database) == ["younger"]
    assert erasure_over(database, SetClock()).to_forget(10) == sorted(
        map(KEYS.pseudonym, ("as old", "older"))
    )


def test_what_was_used_again_is_kept(database: Engine) -> None:
    talk(database, "c", FRIDAY - timedelta(days=200))
    talk(database, "c", FRIDAY - timedelta(days=1), number=2)
    assert erasure_over(database, SetClock()).sweep() == Swept(0, 0, 0)
    assert ids(database) == ["c"]


def test_a_reply_of_staff_counts_as_use(database: Engine) -> None:
    clock = SetClock()
    talk(database, "c")
    ticket = tickets_over(database, clock).open(conversation_id="c", channel="web", question="问")
    clock.later(days=89)
    tickets_over(database, clock).reply(ticket.id, "好的", by="li")
    clock.later(days=89)
    assert erasure_over(database, clock).sweep() == Swept(0, 0, 0)
    clock.later(days=1)
    assert erasure_over(database, clock).sweep() == Swept(1, 1, 0)


def test_of_an_old_ticket_only_figures_are_left(database: Engine) -> None:
    clock = SetClock()
    closed, unfinished = live(database, "conversation-one", clock), live(database, "conversation-two", clock)
    tickets_over(database, clock).close(closed, by="li")
    closed_at = clock.moment
    clock.later(days=90)

    assert erasure_over(database, clock).sweep() == Swept(conversations=2, tickets=2, contacts=0)

    assert tables_with(database, "conversation-one") == []
    assert tables_with(database, "conversation-two") == []
    for ticket_id, ended_at in ((closed, closed_at), (unfinished, clock.moment)):
        ticket = tickets_over(database, clock).get(ticket_id)
        left = (ticket.state, ticket.channel, ticket.district, ticket.created_at, ticket.closed_at)
        assert left == ("closed", "web", "渝北区", FRIDAY, ended_at)
        gone = (ticket.conversation_id, ticket.question, ticket.message_ids, ticket.has_contact)
        assert gone == (None, None, (), False)
    with database.connect() as connection:
        expired = select(ticket_events.c.ticket_id).where(ticket_events.c.what == "expired")
        assert connection.scalars(expired).all() == [unfinished]


def test_a_ticket_whose_conversation_was_never_stored_goes_as_well(database: Engine) -> None:
    clock = SetClock()
    ticket = tickets_over(database, clock).open(
        conversation_id="gone", channel="web", question="问", contact=PHONE
    )
    clock.later(days=89)
    assert erasure_over(database, clock).sweep() == Swept(0, 0, 0)
    clock.later(days=1)
    assert erasure_over(database, clock).sweep() == Swept(0, 1, 0)
    assert not tickets_over(database, clock).get(ticket.id).has_contact
    assert erasure_over(database, clock).sweep() == Swept(0, 0, 0)


def test_waiting_contacts_go_when_their_hour_is_over(database: Engine) -> None:
    clock = SetClock()
    ContactStash(database, box=ContactBox(KEYS.contact_key), clock=clock).put("p", PHONE)
    clock.later(minutes=59)
    assert erasure_over(database, clock).sweep() == Swept(0, 0, 0)
    clock.later(minutes=1)
    assert erasure_over(database, clock).sweep() == Swept(0, 0, 1)


def test_many_old_conversations_go_in_several_batches(
    database: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(erasure_module, "BATCH", 2)
    for number in range(5):
        talk(database, f"c{number}", FRIDAY - timedelta(days=100))
    assert erasure_over(database, SetClock()).sweep() == Swept(5, 0, 0)
    assert len(erasure_over(database, SetClock()).to_forget(10)) == 5
    assert everything(database)["messages"] == []


def test_of_processes_that_look_at_once_one_sweeps(database: Engine) -> None:
    clock, start = SetClock(), threading.Barrier(4)

    def claim(_: int) -> bool:
        start.wait(10)
        return erasure_over(database, clock).claim("job", timedelta(hours=1))

    with ThreadPoolExecutor(4) as threads:
        assert sorted(threads.map(claim, range(4))) == [False, False, False, True]
        clock.later(minutes=59)
        assert not any(threads.map(claim, range(4)))
        clock.later(minutes=1)
        assert sorted(threads.map(claim, range(4))) == [False, False, False, True]


async def test_a_look_sweeps_once_an_hour_and_has_the_dialogue_forget(database: Engine) -> None:
    clock, dialogue = SetClock(), Dialogue()
    retention = retention_over(database, clock, dialogue)
    talk(database, "old", FRIDAY - timedelta(days=90))
    await retention.keep_up()
    assert (ids(database), dialogue.forgot) == ([], [[KEYS.pseudonym("old")]])
    talk(database, "old as well", FRIDAY - timedelta(days=90))
    await retention.keep_up()
    assert ids(database) == ["old as well"]
    clock.later(hours=1)
    await retention.keep_up()
    assert (ids(database), len(dialogue.forgot)) == ([], 2)


async def test_another_number_of_days_is_swept_by_at_once(database: Engine) -> None:
    clock = SetClock()
    talk(database, "c", FRIDAY - timedelta(days=40))
    await retention_over(database, clock, Dialogue()).keep_up()
    assert ids(database) == ["c"]
    await Retention(erasure_over(database, clock, 30), dialogue=Dialogue(), keep_days=30).keep_up()
    assert ids(database) == []


async def test_the_loop_goes_on_after_a_failure(database: Engine) -> None:
    class Failing(Dialogue):
        failures = 0

        async def forget(self, senders: Sequence[str]) -> None:
            if self.failures < 2:
                self.failures += 1
                raise RuntimeError("not foreseen")
            await super().forget(senders)
            done.set()

    done, dialogue = asyncio.Event(), Failing()
    talk(database, "old", FRIDAY - timedelta(days=90))
    loop = asyncio.create_task(retention_over(database, SetClock(), dialogue).run())
    try:
        await asyncio.wait_for(done.wait(), 20)
    finally:
        loop.cancel()
    assert (dialogue.failures, dialogue.forgot) == (2, [[KEYS.pseudonym("old")]])


async def test_without_a_dialogue_what_is_to_be_forgotten_waits(database: Engine) -> None:
    retention = retention_over(database, SetClock(), None)
    assert not await retention.erase("c")
    assert erasure_over(database, SetClock()).to_forget(10) == [KEYS.pseudonym("c")]
