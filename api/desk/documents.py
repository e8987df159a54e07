"""The staff's side of documents: the list, one document with its reading, mending, metadata, review.

Comparing versions and proposing entries stand in `document_changes`, imports in `document_imports`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.accounts.roles import Actor, Right
from api.services import Services
from knowledge.editing import Draft
from knowledge.editing.forms import from_plain, to_plain
from knowledge.errors import Conflict, InvalidContent, UnknownRow
from knowledge.importing import renamed
from knowledge.importing.confirming import CONFIRMED_FIELDS, Confirmation, confirm, confirmations, move
from knowledge.importing.naming import is_id
from knowledge.messages import say
from knowledge.parsing import (
    Found,
    LeftOut,
    Mending,
    ParsedDocument,
    Piece,
    find_metadata,
    left_out,
    parse,
    pieces_of,
)
from knowledge.proposing.kept import forget_proposals, proposals_of
from knowledge.shipped import ShippedDocument
from knowledge.store.tables import DocumentRow
from knowledge.versions import versions_of
from knowledge.versions.history import DocumentVersion, count_versions

METADATA = (
    "title", "document_number", "issuers", "issued_on", "effective_from", "effective_to", "region",
    "supersedes", "superseded_by", "source", "source_url",
)  # fmt: skip
_ALWAYS = ("id", "title", "issuers", "issued_on", "region")


@dataclass(frozen=True, slots=True)
class DocumentLine:
    """One line of the list. `state` is the published row's, None for a document that is only a draft yet."""

    id: str
    title: str
    document_number: str | None
    issued_on: str | None
    effective_from: str | None
    effective_to: str | None
    supersedes: tuple[str, ...]
    superseded_by: str | None
    state: str | None
    draft_state: str | None
    versions: int
    updated_at: datetime
    updated_by: str


@dataclass(frozen=True, slots=True)
class OpenedDocument:
    """A document as it is being worked on: its draft, or else the row as it is published."""

    item: ShippedDocument
    draft: Draft | None
    published: bool
    parsed: ParsedDocument
    pieces: Sequence[Piece]
    left_out: tuple[LeftOut, ...]
    found: tuple[Found, ...]
    confirmed: Mapping[str, Confirmation]
    to_confirm: tuple[str, ...]
    """Fields that nobody has confirmed as they are now."""
    versions: Sequence[DocumentVersion]

    @property
    def content(self) -> dict[str, Any]:
        return to_plain(self.item)


