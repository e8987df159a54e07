"""Changing what is known: import a document as a draft, publish, withdraw.

Every change of state is one guarded UPDATE: where it finds the row changed by somebody else, nothing happens
and Conflict is raised. The caller commits.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import CursorResult, select, update
from sqlalchemy.orm import Session

from knowledge.contradictions import check_contradictions
from knowledge.errors import Conflict, InvalidContent
from knowledge.messages import say
from knowledge.model import Document, Programme
from knowledge.parsing import Metadata, detect_metadata, parse
from knowledge.reading import Kind, Limits, Progress, SetAside, SourceText, read_file
from knowledge.shipped import ShippedDocument, ShippedEntry, ShippedProgramme
from knowledge.store import rows
from knowledge.store.listing import TABLES, RowKind, show
from knowledge.store.loading import load_all
from knowledge.store.seeding import stored
from knowledge.store.tables import DocumentRow, ProgrammeRow, PublicationRow
from knowledge.validation import check_document, check_entry, check_programme, ground_of
from knowledge.wordings import check_shared_wordings

_NUMBER = re.compile(r"(.+?)[〔\[﹝（(【](\d{4})[〕\]﹞）)】](\d+)号")


@dataclass(frozen=True, slots=True)
class ImportDetails:
    """What the importer states; whatever is None is taken from the text."""

    id: str | None = None
    title: str | None = None
    document_number: str | None = None
    issuers: tuple[str, ...] | None = None
    issued_on: date | None = None
    region: str = "重庆"
    effective_from: date | None = None
    effective_to: date | None = None
    supersedes: tuple[str, ...] = ()
    source: str = ""
    source_url: str | None = None


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What came of an import; `warnings` are for the person who imported, `set_aside` is what the file holds
    beside its text: headers, notes, a site's navigation."""

    document: Document
    clauses: int
    furniture: int
    detected: Metadata
    warnings: tuple[str, ...]
    kind: Kind = "txt"
    set_aside: tuple[SetAside, ...] = ()


def import_document(
    session: Session,
    *,
    path: Path | str,
    by: str,
    details: ImportDetails | None = None,
    now: datetime | None = None,
    progress: Callable[[Progress], None] | None = None,
    limits: Limits | None = None,
) -> ImportReport:
    """Reads a policy file of any format into a draft; a draft of the same id is replaced, anything else is a
    Conflict.

    `progress` hears which page is read. Raises UnreadableDocument for a file without text, InvalidContent
    where an id cannot be made.
    """
    source = read_file(path, limits=limits or Limits(), progress=progress)
    return import_source(session, source=source, name=Path(path).name, by=by, details=details, now=now)


def import_source(
    session: Session,
    *,
    source: SourceText,
    name: str,
    by: str,
    details: ImportDetails | None = None,
    now: datetime | None = None,
) -> ImportReport:
    """Puts what a reader read into a draft; `name` is what the file is called, and its source."""
    report = import_text(
        session, text=source.text, name=name, by=by, details=details, now=now, warnings=source.warnings
    )
    return replace(report, kind=source.kind, set_aside=source.furniture)


def import_text(
    session: Session,
    *,
    text: str,
    name: str,
    by: str,
    details: ImportDetails | None = None,
    now: datetime | None = None,
    warnings: tuple[str, ...] = (),
) -> ImportReport:
    """Puts a text, with the warnings its reader had, into a draft, as `import_document` does a file."""
    given = details or ImportDetails()
    detected = detect_metadata(parse(text, "new").clauses)
    document_id = given.id or _document_id(given.document_number or detected.document_number, name)
    parsed = parse(text, document_id)
    issued = given.issued_on or detected.issued_on
    document = Document(
        id=document_id,
        title=given.title or detected.title or "",
        document_number=given.document_number or detected.document_number,
        issuers=given.issuers if given.issuers is not None else detected.issuers,
        issued_on=issued,
        region=given.region,
        effective_from=given.effective_from or issued,
        effective_to=given.effective_to,
        supersedes=given.supersedes,
        source=given.source or name,
        source_url=given.source_url,
        warnings=warnings + parsed.warnings,
    )
    item = ShippedDocument(document, parsed.clauses, text, "draft")
    row = session.get(DocumentRow, document_id)
    if row is not None and row.state != "draft":
        raise Conflict(say("edit.exists", id=document_id, state=row.state))
    before = row.state if row is not None else None
    row = row or DocumentRow(shipped_hash=None)
    rows.fill_document(row, item)
    row.content_hash = rows.content_hash(item)
    row.updated_at, row.updated_by = now or datetime.now(UTC), by
    session.add(row)
    record_step(session, "document", document_id, before, "draft", row.content_hash, by, row.updated_at)
    session.flush()
    return ImportReport(
        document,
        len(parsed.clauses),
        len(parsed.furniture),
        detected,
        document.warnings + tuple(check_document(item)),
    )


