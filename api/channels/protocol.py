"""What a channel is to the app: something that receives `Incoming` and delivers replies.

The one module that a channel must know. It says nothing of HTTP, of a chat app or of the database.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal, Protocol

from actions.replies import Reply
from campaigns.delivery.senders import Capabilities

Kind = Literal[
    "text",
    "sticker",
    "voice",
    "photo",
    "file",
    "edited",
    "joined",
    "blocked",
    "unblocked",
    "unknown",
]


@dataclass(frozen=True, slots=True)
class Incoming:
    """What a channel received, already understood.

    `chat` is the channel's own address of the chat, `update_id` its id of the update: handled once. `text` is
    what was typed, recognised from a voice, or stands on the button that was pressed; a command begins with
    `/`. `reply_to` is the channel's own id of the message that an answer belongs to, where it has such.
    """

    channel: str
    chat: str
    update_id: str
    kind: Kind
    text: str = ""
    received_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    reply_to: str = ""


class Undelivered(Exception):
    """A reply did not arrive, or nobody can tell. `reason` is a code for the log."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Unreachable(Undelivered):
    """The chat takes nothing from us any more: the resident blocked the assistant or is gone."""


class KeptBack(Undelivered):
    """A reply was surely not taken; it waits where the resident can fetch it, so nobody need ask again.

    `trouble`: something is wrong with the channel; not where it only takes nothing at this time.
    """

    def __init__(self, reason: str, *, trouble: bool) -> None:
        super().__init__(reason)
        self.trouble = trouble


class Channel(Protocol):
    """A way to residents. Quotas and the rate stand in its capabilities."""

    @property
    def name(self) -> str: ...

    @property
    def capabilities(self) -> Capabilities: ...

    async def deliver(self, chat: str, replies: Sequence[Reply], *, in_reply_to: Incoming | None) -> None:
        """Show `replies` in the chat, in order. Raises Unreachable, KeptBack, Undelivered."""
