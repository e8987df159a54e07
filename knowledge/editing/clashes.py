"""Who was first, in words: what somebody is told whose step came second."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from knowledge.editing.errors import DraftConflict, RowChanged
from knowledge.editing.model import Draft, Event, Kind, What
from knowledge.editing.stored import draft_of, event_of, row_of
from knowledge.editing.wording import field_labels, local, say, where, word
from knowledge.store.draft_tables import DraftEventRow, DraftRow


def changed_since(session: Session, draft: Draft, seen: int) -> DraftConflict:
    """The draft is no longer at the revision that somebody has `seen`."""
    rows = session.scalars(
        select(DraftEventRow)
        .where(DraftEventRow.draft_id == draft.id, DraftEventRow.revision > seen)
        .order_by(DraftEventRow.id)
    )
    events = [event_of(row) for row in rows]
    return DraftConflict(_told(session, "somebody_first", draft, events), draft=draft, events=events)


def begun(session: Session, draft: Draft) -> DraftConflict:
    """Somebody has begun a draft of the row already."""
    return DraftConflict(_told(session, "begun_already", draft), draft=draft)


def wrong_state(session: Session, draft: Draft, what: What) -> DraftConflict:
    """The draft is in a state in which `what` can't be done."""
    last = _newest(session, DraftEventRow.draft_id == draft.id)
    said = say(
        "state",
        where=where(draft.kind, draft.row_id),
        state=word("states", draft.state),
        doing=word("doings", what),
        who=draft.updated_by,
        when=local(draft.updated_at),
        what=word("done", last.what) if last else "",
    )
    return DraftConflict(said, draft=draft, events=[last] if last else [])


def gone(session: Session, draft_id: int) -> DraftConflict | None:
    """The draft was published or discarded; None where there never was one."""
    return _ended(_newest(session, DraftEventRow.draft_id == draft_id))


def nothing_open(session: Session, kind: Kind, row_id: str) -> DraftConflict:
    """The row has no open draft, though somebody saw one."""
    last = _newest(session, DraftEventRow.kind == kind, DraftEventRow.row_id == row_id)
    return _ended(last) or DraftConflict(say("no_draft", id=row_id))


def lost(session: Session, draft: Draft) -> DraftConflict:
    """What became of a draft that is no longer as it was read a moment ago."""
    row = session.get(DraftRow, draft.id, populate_existing=True)
    if row is not None:
        return changed_since(session, draft_of(row), draft.revision)
    return gone(session, draft.id) or DraftConflict(say("no_draft", id=draft.id))


def row_changed(session: Session, kind: Kind, row_id: str, base: str | None) -> RowChanged:
    """Who changed the row since it had the hash `base` (None: since there was none)."""
    place, row = where(kind, row_id), row_of(session, kind, row_id)
    if row is None:
        return RowChanged(say("row_gone", where=place))
    return RowChanged(
        say(
            "row_new" if base is None else "row_changed",
            where=place,
            who=row.updated_by,
            when=local(row.updated_at),
            state=word("states", row.state),
        )
    )


def _told(session: Session, key: str, draft: Draft, events: Sequence[Event] = ()) -> str:
    """A sentence with who did the last thing, when and what; the fields that `events` changed."""
    last = _newest(session, DraftEventRow.draft_id == draft.id)
    what = word("done", last.what) if last else ""
    fields = field_labels(field for event in events for field in event.fields)
    return say(
        key,
        where=where(draft.kind, draft.row_id),
        who=draft.updated_by,
        when=local(draft.updated_at),
        what=say("someone_changed", what=what, fields=fields) if fields else what,
    )


def _ended(last: Event | None) -> DraftConflict | None:
    if last is None:
        return None
    said = say(
        "gone",
        where=where(last.kind, last.row_id),
        who=last.by,
        when=local(last.at),
        what=word("done", last.what),
    )
    return DraftConflict(said, events=[last])


def _newest(session: Session, *conditions: Any) -> Event | None:
    row = session.scalar(select(DraftEventRow).where(*conditions).order_by(DraftEventRow.id.desc()).limit(1))
    return event_of(row) if row is not None else None
