"""What an answer may know of the conversation besides the question itself, and what it leaves behind.

This module owns the shape of that context. It must not know where it is kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from actions.replies import Reply


@dataclass(frozen=True, slots=True)
class Memory:
    """What a conversation remembers from one question to the next.

    `asked` is the last question as it was understood, `cited` the clauses that its answer rested on. The six
    after them are what was last spoken of. `offered` are the choices given last, as questions; `misses`
    counts the questions in a row that got no answer.
    """

    asked: str | None = None
    cited: tuple[str, ...] = ()
    item: str | None = None
    act: str | None = None
    district: str | None = None
    year: str | None = None
    role: str | None = None
    document: str | None = None
    offered: tuple[str, ...] = ()
    misses: int = 0

    def slots(self) -> dict[str, Any]:
        """As plain values, the way a tracker's slots hold them."""
        return {
            name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()
        }

    @classmethod
    def of_slots(cls, slots: Mapping[str, Any]) -> Memory:
        """Whatever of `slots` is ours and of the right kind; the rest counts as forgotten."""
        known: dict[str, Any] = {}
        for one in fields(cls):
            value = slots.get(one.name)
            if one.name in ("cited", "offered") and isinstance(value, (list, tuple)):
                known[one.name] = tuple(map(str, value))
            elif one.name == "misses" and isinstance(value, (int, float)):
                known[one.name] = int(value)
            elif one.name not in ("cited", "offered", "misses") and isinstance(value, str):
                known[one.name] = value
        return cls(**known)


@dataclass(frozen=True, slots=True)
class Answered:
    """A reply and what the conversation is to remember after it."""

    reply: Reply
    memory: Memory


@dataclass(frozen=True, slots=True)
class Prompt:
    """The campaign message that a resident's message replies to: what it said, the clauses or programmes that
    it rests on, the best first, and the activity that it tells of."""

    text: str
    clause_ids: tuple[str, ...] = ()
    activity_id: str | None = None

    def as_json(self) -> dict[str, Any]:
        return {"text": self.text, "clause_ids": list(self.clause_ids), "activity_id": self.activity_id}

    @classmethod
    def of_json(cls, raw: object) -> Prompt | None:
        """None for whatever is no prompt."""
        if not isinstance(raw, Mapping) or not isinstance(raw.get("text"), str):
            return None
        clauses, activity = raw.get("clause_ids"), raw.get("activity_id")
        return cls(
            raw["text"],
            tuple(map(str, clauses)) if isinstance(clauses, list) else (),
            activity if isinstance(activity, str) else None,
        )


@dataclass(frozen=True, slots=True)
class TurnContext:
    """`entities` are (entity, value) pairs of the message; `prompt` is the campaign message before it, if it
    replies to one."""

    entities: tuple[tuple[str, str], ...] = ()
    memory: Memory = field(default_factory=Memory)
    prompt: Prompt | None = None
