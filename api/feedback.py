"""What residents think of replies: kept with the snapshot that the reply came from.

Owns masking the comment and finding the reply that is meant. It must not know who asked for it.
All methods block.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Engine, insert, select, update
from sqlalchemy.exc import IntegrityError

from actions.feedback_reasons import feedback_reasons
from api import texts
from api.clock import Clock
from api.insights import facts
from api.masking import mask
from api.store.erasing import writing
from api.store.tables import feedback, messages

JUDGED_KINDS = ("answer", "abstain")
"""The kinds of reply that can be "the last answer": what came after it is talk about it."""


class UnknownReason(ValueError):
    def __init__(self, reason: str) -> None:
        super().__init__(f"'{reason}' is no reason: use one of {', '.join(feedback_reasons())}.")


class Feedback:
    def __init__(self, engine: Engine, *, clock: Clock) -> None:
        self._engine, self._clock = engine, clock

    def judge(
        self, message_id: str, *, useful: bool, reason: str | None = None, comment: str | None = None
    ) -> bool:
        """Keep a judgement of one reply; a second one replaces it. False: there is no such reply.

        `reason` is a code of `feedback_reasons`; `comment` is as it was typed. Raises `UnknownReason`.
        """
        opinion = self._opinion(useful, reason, comment)
        with writing(self._engine) as connection:
            reply = connection.execute(
                select(messages.c.reply).where(messages.c.id == message_id, messages.c.role == "assistant")
            ).one_or_none()
            if reply is None:
                return False
            _keep(connection, message_id, {**opinion, "snapshot": (reply.reply or {}).get("snapshot")})
            facts.rate(connection, message_id, useful=useful, reason=reason)
            return True

    def judge_last(
        self, conversation_id: str, *, useful: bool, reason: str | None = None, comment: str | None = None
    ) -> bool:
        """`judge` for the last answer or abstention of a conversation. False: it has none yet."""
        last = (
            select(messages.c.id)
            .where(messages.c.conversation_id == conversation_id, messages.c.kind.in_(JUDGED_KINDS))
            .order_by(messages.c.position.desc())
            .limit(1)
        )
        with self._engine.connect() as connection:
            message_id = connection.scalar(last)
        return message_id is not None and self.judge(
            message_id, useful=useful, reason=reason, comment=comment
        )

    def _opinion(self, useful: bool, reason: str | None, comment: str | None) -> dict[str, Any]:
        if reason is not None and reason not in feedback_reasons():
            raise UnknownReason(reason)
        masked = mask(comment, name_of=texts.masked_kind).text.strip() if comment else ""
        return {
            "useful": useful,
            "reason": reason,
            "comment": masked or None,
            "given_at": self._clock.now(),
        }


def _keep(connection: Connection, message_id: str, opinion: dict[str, Any]) -> None:
    changed = update(feedback).where(feedback.c.message_id == message_id).values(opinion)
    if connection.execute(changed).rowcount:
        return
    try:
        with connection.begin_nested():
            connection.execute(insert(feedback).values(message_id=message_id, **opinion))
    except IntegrityError:  # another request was first
        connection.execute(changed)
