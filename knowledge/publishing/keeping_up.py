"""Keeping the index to what the database says, and doing what falls due.

Owns what happens at the start of a process and every few seconds after: whatever a process that died had left
half-way is finished or declared over here.
"""

from __future__ import annotations

import secrets
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from knowledge.publishing import row_images, withdrawals
from knowledge.publishing.core import SYSTEM, Core
from knowledge.publishing.errors import Busy, Stale
from knowledge.publishing.lease import Hold
from knowledge.publishing.model import Release
from knowledge.publishing.planning import publishable
from knowledge.publishing.wording import say
from knowledge.store.publishing_tables import JobRow, ReleaseRow


class KeepingUp:
    def __init__(self, core: Core) -> None:
        self._core = core
        self._settled = ""

    def catch_up(self) -> Release | None:
        """Make the index what the database says, where it is not: after a process died between the two,
        after something was taken back, after an upgrade. Nothing to do costs one short query. Raises Busy
        where somebody is publishing: then it is theirs to finish."""
        self._core.hold_back()
        with Session(self._core.engine) as session:
            now = self.mark(session, self._core.index.live().id)
            unfinished = session.scalar(
                select(ReleaseRow.id).where(ReleaseRow.state.in_(("building", "committed"))).limit(1)
            )
        if now == self._settled and unfinished is None:
            return None
        with self._core.lease.held(SYSTEM) as hold:
            with Session(self._core.engine) as session:
                stamp = row_images.stamp(session)
                knowledge = publishable(session)
                taken = bool(withdrawals.active(session))
                mark = self.mark(session, "")
            self._core.index.follow()
            live, made = self._core.index.live(), None
            if live.knowledge.fingerprint != knowledge.fingerprint:
                made = self._rebuild(knowledge, stamp, hold, "withdrawal" if taken else "upkeep")
            self._core.index.settle()
            self._finish()
            self.settled(mark + self._core.index.live().id)
        return made

    def mark(self, session: Session, snapshot: str) -> str:
        """Of the store as `session` sees it, with the snapshot that answers from it."""
        return f"{row_images.stamp(session)} {withdrawals.active(session).to_plain()} {snapshot}"

    def settled(self, mark: str) -> None:
        """The snapshot of this mark is live: as long as the mark stays, there is nothing to do."""
        self._settled = mark

    def _rebuild(self, knowledge: Any, stamp: str, hold: Hold, kind: str) -> Release:
        live, candidate = self._core.index.live(), self._core.index.prepare(knowledge)
        with Session(self._core.engine) as session:
            waiting = session.scalar(
                select(ReleaseRow.id).where(
                    ReleaseRow.state == "committed", ReleaseRow.knowledge == knowledge.fingerprint
                )
            )
        release_id = waiting or secrets.token_hex(8)

        def commit() -> None:
            with Session(self._core.engine) as session:
                session.connection(execution_options={"immediate": True})
                hold.check(session)
                if row_images.stamp(session) != stamp:
                    raise Stale(say("stale"))
                if waiting is None:
                    blank = {**self._core.blank(kind, "committed", SYSTEM), "id": release_id}
                    session.add(
                        ReleaseRow(
                            **{**blank, "committed_at": self._core.now()}, proposal={}, stamp=stamp,
                            knowledge=knowledge.fingerprint, snapshot=candidate.id,
                            before_snapshot=live.id, report={},
                        )
                    )  # fmt: skip
                session.commit()

        return self._core.go_live(release_id, candidate, commit)

    def _finish(self) -> None:
        """The index is what the database says: what was committed is live, and what was being previewed when
        its process died is over. The lease is held, so nobody is in the midst of either."""
        with Session(self._core.engine) as session:
            for before, values in (
                ("committed", {"state": "live", "live_at": self._core.now()}),
                ("building", {"state": "failed", "error": say("interrupted")}),
            ):
                session.execute(update(ReleaseRow).where(ReleaseRow.state == before).values(**values))
            session.commit()

    def begin(self) -> None:
        """At the start of a process: finish what another left, and note where the history begins."""
        try:
            self.catch_up()
        except Busy:
            return  # somebody is at it
        live = self._core.index.live()
        with Session(self._core.engine) as session:
            session.connection(execution_options={"immediate": True})
            if session.scalar(select(ReleaseRow.id).where(ReleaseRow.state == "live").limit(1)) is None:
                now = self._core.now()
                session.add(
                    ReleaseRow(
                        **{**self._core.blank("start", "live", SYSTEM), "committed_at": now, "live_at": now},
                        proposal={}, stamp=row_images.stamp(session), knowledge=live.knowledge.fingerprint,
                        snapshot=live.id, before_snapshot="", report={},
                    )
                )  # fmt: skip
                session.commit()

    def claim(self, job: str, due: str) -> bool:
        """Whether this piece of work is ours: one process adds the row, every other one finds it there."""
        with Session(self._core.engine) as session:
            session.connection(execution_options={"immediate": True})
            if session.get(JobRow, (job, due)) is not None:
                return False
            session.add(JobRow(job=job, due=due, taken_at=self._core.now()))
            try:
                session.commit()
            except IntegrityError:  # on PostgreSQL two may get this far
                return False
            return True
