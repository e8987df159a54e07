"""The staff's side of what a new text changes: clause by clause, the entries on it, entries to propose."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy.orm import Session

from api.accounts.roles import Actor, Right
from api.desk.documents import DocumentsDesk, OpenedDocument
from api.desk.unanswered import Unanswered
from api.services import Services
from knowledge.editing.forms import from_plain, to_plain
from knowledge.editing.model import Proposal
from knowledge.errors import InvalidContent, KnowledgeError
from knowledge.importing import free_id
from knowledge.messages import say
from knowledge.model import Entry
from knowledge.proposing import propose
from knowledge.proposing.kept import KeptProposal, decide, keep_proposals, proposal, proposals_of
from knowledge.shipped import ShippedDocument, ShippedEntry
from knowledge.versions import Comparison, Resting, compare, resting_on


@dataclass(frozen=True, slots=True)
class Compared:
    """A document beside an earlier text: its own published one, one that it supersedes, or an older version.

    `against` says in words which.
    """

    against: str
    older: ShippedDocument
    comparison: Comparison
    resting: tuple[Resting, ...]


class DocumentChangesDesk:
    """Everything raises Forbidden without the right, and KnowledgeError in words for the person."""

    def __init__(self, services: Services, actor: Actor) -> None:
        self._actor, self._services = actor, services
        self._editing, self._engine, self._now = services.editing, services.engine, services.clock.now
        self._documents = DocumentsDesk(services, actor)

    def compared(self, document_id: str, *, version: int | None = None) -> Compared | None:
        """Beside the text that it takes the place of, or beside a kept version; None where it is new."""
        self._actor.require(Right.read)
        return self._compared(self._documents.opened(document_id), version, self._entries())

    def carry_over(self, document_id: str) -> list[str]:
        """Drafts of the entries whose words all stand in the new text, some of them in other clauses: their
        quotes moved there. The ids of the entries; all or none."""
        self._actor.require(Right.edit)
        compared = self.compared(document_id)
        if compared is None:
            return []
        moves = []
        for item in compared.resting:
            fates = {standing.fate for standing in item.standings}
            if "moved" not in fates or fates - {"moved", "stands"}:
                continue
            if self._editing.draft_of("entry", item.entry.id) is None:
                content = to_plain(ShippedEntry(_moved(item)))
                moves.append(Proposal("entry", item.entry.id, content))
        self._editing.save_all(moves, by=self._actor.name, note=say("document.carried", id=document_id))
        return [move.row_id for move in moves]

    def propose(self, document_id: str) -> list[KeptProposal]:
        """Proposes entries for what is new in the draft, keeps them, and what was decided before."""
        self._actor.require(Right.edit)
        opened, entries = self._documents.opened(document_id), self._entries()
        compared = self._compared(opened, None, entries)
        content = self._editing.content()
        found = propose(
            opened.item.clauses,
            title=opened.item.document.title,
            lexicon=content.lexicon,
            entries=entries,
            comparison=compared.comparison if compared is not None else None,
            resting=compared.resting if compared is not None else (),
            nearby=Unanswered(self._services),
        )
        with Session(self._engine) as session:
            session.connection(execution_options={"immediate": True})
            keep_proposals(session, document_id, found)
            session.commit()
            return proposals_of(session, document_id)

    def proposals(self, document_id: str) -> list[KeptProposal]:
        self._actor.require(Right.read)
        with Session(self._engine) as session:
            return proposals_of(session, document_id)

    def accept(self, proposal_id: str, *, changes: Mapping[str, Any] | None = None) -> str:
        """Makes a proposal a draft entry, with what the editor changed of it; the entry's id.

        Raises Conflict where somebody decided meanwhile; then nothing is made.
        """
        self._actor.require(Right.edit)
        with Session(self._engine) as session:
            kept = proposal(session, proposal_id)
        entry = {**kept.entry, **(changes or {})}
        if not str(entry.get("question", "")).strip():
            raise InvalidContent(say("check.no_question", where=say("where.entry", id=entry["id"])))
        if kept.updates is None:
            entry["id"] = free_id(str(entry["id"]), self._taken())
        entry_id = str(entry["id"])
        self._decide(kept, "accepted", entry_id)
        try:
            self._editing.save(kind="entry", row_id=entry_id, content=entry, by=self._actor.name)
        except KnowledgeError:
            self._decide(kept, "open", None)
            raise
        return entry_id

    def strike(self, proposal_id: str) -> None:
        """Not this one; it is not proposed again."""
        self._actor.require(Right.edit)
        with Session(self._engine) as session:
            kept = proposal(session, proposal_id)
        self._decide(kept, "struck", None)

    def take_back(self, proposal_id: str) -> None:
        """Opens a struck proposal again."""
        self._actor.require(Right.edit)
        with Session(self._engine) as session:
            kept = proposal(session, proposal_id)
        if kept.state == "struck":
            self._decide(kept, "open", None)

    def _decide(self, kept: KeptProposal, state: Any, entry_id: str | None) -> None:
        with Session(self._engine) as session:
            session.connection(execution_options={"immediate": True})
            decide(session, kept.id, state, by=self._actor.name, now=self._now(), entry_id=entry_id)
            self._services.audit.record(
                session.connection(),
                by=self._actor.name,
                what=f"proposal.{state}",
                kind="proposal",
                subject=kept.id,
                after={"document": kept.document_id, "entry": entry_id},
            )
            session.commit()

    def _entries(self) -> list[Entry]:
        """Every entry that is not withdrawn, as its draft has it where there is one."""
        entries = {
            item.entry.id: item.entry for item in self._editing.content().entries if item.state != "withdrawn"
        }
        for draft in self._editing.drafts(kind="entry"):
            item = from_plain("entry", draft.content)
            assert isinstance(item, ShippedEntry)
            entries[draft.row_id] = item.entry
        return list(entries.values())

    def _taken(self) -> set[str]:
        held = {item.entry.id for item in self._editing.content().entries}
        return held | {draft.row_id for draft in self._editing.drafts(kind="entry")}

    def _compared(
        self, opened: OpenedDocument, version: int | None, entries: Sequence[Entry]
    ) -> Compared | None:
        found = self._older(opened, version)
        if found is None:
            return None
        against, older = found
        clauses = opened.item.clauses
        comparison = compare(older.clauses, clauses)
        resting = resting_on(comparison, older.document.id, clauses, entries)
        return Compared(against, older, comparison, resting)

    def _older(self, opened: OpenedDocument, version: int | None) -> tuple[str, ShippedDocument] | None:
        document = opened.item.document
        if version is not None:
            for kept in opened.versions:
                if kept.number == version:
                    return say("document.against_version", number=version), kept.item
            raise InvalidContent(say("document.no_version", id=document.id, number=version))
        if opened.draft is not None and opened.published:
            return say("document.against_published"), self._held(document.id)
        for name in document.supersedes:
            if self._editing.current("document", name) is not None:
                return say("document.against_superseded", id=name), self._held(name)
        if opened.versions:
            kept = opened.versions[0]
            return say("document.against_version", number=kept.number), kept.item
        return None

    def _held(self, document_id: str) -> ShippedDocument:
        item = from_plain("document", self._editing.current("document", document_id) or {})
        assert isinstance(item, ShippedDocument)
        return item


def _moved(item: Resting) -> Entry:
    """The entry with its quotes where they stand now."""
    now = {standing.quote: standing.now or standing.quote for standing in item.standings}
    return replace(
        item.entry,
        quotes=tuple(now.get(quote, quote) for quote in item.entry.quotes),
        also=tuple(now.get(quote, quote) for quote in item.entry.also),
    )
