"""Runs as plain immutable data: one sending of an approved campaign, and how far it has come."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from campaigns.content import Message, message_from
from campaigns.planning.schedule import Schedule, schedule_from

RunState = Literal["held", "writing", "running", "paused", "finished", "cancelled"]
OPEN_STATES: tuple[RunState, ...] = ("held", "writing", "running", "paused")
DeliveryState = Literal["queued", "leased", "sending", "sent", "failed", "skipped", "unknown"]
SYSTEM = "system"
"""Who the history names where nobody pressed a button."""


@dataclass(frozen=True, slots=True)
class Run:
    """What was frozen when it fell due. `held_for` says why it waits for a person, held or paused.

    `written`: its recipients stand in the outbox; a run held before that has none yet.
    """

    id: str
    campaign_id: str
    due_at: datetime
    state: RunState
    held_for: str | None
    message: Message
    audience: Mapping[str, Any]
    schedule: Schedule
    recipients: int
    corrects: str | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None

    @property
    def written(self) -> bool:
        return self.started_at is not None


def run_from(row: Any) -> Run:
    """A run from its row. Raises InvalidInput where what it holds is no message or schedule any more."""
    return Run(
        id=row.id,
        campaign_id=row.campaign_id,
        due_at=row.due_at,
        state=row.state,
        held_for=row.held_for,
        message=message_from(row.content),
        audience=row.audience,
        schedule=schedule_from(row.schedule),
        recipients=row.recipients,
        corrects=row.corrects,
        created_at=row.created_at,
        started_at=row.started_at,
        finished_at=row.finished_at,
    )


@dataclass(frozen=True, slots=True)
class Progress:
    """`waiting` and `under_way` are still to come, `done` is settled whichever way; together `recipients`.

    `ends_at`: when it will be through at the channels' rates, all waits counted; None while it stands still.
    """

    run_id: str
    state: RunState
    recipients: int
    waiting: int
    under_way: int
    done: int
    ends_at: datetime | None
    held_for: str | None
