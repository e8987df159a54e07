"""From approved drafts to answers, and back: preview, publish, roll back, take back at once.

The database is the truth and the pointer follows it. A publication is prepared whole, on disk, beside the
live snapshot; then one transaction changes the rows and marks the release `committed`; then the pointer is
renamed and the release marked `live`. A process that dies before the commit has changed nothing: the release
is found `building` or `ready` and the old snapshot serves on. One that dies after it has left rows whose
snapshot is whole on disk: the next start, or another process' `catch_up`, makes that snapshot live. The other
order would for a moment answer from words that nobody has published. What can fail for want of space, the
snapshot and the new pointer, is written and synced before the commit.

A rollback restores the rows that the releases since then changed, as they were, and makes the snapshot of the
restored store live; that is the old snapshot, still on disk or built again, so that database and answers
agree and the next publication starts from what is answered. Rows that were changed otherwise since, or
that somebody took back at once, stay as they are and are named.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from knowledge.editing.model import Draft
from knowledge.errors import InvalidContent
from knowledge.journal import Journal
from knowledge.publishing import due, releases, row_images, withdrawals
from knowledge.publishing.core import SYSTEM, Core
from knowledge.publishing.errors import ReasonNeeded, Stale
from knowledge.publishing.golden import Run
from knowledge.publishing.golden_runs import BAR, GoldenRuns, Progress, Questions
from knowledge.publishing.keeping_up import KeepingUp
from knowledge.publishing.lease import Hold
from knowledge.publishing.model import Release, Target, Withdrawal
from knowledge.publishing.planning import StateChange, chosen, plan, publishable
from knowledge.publishing.ports import Drafts, Index, Snapshot
from knowledge.publishing.rolling_back import rewind
from knowledge.publishing.scheduled import Scheduled
from knowledge.publishing.wording import say
from knowledge.store.editing import publish as publish_row
from knowledge.store.editing import withdraw as withdraw_row
from knowledge.store.publishing_tables import ReleaseRow

log = logging.getLogger(__name__)


def _silent(what: str, share: float) -> None:
    return None


class Publisher:
    """One an app or command line; several at once take turns through the database."""

    def __init__(
        self,
        engine: Engine,
        *,
        drafts: Drafts,
        index: Index,
        questions: Questions,
        journal: Journal,
        now: Callable[[], datetime],
        today: Callable[[], date],
        bar: float = BAR,
    ) -> None:
        """`bar` is the share of golden questions below which a reason is asked for."""
        self._core = Core(engine, index, journal, now)
        self._drafts = drafts
        self._golden = GoldenRuns(index, questions, today=today, bar=bar)
        self._upkeep = KeepingUp(self._core)
        self._scheduled = Scheduled(self._core, self)
        self._prepared: Snapshot | None = None

    # ---- a publication

    def preview(
        self,
        draft_ids: Sequence[int],
        *,
        by: str,
        states: Sequence[StateChange] = (),
        progress: Progress = _silent,
    ) -> Release:
        """Check, build and ask, changing nothing. Raises InvalidContent, Stale, Busy, CannotBuild."""
        with self._core.lease.held(by) as hold:
            return self._preview(chosen(self._drafts.drafts(), draft_ids), states, by, hold, progress)

    def publish(self, release_id: str, *, by: str, reason: str = "") -> Release:
        """Make a previewed release live. Once more for one that is live already does nothing.

        Raises ReasonNeeded, Stale (the store is not what was previewed), Busy, CannotBuild."""
        with self._core.lease.held(by) as hold:
            return self._publish(release_id, by, reason, hold)

    def _preview(
        self,
        drafts: Sequence[Draft],
        states: Sequence[StateChange],
        by: str,
        hold: Hold,
        progress: Progress,
        kind: str = "publication",
    ) -> Release:
        progress("检查内容", 0.02)
        with Session(self._core.engine) as session:
            planned = plan(session, drafts, states, self._drafts)
        blank = self._core.blank(kind, "building", by)
        release_id: str = blank["id"]
        with Session(self._core.engine) as session:
            session.add(
                ReleaseRow(
                    **blank,
                    proposal=planned.to_plain(), stamp=planned.stamp, knowledge=planned.knowledge.fingerprint,
                    snapshot="", before_snapshot=self._core.index.live().id,
                    report={"rows": releases.plain_rows(planned.rows)},
                )
            )  # fmt: skip
            session.commit()
        try:
            progress("生成索引", 0.2)
            candidate = self._prepared = self._core.index.prepare(planned.knowledge)
            comparison = self._golden.compare(candidate, hold.renew, progress)
        except BaseException as error:
            with Session(self._core.engine) as session:
                releases.move(session, release_id, "building", "failed", error=str(error))
                session.commit()
            raise
        report = {
            "rows": releases.plain_rows(planned.rows),
            "comparison": comparison.to_plain(),
            "needs_reason": self._golden.needs_reason(comparison),
            "hashes": [[*key, value] for key, value in planned.hashes.items()],
        }
        with Session(self._core.engine) as session:
            releases.move(session, release_id, "building", "ready", snapshot=candidate.id, report=report)
            session.commit()
            return releases.release_of(releases.get(session, release_id))

    def _publish(self, release_id: str, by: str, reason: str, hold: Hold) -> Release:
        with Session(self._core.engine) as session:
            row = releases.get(session, release_id)
            release = releases.release_of(row)
            if row.state == "live":
                return release
            if row.state != "ready":
                raise Stale(say("not_ready", state=row.state))
            proposal, stamp = row.proposal, row.stamp
        if release.needs_reason and not reason.strip():
            raise ReasonNeeded(say("reason.needed", why="".join(release.needs_reason)))
        drafts = chosen(self._drafts.drafts(), [item["id"] for item in proposal["drafts"]])
        if [draft.revision for draft in drafts] != [item["revision"] for item in proposal["drafts"]]:
            raise Stale(say("stale"))
        states = [StateChange(*change) for change in proposal["states"]]
        candidate, marks = self._candidate(release, drafts, states), list[str]()

        def commit() -> None:
            with Session(self._core.engine) as session:
                session.connection(execution_options={"immediate": True})
                hold.check(session)
                if row_images.stamp(session) != stamp:
                    raise Stale(say("stale"))
                self._commit(session, release, drafts, states, by, reason)
                marks.append(self._upkeep.mark(session, candidate.id))
                session.commit()

        self._core.go_live(release_id, candidate, commit)
        self._prepared = None
        self._core.hold_back()
        self._upkeep.settled(marks[0])
        log.info("published", extra={"release": release_id, "rows": len(release.rows)})
        return self.release(release_id)

    def _commit(
        self,
        session: Session,
        release: Release,
        drafts: Sequence[Draft],
        states: Sequence[StateChange],
        by: str,
        reason: str,
    ) -> None:
        """Everything that a publication changes in the database; the caller commits."""
        keys: list[tuple[Any, str]] = [(row.kind, row.id) for row in release.rows]
        at = self._core.now()
        releases.move(
            session, release.id, "ready", "committed", committed_at=at, published_by=by, reason=reason.strip()
        )
        before = {key: row_images.image(session, *key) for key in keys}
        self._drafts.apply(session, drafts, by=by, snapshot=release.snapshot)
        for change in states:
            write: Any = publish_row if change.state == "published" else withdraw_row
            write(session, kind=change.kind, row_id=change.row_id, by=by, now=at)
        withdrawals.lift(session, keys)
        session.flush()
        after = {key: row_images.image(session, *key) for key in keys}
        for kind, row_id, wanted in releases.get(session, release.id).report["hashes"]:
            if row_images.hash_of(after[kind, row_id]) != wanted:
                raise Stale(say("mismatch", id=row_id))
        releases.add_changes(session, release.id, before, after)
        self._core.journal.record(
            session.connection(), by=by, what="release.published", kind="release", subject=release.id,
            before={"snapshot": release.before_snapshot},
            after={"snapshot": release.snapshot, "reason": reason.strip(), "rows": [key[1] for key in keys]},
        )  # fmt: skip

    def _candidate(
        self, release: Release, drafts: Sequence[Draft], states: Sequence[StateChange]
    ) -> Snapshot:
        if self._prepared is not None and self._prepared.id == release.snapshot:
            return self._prepared
        with Session(self._core.engine) as session:  # previewed by another process, or before a restart
            again = plan(session, drafts, states, self._drafts)
        candidate = self._core.index.prepare(again.knowledge)
        if candidate.id != release.snapshot:
            raise Stale(say("stale"))
        return candidate

    # ---- going back

    def roll_back(self, release_id: str, *, by: str, reason: str) -> Release:
        """Answer as when `release_id` was the newest release; see the module. Raises InvalidContent where
        there is nothing to undo, UnknownRelease, Busy, CannotBuild."""
        if not reason.strip():
            raise InvalidContent(say("no_reason"))
        with self._core.lease.held(by) as hold:
            with Session(self._core.engine) as session:
                session.connection(execution_options={"immediate": True})
                stamp = row_images.stamp(session)
                rewind(session, release_id, by=by, at=self._core.now())
                knowledge = publishable(session)
                session.rollback()  # tried out, to build what it leads to before anything changes
            candidate = self._core.index.prepare(knowledge)
            live, new_id, marks = self._core.index.live(), secrets.token_hex(8), list[str]()

            def commit() -> None:
                with Session(self._core.engine) as session:
                    session.connection(execution_options={"immediate": True})
                    hold.check(session)
                    if row_images.stamp(session) != stamp:
                        raise Stale(say("stale"))
                    again = rewind(session, release_id, by=by, at=self._core.now())
                    row = {**self._core.blank("rollback", "committed", by), "id": new_id}
                    row |= {"reason": reason.strip(), "published_by": by, "committed_at": self._core.now()}
                    session.add(
                        ReleaseRow(
                            **row,
                            proposal={"back_to": release_id}, stamp=stamp, knowledge=knowledge.fingerprint,
                            snapshot=candidate.id, before_snapshot=live.id,
                            report={"rows": releases.plain_rows(again.rows), "kept": list(again.kept)},
                        )
                    )  # fmt: skip
                    session.flush()
                    releases.add_changes(session, new_id, again.before, again.after)
                    self._core.journal.record(
                        session.connection(), by=by, what="release.rolled_back", kind="release",
                        subject=new_id, before={"snapshot": live.id},
                        after={"snapshot": candidate.id, "back_to": release_id, "reason": reason.strip(),
                               "rows": [row.id for row in again.rows], "kept": list(again.kept)},
                    )  # fmt: skip
                    marks.append(self._upkeep.mark(session, candidate.id))
                    session.commit()

            done = self._core.go_live(new_id, candidate, commit)
            self._upkeep.settled(marks[0])
            return done

    # ---- at once

    def withdraw_now(self, target: Target, *, by: str, reason: str) -> Withdrawal:
        """No question that comes after this call returns is answered from `target`. The snapshot without it
        is built afterwards: now, or by the next `catch_up` where somebody else is publishing."""
        title = withdrawals.title_of(self._core.index.live().knowledge, target)
        with Session(self._core.engine) as session:
            session.connection(execution_options={"immediate": True})
            made = withdrawals.take_back(
                session,
                target,
                title=title,
                by=by,
                reason=reason,
                at=self._core.now(),
                journal=self._core.journal,
            )
            session.commit()
        self._core.hold_back()
        return made

    def review(self, withdrawal_id: str, *, confirm: bool, by: str, note: str = "") -> Withdrawal:
        """Another person confirms what was taken back, or reverses it; see `withdrawals.review`."""
        with Session(self._core.engine) as session:
            session.connection(execution_options={"immediate": True})
            reviewed = withdrawals.review(
                session, withdrawal_id, confirm=confirm, by=by, note=note,
                at=self._core.now(), journal=self._core.journal,
            )  # fmt: skip
            session.commit()
        self._core.hold_back()
        return reviewed

    def withdrawals(self, *, only_open: bool = False) -> list[Withdrawal]:
        with Session(self._core.engine) as session:
            return withdrawals.listed(session, only_open=only_open)

    # ---- keeping up

    def begin(self) -> None:
        """At the start of a process: finish what another left, and note where the history begins."""
        self._upkeep.begin()

    def catch_up(self) -> Release | None:
        """See `KeepingUp.catch_up`."""
        return self._upkeep.catch_up()

    def claim(self, job: str, due: str) -> bool:
        """See `KeepingUp.claim`."""
        return self._upkeep.claim(job, due)

    def hold_back(self) -> None:
        """Have the index withhold what the database says; one short query where nothing has changed."""
        self._core.hold_back()

    def note_ended(self, kind: str, row_id: str, day: date) -> bool:
        """A line in the journal that something was good until `day`; False where it is noted already."""
        if not self.claim("ended", f"{kind} {row_id} {day}"):
            return False
        with self._core.engine.begin() as connection:
            self._core.journal.record(
                connection, by=SYSTEM, what="expired", kind=kind, subject=row_id, after={"until": str(day)}
            )
        return True

    def warm(self) -> Run:
        """The live snapshot's answers to the golden questions, from then on at hand for a preview."""
        return self._golden.warm()

    def publish_due(self) -> tuple[Release, ...]:
        """Publish the approved drafts whose time has come. What is not valid any longer is left out, and what
        needs a reason waits for a person with its preview in the list: `overdue` names both. See `Scheduled`.
        Raises Busy, CannotBuild."""
        now = self._core.now()
        return self._scheduled.publish(due.due(self._drafts.drafts(state="approved"), now), now)

    def preview_due(self, drafts: Sequence[Draft], hold: Hold) -> Release:
        return self._preview(tuple(drafts), (), SYSTEM, hold, _silent, "scheduled")

    def publish_ready(self, release: Release, hold: Hold) -> Release:
        return self._publish(release.id, SYSTEM, "", hold)

    def needs_reason(self, drafts: Sequence[Draft], hold: Hold) -> list[str]:
        with Session(self._core.engine) as session:
            planned = plan(session, drafts, (), self._drafts)
        candidate = self._core.index.prepare(planned.knowledge)
        return self._golden.needs_reason(self._golden.compare(candidate, hold.renew, _silent))

    def asked_now(self) -> str:
        return self._golden.asked_now()

    def overdue(self) -> list[due.Overdue]:
        """Scheduled drafts that should be published by now and are not, with the reason and the remedy."""
        drafts = self._drafts.drafts(state="approved")
        with Session(self._core.engine) as session:
            return due.overdue(session, drafts, self._core.now())

    # ---- looking

    def release(self, release_id: str) -> Release:
        """Raises UnknownRelease."""
        return self._core.release(release_id)

    def history(self, limit: int = 100) -> list[Release]:
        """What went live, the newest first."""
        with Session(self._core.engine) as session:
            return releases.history(session, limit)

    def waiting(self) -> list[Release]:
        """Previews that can be published, those of scheduled publications that need a reason among them."""
        query = select(ReleaseRow).where(ReleaseRow.state == "ready").order_by(ReleaseRow.created_at.desc())
        with Session(self._core.engine) as session:
            stamp = row_images.stamp(session)
            return [releases.release_of(row) for row in session.scalars(query) if row.stamp == stamp]

    def publisher_at_work(self) -> str | None:
        """Who is previewing or publishing at this moment."""
        return self._core.lease.holder()
