"""What tasks need of the rest, in the shape they need it; `api.wiring` hands it in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from actions.context import Answered, Memory


class Answers(Protocol):
    """Answers a question that comes in the middle of a task."""

    def turn(self, question: str, *, request_id: str, memory: Memory) -> Answered: ...


class SmallTalk(Protocol):
    """The words for an intent of small talk."""

    def say(self, intent: str) -> Mapping[str, Any] | None:
        """The fields of a reply; None for an intent that is no small talk."""


class Inbox(Protocol):
    """Where a person takes over."""

    def open(
        self, *, person: str, channel: str, question: str, district: str | None, with_contact: bool
    ) -> str:
        """A ticket, and what the resident is told: its number, by when and how an answer comes. With
        `with_contact` the contact that was taken from the last message belongs to it."""


class Opinions(Protocol):
    """What residents think of answers."""

    def judge_last(self, *, person: str, useful: bool, reason: str | None, comment: str | None) -> bool:
        """Of the conversation's last answer; False where there was none."""
