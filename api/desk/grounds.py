"""What an entry may rest on, as an editor sees it: the store's documents and cards, and those that exist
only as drafts. A published text is taken as it is published, even while a new version is written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from knowledge.editing.forms import from_plain
from knowledge.editing.model import Kind
from knowledge.editing.service import Editing
from knowledge.errors import InvalidContent, UnknownRow
from knowledge.messages import say
from knowledge.model import Clause, Entry, Knowledge, Quote
from knowledge.shipped import ShippedDocument, ShippedEntry, ShippedProgramme
from knowledge.store import citing
from knowledge.store.citing import Citable

_KINDS: tuple[Kind, ...] = ("document", "programme")


class Grounds:
    def __init__(self, engine: Engine, editing: Editing) -> None:
        self._engine, self._editing = engine, editing

    def listed(self) -> list[Citable]:
        """Documents, then programmes, those that are drafts behind the others."""
        with Session(self._engine) as session:
            found = citing.citable(session)
        known = {item.id for item in found}
        found += [
            Citable(draft.row_id, draft.title, draft.state, kind == "programme")
            for kind in _KINDS
            for draft in self._editing.drafts(kind=kind)
            if draft.row_id not in known and not draft.withdraws
        ]
        return sorted(found, key=lambda item: item.programme)

    def clauses(self, document_id: str) -> list[Clause]:
        """A document's clauses in order. Raises UnknownRow."""
        try:
            with Session(self._engine) as session:
                return citing.clauses_of(session, document_id)
        except UnknownRow:
            if drafted := self._drafted(document_id):
                return list(drafted.clauses)
            raise

    def text(self, clause_id: str) -> str:
        """The text of a clause or of a programme's card. Raises UnknownRow."""
        held = self.resting_on([clause_id])
        found = held.clause_by_id.get(clause_id) or held.programme_by_id.get(clause_id)
        if found is None:
            raise UnknownRow(say("cite.unknown", clause=clause_id))
        return found.text

    def quote(self, clause_id: str, start: int, end: int, words: str) -> Quote:
        """The span that somebody marked, checked against the text as it is now; white space at its ends is
        left off. Raises UnknownRow, and InvalidContent where other words stand there."""
        text = self.text(clause_id)
        if not (0 <= start < end <= len(text)) or text[start:end] != words:
            raise InvalidContent(say("cite.moved", clause=clause_id, words=words[:30]))
        return _trimmed(clause_id, start, words)

    def find(self, clause_id: str, words: str) -> Quote:
        """Where words that somebody typed or pasted stand. Raises UnknownRow, and InvalidContent where they
        don't."""
        start = self.text(clause_id).find(words.strip()) if words.strip() else -1
        if start < 0:
            raise InvalidContent(say("cite.not_there", clause=clause_id, words=words.strip()[:30]))
        return _trimmed(clause_id, start, words.strip())

    def resting_on(self, ids: Iterable[str], programmes: Iterable[str] = ()) -> Knowledge:
        """The clauses, programmes and documents behind `ids` and `programmes`, and nothing else."""
        wanted = dict.fromkeys((*ids, *programmes))
        with Session(self._engine) as session:
            held = citing.resting_on(session, wanted)
        known = {*held.clause_by_id, *held.programme_by_id}
        missing = [name for name in wanted if name not in known]
        for document_id in dict.fromkeys(name.partition("#")[0] for name in missing if "#" in name):
            if document_id not in held.document_by_id and (drafted := self._drafted(document_id)):
                own = tuple(clause for clause in drafted.clauses if clause.id in wanted)
                held = replace(
                    held, documents=(*held.documents, drafted.document), clauses=(*held.clauses, *own)
                )
        for name in missing:
            if "#" not in name and (card := self._drafted_programme(name)):
                held = replace(held, programmes=(*held.programmes, card.programme))
        return held

    def _drafted(self, document_id: str) -> ShippedDocument | None:
        draft = self._editing.draft_of("document", document_id)
        item = from_plain("document", draft.content) if draft else None
        return item if isinstance(item, ShippedDocument) else None

    def _drafted_programme(self, programme_id: str) -> ShippedProgramme | None:
        draft = self._editing.draft_of("programme", programme_id)
        item = from_plain("programme", draft.content) if draft else None
        return item if isinstance(item, ShippedProgramme) else None


def entry_of(content: Mapping[str, Any]) -> Entry:
    """The entry of a plain form. Raises InvalidContent."""
    item = from_plain("entry", content)
    assert isinstance(item, ShippedEntry)
    return item.entry


def _trimmed(clause_id: str, start: int, words: str) -> Quote:
    start += len(words) - len(words.lstrip())
    words = words.strip()
    if not words:
        raise InvalidContent(say("cite.nothing", clause=clause_id))
    return Quote(clause_id, start, start + len(words), words)
