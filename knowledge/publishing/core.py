"""What every part of publishing shares: the database, the index, whose turn it is, and the step in which a
prepared snapshot goes live."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from knowledge.journal import Journal
from knowledge.publishing import releases, withdrawals
from knowledge.publishing.lease import SYSTEM, Lease
from knowledge.publishing.model import Release
from knowledge.publishing.ports import Index, Snapshot

__all__ = ["SYSTEM", "Core"]


@dataclass(frozen=True)
class Core:
    engine: Engine
    index: Index
    journal: Journal
    now: Callable[[], datetime]
    lease: Lease = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "lease", Lease(self.engine, now=self.now))

    def go_live(self, release_id: str, candidate: Snapshot, commit: Callable[[], None]) -> Release:
        """`commit` leaves the release `committed`; once the pointer is in place it is `live`."""
        self.index.go_live(candidate, commit)
        with Session(self.engine) as session:
            releases.move(session, release_id, "committed", "live", live_at=self.now())
            session.commit()
        return self.release(release_id)

    def hold_back(self) -> None:
        """Derive what is withheld from the database; a cheap look where nothing has changed."""
        with Session(self.engine) as session:
            wanted = withdrawals.active(session)
        if wanted != self.index.withheld:
            self.index.withhold(wanted)

    def release(self, release_id: str) -> Release:
        """Raises UnknownRelease."""
        with Session(self.engine) as session:
            return releases.release_of(releases.get(session, release_id))

    def blank(self, kind: str, state: str, by: str) -> dict[str, Any]:
        """The columns that every new release begins with."""
        return {
            "id": secrets.token_hex(8),
            "kind": kind,
            "state": state,
            "by": by,
            "reason": "",
            "error": "",
            "created_at": self.now(),
        }
