"""One turn of a conversation: a resident's words in, replies out, both kept.

Owns the order of a turn: wait for the message before, mask personal numbers, look for what must not wait,
answer, store. Nothing past masking ever sees a personal number. It knows nothing of HTTP; who answers is the
`Responder`'s choice.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from dataclasses import dataclass, replace

import structlog
from sqlalchemy.exc import SQLAlchemyError

from actions.replies import Reply
from actions.safety import Concern, examine, spoken
from actions.tasks.erasing import ERASED
from actions.tasks.handing_over import CONTACT_FIELD, HandOver
from api import texts
from api.insights.facts import facts_of
from api.lanes import Lanes
from api.masking import Masked, mask
from api.metrics import Metrics
from api.responder import NobodyAnswers, Responder
from api.services import Services
from api.store.claims import Claims, Held
from api.store.conversations import ConversationStore, Turn
from api.store.repeats import answered_before
from api.tickets.errors import WrongWords
from api.web_channel.aftermath import NOTHING_SEEN, Seen

__all__ = ["ChatTurn", "ClientIdTaken", "Conversations", "NobodyAnswers"]

log = structlog.get_logger(__name__)

OVERRIDE_INTENT = "override_rules"
CONTACTS = frozenset({"phone", "email"})
CONTACT_ASKED = f"{HandOver.name}.{CONTACT_FIELD}"


class ClientIdTaken(Exception):
    """A message came with the client id of another message of its conversation."""


@dataclass(frozen=True, slots=True)
class ChatTurn:
    """`token` reads the history later; only the reply that opens a conversation carries it."""

    conversation_id: str
    token: str | None
    request_id: str
    degraded: bool
    messages: list[Reply]


class Conversations:
    def __init__(
        self, services: Services, *, store: ConversationStore, responder: Responder, metrics: Metrics
    ) -> None:
        self._services, self._store = services, store
        self._responder, self._metrics = responder, metrics
        settings = services.settings
        self._lanes = Lanes(waiting=settings.waiting_messages, patience_s=settings.channel_timeout_s)
        self._claims = Claims(services.engine, services.clock, patience_s=settings.channel_timeout_s)

    async def turn(
        self,
        conversation_id: str | None,
        message: str,
        *,
        request_id: str,
        channel: str = "web",
        client_id: str | None = None,
    ) -> ChatTurn:
        """Answer `message`, cleaned of control characters and trimmed; empty stands for signs alone.

        A message that comes again with its `client_id` gets the answer that it got before; where it comes to
        two processes at once, one answers. Raises `LaneFull`
        when too many of the conversation's messages wait, `NobodyAnswers` when neither the dialogue nor the
        index can answer, and then nothing is stored; `ClientIdTaken` when the id came with other words.
        """
        keys = self._services.keys
        if not conversation_id:
            conversation_id = keys.conversation(client_id) if client_id else secrets.token_urlsafe(16)
        async with (
            self._lanes.enter(conversation_id),
            self._claims.held(conversation_id, client_id) as held,
        ):
            started, asked_at = time.perf_counter(), self._services.clock.now()
            masked = mask(message, name_of=texts.masked_kind)
            if client_id and (given := await self._given(conversation_id, client_id, masked.text)):
                return given
            for kind in masked.kinds:
                self._metrics.masked.labels(kind).inc()
            sender = self._services.keys.pseudonym(conversation_id)
            heard = await self._heard(conversation_id, sender, message, masked)
            seen = await self._seen_before(conversation_id, message)
            replies, degraded = await self._replies(sender, heard, request_id, channel, seen)
            ending = any(reply.form and reply.form.outcome == ERASED for reply in replies)
            if ending:
                replies = await self._erased(conversation_id, sender, replies)
            replies = [reply.model_copy(update={"id": secrets.token_hex(12)}) for reply in replies]
            facts = facts_of(
                masked.text,
                replies,
                finding=self._services.findings.take(request_id),
                knowledge=self._services.library.knowledge if self._services.library.snapshot else None,
                ms=round((time.perf_counter() - started) * 1000),
            )
            turn = Turn(
                conversation_id=conversation_id,
                pseudonym=sender,
                channel=channel,
                request_id=request_id,
                message_id=secrets.token_hex(12),
                asked=masked.text,
                asked_at=asked_at,
                replies=replies,
                replied_at=self._services.clock.now(),
                degraded=degraded,
                facts=facts,
                client_id=client_id,
                token=keys.token(conversation_id, client_id) if client_id else None,
            )
            token = None if ending else await self._keep(turn, held)
            await self._count_after(seen, turn, replies[1:] if heard.kinds else replies)
        self._count(turn, time.perf_counter() - started)
        return ChatTurn(conversation_id, token, request_id, degraded, replies)

    async def _given(self, conversation_id: str, client_id: str, asked: str) -> ChatTurn | None:
        """The turn that answered this message before; with the token if that turn opened the conversation."""
        try:
            before = await asyncio.to_thread(
                answered_before, self._services.engine, conversation_id, client_id
            )
            if before is None:
                return None
            if before.asked != asked:
                raise ClientIdTaken
            token = self._services.keys.token(conversation_id, client_id)
            opened = await asyncio.to_thread(self._store.opens, conversation_id, token)
        except SQLAlchemyError as error:
            self._metrics.store_failures.inc()
            log.error("repeat_not_read", exc_type=type(error).__name__)
            return None
        return ChatTurn(
            conversation_id, token if opened else None, before.request_id, before.degraded, before.replies
        )

    async def _heard(self, conversation_id: str, sender: str, message: str, masked: Masked) -> Masked:
        """What goes on from here. A contact that was asked for is put by, sealed, and leaves its placeholder;
        any other personal number is noticed and left out."""
        if not masked.kinds or not set(masked.kinds) <= CONTACTS:
            return masked
        asked_for = await asyncio.to_thread(self._store.asked_for, conversation_id)
        if asked_for != CONTACT_ASKED:
            return masked
        try:
            await asyncio.to_thread(self._services.contact_stash.put, sender, message)
        except WrongWords:
            return masked
        return replace(masked, rest=masked.text, kinds=())

    async def _replies(
        self, sender: str, masked: Masked, request_id: str, channel: str, seen: Seen
    ) -> tuple[list[Reply], bool]:
        first, message = [self._notice(masked)] if masked.kinds else [], masked.rest
        if not _says_something(_without_introduction(message) if first else message):
            return first or [self._signs()], False
        if concern := self._concern(message):
            first.append(self._spoken(concern))
            if not concern.go_on:
                return first, False
            message = concern.rest
        said, degraded = await self._responder.respond(
            message,
            sender=sender,
            request_id=request_id,
            channel=channel,
            prompt=seen.prompt,
        )
        return [*first, *said], degraded

    def _notice(self, masked: Masked) -> Reply:
        what = "、".join(texts.masked_kind(kind) for kind in masked.kinds)
        return self._responder.complete({"kind": "notice", "text": texts.notice("masked", what=what)})

    def _concern(self, message: str) -> Concern | None:
        """What cannot wait for an answer. The dialogue's own examples of an override hold word for word."""
        concern = examine(message)
        if concern is None and self._services.small_talk.is_example(message, OVERRIDE_INTENT):
            concern = Concern("override")
        if concern is not None:
            self._metrics.concerns.labels(concern.kind).inc()
        return concern

    def _spoken(self, concern: Concern) -> Reply:
        """The reply to a concern; an override gets the words that the dialogue has for it."""
        said = self._services.small_talk.say(OVERRIDE_INTENT) if concern.kind == "override" else None
        return self._responder.complete(said or spoken(concern))

    def _signs(self) -> Reply:
        """White space and signs alone are a nudge, not a question: the dialogue is not troubled with it."""
        spoken = self._services.small_talk.say("signs_only")
        if spoken is None:
            words = texts.notice("signs")
            spoken = {"kind": "smalltalk", "text": words, "suggestions": texts.suggestions()}
        return self._responder.complete(spoken)

    async def _seen_before(self, conversation_id: str, message: str) -> Seen:
        """The campaign message before this one; a resident gets an answer even where that can't be told."""
        try:
            return await asyncio.to_thread(
                self._services.web_channel.aftermath.seen, conversation_id, message
            )
        except SQLAlchemyError as error:
            self._metrics.store_failures.inc()
            log.error("notices_not_read", exc_type=type(error).__name__)
            return NOTHING_SEEN

    async def _count_after(self, seen: Seen, turn: Turn, replies: list[Reply]) -> None:
        """What this turn adds to the sums of the message seen before it; `replies` are those to what was
        said, without what was noticed about it."""
        if seen.notice is None:
            return
        count = self._services.web_channel.aftermath.count
        try:
            await asyncio.to_thread(
                count, seen.notice, replies, person=turn.pseudonym, request_id=turn.request_id
            )
        except SQLAlchemyError as error:
            self._metrics.store_failures.inc()
            log.error("aftermath_not_counted", exc_type=type(error).__name__)

    async def _keep(self, turn: Turn, held: Held) -> str | None:
        """Store the turn, and with it that it is held no more. A resident gets the answer even where the
        database fails."""
        try:
            token = await asyncio.to_thread(self._store.record, turn)
        except SQLAlchemyError as error:
            self._metrics.store_failures.inc()
            log.error("turn_not_stored", exc_type=type(error).__name__)
            return None
        held.over = True
        return token

    async def erase(self, conversation_id: str) -> None:
        """Delete everything of a conversation and its subscriptions, behind the messages that still wait."""
        async with self._lanes.enter(conversation_id):
            await self._forget(conversation_id, self._services.keys.pseudonym(conversation_id))

    async def _forget(self, conversation_id: str, sender: str) -> None:
        after_run = await asyncio.to_thread(self._services.web_channel.aftermath.last_run, conversation_id)
        await asyncio.to_thread(self._services.subscriptions.erase, person=sender, after_run=after_run)
        await self._services.retention.erase(conversation_id)

    async def _erased(self, conversation_id: str, sender: str, replies: list[Reply]) -> list[Reply]:
        """Deletes everything of the conversation and its subscriptions, and says `replies`; where the store
        fails, that it failed: nobody is told that all is deleted when it is not."""
        try:
            await self._forget(conversation_id, sender)
        except SQLAlchemyError as error:
            self._metrics.store_failures.inc()
            log.error("not_erased", exc_type=type(error).__name__)
            failed = {"kind": "notice", "text": texts.notice("not_erased")}
            return [self._responder.complete(failed)]
        return replies

    def _count(self, turn: Turn, seconds: float) -> None:
        degraded = "yes" if turn.degraded else "no"
        for reply in turn.replies:
            self._metrics.replies.labels(reply.kind, degraded).inc()
        self._metrics.turn_seconds.labels(degraded).observe(seconds)


def _without_introduction(rest: str) -> str:
    for words in texts.around_a_number():
        rest = rest.replace(words, "")
    return rest


def _says_something(text: str) -> bool:
    """A letter or a digit of any script; signs, emoji and white space say nothing that could be looked up."""
    return any(character.isalnum() for character in text)
