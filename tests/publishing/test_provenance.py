"""Where an answer came from, how many got it, and the correction to those who did."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import delete, func, select

from actions.finding import Finding
from actions.replies import Citation, Reply
from api.insights.facts import facts_of
from api.insights.tables import turn_facts
from api.publishing.corrections import Corrections
from api.publishing.provenance import Provenance
from api.store.conversations import ConversationStore, Turn
from api.store.tables import conversations, messages
from knowledge.errors import InvalidContent, UnknownRow
from tests.publishing.world import CLOTHES, CLOTHES_ENTRY, DAY, World

CITATION = Citation(
    clause_id="plan#1", document_id="plan", document_title="绿色消费试行方案", clause_label="第1条",
    quote=CLOTHES, start=0, end=len(CLOTHES), url="/policies/plan",
)  # fmt: skip


def told(world: World, number: int, *, kind: str = "answer", entry: str | None = "clothes") -> str:
    """A conversation that was answered; the reply's id."""
    now = world.clock.now()
    snapshot = world.index.pointer
    answer = kind == "answer"
    reply = Reply(
        id=f"reply-{number}", as_of=DAY, snapshot=snapshot, kind=kind,  # type: ignore[arg-type]
        text=world.said(CLOTHES_ENTRY.question), citations=[CITATION] if answer else [],
    )  # fmt: skip
    finding = Finding(probability=0.93, entry=entry if answer else None, clause="plan#1", document="plan")
    asked = CLOTHES_ENTRY.question
    facts = facts_of(asked, [reply], finding=finding, knowledge=None, ms=12)
    turn = Turn(
        conversation_id=f"talk-{number}", pseudonym=f"p{number}", channel="web", request_id=f"request-{number}",
        message_id=f"asked-{number}", asked=asked, asked_at=now, replies=[reply],
        replied_at=world.clock.now() + timedelta(seconds=1), degraded=False, facts=facts,
    )  # fmt: skip
    ConversationStore(world.engine).record(turn)
    return reply.id


@pytest.fixture
def corrections(world: World) -> Corrections:
    return Corrections(world.engine, clock=world.clock, journal=world.publisher._core.journal)


def test_an_answer_is_traced_to_its_words_snapshot_evidence_and_approval(world: World) -> None:
    release = world.published(world.approved("clothes", plain="可以捐给慈善组织。"))
    reply_id = told(world, 1)
    told(world, 2)
    world.published(world.approved("clothes", plain="捐给民政部门。"))
    told(world, 3)
    trace = Provenance(world.engine).trace(f" {reply_id} ")
    assert (trace.asked, trace.said, trace.kind) == (CLOTHES_ENTRY.question, "可以捐给慈善组织。", "answer")
    assert (trace.entry, trace.clause, trace.probability) == ("clothes", "plan#1", 0.93)
    assert trace.release is not None
    assert (trace.release.id, trace.snapshot) == (release, trace.release.snapshot)
    assert [(c.clause_id, c.quote) for c in trace.citations] == [("plan#1", CLOTHES)]
    by_kind = {approval.kind: approval for approval in trace.approvals}
    entry = by_kind["entry"]
    assert (entry.author, entry.reviewer, entry.by, entry.shipped) == (
        "editor",
        "reviewer",
        "reviewer",
        False,
    )
    assert by_kind["document"].shipped
    assert (trace.told, trace.told_ever) == (2, 3)


def test_how_many_got_it_is_known_when_the_conversations_are_gone(world: World) -> None:
    told(world, 1)
    kept = told(world, 2)
    with world.engine.begin() as connection:
        connection.execute(delete(conversations).where(conversations.c.id == "talk-1"))
    assert Provenance(world.engine).trace(kept).told == 2


def test_a_reply_that_is_not_there_is_named(world: World) -> None:
    with pytest.raises(UnknownRow, match="nowhere"):
        Provenance(world.engine).trace("nowhere")
    told(world, 1)
    with pytest.raises(UnknownRow, match="asked-1"):  # what a resident said is no reply
        Provenance(world.engine).trace("asked-1")


def history(world: World, number: int) -> list[str]:
    store = ConversationStore(world.engine)
    return [item["text"] for item in store.history(f"talk-{number}")]


def test_a_correction_reaches_each_conversation_that_got_the_answer_once(
    world: World, corrections: Corrections
) -> None:
    told(world, 1)
    told(world, 2)
    told(world, 3, kind="abstain")
    assert corrections.reachable(entry="clothes", clause=None) == 2
    for _ in range(2):  # a second click
        sent = corrections.send(text=" 应为民政部门。 ", entry="clothes", clause="plan#1", by="reviewer")
        assert (sent.text, sent.subject, sent.reached, sent.known) == ("应为民政部门。", "clothes", 2, 2)
    assert [history(world, number)[-1] for number in (1, 2)] == ["更正：应为民政部门。"] * 2
    assert "更正" not in "".join(history(world, 3))
    with world.engine.connect() as connection:
        notices = select(func.count()).select_from(messages).where(messages.c.kind == "notice")
        assert connection.scalar(notices) == 2
        assert connection.scalar(select(func.count()).select_from(turn_facts)) == 3
    assert [item.id for item in corrections.sent()] == [sent.id]


def test_who_got_the_answer_later_gets_the_correction_when_it_is_sent_again(
    world: World, corrections: Corrections
) -> None:
    told(world, 1)
    corrections.send(text="应为民政部门。", entry="clothes", clause=None, by="reviewer")
    told(world, 2)
    assert corrections.send(text="应为民政部门。", entry="clothes", clause=None, by="reviewer").reached == 2
    assert [history(world, number).count("更正：应为民政部门。") for number in (1, 2)] == [1, 1]


def test_only_one_snapshots_answers_are_corrected_where_that_is_wanted(
    world: World, corrections: Corrections
) -> None:
    told(world, 1)
    first = world.index.pointer
    world.published(world.approved("clothes", plain="捐给民政部门。"))
    told(world, 2)
    sent = corrections.send(text="应为…", entry="clothes", clause=None, by="reviewer", snapshot=first)
    assert (sent.reached, "更正" in "".join(history(world, 2))) == (1, False)


def test_a_correction_without_words_or_subject_is_refused(corrections: Corrections) -> None:
    for text, entry in (("  ", "clothes"), ("长" * 501, "clothes"), ("更正", None)):
        with pytest.raises(InvalidContent):
            corrections.send(text=text, entry=entry, clause=None, by="reviewer")
