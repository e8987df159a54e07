"""What an answer may know of the conversation besides the question itself.

This module owns the shape of that context. It must not know where it comes from.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TurnContext:
    """`entities` are (entity, value) pairs of the message; `previous_question` is the last one asked."""

    entities: tuple[tuple[str, str], ...] = ()
    previous_question: str | None = None