class DocumentsDesk:
    """Everything raises Forbidden without the right, and KnowledgeError in words for the person."""

    def __init__(self, services: Services, actor: Actor) -> None:
        self._actor, self._services = actor, services
        self._editing, self._engine, self._now = services.editing, services.engine, services.clock.now

    # ---- looking

    def listed(self) -> list[DocumentLine]:
        """Every document, published or not, the one touched last first."""
        self._actor.require(Right.read)
        drafts = {draft.row_id: draft for draft in self._editing.drafts(kind="document")}
        with Session(self._engine) as session:
            counts = count_versions(session)
            columns = DocumentRow.__table__.c
            names = (
                "id", "title", "document_number", "issued_on", "effective_from", "effective_to", "supersedes",
                "superseded_by", "state", "updated_at", "updated_by",
            )  # fmt: skip
            rows = [
                dict(zip(names, row, strict=True))
                for row in session.execute(select(*(columns[name] for name in names)))
            ]
        lines = [_row_line(row, drafts.pop(row["id"], None), counts.get(row["id"], 0)) for row in rows]
        lines += [_draft_line(draft) for draft in drafts.values()]
        return sorted(lines, key=lambda line: (line.updated_at, line.id), reverse=True)

    def opened(self, document_id: str) -> OpenedDocument:
        """Raises UnknownRow."""
        self._actor.require(Right.read)
        draft = self._editing.draft_of("document", document_id)
        current = self._editing.current("document", document_id)
        content = draft.content if draft is not None else current
        if content is None:
            raise UnknownRow(say("edit.unknown", id=document_id, kind=say("kind.document")))
        item = from_plain("document", content)
        assert isinstance(item, ShippedDocument)
        parsed = read(item)
        with Session(self._engine) as session:
            confirmed = confirmations(session, document_id, content)
            versions = versions_of(session, document_id)
        return OpenedDocument(
            item=item,
            draft=draft,
            published=current is not None,
            parsed=parsed,
            pieces=pieces_of(item.text, item.mendings),
            left_out=left_out(item.text, parsed, item.mendings),
            found=find_metadata(parsed.clauses),
            confirmed=confirmed,
            to_confirm=tuple(name for name in _needed(content) if name not in confirmed),
            versions=versions,
        )

    # ---- changing

    def begin(self, document_id: str) -> Draft:
        """A draft of what is published."""
        self._actor.require(Right.edit)
        content = self._editing.current("document", document_id)
        if content is None:
            raise UnknownRow(say("edit.unknown", id=document_id, kind=say("kind.document")))
        return self._editing.save(kind="document", row_id=document_id, content=content, by=self._actor.name)

    def mend(self, document_id: str, *, revision: int, mendings: Sequence[Mending]) -> Draft:
        """Adds mendings to those there are, and reads the text anew. All or none."""
        self._actor.require(Right.edit)
        draft, item = self._drafted(document_id)
        at = self._now().isoformat(timespec="seconds")
        signed = tuple(replace(mending, by=self._actor.name, at=at) for mending in mendings)
        return self._reread(draft, item, (*item.mendings, *signed), revision)

    def undo(self, document_id: str, *, revision: int, number: int | None = None) -> Draft:
        """Takes back one mending (counted from 0), or the last."""
        self._actor.require(Right.edit)
        draft, item = self._drafted(document_id)
        if not item.mendings or (number is not None and not 0 <= number < len(item.mendings)):
            raise InvalidContent(say("mend.no_undo"))
        place = len(item.mendings) - 1 if number is None else number
        return self._reread(draft, item, item.mendings[:place] + item.mendings[place + 1 :], revision)

    def set_fields(self, document_id: str, *, revision: int, values: Mapping[str, Any]) -> Draft:
        """Writes metadata as an editor gave it: names as in `METADATA`, dates as ISO text."""
        self._actor.require(Right.edit)
        draft, _ = self._drafted(document_id)
        if unknown := set(values) - set(METADATA):
            raise InvalidContent(say("document.no_field", fields="、".join(sorted(unknown))))
        return self._editing.save(
            kind="document",
            row_id=document_id,
            content={**draft.content, **values},
            by=self._actor.name,
            revision=revision,
        )

    def confirm(self, document_id: str, *, revision: int, names: Sequence[str]) -> None:
        """Says that fields are right as they stand. Raises Conflict where somebody changed them meanwhile."""
        self._actor.require(Right.edit)
        draft, _ = self._drafted(document_id)
        if draft.revision != revision:
            raise Conflict(say("edit.changed", where=say("where.document", id=document_id)))
        with Session(self._engine) as session:
            session.connection(execution_options={"immediate": True})
            confirm(session, document_id, draft.content, names, by=self._actor.name, now=self._now())
            self._services.audit.record(
                session.connection(),
                by=self._actor.name,
                what="document.confirmed",
                kind="document",
                subject=document_id,
                after={name: draft.content.get(name) for name in names},
            )
            session.commit()

    def rename(self, document_id: str, *, revision: int, new_id: str) -> Draft:
        """Gives a document that was never published another id."""
        self._actor.require(Right.edit)
        draft, item = self._drafted(document_id)
        if draft.base_hash is not None:
            raise InvalidContent(say("document.id_fixed", id=document_id))
        if not is_id(new_id):
            raise InvalidContent(say("check.id", where=say("where.document", id=new_id)))
        taken = self._editing.current("document", new_id) or self._editing.draft_of("document", new_id)
        if taken is not None:
            raise InvalidContent(say("document.id_taken", id=new_id))
        if draft.revision != revision:
            raise Conflict(say("edit.changed", where=say("where.document", id=document_id)))
        moved = replace(
            item,
            document=replace(item.document, id=new_id),
            clauses=renamed(item.clauses, new_id),
        )
        made = self._editing.save(
            kind="document", row_id=new_id, content=to_plain(moved), by=self._actor.name
        )
        with Session(self._engine) as session:
            session.connection(execution_options={"immediate": True})
            move(session, document_id, new_id, now=self._now())
            forget_proposals(session, document_id)
            session.commit()
        self._editing.discard(draft.id, by=self._actor.name, revision=draft.revision)
        return made

    # ---- review

    def submit(self, document_id: str, *, revision: int, entries: bool = True) -> list[str]:
        """To review, with the drafts of the entries accepted from it if `entries`. Raises InvalidContent
        where metadata is not confirmed or text is in no clause. What keeps an entry back is returned."""
        self._actor.require(Right.edit)
        opened = self.opened(document_id)
        draft = opened.draft
        if draft is None:
            raise InvalidContent(say("document.no_draft", id=document_id))
        if opened.to_confirm:
            fields = "、".join(say(f"document.field.{name}") for name in opened.to_confirm)
            raise InvalidContent(say("document.unconfirmed", fields=fields))
        lost = next((item for item in opened.left_out if item.why == "lost"), None)
        if lost is not None:
            raise InvalidContent(say("document.lost", line=lost.line + 1, words=lost.text[:16]))
        self._editing.submit(draft.id, by=self._actor.name, revision=revision)
        return self._submit_entries(document_id) if entries else []

    def discard(self, document_id: str, *, revision: int) -> None:
        """Drops the draft and what was proposed for it; what is published stays."""
        self._actor.require(Right.edit)
        draft, _ = self._drafted(document_id)
        self._editing.discard(draft.id, by=self._actor.name, revision=revision)
        with Session(self._engine) as session:
            forget_proposals(session, document_id)
            session.commit()

    def _submit_entries(self, document_id: str) -> list[str]:
        with Session(self._engine) as session:
            accepted = [item.entry_id for item in proposals_of(session, document_id) if item.entry_id]
        kept_back = []
        for entry_id in dict.fromkeys(accepted):
            draft = self._editing.draft_of("entry", entry_id)
            if draft is None or draft.state != "draft":
                continue
            try:
                self._editing.submit(draft.id, by=self._actor.name, revision=draft.revision)
            except (InvalidContent, Conflict) as error:
                kept_back.append(str(error))
        return kept_back

    def _drafted(self, document_id: str) -> tuple[Draft, ShippedDocument]:
        draft = self._editing.draft_of("document", document_id)
        if draft is None:
            raise InvalidContent(say("document.no_draft", id=document_id))
        item = from_plain("document", draft.content)
        assert isinstance(item, ShippedDocument)
        return draft, item

    def _reread(
        self, draft: Draft, item: ShippedDocument, mendings: tuple[Mending, ...], revision: int
    ) -> Draft:
        before, mended = read(item), replace(item, mendings=mendings)
        parsed = read(mended)
        own = [words for words in item.document.warnings if words not in before.warnings]
        document = replace(item.document, warnings=(*own, *parsed.warnings))
        mended = replace(mended, document=document, clauses=parsed.clauses)
        return self._editing.save(
            kind="document",
            row_id=draft.row_id,
            content=to_plain(mended),
            by=self._actor.name,
            revision=revision,
        )


