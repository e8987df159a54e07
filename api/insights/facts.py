"""What a turn leaves for the figures: no words, nobody's name, only which answer it got and how fast.

Owns what counts as the turn's answer, and how facts are written, rated and deleted through the connection of
whoever changes the messages. It must not know what is reckoned from them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, insert, or_, select, update

from actions.finding import Finding
from actions.replies import Citation, Kind, Reply
from api.insights.districts import Districts
from api.insights.tables import turn_facts
from api.store.tables import messages
from knowledge.model import Knowledge

QUESTIONS: tuple[Kind, ...] = ("answer", "clarify", "abstain")
"""The kinds of reply that a question of policy gets; the others are talk, tasks and refusals."""
MAIN: tuple[Kind, ...] = (*QUESTIONS, "form", "handoff", "refuse", "notice", "smalltalk")
"""Of several replies, the first of these kinds is what the turn counts as."""


@dataclass(frozen=True, slots=True)
class TurnFacts:
    """`message_id` is the reply that counts. `clause` and `document` are what it cites, else what stands
    nearest; `ms` is the time until the reply was ready to be stored."""

    message_id: str
    kind: Kind
    reason: str | None
    probability: float | None
    document: str | None
    clause: str | None
    entry: str | None
    district: str | None
    ms: int | None
    snapshot: str | None


def facts_of(
    asked: str, replies: Sequence[Reply], *, finding: Finding, knowledge: Knowledge | None, ms: int | None
) -> TurnFacts | None:
    """The facts of a turn in which `asked` got `replies`; None where it got none."""
    if not replies:
        return None
    reply = min(replies, key=lambda each: MAIN.index(each.kind))
    question = reply.kind in QUESTIONS
    place = next(iter([*reply.citations, *reply.related]), None)
    named = Districts.of(knowledge.lexicon).named_in(asked) if knowledge is not None else None
    entry = finding.entry
    if entry is None and reply.kind == "answer" and knowledge is not None and reply.citations:
        entry = _only_entry(knowledge, reply.citations[0])
    return TurnFacts(
        message_id=reply.id,
        kind=reply.kind,
        reason=reply.reason,
        probability=finding.probability if question else None,
        document=place.document_id if place else finding.document if question else None,
        clause=place.clause_id if place else finding.clause if question else None,
        entry=entry,
        district=named or finding.district if question else None,
        ms=ms,
        snapshot=reply.snapshot,
    )


def write(
    connection: Connection,
    facts: TurnFacts,
    *,
    question_id: str,
    at: datetime,
    channel: str,
    degraded: bool,
    opened: bool,
) -> None:
    """`opened`: the turn is the first of its conversation."""
    more = {"question_id": question_id, "at": at, "channel": channel, "degraded": degraded, "opened": opened}
    connection.execute(insert(turn_facts).values(**asdict(facts), **more))


def rate(connection: Connection, message_id: str, *, useful: bool, reason: str | None) -> None:
    """Keep what a resident thought of a reply where the figures are: it outlives the reply."""
    rated = update(turn_facts).where(turn_facts.c.message_id == message_id)
    connection.execute(rated.values(rated=useful, rated_for=reason))


def delete_of(connection: Connection, conversation_id: str) -> None:
    """Delete the facts of a conversation that a resident has erased, while its messages are still there."""
    its = select(messages.c.id).where(messages.c.conversation_id == conversation_id)
    theirs = or_(turn_facts.c.message_id.in_(its), turn_facts.c.question_id.in_(its))
    connection.execute(delete(turn_facts).where(theirs))


def _only_entry(knowledge: Knowledge, cited: Citation) -> str | None:
    """The approved question that rests on just this span; None where there is none or more than one."""
    span = (cited.clause_id, cited.start, cited.end)
    resting = [
        entry.id
        for entry in knowledge.entries
        if (entry.quotes[0].clause_id, entry.quotes[0].start, entry.quotes[0].end) == span
    ]
    return resting[0] if len(resting) == 1 else None
