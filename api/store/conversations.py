"""Conversations in the database: one short transaction a turn, the history, feedback.

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
from api.rendering import on_wire
from api.store.tables import conversations, feedback, messages


@dataclass(frozen=True, slots=True)
class Turn:
    """What one turn leaves behind; `asked` is the masked message."""

    conversation_id: str
    channel: str
    request_id: str
    message_id: str
    asked: str
    asked_at: datetime
    replies: Sequence[Reply]
    replied_at: datetime
    degraded: bool


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
                .values(last_at=turn.replied_at)
            ).rowcount
            token = None
            if not known:
                token = secrets.token_urlsafe(24)
                connection.execute(
                    insert(conversations).values(
                        id=turn.conversation_id,
                        channel=turn.channel,
                        token_hash=_hash(token),
                        created_at=turn.asked_at,
                        last_at=turn.replied_at,
                    )
                )
            connection.execute(
                insert(messages), [_asked(turn), *(_said(turn, reply) for reply in turn.replies)]
            )
            return token

    def opens(self, conversation_id: str, token: str) -> bool:
        """Whether `token` is the conversation's own; False for one that does not exist."""
        with self._engine.connect() as connection:
            found = connection.scalar(
                select(conversations.c.token_hash).where(conversations.c.id == conversation_id)
            )
        return hmac.compare_digest(found or "", _hash(token))

    def history(self, conversation_id: str, *, limit: int = 200) -> list[dict[str, Any]]:
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
                **(row["reply"] or {"id": row["id"], "text": row["text"]}),
            }
            for row in reversed(rows)
        ]

    def judge(self, message_id: str, *, useful: bool, comment: str | None, given_at: datetime) -> bool:
        """Keep what a resident thinks of a reply; a second opinion replaces it. False: no such reply."""
        opinion = {"useful": useful, "comment": comment, "given_at": given_at}
        changed = update(feedback).where(feedback.c.message_id == message_id).values(opinion)
        with self._engine.begin() as connection:
            if connection.execute(changed).rowcount:
                return True
            reply = select(messages.c.id).where(messages.c.id == message_id, messages.c.role == "assistant")
            if connection.scalar(reply) is None:
                return False
            try:
                with connection.begin_nested():
                    connection.execute(insert(feedback).values(message_id=message_id, **opinion))
            except IntegrityError:  # another request was first
                connection.execute(changed)
            return True

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
    }
