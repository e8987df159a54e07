"""From drafts to rows, inside the publisher's transaction: contents, revisions and journal, all or nothing.

Guarded twice: a draft that is no longer the one that was checked, and a row that somebody changed since the
draft was begun, stop the whole publication.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import CursorResult, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from knowledge.editing.checking import problems_of
from knowledge.editing.clashes import row_changed
from knowledge.editing.differences import journalled
from knowledge.editing.drafting import Drafting
from knowledge.editing.errors import DraftConflict
from knowledge.editing.forms import Item, from_plain, to_plain
from knowledge.editing.model import Draft, Kind, LexiconLine
from knowledge.editing.revising import first_revision, record_publication, revise
from knowledge.editing.stored import hashed, plain_of, row_of
from knowledge.editing.wording import local, say, where, word
from knowledge.errors import Conflict, InvalidContent, UnknownRow
from knowledge.journal import Journal
from knowledge.shipped import ShippedDocument, ShippedEntry, ShippedProgramme
from knowledge.store import rows
from knowledge.store.listing import TABLES
from knowledge.store.loading import load_all, moved, texts_of
from knowledge.store.tables import LexiconRow
from knowledge.versions.history import keep_version, link_supersession

_ORDER: tuple[Kind, ...] = ("document", "programme", "lexicon", "entry")


def apply(
    session: Session,
    drafts: Sequence[Draft],
    *,
    by: str,
    snapshot: str | None,
    at: datetime,
    journal: Journal,
) -> None:
    """See `Editing.apply`."""
    work = Drafting(session, at, journal)
    drafts = _current(drafts, work)
    content = load_all(session)
    if problems := problems_of(content, drafts):
        raise InvalidContent("\n".join(problems))
    for draft in drafts:  # first, so that of two publishers at once the second finds nothing left to do
        work.close(draft, "published", by)
    texts = dict(texts_of(content.documents, content.programmes))
    for draft in sorted(drafts, key=lambda draft: _ORDER.index(draft.kind)):
        item = from_plain(draft.kind, draft.content)
        if isinstance(item, ShippedDocument):
            texts |= texts_of((item,), ())
        elif isinstance(item, ShippedProgramme):
            texts |= texts_of((), (item,))
        elif isinstance(item, ShippedEntry):
            item = moved(item, texts)
        row = row_of(session, draft.kind, draft.row_id)
        held = plain_of(row) if row is not None else None
        first = first_revision(draft.kind, row, held)
        if draft.kind == "document":
            keep_version(session, draft.row_id, by=by, now=at)
        _write(session, draft, item, row, by=by, at=at)
        content_now = to_plain(item)
        revise(
            session,
            draft.kind,
            draft.row_id,
            first,
            content_now,
            author=draft.author,
            reviewer=draft.reviewer,
            by=by,
            at=at,
            snapshot=snapshot,
            reason=draft.note,
        )
        record_publication(session, draft.kind, draft.row_id, held, item, by, at)
        before, given = journalled(draft.kind, held, content_now)
        journal.record(
            session.connection(),
            by=by,
            what="withdrawn" if draft.withdraws else "published",
            kind=draft.kind,
            subject=draft.row_id,
            before=before,
            after={
                **(given or {}),
                "snapshot": snapshot,
                "author": draft.author,
                "edited_by": draft.edited_by,
                "reviewer": draft.reviewer,
            },
        )

    documents = [
        item for draft in drafts if isinstance(item := from_plain(draft.kind, draft.content), ShippedDocument)
    ]
    held_documents = {item.document.id: item.document for item in content.documents}
    for name in link_supersession(session, held_documents, documents, by=by, now=at):
        journal.record(session.connection(), by=by, what="linked", kind="document", subject=name)


def withdraw(
    session: Session,
    *,
    kind: Kind,
    row_id: str,
    by: str,
    reason: str,
    at: datetime,
    journal: Journal,
    snapshot: str | None = None,
) -> None:
    """See `Editing.withdraw`."""
    place = where(kind, row_id)
    if not reason.strip():
        raise InvalidContent(say("no_reason"))
    row = row_of(session, kind, row_id)
    if row is None:
        raise UnknownRow(say("no_row", id=row_id, kind=word("kinds", kind)))
    session.refresh(row)
    if row.state == "withdrawn":
        raise Conflict(say("withdrawn_already", where=place, who=row.updated_by, when=local(row.updated_at)))
    if row.state != "published":
        raise Conflict(say("nothing_withdrawn", where=place))
    before = plain_of(row)
    first = first_revision(kind, row, before)
    content = {**before, "state": "withdrawn"}
    item = from_plain(kind, content)
    _guarded(session, kind, row_id, row.content_hash, item, by, at)
    session.refresh(row)
    revise(
        session,
        kind,
        row_id,
        first,
        content,
        author=by,
        reviewer=None,
        by=by,
        at=at,
        snapshot=snapshot,
        reason=reason.strip(),
    )
    record_publication(session, kind, row_id, before, item, by, at)
    journal.record(
        session.connection(),
        by=by,
        what="withdrawn",
        kind=kind,
        subject=row_id,
        before={"state": "published"},
        after={"state": "withdrawn", "reason": reason.strip()},
    )


def _current(drafts: Sequence[Draft], work: Drafting) -> list[Draft]:
    """The drafts as they are stored. Raises where one is not approved, is another by now, or stands on a row
    that changed."""
    seen: set[tuple[str, str]] = set()
    found = [work.draft(draft.id, revision=draft.revision) for draft in drafts]
    for draft in found:
        place = where(draft.kind, draft.row_id)
        if (draft.kind, draft.row_id) in seen:
            raise InvalidContent(say("twice", where=place))
        seen.add((draft.kind, draft.row_id))
        if draft.state != "approved" or draft.reviewer is None:
            raise DraftConflict(say("not_approved", where=place), draft=draft)
        work.require_base(draft)
    return found


def _write(session: Session, draft: Draft, item: Item, row: Any, *, by: str, at: datetime) -> None:
    if row is None:
        row = LexiconRow() if draft.kind == "lexicon" else TABLES[draft.kind]()
        row.shipped_hash = None
        _fill(row, item)
        row.content_hash, row.updated_at, row.updated_by = rows.content_hash(hashed(item)), at, by
        try:
            with session.begin_nested():
                session.add(row)
                session.flush()
        except IntegrityError as error:
            raise row_changed(session, draft.kind, draft.row_id, None) from error
        return
    assert draft.base_hash is not None
    _guarded(session, draft.kind, draft.row_id, draft.base_hash, item, by, at)
    session.refresh(row)
    _fill(row, item)
    session.flush()


def _guarded(session: Session, kind: Kind, row_id: str, base: str, item: Item, by: str, at: datetime) -> None:
    """State and hash of the row, if it is still the one of that hash; from here on the row is locked."""
    table: Any = LexiconRow if kind == "lexicon" else TABLES[kind]
    section, _, name = row_id.partition("/")
    key = [table.section == section, table.name == name] if kind == "lexicon" else [table.id == row_id]
    state = cast(Any, to_plain(item))["state"]
    result = session.execute(
        update(table)
        .where(*key, table.content_hash == base)
        .values(state=state, content_hash=rows.content_hash(hashed(item)), updated_at=at, updated_by=by)
        .execution_options(synchronize_session=False)
    )
    assert isinstance(result, CursorResult)
    if result.rowcount != 1:
        raise row_changed(session, kind, row_id, base)


def _fill(row: Any, item: Item) -> None:
    if isinstance(item, ShippedDocument):
        rows.fill_document(row, item)
    elif isinstance(item, ShippedEntry):
        rows.fill_entry(row, item)
    elif isinstance(item, ShippedProgramme):
        rows.fill_programme(row, item)
    else:
        _fill_line(row, item)


def _fill_line(row: LexiconRow, line: LexiconLine) -> None:
    row.section, row.name, row.words, row.state = line.section, line.name, list(line.words), line.state
