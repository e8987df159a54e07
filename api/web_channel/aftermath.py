"""What a resident does within a day of seeing a message: replies to it, asks something, or ends the
subscription. The sums name nobody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Engine, select

from actions.context import Prompt
from actions.replies import Reply
from api.clock import Clock
from api.store.tables import messages
from api.web_channel.notices import Notice, NoticeStore
from campaigns.store.tables import consents, subscriptions

WITHIN = timedelta(days=1)
ASKED = frozenset({"answer", "clarify", "abstain", "notice"})
"""Kinds of reply that only a question gets; a notice tells what is on, or what a message rests on."""
UNSUBSCRIBING = "unsubscribe"


@dataclass(frozen=True, slots=True)
class Seen:
    """The message that a resident saw last, within a day; `prompt` where what is said now replies to it."""

    notice: Notice | None = None
    prompt: Prompt | None = None


NOTHING_SEEN = Seen()


class Aftermath:
    def __init__(self, notices: NoticeStore, engine: Engine, *, clock: Clock) -> None:
        self._notices, self._engine, self._clock = notices, engine, clock

    def seen(self, conversation_id: str, message: str) -> Seen:
        """What came before `message`. It replies to the notice whose quick reply it is, or else to the one
        that was seen after all that was said."""
        recent = self._recent(conversation_id)
        if not recent:
            return NOTHING_SEEN
        latest = recent[-1]
        for notice in sorted(recent, key=lambda notice: notice.position, reverse=True):
            if message in notice.content.quick_replies:
                return Seen(notice, _prompt(notice))
        replies = latest.opened_at is not None and not self._said_since(conversation_id, latest.opened_at)
        return Seen(latest, _prompt(latest) if replies else None)

    def last_run(self, conversation_id: str) -> str | None:
        """The run whose message was seen last within a day."""
        recent = self._recent(conversation_id)
        return recent[-1].run_id if recent else None

    def count(self, notice: Notice | None, replies: Sequence[Reply], *, person: str, request_id: str) -> None:
        """One turn of `person` after `notice`, the message seen last within a day; None for none."""
        if notice is None:
            return
        if any(reply.kind in ASKED for reply in replies):
            self._notices.count(notice.run_id, "asked")
        tasks = {reply.form.task for reply in replies if reply.form is not None}
        if UNSUBSCRIBING in tasks and self._withdrawn(person, request_id):
            self._notices.count(notice.run_id, "unsubscribed")

    def _recent(self, conversation_id: str) -> list[Notice]:
        """What was seen within a day, what was seen last at the end."""
        since = self._clock.now() - WITHIN
        seen = [
            (notice.opened_at, notice.position, notice)
            for notice in self._notices.of(conversation_id)
            if notice.opened_at is not None and notice.opened_at > since
        ]
        return [notice for *_, notice in sorted(seen, key=lambda each: each[:2])]

    def _said_since(self, conversation_id: str, moment: datetime) -> bool:
        said = select(messages.c.position).where(
            messages.c.conversation_id == conversation_id, messages.c.created_at > moment
        )
        with self._engine.connect() as connection:
            return connection.scalar(said.limit(1)) is not None

    def _withdrawn(self, person: str, request_id: str) -> bool:
        """Whether the turn `request_id` withdrew a consent."""
        found = (
            select(consents.c.id)
            .join(subscriptions, subscriptions.c.id == consents.c.subscription_id)
            .where(
                subscriptions.c.person == person,
                consents.c.kind == "withdrawn",
                consents.c.message_id == request_id,
            )
        )
        with self._engine.connect() as connection:
            return connection.scalar(found.limit(1)) is not None


def _prompt(notice: Notice) -> Prompt:
    content = notice.content
    return Prompt(content.text, content.clause_ids, content.activity_id)
