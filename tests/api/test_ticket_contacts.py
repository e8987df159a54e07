from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from api.migrations import upgrade
from api.store.tables import contact_stash, tickets
from api.tickets.contacts import ContactBox, ContactStash
from api.tickets.errors import ContactUnreadable, WrongWords
from knowledge.store import create_engine_for
from tests.api.kept import KEYS, PHONE, SetClock, tables_with, talk, tickets_over


def stash_over(engine: Engine, clock: SetClock, key: str = KEYS.contact_key) -> ContactStash:
    return ContactStash(engine, box=ContactBox(key), clock=clock)


def files_with(folder: Path, words: str) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if words.encode() in path.read_bytes())


@pytest.fixture
def file_database(tmp_path: Path) -> Engine:
    url = f"sqlite:///{tmp_path / 'lvxiaoyu.db'}"
    upgrade(url)
    return create_engine_for(url)


def test_a_contact_is_nowhere_in_the_files_and_its_ciphertext_is(
    file_database: Engine, tmp_path: Path
) -> None:
    talk(file_database, "c")
    stash_over(file_database, SetClock()).put("p", PHONE)
    contact = stash_over(file_database, SetClock()).take("p")
    assert contact == PHONE
    tickets_over(file_database, SetClock()).open(
        conversation_id="c", channel="web", question="旧冰箱怎么换新", contact=contact
    )
    with file_database.connect() as connection:
        sealed = connection.scalar(select(tickets.c.contact))
    assert sealed is not None
    file_database.dispose()  # the last connection brings the log into the file
    assert files_with(tmp_path, sealed) == ["lvxiaoyu.db"]
    assert files_with(tmp_path, PHONE) == []


def test_closing_takes_the_ciphertext_out_of_the_files(file_database: Engine, tmp_path: Path) -> None:
    talk(file_database, "c")
    service = tickets_over(file_database, SetClock())
    ticket = service.open(conversation_id="c", channel="web", question="问", contact=PHONE)
    with file_database.connect() as connection:
        sealed = connection.scalar(select(tickets.c.contact))
    assert sealed is not None
    assert files_with(tmp_path, sealed)
    service.close(ticket.id, by="li")
    assert files_with(tmp_path, sealed) == []  # with the app's connections still open
    assert service.contact_of(ticket.id, by="li") is None


def test_looking_at_a_contact_is_written_down_and_the_contact_is_not(database: Engine) -> None:
    talk(database, "c")
    service = tickets_over(database, SetClock())
    ticket = service.open(conversation_id="c", channel="web", question="问", contact=f"  {PHONE}  王女士 ")
    assert ticket.has_contact
    assert service.contact_of(ticket.id, by="li") == f"{PHONE} 王女士"
    assert [(event.what, event.by) for event in service.events(ticket.id)] == [
        ("opened", "resident"),
        ("contact_shown", "li"),
    ]
    assert tables_with(database, PHONE) == []


def test_after_closing_nobody_gets_the_contact(database: Engine) -> None:
    talk(database, "c")
    service = tickets_over(database, SetClock())
    ticket = service.open(conversation_id="c", channel="web", question="问", contact=PHONE)
    assert not service.close(ticket.id, by="li").has_contact
    assert service.contact_of(ticket.id, by="li") is None
    assert [event.what for event in service.events(ticket.id)] == ["opened", "closed"]
    with database.connect() as connection:
        assert connection.scalars(select(tickets.c.contact)).all() == [None]


def test_another_key_opens_no_contact(database: Engine) -> None:
    talk(database, "c")
    ticket = tickets_over(database, SetClock()).open(
        conversation_id="c", channel="web", question="问", contact=PHONE
    )
    with pytest.raises(ContactUnreadable, match="secrets/contact_key"):
        tickets_over(database, SetClock(), key="k" * 40).contact_of(ticket.id, by="li")


def test_a_contact_moved_to_another_ticket_opens_no_more() -> None:
    box = ContactBox("k" * 40)
    sealed = box.seal(PHONE, owner="AAAAAA")
    assert box.unseal(sealed, owner="AAAAAA") == PHONE
    assert box.seal(PHONE, owner="AAAAAA") != sealed
    with pytest.raises(ContactUnreadable):
        box.unseal(sealed, owner="BBBBBB")


def test_a_stashed_contact_is_taken_once(database: Engine) -> None:
    stash = stash_over(database, SetClock())
    assert not stash.holds("p")
    stash.put("p", "13900000000")
    stash.put("p", PHONE)
    stash.put("q", "a@example.org")
    assert stash.holds("p")
    assert (stash.take("p"), stash.take("p")) == (PHONE, None)
    assert not stash.holds("p")
    assert stash.take("q") == "a@example.org"


@pytest.mark.parametrize(("minutes", "taken"), [(59.9, PHONE), (60, None)])
def test_a_stashed_contact_expires_after_an_hour(database: Engine, minutes: float, taken: str | None) -> None:
    clock = SetClock()
    stash = stash_over(database, clock)
    stash.put("p", PHONE)
    clock.later(minutes=minutes)
    assert stash.holds("p") is (taken is not None)
    assert stash.take("p") == taken
    with database.connect() as connection:
        assert connection.execute(select(contact_stash)).all() == []


def test_leaving_the_form_drops_the_contact(database: Engine) -> None:
    stash = stash_over(database, SetClock())
    stash.put("p", PHONE)
    assert tables_with(database, PHONE) == []
    stash.drop("p")
    stash.drop("p")
    assert stash.take("p") is None


def test_a_stashed_contact_of_another_key_is_as_none(database: Engine) -> None:
    stash_over(database, SetClock()).put("p", PHONE)
    assert stash_over(database, SetClock(), key="k" * 40).take("p") is None


@pytest.mark.parametrize("contact", ["", "  ", "1" * 121])
def test_what_is_no_contact_is_refused(database: Engine, contact: str) -> None:
    with pytest.raises(WrongWords, match="1 to 120 characters"):
        stash_over(database, SetClock()).put("p", contact)
    with pytest.raises(WrongWords, match="1 to 120 characters"):
        tickets_over(database, SetClock()).open(
            conversation_id="c", channel="web", question="问", contact=contact
        )
