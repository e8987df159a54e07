"""Editing: the one door to drafts, their review, comments, revisions, and what publishing does with them.

Owns transactions; the steps live beside it. It knows neither who may do what (the app asks first) nor what a
snapshot is: `apply` and `withdraw` run inside the publisher's transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from knowledge.editing import applying, lists
from knowledge.editing.checking import problems_of
from knowledge.editing.differences import changes
from knowledge.editing.drafting import Drafting
from knowledge.editing.forms import FIELDS
from knowledge.editing.model import (
    Ageing,
    Comment,
    Draft,
    DraftState,
    Ending,
    Event,
    FieldChange,
    Kind,
    Proposal,
    Revision,
    Stock,
)
from knowledge.editing.overlaying import overlay
from knowledge.editing.stored import (
    comment_of,
    draft_of,
    event_of,
    find_draft,
    hashes,
    plain_of,
    revision_of,
    row_of,
)
from knowledge.editing.wording import say, word
from knowledge.errors import InvalidContent, UnknownRow
from knowledge.fields import say_of_field
from knowledge.journal import Journal
from knowledge.shipped import Shipped
from knowledge.store.draft_tables import CommentRow, DraftEventRow, DraftRow, RevisionRow
from knowledge.store.loading import load_all

LONGEST_COMMENT = 4_000


class Editing:
    """Drafts of everything that is published. Thread-safe: each call is a transaction of its own."""

    def __init__(self, engine: Engine, *, now: Callable[[], datetime], journal: Journal) -> None:
        self._engine, self._now, self._journal = engine, now, journal

    # ---- drafts

    def save(
        self,
        *,
        kind: Kind,
        row_id: str,
        content: Mapping[str, Any],
        by: str,
        revision: int | None = None,
        note: str = "",
    ) -> Draft:
        """Writes the row's draft; `revision` is the one the editor saw, None to begin one.

        `content` may leave fields out (they are then empty); its `state` is of no account: a saved draft is
        to be published. A draft in review or approved becomes a draft again. Raises InvalidContent for a
        field that can't be read, DraftConflict where somebody was first.
        """
        return self.save_all([Proposal(kind, row_id, content, revision)], by=by, note=note)[0]

    def save_all(self, proposals: Sequence[Proposal], *, by: str, note: str = "") -> list[Draft]:
        """Writes several drafts, all or none."""
        with self._writing() as work:
            return [work.save(proposal, by=by, note=note) for proposal in proposals]

    def propose_withdrawal(self, *, kind: Kind, row_id: str, by: str, note: str) -> Draft:
        """A draft that, once published, takes the row out of the answers."""
        return self.propose_withdrawals([(kind, row_id)], by=by, note=note)[0]

    def propose_withdrawals(self, rows: Sequence[tuple[Kind, str]], *, by: str, note: str) -> list[Draft]:
        """As `propose_withdrawal`, all or none. Raises UnknownRow, DraftConflict where one has a draft."""
        with self._writing() as work:
            return [self._withdrawal(work, kind, row_id, by, note) for kind, row_id in rows]

    def submit(self, draft_id: int, *, by: str, revision: int) -> Draft:
        """To review. Raises InvalidContent with every problem, RowChanged, DraftConflict."""
        with self._writing() as work:
            draft = work.draft(draft_id, revision=revision)
            return work.submit(draft, by=by, problems=lambda draft: _problems(work.session, draft))

    def approve(self, draft_id: int, *, by: str, revision: int, publish_at: datetime | None = None) -> Draft:
        """By somebody who neither began the draft nor wrote its content last: else SamePerson. `publish_at`
        (aware) has `due` name it from then on; None leaves publishing to a person."""
        with self._writing() as work:
            draft = work.draft(draft_id, revision=revision)
            return work.approve(
                draft, by=by, publish_at=publish_at, problems=lambda draft: _problems(work.session, draft)
            )

    def schedule(self, draft_id: int, *, by: str, revision: int, publish_at: datetime | None) -> Draft:
        """Another time for an approved draft, None for none."""
        with self._writing() as work:
            return work.schedule(work.draft(draft_id, revision=revision), by=by, publish_at=publish_at)

    def send_back(self, draft_id: int, *, by: str, revision: int, reason: str) -> Draft:
        """From review, or after it, to its author; the reason becomes a comment."""
        if not reason.strip():
            raise InvalidContent(say("no_reason"))
        with self._writing() as work:
            draft = work.send_back(work.draft(draft_id, revision=revision), by=by)
            self._comment(work.session, draft.kind, draft.row_id, draft.id, by, reason)
            return draft

    def rebase(self, draft_id: int, *, by: str, revision: int) -> Draft:
        """Says that the draft stands although its row has changed since (RowChanged); it is a draft again."""
        with self._writing() as work:
            return work.rebase(work.draft(draft_id, revision=revision), by=by)

    def discard(self, draft_id: int, *, by: str, revision: int) -> None:
        """Drops the draft; the row stays as it is."""
        with self._writing() as work:
            work.discard(work.draft(draft_id, revision=revision), by=by)

    def drafts(self, *, kind: Kind | None = None, state: DraftState | None = None) -> list[Draft]:
        """Open drafts, those touched last first."""
        query = select(DraftRow).order_by(DraftRow.updated_at.desc(), DraftRow.id.desc())
        if kind is not None:
            query = query.where(DraftRow.kind == kind)
        if state is not None:
            query = query.where(DraftRow.state == state)
        with Session(self._engine) as session:
            return [draft_of(row) for row in session.scalars(query)]

    def draft(self, draft_id: int) -> Draft:
        """Raises UnknownRow."""
        with Session(self._engine) as session:
            row = session.get(DraftRow, draft_id)
            if row is None:
                raise UnknownRow(say("no_draft", id=draft_id))
            return draft_of(row)

    def draft_of(self, kind: Kind, row_id: str) -> Draft | None:
        """The row's open draft."""
        with Session(self._engine) as session:
            row = find_draft(session, kind, row_id)
            return draft_of(row) if row is not None else None

    def due(self, now: datetime | None = None) -> list[Draft]:
        """Approved drafts whose time to be published has come, the earliest first."""
        query = (
            select(DraftRow)
            .where(DraftRow.state == "approved", DraftRow.publish_at <= (now or self._now()))
            .order_by(DraftRow.publish_at, DraftRow.id)
        )
        with Session(self._engine) as session:
            return [draft_of(row) for row in session.scalars(query)]

    # ---- what is wrong, what differs

    def problems(self, draft: Draft) -> list[str]:
        """What keeps the draft from review, in whole sentences. Other open drafts of documents, programmes
        and words count as there: a question may be written before its document is published."""
        with Session(self._engine) as session:
            return _problems(session, draft)

    def problems_together(self, drafts: Sequence[Draft]) -> list[str]:
        """What would be wrong if exactly these were published now."""
        with Session(self._engine) as session:
            return problems_of(load_all(session), drafts)

    def current(self, kind: Kind, row_id: str) -> dict[str, Any] | None:
        """The plain form of the row as it is now (its state included), None where there is none."""
        with Session(self._engine) as session:
            row = row_of(session, kind, row_id)
            return plain_of(row) if row is not None else None

    def changes(self, draft: Draft) -> tuple[FieldChange, ...]:
        """What the draft would change of the row as it is now."""
        return changes(draft.kind, self.current(draft.kind, draft.row_id), draft.content)

    def events(self, kind: Kind, row_id: str) -> list[Event]:
        """Everything that happened to the row's drafts, oldest first."""
        query = select(DraftEventRow).where(DraftEventRow.kind == kind, DraftEventRow.row_id == row_id)
        with Session(self._engine) as session:
            return [event_of(row) for row in session.scalars(query.order_by(DraftEventRow.id))]

    # ---- comments and revisions

    def comment(self, *, kind: Kind, row_id: str, by: str, text: str) -> Comment:
        """Raises InvalidContent for an empty or endless comment."""
        with self._writing() as work:
            row = find_draft(work.session, kind, row_id)
            return self._comment(work.session, kind, row_id, row.id if row else None, by, text)

    def comments(self, kind: Kind, row_id: str) -> list[Comment]:
        """Oldest first."""
        query = select(CommentRow).where(CommentRow.kind == kind, CommentRow.row_id == row_id)
        with Session(self._engine) as session:
            return [comment_of(row) for row in session.scalars(query.order_by(CommentRow.id))]

    def revisions(self, kind: Kind, row_id: str) -> list[Revision]:
        """What the row was at each publication, the newest first."""
        query = select(RevisionRow).where(RevisionRow.kind == kind, RevisionRow.row_id == row_id)
        with Session(self._engine) as session:
            return [revision_of(row) for row in session.scalars(query.order_by(RevisionRow.number.desc()))]

    # ---- publishing

    def content(self) -> Shipped:
        """Everything in the store, quotes where they stand now."""
        with Session(self._engine) as session:
            return load_all(session)

    def stock(self) -> Stock:
        """Content, hashes and open drafts as they are at one moment."""
        with Session(self._engine) as session:
            content = load_all(session)
            drafts = session.scalars(select(DraftRow).order_by(DraftRow.id))
            return Stock(content, hashes(session), tuple(draft_of(row) for row in drafts))

    def overlay(self, shipped: Shipped, drafts: Sequence[Draft]) -> Shipped:
        """The store's content as it would be with these drafts published; see also `store.published_of`."""
        return overlay(shipped, drafts)

    def apply(self, session: Session, drafts: Sequence[Draft], *, by: str, snapshot: str | None) -> None:
        """Puts approved drafts into their rows, writes revisions and journal, closes the drafts.

        Everything is checked once more. Raises DraftConflict (a draft changed, or is not approved),
        RowChanged (a row did) and InvalidContent; the caller then rolls back. The caller commits.
        """
        applying.apply(session, drafts, by=by, snapshot=snapshot, at=self._now(), journal=self._journal)

    def withdraw(
        self,
        session: Session,
        *,
        kind: Kind,
        row_id: str,
        by: str,
        reason: str,
        snapshot: str | None = None,
    ) -> None:
        """Takes a published row out of the answers at once; an open draft of it must be rebased. The caller
        commits. Raises UnknownRow, Conflict, InvalidContent (no reason)."""
        applying.withdraw(
            session,
            kind=kind,
            row_id=row_id,
            by=by,
            reason=reason,
            snapshot=snapshot,
            at=self._now(),
            journal=self._journal,
        )

    # ---- lists

    def ending(self, today: date, *, days: int = 30) -> list[Ending]:
        """What is published and ends within `days`, the soonest first."""
        with Session(self._engine) as session:
            return lists.ending(session, today, days)

    def ageing(
        self, uses: lists.Uses, *, older_than_days: int = 180, at_least: int = 10, within_days: int = 90
    ) -> list[Ageing]:
        """Published entries untouched for `older_than_days` that were used `at_least` times within the last
        `within_days`, the most used first."""
        with Session(self._engine) as session:
            return lists.ageing(
                session,
                uses,
                now=self._now(),
                older_than_days=older_than_days,
                at_least=at_least,
                within_days=within_days,
            )

    # ----

    @contextmanager
    def _writing(self) -> Iterator[Drafting]:
        with Session(self._engine) as session:
            session.connection(execution_options={"immediate": True})
            yield Drafting(session, self._now(), self._journal)
            session.commit()

    def _withdrawal(self, work: Drafting, kind: Kind, row_id: str, by: str, note: str) -> Draft:
        if not note.strip():
            raise InvalidContent(say("no_reason"))
        row = row_of(work.session, kind, row_id)
        if row is None:
            raise UnknownRow(say("no_row", id=row_id, kind=word("kinds", kind)))
        return work.save(Proposal(kind, row_id, plain_of(row), withdraws=True), by=by, note=note)

    def _comment(
        self, session: Session, kind: Kind, row_id: str, draft_id: int | None, by: str, text: str
    ) -> Comment:
        words = text.strip()
        if not words:
            raise InvalidContent(say("no_comment"))
        if len(words) > LONGEST_COMMENT:
            raise InvalidContent(say("comment_long", length=len(words), limit=LONGEST_COMMENT))
        if kind not in FIELDS:
            raise InvalidContent(say_of_field("kind", kind=kind, known="、".join(FIELDS)))
        row = CommentRow(kind=kind, row_id=row_id, draft_id=draft_id, by=by, at=self._now(), text=words)
        session.add(row)
        session.flush()
        self._journal.record(
            session.connection(), by=by, what="commented", kind=kind, subject=row_id, after={"text": words}
        )
        return comment_of(row)


def _problems(session: Session, draft: Draft) -> list[str]:
    """Entries wait for documents, and a document for the drafts of entries that rest on its new words."""
    others = session.scalars(select(DraftRow).where((DraftRow.kind != "entry") | (draft.kind == "document")))
    return problems_of(load_all(session), [draft], beside=[draft_of(row) for row in others])
