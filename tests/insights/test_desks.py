"""The staff's side: who may do what, what waits for whom, and what is written down."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from api.accounts.roles import RIGHTS, Actor, Forbidden, Right, Role
from api.desk.inbox import InboxDesk, InboxRefusal
from api.desk.insights import InsightsDesk, Library, Waiting
from api.insights.figures import WrongPeriod
from api.keys import load_keys
from api.migrations import upgrade
from api.services import Services
from api.settings import Settings
from api.store.conversations import ConversationStore
from api.tickets.service import build_tickets
from knowledge.store import create_engine_for
from knowledge.store.tables import EntryRow
from tests.api.kept import KEYS, PHONE, SetClock, everything, tables_with, talk
from tests.api.parts import SentenceAnswerer
from tests.index.tiny import FOOD, knowledge
from tests.insights.conftest import NOON, Shelf
from tests.insights.residents import fill

LI, WANG = (Actor(name, frozenset({Role.editor})) for name in ("li", "wang"))
REVIEWER, VIEWER = Actor("rui", frozenset({Role.reviewer})), Actor("kan", frozenset({Role.viewer}))


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    settings, shelf = Settings(data_dir=tmp_path), Shelf(knowledge())
    upgrade(settings.database)
    engine = create_engine_for(settings.database)
    yield Services(
        settings=settings,
        keys=load_keys(tmp_path / "secrets"),
        engine=engine,
        library=shelf,
        answerer=SentenceAnswerer(shelf),  # type: ignore[arg-type]
        clock=SetClock(NOON),
    )
    engine.dispose()


def ticket(services: Services, conversation: str = "c", contact: str | None = PHONE) -> str:
    talk(services.engine, conversation, asked="电瓶车怎么上牌")
    return services.tickets.open(
        conversation_id=conversation,
        channel="web",
        question="电瓶车怎么上牌",
        contact=contact,
        district="渝北区",
    ).id


NEEDED = {
    InsightsDesk: dict.fromkeys(("draft", "extend", "set_aside", "reopen", "solve"), Right.edit),
    InboxDesk: dict.fromkeys(
        ("listed", "stamp", "now", "open", "take", "reply", "close", "contact", "outcome"), Right.edit
    ),
}


@pytest.mark.parametrize("desk", [InsightsDesk, InboxDesk])
@pytest.mark.parametrize("role", list(Role))
def test_every_call_needs_its_right(services: Services, desk: Any, role: Role) -> None:
    made = desk(services, Actor("somebody", frozenset({role})))
    methods = [name for name, _ in inspect.getmembers(desk, inspect.isfunction) if not name.startswith("_")]
    assert methods
    for name in methods:
        parameters = list(inspect.signature(getattr(made, name)).parameters.values())
        given = [
            0 for each in parameters if each.kind is each.POSITIONAL_OR_KEYWORD and each.default is each.empty
        ]
        named = {
            each.name: 0
            for each in parameters
            if each.kind is each.KEYWORD_ONLY and each.default is each.empty
        }
        allowed = NEEDED[desk].get(name, Right.read) in RIGHTS[role]
        try:
            getattr(made, name)(*given, **named)
        except Forbidden:
            assert not allowed, name
        except Exception:  # noqa: BLE001 - what it was given makes no sense, but it was let in
            assert allowed, name
        else:
            assert allowed, name


def test_what_waits_is_what_the_person_may_do(services: Services) -> None:
    editing = services.editing
    content = {
        "id": "food",
        "question": "小份菜",
        "quotes": [{"clause": FOOD.id, "text": FOOD.text, "start": 0}],
    }
    editing.save(kind="entry", row_id="food", content=content, by="li")
    editing.save(kind="entry", row_id="other", content={**content, "id": "other"}, by="wang")
    with services.engine.begin() as connection:  # in review, without the checks that a review begins with
        connection.exec_driver_sql("UPDATE drafts SET state = 'in_review' WHERE row_id = 'other'")
    first = ticket(services)
    second = ticket(services, "d")
    services.tickets.take(second, by="wang")
    services.clock.later(days=3)  # type: ignore[attr-defined]

    def seen(actor: Actor) -> tuple[list[str], list[str], list[str], list[str]]:
        waiting = InsightsDesk(services, actor).waiting()
        return (
            [draft.row_id for draft in waiting.to_review],
            [draft.row_id for draft in waiting.mine],
            [each.id for each in waiting.tickets],
            [each.id for each in waiting.overdue],
        )

    assert seen(LI) == ([], ["food"], [first], [first])
    assert set(seen(WANG)[2]) == {first, second}
    assert seen(REVIEWER)[0] == ["other"]
    assert InsightsDesk(services, VIEWER).waiting() == Waiting()


def test_what_ends_within_thirty_days_waits_for_everybody(services: Services) -> None:
    at, day = services.clock.now(), services.clock.today()
    with Session(services.engine) as session:
        session.add(
            EntryRow(
                id="ends", question="快到期的", plain=None, force=None, valid_from=None, valid_to=day.replace(day=30),
                tags=[], programmes=[], state="published", content_hash="x", shipped_hash=None, updated_at=at,
                updated_by="li",
            )
        )  # fmt: skip
        session.commit()
    (ending,) = InsightsDesk(services, VIEWER).waiting().ending
    assert (ending.kind, ending.id, ending.title, ending.days_left) == ("entry", "ends", "快到期的", 9)


def test_a_fresh_installation_is_told_as_such(services: Services) -> None:
    desk = InsightsDesk(services, LI)
    assert not desk.asked_anything()
    assert desk.library() == Library(documents=1, entries=2, programmes=1)
    assert (desk.groups(), desk.fresh()) == ([], [])
    fill(services.engine, knowledge(), last_day=services.clock.today(), days=2, a_day=10)
    assert desk.asked_anything()


def test_fresh_gaps_grow_this_week_and_are_about_what_the_library_is_about(services: Services) -> None:
    fill(services.engine, knowledge(), last_day=services.clock.today(), days=20, a_day=40)
    desk = InsightsDesk(services, LI)
    fresh = desk.fresh(100)
    assert fresh
    assert all(
        group.this_week > group.week_before and group.state == "open" and not group.out_of_scope
        for group in fresh
    )
    assert desk.fresh(1) == fresh[:1]
    desk.set_aside(fresh[0].id, revision=0)
    assert fresh[0].id not in {group.id for group in desk.fresh(100)}


def test_the_figures_file_is_that_of_the_overview(services: Services) -> None:
    fill(services.engine, knowledge(), last_day=services.clock.today(), days=3, a_day=20)
    desk = InsightsDesk(services, VIEWER)
    period = desk.last_days(7)
    file = desk.figures_file(period.first, period.last).decode("utf-8-sig")
    assert f"合计,所选时段,提问,{desk.overview(period.first, period.last).total.questions}\r\n" in file
    with pytest.raises(WrongPeriod, match="早于"):
        desk.overview(period.last, period.first)


def test_a_group_becomes_a_draft_in_the_name_of_whoever_asks_for_it(services: Services) -> None:
    fill(services.engine, knowledge(), last_day=services.clock.today(), days=8, a_day=20)
    desk = InsightsDesk(services, LI)
    group = desk.groups()[0]
    drafted = desk.draft(group.id, revision=0)
    assert services.editing.draft(drafted.draft).author == "li"
    assert desk.group(group.id).state == "drafted"
    assert [line["by"] for line in everything(services.engine)["audit_log"]] == ["li", "li"]
    rows = desk.groups_file({group.id}).decode("utf-8-sig").splitlines()
    assert len(rows) == 2
    assert rows[1].startswith(f"{group.question},已起草,{group.count},")


def test_a_ticket_is_taken_answered_and_closed_and_the_resident_reads_the_answer(services: Services) -> None:
    desk, name = InboxDesk(services, LI), ticket(services)
    opened = desk.open(name)
    assert [line.text for line in opened.lines] == ["电瓶车怎么上牌", "答1"]
    assert (opened.reachable, opened.late, opened.ticket.state) == (True, False, "open")
    services.clock.later(days=4)  # type: ignore[attr-defined]
    assert desk.open(name).late
    assert desk.take(name).held_by == "li"
    assert desk.reply(name, "到车管所办理。").delivered
    assert "到车管所办理。" in ConversationStore(services.engine).history("c")[-1]["text"]
    assert [event.what for event in desk.open(name).events] == ["opened", "taken", "replied", "delivered"]
    assert not desk.open(name).late
    assert not desk.close(name).has_contact
    assert desk.listed(["open", "taken", "answered"]) == []


def test_of_two_the_second_is_told_who_was_first_in_words(services: Services) -> None:
    li, wang, name = InboxDesk(services, LI), InboxDesk(services, WANG), ticket(services)
    li.take(name)
    with pytest.raises(InboxRefusal, match="已由 li 处理，没有改动"):
        wang.take(name)
    with pytest.raises(InboxRefusal, match="已由 li 处理"):
        wang.reply(name, "我来答")
    assert "我来答" not in repr(everything(services.engine)["messages"])
    assert wang.take(name, instead_of="li").held_by == "wang"
    wang.close(name)
    with pytest.raises(InboxRefusal, match="已经关闭"):
        li.close(name)


@pytest.mark.parametrize(
    ("text", "told"), [("  ", "1 到 2000 个字"), ("长" * 2001, "1 到 2000 个字")], ids=["empty", "too long"]
)
def test_a_reply_of_no_use_is_refused_in_words(services: Services, text: str, told: str) -> None:
    name = ticket(services)
    with pytest.raises(InboxRefusal, match=told):
        InboxDesk(services, LI).reply(name, text)


def test_what_is_no_longer_there_is_said_in_words(services: Services, tmp_path: Path) -> None:
    desk, name = InboxDesk(services, LI), ticket(services)
    with pytest.raises(InboxRefusal, match="没有这张工单"):
        desk.open("NOSUCH")
    with services.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM conversations")
    with pytest.raises(InboxRefusal, match="对话已经删除"):
        desk.reply(name, "您好")
    other_key = build_tickets(services.settings, KEYS, services.engine, services.clock)
    services.tickets = other_key
    with pytest.raises(InboxRefusal, match="联系方式无法解密"):
        InboxDesk(services, LI).contact(name)


def test_whoever_looks_at_a_contact_is_written_down_twice_and_the_contact_nowhere(services: Services) -> None:
    desk, name = InboxDesk(services, LI), ticket(services)
    assert tables_with(services.engine, PHONE) == []
    assert desk.contact(name) == PHONE
    assert [event.what for event in desk.open(name).events] == ["opened", "contact_shown"]
    (line,) = everything(services.engine)["audit_log"]
    assert (line["by"], line["what"], line["kind"], line["subject"]) == (
        "li",
        "ticket.contact_shown",
        "ticket",
        name,
    )
    assert tables_with(services.engine, PHONE) == []


def test_every_step_with_a_ticket_stands_in_the_journal_without_words(services: Services) -> None:
    desk, name = InboxDesk(services, LI), ticket(services)
    desk.take(name)
    desk.reply(name, "到车管所办理。")
    desk.close(name)
    lines = everything(services.engine)["audit_log"]
    assert [line["what"] for line in lines] == ["ticket.taken", "ticket.replied", "ticket.closed"]
    assert "车管所" not in repr(lines)
    assert "上牌" not in repr(lines)


def test_the_stamp_of_the_inbox_changes_with_every_step(services: Services) -> None:
    desk, stamps = InboxDesk(services, LI), []
    stamps.append(desk.stamp())
    name = ticket(services)
    stamps.append(desk.stamp())
    for step in (desk.take, desk.contact, desk.close):
        step(name)
        stamps.append(desk.stamp())
    assert len(set(stamps)) == 5
    assert desk.stamp() == stamps[-1]