def publish(session: Session, *, kind: RowKind, row_id: str, by: str, now: datetime | None = None) -> None:
    """Publishes a draft or reviewed row after checking it. Raises InvalidContent with what is wrong."""
    item = show(session, kind=kind, row_id=row_id)
    if problems := _problems(item, session):
        raise InvalidContent("\n".join(problems))
    _change(session, kind, row_id, ("draft", "in_review", "withdrawn"), "published", by, now)


def withdraw(session: Session, *, kind: RowKind, row_id: str, by: str, now: datetime | None = None) -> None:
    """Takes a row out of the answers; it stays in the store."""
    show(session, kind=kind, row_id=row_id)
    _change(session, kind, row_id, ("draft", "in_review", "published"), "withdrawn", by, now)


def _problems(item: ShippedDocument | ShippedEntry | ShippedProgramme, session: Session) -> list[str]:
    if isinstance(item, ShippedDocument):
        return check_document(item)
    if isinstance(item, ShippedProgramme):
        known = set(session.scalars(select(ProgrammeRow.id).where(ProgrammeRow.state == "published")))
        drafts = _drafts(session, item.programme.id)
        return check_programme(replace(item, state="published"), drafts, known)
    content, entry = load_all(session), item.entry
    published = [other.entry for other in content.entries if other.state == "published"]
    among = [*(other for other in published if other.id != entry.id), entry]
    problems = check_entry(entry, ground_of(content), published=True)
    problems += check_shared_wordings(among, of=entry.id)
    return problems + check_contradictions(among, of=entry.id)


def _drafts(session: Session, but: str) -> list[Programme]:
    found = session.query(ProgrammeRow).where(ProgrammeRow.state != "published", ProgrammeRow.id != but)
    return [rows.programme_of(row).programme for row in found]


def _change(
    session: Session,
    kind: RowKind,
    row_id: str,
    allowed: Sequence[str],
    state: str,
    by: str,
    now: datetime | None,
) -> None:
    table: Any = TABLES[kind]
    row: Any = session.get(table, row_id)
    before, hash_before = row.state, row.content_hash
    if before not in allowed:
        raise Conflict(say("edit.state", where=say(f"where.{kind}", id=row_id), before=before, after=state))
    item = stored(row)
    after = rows.content_hash(replace(item, state=state))
    at = now or datetime.now(UTC)
    guarded = (
        update(table)
        .where(table.id == row_id, table.state == before, table.content_hash == hash_before)
        .values(state=state, content_hash=after, updated_at=at, updated_by=by)
        .execution_options(synchronize_session=False)
    )
    result = session.execute(guarded)
    assert isinstance(result, CursorResult)
    if result.rowcount != 1:
        raise Conflict(say("edit.changed", where=say(f"where.{kind}", id=row_id)))
    session.refresh(row)
    record_step(session, kind, row_id, before, state, after, by, at)


def record_step(
    session: Session,
    kind: str,
    row_id: str,
    before: str | None,
    after: str,
    content_hash: str,
    by: str,
    at: datetime,
) -> None:
    """Adds a line to the publications: the row went from one state to another."""
    session.add(
        PublicationRow(
            at=at,
            by=by,
            kind=kind,
            row_id=row_id,
            state_before=before,
            state_after=after,
            content_hash=content_hash,
        )
    )
    session.flush()


def _document_id(number: str | None, name: str) -> str:
    """`渝发改规范〔2022〕11号` -> cq-2022-11; other places' numbers begin with doc."""
    match = _NUMBER.search(number or "")
    if match is None:
        raise InvalidContent(say("edit.no_number", name=name))
    return f"{'cq' if match[1].startswith('渝') else 'doc'}-{match[2]}-{match[3]}"
