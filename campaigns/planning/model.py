"""A campaign as plain immutable data: what is said, to whom, when, and how far it has come.

`frozen_hash` stands for content, audience and schedule together: a test send and an approval hold for exactly
that hash. Knows nothing of databases.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Protocol

from sqlalchemy import Connection

from campaigns.audience import Audience
from campaigns.content import Message, hash_of
from campaigns.errors import NotAllowed
from campaigns.finding import Finding
from campaigns.planning.schedule import Schedule

State = Literal[
    "draft", "in_review", "approved", "scheduled", "running", "finished", "paused", "cancelled"
]  # fmt: skip
STATES: tuple[State, ...] = (
    "draft", "in_review", "approved", "scheduled", "running", "paused", "finished", "cancelled"
)  # fmt: skip


def frozen(message: Message, audience: Audience, schedule: Schedule) -> str:
    """What an approval is bound to."""
    return hash_of({"content": message.hash, "audience": audience.hash, "schedule": schedule.hash})


@dataclass(frozen=True, slots=True)
class Campaign:
    """`next_due_at` is when the next run begins, None where none is planned; `paused_for` says why it waits.
    `corrects` is a run: the campaign goes to exactly those whom that run reached."""

    id: str
    title: str
    week_id: str | None
    state: State
    revision: int
    message: Message
    audience: Audience
    schedule: Schedule
    frozen_hash: str
    tested_hash: str | None
    tested_at: datetime | None
    approved_hash: str | None
    approved_by: str | None
    approved_at: datetime | None
    next_due_at: datetime | None
    paused_for: str | None
    copied_from: str | None
    corrects: str | None
    created_by: str
    created_at: datetime
    updated_by: str
    updated_at: datetime

    @property
    def tested(self) -> bool:
        """Whether what stands now was sent as a test."""
        return self.tested_hash == self.frozen_hash

    @property
    def approved(self) -> bool:
        """Whether what stands now is what was approved."""
        return self.approved_hash == self.frozen_hash

    def as_json(self) -> dict[str, Any]:
        moments = ("tested_at", "approved_at", "next_due_at", "created_at", "updated_at")
        plain = {name: getattr(self, name) for name in self.__dataclass_fields__}
        plain |= {name: None if plain[name] is None else plain[name].isoformat() for name in moments}
        del plain["message"]
        return plain | {
            "content": self.message.as_json(),
            "audience": self.audience.as_json(),
            "schedule": self.schedule.as_json(),
        }


@dataclass(frozen=True, slots=True)
class Event:
    """One line of a campaign's history. `edited`: it changed what is sent, to whom or when."""

    at: datetime
    by: str
    what: str
    state: State
    edited: bool
    note: str | None
    hash: str


class InTheWay(NotAllowed):
    """What must be mended or confirmed before the step; `findings` holds each."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        super().__init__("\n".join(each.text for each in findings))
        self.findings = findings


class RunSteps(Protocol):
    """What planning asks of the runs of a campaign, within its own transaction. Delivery owns them."""

    def open_runs(self, connection: Connection, campaign_id: str) -> int:
        """How many are not over: held, writing, running or paused."""

    def pause_all(self, connection: Connection, campaign_id: str, *, by: str, at: datetime) -> None:
        """No further batch goes out."""

    def resume_all(self, connection: Connection, campaign_id: str, *, by: str, at: datetime) -> None: ...

    def cancel_all(self, connection: Connection, campaign_id: str, *, by: str, at: datetime) -> None:
        """What has not gone out never will."""


class NoRuns:
    """For campaigns that nothing sends yet: command lines that only plan, and tests."""

    def open_runs(self, connection: Connection, campaign_id: str) -> int:
        return 0

    def pause_all(self, connection: Connection, campaign_id: str, *, by: str, at: datetime) -> None:
        return None

    def resume_all(self, connection: Connection, campaign_id: str, *, by: str, at: datetime) -> None:
        return None

    def cancel_all(self, connection: Connection, campaign_id: str, *, by: str, at: datetime) -> None:
        return None


Forms = Mapping[str, Any]
"""`content`, `audience` and `schedule` in their JSON forms."""
