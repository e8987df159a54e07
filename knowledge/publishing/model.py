"""The vocabulary of publishing, as plain immutable data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from knowledge.publishing.golden import Comparison

ReleaseKind = Literal["start", "publication", "scheduled", "rollback", "withdrawal", "upkeep"]
"""`start`: what was live when the first release was made; `withdrawal`: the snapshot without something taken
back at once; `upkeep`: the store had changed otherwise, by a newer version of what ships for one."""
ReleaseState = Literal["building", "ready", "committed", "live", "failed"]
RowKind = Literal["document", "entry", "programme", "lexicon"]
TargetKind = Literal["entry", "clause", "document", "programme", "tag", "item"]
WithdrawalState = Literal["open", "confirmed", "reversed"]


@dataclass(frozen=True, slots=True)
class Target:
    """What is taken back: an id, or the name of an audience (`tag`) or a thing (`item`)."""

    kind: TargetKind
    id: str


@dataclass(frozen=True, slots=True)
class Row:
    """One row that a release changes; `title` is what people call it, `becomes` the state it gets."""

    kind: RowKind
    id: str
    title: str
    becomes: str


@dataclass(frozen=True, slots=True)
class Release:
    """See `ReleaseRow`. `comparison` is that of the golden questions, None where none were asked; `kept`
    names rows that a rollback left as they were, because they had been changed since."""

    id: str
    kind: ReleaseKind
    state: ReleaseState
    by: str
    published_by: str | None
    reason: str
    snapshot: str
    before_snapshot: str
    rows: tuple[Row, ...]
    comparison: Comparison | None
    needs_reason: tuple[str, ...]
    error: str
    created_at: datetime
    committed_at: datetime | None
    live_at: datetime | None
    kept: tuple[str, ...] = ()
    back_to: str | None = None


@dataclass(frozen=True, slots=True)
class Withdrawal:
    id: str
    target: Target
    title: str
    reason: str
    by: str
    at: datetime
    state: WithdrawalState
    active: bool
    reviewed_by: str | None = None
    reviewed_at: datetime | None = None
    review_note: str = ""
    rows: tuple[Mapping[str, Any], ...] = field(default=(), repr=False)
