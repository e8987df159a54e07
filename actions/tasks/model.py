"""What a guided task is, for whoever leads it and whoever writes one.

A task owns its fields, how each is asked for and read, and what it does at its end. It keeps nothing between
turns: what was said so far stands in a `Progress`, which the dialogue's tracker keeps.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Any, Protocol

from actions.context import Memory
from actions.replies import Citation, Contact, Suggestion

Values = Mapping[str, Any]
"""What is known of a task's fields; JSON values only, since a tracker keeps them."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One message within a task. `person` is the pseudonym, `message` the words as they reached Rasa, `day`
    today in Chongqing, `now` aware UTC, `intent` what the dialogue took the message for."""

    person: str
    channel: str
    request_id: str
    message: str
    day: date
    now: datetime
    intent: str = ""
    memory: Memory = field(default_factory=Memory)


@dataclass(frozen=True, slots=True)
class Ask:
    """How a field is asked for."""

    text: str
    choices: Sequence[Suggestion] = ()


@dataclass(frozen=True, slots=True)
class Problem:
    """What was wrong with an answer, and what would be right, in words for the resident."""

    said: str


@dataclass(frozen=True, slots=True)
class End:
    """What a finished task says. `outcome` names what the app is to do with it, if anything."""

    text: str
    outcome: str | None = None
    citations: Sequence[Citation] = ()
    contacts: Sequence[Contact] = ()
    suggestions: Sequence[Suggestion] = ()


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a task stands. `at` is the time of the last step, ISO 8601; `tries` counts answers to
    `field` that could not be read; `left` marks a task that was left and may be taken up again, `done` one
    that is finished and may still be corrected."""

    task: str
    field: str | None
    values: Values
    at: str
    tries: int = 0
    left: bool = False
    done: bool = False

    def to_slot(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def of_slot(cls, slot: object) -> Progress | None:
        """None for anything that is no progress of ours: a tracker may be older than this code."""
        if not isinstance(slot, Mapping):
            return None
        try:
            known = cls(**slot)
            datetime.fromisoformat(known.at)
        except (TypeError, ValueError):
            return None
        return known if isinstance(known.values, Mapping) else None


class Task(Protocol):
    """`name` is the form's without its ending; `labels` are words that name a field in a correction; a
    `correctable` task may be corrected after its end."""

    name: str
    labels: Mapping[str, Sequence[str]]
    correctable: bool

    def begin(self, turn: Turn) -> Values | End:
        """What the message that began it says already; an End where there is nothing to do."""

    def next_field(self, values: Values, turn: Turn) -> str | None:
        """What is to be asked next; None where all is known."""

    def ask(self, name: str, values: Values, turn: Turn) -> Ask: ...

    def read(self, name: str, turn: Turn, values: Values) -> Values | Problem | None:
        """What an answer to `name` says, of that field and perhaps of others; None where it is no answer."""

    def finish(self, values: Values, turn: Turn) -> End: ...
