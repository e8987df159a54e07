"""What a turn leaves, how long, and that it holds no words."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from alembic import command
from sqlalchemy import Engine, inspect, select

from actions.answer import Answerer
from actions.finding import Finding
from actions.replies import Citation, Reply
from api.app import create_app
from api.feedback import Feedback
from api.insights.facts import facts_of
from api.insights.findings import Findings
from api.insights.tables import turn_facts
from api.migrations import config_for, upgrade
from api.retention.erasure import Erasure
from api.store.conversations import ConversationStore, Turn
from index.snapshot import Ingredients, assemble
from tests.api.conftest import MakeServices, browse, make_services
from tests.api.kept import FRIDAY, KEYS, SetClock, everything, tables_with, talk
from tests.index.tiny import CLOTHES, DAY, BigramEncoder, knowledge, ranking

__all__ = ["make_services"]


def cited(clause_id: str = CLOTHES.id, start: int = 0, end: int = 3) -> Citation:
    return Citation(
        clause_id=clause_id, document_id="plan", document_title="方案", clause_label="一", quote="…",
        start=start, end=end, url="/policies/plan",
    )  # fmt: skip


def reply(kind: str, **more: Any) -> Reply:
    fields = {"id": f"{kind}-1", "as_of": DAY, "snapshot": "snap-1", "kind": kind, "text": "答"}
    return Reply.model_validate({**fields, **more})


def rows(engine: Engine) -> list[dict[str, Any]]:
    with engine.connect() as connection:
        return [dict(row) for row in connection.execute(select(turn_facts).order_by("position")).mappings()]


def store(engine: Engine, number: int, *, conversation: str = "c") -> None:
    said = reply("abstain", id=f"r{number}", reason="not_in_library")
    facts = facts_of("渝北的饭盒", [said], finding=Finding(0.1), knowledge=knowledge(), ms=12)
    ConversationStore(engine).record(
        Turn(
            conversation, KEYS.pseudonym(conversation), "web", f"q{number}", f"m{number}", "渝北的饭盒", FRIDAY,
            [said], FRIDAY, False, facts,
        )
    )  # fmt: skip


def test_the_reply_that_counts_is_the_answer_among_what_was_said() -> None:
    replies = [reply("notice"), reply("answer", citations=[cited()], related=[cited("plan#2")])]
    facts = facts_of(
        "渝北旧衣服捐哪里", replies, finding=Finding(0.8, entry="clothes"), knowledge=knowledge(), ms=31
    )
    assert facts is not None
    assert (facts.message_id, facts.kind, facts.probability, facts.document, facts.clause, facts.entry) == (
        "answer-1", "answer", 0.8, "plan", CLOTHES.id, "clothes",
    )  # fmt: skip
    assert (facts.district, facts.ms, facts.snapshot) == ("渝北区", 31, "snap-1")


def test_what_was_found_nearest_stands_for_a_question_without_a_citation() -> None:
    found = Finding(0.3, clause="plan#3", document="plan", district="渝北区")
    facts = facts_of("小份菜", [reply("clarify")], finding=found, knowledge=knowledge(), ms=5)
    assert facts is not None
    assert (facts.document, facts.clause, facts.entry, facts.district) == ("plan", "plan#3", None, "渝北区")


def test_an_entry_is_known_by_its_span_where_the_action_ran_elsewhere() -> None:
    quote = next(entry for entry in knowledge().entries if entry.id == "clothes").quotes[0]
    answer = reply("answer", citations=[cited(quote.clause_id, quote.start, quote.end)])
    facts = facts_of("旧衣服", [answer], finding=Finding(), knowledge=knowledge(), ms=5)
    assert facts is not None
    assert facts.entry == "clothes"


def test_small_talk_has_neither_a_district_nor_a_probability() -> None:
    found = Finding(0.3, clause="plan#3", document="plan", district="渝北区")
    facts = facts_of("渝北你好", [reply("smalltalk")], finding=found, knowledge=knowledge(), ms=5)
    assert facts is not None
    assert (facts.kind, facts.probability, facts.document, facts.clause, facts.district) == (
        "smalltalk", None, None, None, None,
    )  # fmt: skip


def test_a_turn_without_a_reply_leaves_nothing() -> None:
    assert facts_of("你好", [], finding=Finding(), knowledge=None, ms=5) is None


def test_the_answerer_tells_what_it_found() -> None:
    searcher = assemble(knowledge(), Ingredients(BigramEncoder(), ranking()), "snap")
    findings = Findings()
    answerer = Answerer(lambda: searcher, lambda: DAY, findings.note)
    said = answerer.reply("旧衣服可以捐吗", request_id="q1")
    found = findings.take("q1")
    assert said.kind == "answer"
    assert (found.entry, found.clause, found.document) == ("clothes", CLOTHES.id, "plan")
    assert found.probability is not None
    assert found.probability > 0.5
    assert findings.take("q1") == Finding()  # once


def test_of_too_many_findings_the_oldest_are_forgotten() -> None:
    findings = Findings(most=2)
    for number in range(3):
        findings.note(f"q{number}", Finding(number / 10))
    assert [findings.take(f"q{number}").probability for number in range(3)] == [None, 0.1, 0.2]


async def test_a_turn_over_http_leaves_its_facts_and_how_long_it_took(make_services: MakeServices) -> None:
    services = make_services()
    app = create_app(services)
    async with app.router.lifespan_context(app), browse(app) as client:
        first = (await client.post("/api/v1/chat", json={"message": "公园有自行车停放点吗"})).json()
        body = {"message": "外星人在哪里", "conversation_id": first["conversation_id"]}
        second = (await client.post("/api/v1/chat", json=body)).json()
        rating = {"message_id": second["messages"][0]["id"], "useful": False, "reason": "other"}
        assert (await client.post("/api/v1/feedback", json=rating)).status_code == 204
    found = rows(services.engine)
    assert [(row["kind"], row["clause"], row["reason"], row["opened"], row["rated"]) for row in found] == [
        ("answer", "xx-2024-1#1.2", None, True, None),
        ("abstain", None, "not_in_library", False, False),
    ]
    assert [row["message_id"] for row in found] == [each["messages"][0]["id"] for each in (first, second)]
    assert [row["rated_for"] for row in found] == [None, "other"]
    assert all(0 <= row["ms"] < 60_000 for row in found)
    assert all(row["degraded"] for row in found)  # no dialogue in this app
    assert "自行车" not in repr(found)


def test_a_fact_and_its_turn_are_stored_together_or_not_at_all(database: Engine) -> None:
    store(database, 1)
    said = reply("answer", id="r2")
    facts = facts_of("好", [said], finding=Finding(), knowledge=None, ms=1)
    assert facts is not None
    broken = Turn(
        "d", "p", "w" * 33, "q2", "m2", "好", FRIDAY, [said, said], FRIDAY, False, facts
    )  # fmt: skip
    with pytest.raises(Exception, match=r"(?i)unique|too long"):
        ConversationStore(database).record(broken)
    assert [row["message_id"] for row in rows(database)] == ["r1"]


def test_the_figures_outlive_a_conversation_deleted_for_its_age(database: Engine) -> None:
    clock = SetClock()
    store(database, 1)
    Feedback(database, clock=clock).judge("r1", useful=False, reason="outdated", comment="不对")
    clock.later(days=90)
    Erasure(database, pseudonym=KEYS.pseudonym, clock=clock, keep_days=90).sweep()
    left = everything(database)
    assert (left["conversations"], left["messages"], left["feedback"]) == ([], [], [])
    (row,) = rows(database)
    assert {name: value for name, value in row.items() if name not in ("position", "at")} == {
        "message_id": None, "question_id": None, "kind": "abstain", "reason": "not_in_library",
        "probability": 0.1, "document": None, "clause": None, "entry": None, "district": "渝北区", "ms": 12,
        "channel": "web", "snapshot": "snap-1", "degraded": False, "opened": True, "rated": False,
        "rated_for": "outdated",
    }  # fmt: skip
    assert tables_with(database, "饭盒") == []


def test_at_a_residents_word_the_facts_go_as_well(database: Engine) -> None:
    store(database, 1)
    store(database, 2, conversation="d")
    Erasure(database, pseudonym=KEYS.pseudonym, clock=SetClock(), keep_days=90).erase("c")
    assert [row["message_id"] for row in rows(database)] == ["r2"]


def test_a_second_rating_replaces_the_first_in_the_facts(database: Engine) -> None:
    store(database, 1)
    feedback = Feedback(database, clock=SetClock())
    feedback.judge("r1", useful=False, reason="other")
    feedback.judge("r1", useful=True)
    assert [(row["rated"], row["rated_for"]) for row in rows(database)] == [(True, None)]


def test_turns_of_an_older_store_get_their_facts(database: Engine) -> None:
    for number in (1, 2):
        talk(database, "c", FRIDAY + timedelta(minutes=number), number=number, kind="abstain")
    talk(database, "d", kind="smalltalk")
    with database.connect() as connection:
        command.downgrade(config_for(connection), "0012")
        connection.commit()
    assert "turn_facts" not in inspect(database).get_table_names()
    with database.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO feedback (message_id, useful, given_at, reason)"
            f" VALUES ('c-r2', {'0' if database.dialect.name == 'sqlite' else 'false'}, '2026-11-20 09:00:00', 'other')"
        )
    upgrade(database)
    assert sorted(
        (
            row["message_id"],
            row["question_id"],
            row["kind"],
            row["opened"],
            row["rated"],
            row["rated_for"],
            row["at"],
        )
        for row in rows(database)
    ) == [
        ("c-r1", "c-m1", "abstain", True, None, None, FRIDAY + timedelta(minutes=1)),
        ("c-r2", "c-m2", "abstain", False, False, "other", FRIDAY + timedelta(minutes=2)),
        ("d-r1", "d-m1", "smalltalk", True, None, None, FRIDAY),
    ]
