"""What was already said to a message that comes a second time, known by the id that its client gave it.

Owns finding that turn. A message whose first try was answered, but whose answer was lost on the way, gets the
same answer again; nothing is asked or stored anew. All functions block.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Engine, select

from actions.replies import Reply
from api.store.tables import messages


@dataclass(frozen=True, slots=True)
class Answered:
    """A turn as it is kept; `asked` is the masked message."""

    asked: str
    request_id: str
    degraded: bool
    replies: list[Reply]


def answered_before(engine: Engine, conversation_id: str, client_id: str) -> Answered | None:
    """The turn that answered this client's message; None where there is none."""
    with engine.connect() as connection:
        question = connection.execute(
            select(messages.c.text, messages.c.request_id).where(
                messages.c.conversation_id == conversation_id, messages.c.client_id == client_id
            )
        ).one_or_none()
        if question is None:
            return None
        rows = connection.execute(
            select(messages.c.reply, messages.c.degraded)
            .where(
                messages.c.conversation_id == conversation_id,
                messages.c.request_id == question.request_id,
                messages.c.role == "assistant",
            )
            .order_by(messages.c.position)
        ).all()
    return Answered(
        asked=question.text,
        request_id=question.request_id,
        degraded=any(row.degraded for row in rows),
        replies=[Reply.model_validate(row.reply) for row in rows],
    )