def read(item: ShippedDocument) -> ParsedDocument:
    """The reading of a document's text with its mendings."""
    return _read(item.text, item.document.id, item.mendings)


@lru_cache(maxsize=4)
def _read(text: str, document_id: str, mendings: tuple[Mending, ...]) -> ParsedDocument:
    return parse(text, document_id, mendings)


def _needed(content: Mapping[str, Any]) -> list[str]:
    """The fields that a person has to look at: those that must be there, and those that say something."""
    return [name for name in CONFIRMED_FIELDS if name in _ALWAYS or content.get(name)]


def _row_line(row: Mapping[str, Any], draft: Draft | None, versions: int) -> DocumentLine:
    newer = draft is not None and draft.updated_at > row["updated_at"]
    return DocumentLine(
        id=row["id"],
        title=row["title"],
        document_number=row["document_number"],
        issued_on=_iso(row["issued_on"]),
        effective_from=_iso(row["effective_from"]),
        effective_to=_iso(row["effective_to"]),
        supersedes=tuple(row["supersedes"]),
        superseded_by=row["superseded_by"],
        state=row["state"],
        draft_state=draft.state if draft is not None else None,
        versions=versions,
        updated_at=draft.updated_at if draft is not None and newer else row["updated_at"],
        updated_by=draft.updated_by if draft is not None and newer else row["updated_by"],
    )


def _draft_line(draft: Draft) -> DocumentLine:
    content = draft.content
    return DocumentLine(
        id=draft.row_id,
        title=str(content["title"]),
        document_number=content["document_number"],
        issued_on=content["issued_on"],
        effective_from=content["effective_from"],
        effective_to=content["effective_to"],
        supersedes=tuple(content["supersedes"]),
        superseded_by=content["superseded_by"],
        state=None,
        draft_state=draft.state,
        versions=0,
        updated_at=draft.updated_at,
        updated_by=draft.updated_by,
    )


def _iso(value: Any) -> str | None:
    return value.isoformat() if value is not None else None
