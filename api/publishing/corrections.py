"""Corrections: what was said and should not have been, put right in every conversation that got it.

A conversation gets a correction at most once: its row and the message are written together. How a message
goes beyond the conversation's own history is a channel's business, behind `Reaching`.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy import Connection, Engine, insert, select, update
from sqlalchemy.exc import IntegrityError

from actions.replies import Reply
from api.clock import Clock
from api.insights.tables import turn_facts
from api.publishing.tables import correction_deliveries, corrections
from api.rendering import on_wire
from api.store.tables import conversations, messages
from knowledge.errors import InvalidContent
from knowledge.journal import Journal
from knowledge.publishing.wording import say

LONGEST = 500


class Reaching(Protocol):
    """A channel that can bring a message to a conversation by itself; the web shows it when it is opened."""

    @property
    def channel(self) -> str: ...

    def deliver(self, conversation_id: str, reply: Reply) -> None: ...


@dataclass(frozen=True, slots=True)
class Correction:
    """`known` answers rested on the subject; `reached` conversations still there got the correction."""

    id: str
    text: str
    subject: str
    snapshot: str | None
    by: str
    at: datetime
    reached: int
    known: int


class Corrections:
    def __init__(
        self, engine: Engine, *, clock: Clock, journal: Journal, channels: Sequence[Reaching] = ()
    ) -> None:
        self._engine, self._clock, self._journal = engine, clock, journal
        self._channels = {channel.channel: channel for channel in channels}

    def reachable(self, *, entry: str | None, clause: str | None, snapshot: str | None = None) -> int:
        """How many conversations would get a correction."""
        with self._engine.connect() as connection:
            return len(_conversations(connection, entry, clause, snapshot))

    def send(
        self, *, text: str, entry: str | None, clause: str | None, by: str, snapshot: str | None = None
    ) -> Correction:
        """Append the correction to each conversation that was answered from `entry`, or else `clause`.

        The same words about the same thing are one correction: sent once more, they reach those only who
        have not got them. Raises InvalidContent for no words, too many, or nothing to correct."""
        words = text.strip()
        if not words or len(words) > LONGEST:
            raise InvalidContent(say("correction.words", longest=LONGEST))
        subject = entry or clause
        if not subject:
            raise InvalidContent(say("correction.nothing"))
        correction_id = hashlib.sha256(f"{subject}\0{snapshot}\0{words}".encode()).hexdigest()[:16]
        with self._engine.connect() as connection:
            wanted = _conversations(connection, entry, clause, snapshot)
        self._open(correction_id, words, subject, snapshot, by, known=sum(wanted.values()))
        for conversation_id in wanted:
            self._deliver(correction_id, conversation_id, words)
        return self._close(correction_id, by, subject)

    def sent(self) -> list[Correction]:
        """The newest first."""
        with self._engine.connect() as connection:
            rows = connection.execute(select(corrections).order_by(corrections.c.at.desc())).mappings()
            return [Correction(**row) for row in rows]

    def _open(
        self, correction_id: str, words: str, subject: str, snapshot: str | None, by: str, *, known: int
    ) -> None:
        try:
            with self._engine.begin() as connection:
                connection.execute(
                    insert(corrections).values(
                        id=correction_id, text=words, subject=subject, snapshot=snapshot, by=by,
                        at=self._clock.now(), reached=0, known=known,
                    )
                )  # fmt: skip
        except IntegrityError:
            pass  # the same correction once more

    def _deliver(self, correction_id: str, conversation_id: str, words: str) -> None:
        reply = Reply(
            id=secrets.token_hex(12),
            as_of=self._clock.today(),
            snapshot=None,
            kind="notice",
            text=say("correction.notice", text=words),
        )
        now = self._clock.now()
        try:
            with self._engine.begin() as connection:
                connection.execute(
                    insert(correction_deliveries).values(
                        correction_id=correction_id, conversation_id=conversation_id, state="sent", at=now
                    )
                )
                connection.execute(
                    insert(messages).values(
                        id=reply.id, conversation_id=conversation_id,
                        request_id=f"correction-{correction_id}", role="assistant", kind=reply.kind,
                        text=reply.text, reply=on_wire(reply), degraded=False, created_at=now,
                    )
                )  # fmt: skip
                channel = connection.scalar(
                    select(conversations.c.channel).where(conversations.c.id == conversation_id)
                )
        except IntegrityError:
            return  # it has got this correction, or has been erased meanwhile
        if channel in self._channels:
            self._channels[channel].deliver(conversation_id, reply)

    def _close(self, correction_id: str, by: str, subject: str) -> Correction:
        with self._engine.connect().execution_options(immediate=True) as connection, connection.begin():
            got = select(correction_deliveries.c.conversation_id).where(
                correction_deliveries.c.correction_id == correction_id
            )
            reached = len(connection.execute(got).all())
            connection.execute(
                update(corrections).where(corrections.c.id == correction_id).values(reached=reached)
            )
            found = connection.execute(select(corrections).where(corrections.c.id == correction_id))
            correction = Correction(**found.mappings().one())
            self._journal.record(
                connection, by=by, what="correction.sent", kind="correction", subject=subject,
                after={"text": correction.text, "reached": reached, "known": correction.known},
            )  # fmt: skip
        return correction


def _conversations(
    connection: Connection, entry: str | None, clause: str | None, snapshot: str | None
) -> dict[str, int]:
    """The conversations that got such an answer and are still there, with how many of them."""
    if entry is None and clause is None:
        return {}
    about = turn_facts.c.entry == entry if entry is not None else turn_facts.c.clause == clause
    query = (
        select(messages.c.conversation_id)
        .join(turn_facts, turn_facts.c.message_id == messages.c.id)
        .where(turn_facts.c.kind == "answer", about)
    )
    if snapshot is not None:
        query = query.where(turn_facts.c.snapshot == snapshot)
    found: dict[str, int] = {}
    for conversation_id in connection.scalars(query.order_by(messages.c.position)):
        found[conversation_id] = found.get(conversation_id, 0) + 1
    return found
