"""A ticket as the app and the staff see it; the contact itself is not part of it."""

from __future__ import annotations

import secrets
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from actions.replies import Reply

State = Literal["open", "taken", "answered", "closed"]
STATES: tuple[State, ...] = ("open", "taken", "answered", "closed")
Outcome = Literal["delivered", "kept", "undelivered"]
"""What became of a reply. `kept`: the chat takes nothing now; the resident reads it at their next message."""
What = Literal[
    "opened", "taken", "replied", "delivered", "kept", "undelivered", "contact_shown", "closed", "expired"
]

_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Without 0, O, 1 and I, which sound or look alike: 32 letters, a thousand million ids of six."""
_ID_LENGTH = 6


@dataclass(frozen=True, slots=True)
class Ticket:
    """`question` is masked. Once its conversation is deleted, question, conversation and messages are None.

    `delivered` says whether the last reply reached the resident's channel; None before the first, and while
    it is on its way.
    """

    id: str
    channel: str
    state: State
    conversation_id: str | None
    question: str | None
    message_ids: tuple[str, ...]
    has_contact: bool
    district: str | None
    held_by: str | None
    delivered: bool | None
    created_at: datetime
    expected_at: datetime
    answered_at: datetime | None
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Event:
    """Who did what when; what was written or shown is no part of it."""

    what: What
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Line:
    """One message of the conversation around a ticket, as stored: masked."""

    role: Literal["resident", "assistant"]
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Post:
    """A reply that a process of the app is to send now, and nobody else."""

    message_id: str
    ticket_id: str
    conversation_id: str
    message: Reply


def outcome_of(events: Sequence[Event]) -> Outcome | None:
    """What became of the last reply; None where there is none, or it is on its way."""
    for event in reversed(events):
        if event.what in ("delivered", "kept", "undelivered"):
            return event.what
        if event.what == "replied":
            return None
    return None


def new_id() -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(_ID_LENGTH))


def read_id(typed: str) -> str:
    """The id that somebody typed or read out: any case and width, with spaces or hyphens in it."""
    plain = unicodedata.normalize("NFKC", typed).upper()
    return "".join(letter for letter in plain if letter.isalnum())
