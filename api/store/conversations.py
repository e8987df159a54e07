"""Conversations in the database: one short transaction a turn, and the history.

All functions block; the app calls them in a worker thread. The token of a conversation is kept as a hash:
who reads the database cannot read a resident's history over HTTP.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, insert, select, update
from sqlalchemy.exc import IntegrityError

from actions.replies import Reply
from api.insights import facts as turn_facts
from api.insights.facts import TurnFacts
from api.rendering import on_wire
from api.store import claims
from api.store.tables import conversations, messages

HISTORY_MESSAGES = 500
"""What the widget gets at once; it shows a part and keeps the rest at hand."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What one turn leaves behind; `asked` is the masked message, `pseudonym` the dialogue's name for the
    conversation, `facts` what it leaves for the figures."""

    conversation_id: str
    pseudonym: str
    channel: str
    request_id: str
    message_id: str
    asked: str
    asked_at: datetime
    replies: Sequence[Reply]
    replied_at: datetime
    degraded: bool
    facts: TurnFacts | None = None
    client_id: str | None = None
    token: str | None = None
    """The token that the conversation gets if this turn opens it; one is made if absent."""


class ConversationStore:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def record(self, turn: Turn) -> str | None:
        """Store a turn. Returns the conversation's token if this turn opened it, else None."""
        try:
            return self._record(turn)
        except IntegrityError:  # another process opened the same conversation between our two statements
            return self._record(turn)

    def _record(self, turn: Turn) -> str | None:
        with self._engine.begin() as connection:
            known = connection.execute(
                update(conversations)
                .where(conversations.c.id == turn.conversation_id)
                .values(last_at=turn.replied_at, pseudonym=turn.pseudonym)
            ).rowcount
            token = None
            if not known:
                token = turn.token or secrets.token_urlsafe(24)
                connection.execute(
                    insert(conversations).values(
                        id=turn.conversation_id,
                        channel=turn.channel,
                        pseudonym=turn.pseudonym,
                        token_hash=_hash(token),
                        created_at=turn.asked_at,
                        last_at=turn.replied_at,
                    )
                )
            connection.execute(
                insert(messages), [_asked(turn), *(_said(turn, reply) for reply in turn.replies)]
            )
            if turn.client_id is not None:
                claims.release(connection, turn.conversation_id, turn.client_id)
            if turn.facts is not None:
                turn_facts.write(
                    connection,
                    turn.facts,
                    question_id=turn.message_id,
                    at=turn.asked_at,
                    channel=turn.channel,
                    degraded=turn.degraded,
                    opened=token is not None,
                )
            return token

    def conversation_of(self, pseudonym: str) -> str | None:
        """The conversation that the dialogue knows by `pseudonym`."""
        with self._engine.connect() as connection:
            found = select(conversations.c.id).where(conversations.c.pseudonym == pseudonym)
            return connection.scalar(found)

    def asked_for(self, conversation_id: str) -> str | None:
        """The field that the last reply asks for, as task and field with a dot between; None for none."""
        last = (
            select(messages.c.reply)
            .where(messages.c.conversation_id == conversation_id, messages.c.role == "assistant")
            .order_by(messages.c.position.desc())
            .limit(1)
        )
        with self._engine.connect() as connection:
            form = (connection.scalar(last) or {}).get("form") or {}
        return f"{form['task']}.{form['field']}" if form.get("field") else None

    def replies_to(self, request_id: str) -> list[Reply]:
        """What was answered in the turn `request_id`, in order; nothing where no such turn is stored."""
        said = (
            select(messages.c.reply)
            .where(messages.c.request_id == request_id, messages.c.role == "assistant")
            .order_by(messages.c.position)
        )
        with self._engine.connect() as connection:
            return [Reply.model_validate(reply) for reply in connection.scalars(said) if reply]

    def opens(self, conversation_id: str, token: str) -> bool:
        """Whether `token` is the conversation's own; False for one that does not exist."""
        with self._engine.connect() as connection:
            found = connection.scalar(
                select(conversations.c.token_hash).where(conversations.c.id == conversation_id)
            )
        return hmac.compare_digest(found or "", _hash(token))

    def history(self, conversation_id: str, *, limit: int | None = HISTORY_MESSAGES) -> list[dict[str, Any]]:
        """The last `limit` messages, the oldest first: replies as they were given, beside what was asked."""
        latest = (
            select(messages)
            .where(messages.c.conversation_id == conversation_id)
            .order_by(messages.c.position.desc())
            .limit(limit)
        )
        with self._engine.connect() as connection:
            rows = connection.execute(latest).mappings().all()
        return [
            {
                "role": row["role"],
                "created_at": row["created_at"].isoformat(),
                **(row["reply"] or {"id": row["id"], "text": row["text"], "client_id": row["client_id"]}),
            }
            for row in reversed(rows)
        ]

    def check(self) -> None:
        """Raise if the database cannot be read."""
        with self._engine.connect() as connection:
            connection.execute(select(conversations.c.id).limit(1))


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def _asked(turn: Turn) -> dict[str, Any]:
    return {
        "id": turn.message_id,
        "conversation_id": turn.conversation_id,
        "request_id": turn.request_id,
        "role": "resident",
        "kind": None,
        "text": turn.asked,
        "reply": None,
        "degraded": False,
        "created_at": turn.asked_at,
        "client_id": turn.client_id,
    }


def _said(turn: Turn, reply: Reply) -> dict[str, Any]:
    return {
        "id": reply.id,
        "conversation_id": turn.conversation_id,
        "request_id": turn.request_id,
        "role": "assistant",
        "kind": reply.kind,
        "text": reply.text,
        "reply": on_wire(reply),
        "degraded": turn.degraded,
        "created_at": turn.replied_at,
        "client_id": None,
    }
