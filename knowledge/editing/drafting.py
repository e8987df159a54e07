"""The life of one draft inside a transaction that the caller opens and commits.

Every step names the revision that its caller has seen and is one guarded UPDATE or DELETE: where it finds
another revision, nothing happens and DraftConflict says who was first and what they changed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import CursorResult, delete, insert, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from knowledge.editing import clashes
from knowledge.editing.differences import changed_fields, journalled
from knowledge.editing.errors import SamePerson
from knowledge.editing.forms import from_plain, id_of, to_plain
from knowledge.editing.model import ANY, Draft, Proposal, What
from knowledge.editing.stored import draft_of, find_draft, plain_of, row_of
from knowledge.editing.wording import local, say, where
from knowledge.errors import InvalidContent, UnknownRow
from knowledge.fields import say_of_field
from knowledge.journal import Journal
from knowledge.store.draft_tables import DraftEventRow, DraftRow

_ALLOWED: Mapping[What, tuple[str, ...]] = {
    "submitted": ("draft",),
    "approved": ("in_review",),
    "sent_back": ("in_review", "approved"),
    "scheduled": ("approved",),
    "rebased": ("draft", "in_review", "approved"),
    "discarded": ("draft", "in_review", "approved"),
}


@dataclass(frozen=True, slots=True)
class Drafting:
    """One transaction's work on drafts."""

    session: Session
    at: datetime
    journal: Journal

    def save(self, proposal: Proposal, *, by: str, note: str) -> Draft:
        """The content of a proposal as its row's draft; unchanged content changes nothing."""
        _named(by)
        kind, row_id = proposal.kind, proposal.row_id
        content = self._content(proposal)
        row = find_draft(self.session, kind, row_id)
        if row is None:
            return self._begin(proposal, content, by=by, note=note)
        draft = draft_of(row)
        if proposal.revision is None:
            raise clashes.begun(self.session, draft)
        if proposal.revision != draft.revision:
            raise clashes.changed_since(self.session, draft, proposal.revision)
        fields = changed_fields(kind, draft.content, content)
        if not fields and note in ("", draft.note):
            return draft
        after = self._change(
            draft,
            "saved",
            by=by,
            fields=fields,
            content=content,
            note=note or draft.note,
            edited_by=by if fields else draft.edited_by,
            state="draft",
            reviewer=None,
            publish_at=None,
        )
        self._tell("draft.saved", by, draft, draft.content, content)
        return after

    def submit(self, draft: Draft, *, by: str, problems: Callable[[Draft], list[str]]) -> Draft:
        self._require(draft, "submitted")
        self.require_base(draft)
        if found := problems(draft):
            raise InvalidContent("\n".join(found))
        return self._step(draft, "submitted", by, state="in_review")

    def approve(
        self,
        draft: Draft,
        *,
        by: str,
        publish_at: datetime | None,
        problems: Callable[[Draft], list[str]],
    ) -> Draft:
        self._require(draft, "approved")
        if by == draft.author:
            raise SamePerson(say("same_author", where=where(draft.kind, draft.row_id)))
        if by == draft.edited_by:
            raise SamePerson(say("same_editor", where=where(draft.kind, draft.row_id)))
        self._check_time(publish_at)
        self.require_base(draft)
        if found := problems(draft):
            raise InvalidContent("\n".join(found))
        return self._step(draft, "approved", by, state="approved", reviewer=by, publish_at=publish_at)

    def schedule(self, draft: Draft, *, by: str, publish_at: datetime | None) -> Draft:
        self._require(draft, "scheduled")
        self._check_time(publish_at)
        return self._step(draft, "scheduled", by, publish_at=publish_at)

    def send_back(self, draft: Draft, *, by: str) -> Draft:
        self._require(draft, "sent_back")
        return self._step(draft, "sent_back", by, state="draft", reviewer=None, publish_at=None)

    def rebase(self, draft: Draft, *, by: str) -> Draft:
        """The draft on top of the row as it is now; it has to be reviewed again."""
        row = row_of(self.session, draft.kind, draft.row_id)
        base = row.content_hash if row is not None else None
        return self._step(draft, "rebased", by, base_hash=base, state="draft", reviewer=None, publish_at=None)

    def discard(self, draft: Draft, *, by: str) -> None:
        self.close(draft, "discarded", by)
        self._tell("draft.discarded", by, draft, draft.content, None)

    def close(self, draft: Draft, what: What, by: str) -> None:
        """Deletes the draft as it was seen. Raises DraftConflict where it is another by now."""
        _named(by)
        gone = delete(DraftRow).where(
            DraftRow.id == draft.id, DraftRow.revision == draft.revision, DraftRow.state == draft.state
        )
        if self._hit(gone) != 1:
            raise clashes.lost(self.session, draft)
        self._record(draft, draft.revision + 1, what, by)

    def draft(self, draft_id: int, *, revision: int) -> Draft:
        """The draft at the revision that the caller saw. Raises UnknownRow and DraftConflict."""
        row = self.session.get(DraftRow, draft_id, populate_existing=True)
        if row is None:
            raise clashes.gone(self.session, draft_id) or UnknownRow(say("no_draft", id=draft_id))
        draft = draft_of(row)
        if draft.revision != revision:
            raise clashes.changed_since(self.session, draft, revision)
        return draft

    def require_base(self, draft: Draft) -> None:
        """Raises RowChanged where the row behind the draft is not the one it was begun on."""
        row = row_of(self.session, draft.kind, draft.row_id)
        if (row.content_hash if row is not None else None) != draft.base_hash:
            raise clashes.row_changed(self.session, draft.kind, draft.row_id, draft.base_hash)

    def _content(self, proposal: Proposal) -> dict[str, Any]:
        item = from_plain(proposal.kind, proposal.content)
        if id_of(item) != proposal.row_id:
            raise InvalidContent(say_of_field("id", value=id_of(item), id=proposal.row_id))
        return {**to_plain(item), "state": "withdrawn" if proposal.withdraws else "published"}

    def _begin(self, proposal: Proposal, content: dict[str, Any], *, by: str, note: str) -> Draft:
        kind, row_id = proposal.kind, proposal.row_id
        if proposal.revision is not None:
            raise clashes.nothing_open(self.session, kind, row_id)
        row = row_of(self.session, kind, row_id)
        held = row.content_hash if row is not None else None
        if proposal.base not in (ANY, held):
            raise clashes.row_changed(self.session, kind, row_id, proposal.base)
        before = plain_of(row) if row is not None else None
        values = {
            "kind": kind,
            "row_id": row_id,
            "content": content,
            "base_hash": held,
            "state": "draft",
            "author": by,
            "edited_by": by,
            "revision": 1,
            "note": note,
            "created_at": self.at,
            "updated_at": self.at,
            "updated_by": by,
        }
        try:
            with self.session.begin_nested():
                self.session.execute(insert(DraftRow).values(**values))
        except IntegrityError as error:  # somebody else began one between our two statements
            other = find_draft(self.session, kind, row_id)
            if other is None:
                raise
            raise clashes.begun(self.session, draft_of(other)) from error
        made = find_draft(self.session, kind, row_id)
        assert made is not None
        draft = draft_of(made)
        self._record(draft, 1, "saved", by, changed_fields(kind, before, content))
        self._tell("draft.saved", by, draft, before, content)
        return draft

    def _step(self, draft: Draft, what: What, by: str, **values: Any) -> Draft:
        """A change of state; the content stays."""
        _named(by)
        after = self._change(draft, what, by=by, **values)
        self._tell(f"draft.{what}", by, draft, None, None, state=after.state, publish_at=after.publish_at)
        return after

    def _change(
        self, draft: Draft, what: What, *, by: str, fields: tuple[str, ...] = (), **values: Any
    ) -> Draft:
        changed = (
            update(DraftRow)
            .where(DraftRow.id == draft.id, DraftRow.revision == draft.revision)
            .values(revision=draft.revision + 1, updated_at=self.at, updated_by=by, **values)
            .execution_options(synchronize_session=False)
        )
        if self._hit(changed) != 1:
            raise clashes.lost(self.session, draft)
        self._record(draft, draft.revision + 1, what, by, fields)
        row = self.session.get(DraftRow, draft.id, populate_existing=True)
        assert row is not None
        return draft_of(row)

    def _hit(self, statement: Any) -> int:
        result = self.session.execute(statement)
        assert isinstance(result, CursorResult)
        return int(result.rowcount)

    def _require(self, draft: Draft, what: What) -> None:
        if draft.state not in _ALLOWED[what]:
            raise clashes.wrong_state(self.session, draft, what)

    def _check_time(self, publish_at: datetime | None) -> None:
        if publish_at is None:
            return
        if publish_at.tzinfo is None:
            raise InvalidContent(say("naive", at=publish_at.isoformat()))
        if publish_at <= self.at:
            raise InvalidContent(say("past", at=local(publish_at)))

    def _record(self, draft: Draft, revision: int, what: What, by: str, fields: tuple[str, ...] = ()) -> None:
        self.session.add(
            DraftEventRow(
                draft_id=draft.id,
                kind=draft.kind,
                row_id=draft.row_id,
                revision=revision,
                what=what,
                by=by,
                at=self.at,
                fields=list(fields),
            )
        )
        self.session.flush()

    def _tell(
        self,
        what: str,
        by: str,
        draft: Draft,
        before: Mapping[str, Any] | None,
        after: Mapping[str, Any] | None,
        *,
        state: str | None = None,
        publish_at: datetime | None = None,
    ) -> None:
        held, given = journalled(draft.kind, before, after)
        if state is not None:
            held = {"state": draft.state, "revision": draft.revision}
            given = {"state": state, "revision": draft.revision + 1}
            if publish_at is not None:
                given["publish_at"] = publish_at.isoformat()
        self.journal.record(
            self.session.connection(),
            by=by,
            what=what,
            kind=draft.kind,
            subject=draft.row_id,
            before=held,
            after=given,
        )


def _named(by: str) -> None:
    if not by.strip():
        raise InvalidContent(say("no_name"))
