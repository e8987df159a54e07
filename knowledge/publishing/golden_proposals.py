"""Changes of golden questions, proposed by one person and agreed to by another.

What every publication is measured by is reviewed like what is published: nobody agrees to their own change.
Agreed to, it holds from the next run on; a publication is not needed, since nothing is answered from it. Each
question has one open proposal at most, and one made for words that changed meanwhile is not applied.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, cast

from sqlalchemy import CursorResult, Engine, delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from knowledge.errors import InvalidContent, UnknownRow
from knowledge.journal import Journal
from knowledge.publishing.errors import SameReviewer, Stale
from knowledge.publishing.golden import GoldenQuestion
from knowledge.publishing.golden_store import GoldenQuestions, checked, plain_of, question_of
from knowledge.publishing.wording import say
from knowledge.store.publishing_tables import GoldenProposalRow, GoldenRow


@dataclass(frozen=True, slots=True)
class GoldenProposal:
    """`wanted` has an empty id where a new question is asked for. `said` is why it was sent back."""

    id: int
    wanted: GoldenQuestion
    state: Literal["open", "sent_back"]
    revision: int
    by: str
    at: datetime
    said: str


class GoldenProposals:
    def __init__(
        self, engine: Engine, questions: GoldenQuestions, *, now: Callable[[], datetime], journal: Journal
    ) -> None:
        self._engine, self._questions, self._now, self._journal = engine, questions, now, journal

    def all(self) -> list[GoldenProposal]:
        """The oldest first."""
        with Session(self._engine) as session:
            return [
                _proposal(row)
                for row in session.scalars(select(GoldenProposalRow).order_by(GoldenProposalRow.id))
            ]

    def propose(
        self,
        *,
        text: str,
        expects: Collection[str] | None,
        by: str,
        question_id: str | None = None,
        note: str = "",
        active: bool = True,
        seen: GoldenProposal | None = None,
    ) -> GoldenProposal:
        """A new proposal, or with `seen` other words for one's own. Raises InvalidContent for what could not
        become a question, for what changes nothing and for words that another proposal has; Stale where
        somebody else has an open proposal for the question or `seen` changed."""
        with Session(self._engine) as session:
            session.connection(execution_options={"immediate": True})
            wanted = checked(session, text, expects, question_id=question_id, note=note, active=active)
            current = session.get(GoldenRow, question_id) if question_id else None
            if current is not None and plain_of(question_of(current)) == plain_of(wanted):
                raise InvalidContent(say("golden.unchanged"))
            row = self._seen(session, seen, by) if seen is not None else None
            self._alone(session, wanted, row)
            if row is None:
                row = GoldenProposalRow(question_id=question_id, revision=0, said="")
                session.add(row)
            row.text, row.note, row.active = wanted.text, wanted.note, wanted.active
            row.expects = sorted(wanted.expects) if wanted.expects is not None else None
            row.base_hash = current.content_hash if current is not None else None
            row.state, row.revision, row.said = "open", row.revision + 1, ""
            row.by, row.at = by, self._now()
            try:
                session.flush()
            except IntegrityError as error:  # on PostgreSQL two may get this far
                raise Stale(say("golden.moved")) from error
            self._tell(session, "golden.proposed", by, row)
            session.commit()
            return _proposal(row)

    def approve(self, seen: GoldenProposal, *, by: str) -> GoldenQuestion:
        """The proposal becomes the question. Raises SameReviewer, Stale, InvalidContent, UnknownRow."""
        with Session(self._engine) as session:
            session.connection(execution_options={"immediate": True})
            row = self._open(session, seen, by)
            current = session.get(GoldenRow, row.question_id) if row.question_id else None
            if (current.content_hash if current is not None else None) != row.base_hash:
                raise Stale(say("golden.changed"))
            wanted = checked(
                session, row.text, row.expects, question_id=row.question_id, note=row.note, active=row.active
            )
            self._take(session, seen, delete(GoldenProposalRow))
            item = self._questions.write(session, wanted, by=seen.by, approved_by=by)
            session.commit()
            return item

    def send_back(self, seen: GoldenProposal, *, by: str, reason: str) -> None:
        """To its author, who may change it and ask again. Raises as `approve`."""
        if not reason.strip():
            raise InvalidContent(say("no_reason"))
        with Session(self._engine) as session:
            session.connection(execution_options={"immediate": True})
            row = self._open(session, seen, by)
            changed = {"state": "sent_back", "said": reason.strip(), "revision": seen.revision + 1}
            self._take(session, seen, update(GoldenProposalRow).values(**changed))
            self._tell(session, "golden.sent_back", by, row, reason=reason.strip())
            session.commit()

    def drop(self, seen: GoldenProposal, *, by: str) -> None:
        """Its author takes it back. Raises Stale, UnknownRow."""
        with Session(self._engine) as session:
            session.connection(execution_options={"immediate": True})
            row = self._seen(session, seen, by)
            self._tell(session, "golden.dropped", by, row)
            self._take(session, seen, delete(GoldenProposalRow))
            session.commit()

    def _seen(self, session: Session, seen: GoldenProposal, by: str) -> GoldenProposalRow:
        """One's own proposal at the revision that was seen."""
        row = self._row(session, seen)
        if row.by != by:
            raise Stale(say("golden.theirs", by=row.by))
        return row

    def _open(self, session: Session, seen: GoldenProposal, by: str) -> GoldenProposalRow:
        """Somebody else's proposal at the revision that was seen."""
        row = self._row(session, seen)
        if row.by == by:
            raise SameReviewer(say("golden.own"))
        if row.state != "open":
            raise Stale(say("golden.moved"))
        return row

    def _row(self, session: Session, seen: GoldenProposal) -> GoldenProposalRow:
        row = session.get(GoldenProposalRow, seen.id, populate_existing=True)
        if row is None:
            raise UnknownRow(say("golden.settled"))
        if row.revision != seen.revision:
            raise Stale(say("golden.moved"))
        return row

    def _alone(self, session: Session, wanted: GoldenQuestion, own: GoldenProposalRow | None) -> None:
        for other in session.scalars(select(GoldenProposalRow)):
            if own is not None and other.id == own.id:
                continue
            if other.question_id is not None and other.question_id == wanted.id:
                raise Stale(say("golden.open", by=other.by))
            if other.text == wanted.text:
                raise InvalidContent(say("golden.proposed_twice", text=wanted.text, by=other.by))

    def _take(self, session: Session, seen: GoldenProposal, statement: Any) -> None:
        """Change the row if it is still as it was seen: of two reviewers at once, the second is told."""
        here = (GoldenProposalRow.id == seen.id, GoldenProposalRow.revision == seen.revision)
        done = session.execute(statement.where(*here).execution_options(synchronize_session=False))
        assert isinstance(done, CursorResult)
        if done.rowcount != 1:
            raise Stale(say("golden.moved"))

    def _tell(self, session: Session, what: str, by: str, row: GoldenProposalRow, **more: str) -> None:
        self._journal.record(
            session.connection(), by=by, what=what, kind="golden", subject=row.question_id or row.text[:64],
            after={**plain_of(_proposal(row).wanted), **more},
        )  # fmt: skip


def _proposal(row: GoldenProposalRow) -> GoldenProposal:
    expects = frozenset(row.expects) if row.expects is not None else None
    wanted = GoldenQuestion(row.question_id or "", row.text, expects, "editor", row.note, row.active)
    return GoldenProposal(row.id, wanted, cast(Any, row.state), row.revision, row.by, row.at, row.said)
