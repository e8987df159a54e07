"""The content that ships, as read from files: published and draft alike, each with its state."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, field, replace

from knowledge.model import Clause, Document, Entry, Knowledge, Lexicon, Programme, State
from knowledge.parsing.mending import Mending


@dataclass(frozen=True, slots=True)
class ShippedDocument:
    """`clauses` are what parsing `text` gives with the `mendings`."""

    document: Document
    clauses: tuple[Clause, ...]
    text: str
    state: State = "published"
    mendings: tuple[Mending, ...] = ()


@dataclass(frozen=True, slots=True)
class ShippedEntry:
    entry: Entry
    state: State = "published"


@dataclass(frozen=True, slots=True)
class CheckedSource:
    """What an editor checked a programme against; `link_ok` False is never shown to residents."""

    title: str
    publisher: str
    url: str | None
    quote: str
    link_ok: bool


@dataclass(frozen=True, slots=True)
class ShippedProgramme:
    """`confidence`, `note` and `checked_against` are for editors and never part of an answer."""

    programme: Programme
    state: State
    confidence: str = ""
    note: str = ""
    checked_against: tuple[CheckedSource, ...] = ()


@dataclass(frozen=True)
class Shipped:
    """Everything in a content folder."""

    documents: tuple[ShippedDocument, ...] = ()
    entries: tuple[ShippedEntry, ...] = ()
    programmes: tuple[ShippedProgramme, ...] = ()
    lexicon: Lexicon = field(default_factory=Lexicon)

    def published(self) -> Knowledge:
        """What residents may be answered from: nothing of a draft, no entry that rests on one, and
        no programme beside an answer that is one.

        Sorted by id, so that files and every database give the same fingerprint.
        """
        documents = sorted(
            (item for item in self.documents if item.state == "published"), key=lambda item: item.document.id
        )
        programmes = tuple(
            sorted(
                (item.programme for item in self.programmes if item.state == "published"),
                key=lambda programme: programme.id,
            )
        )
        clauses = tuple(clause for item in documents for clause in item.clauses)
        known = {clause.id for clause in clauses} | {programme.id for programme in programmes}
        entries = (item.entry for item in self.entries if item.state == "published")
        resting = (entry for entry in entries if all(quote.clause_id in known for quote in entry.quotes))
        shown = (_beside(entry, known) for entry in resting)
        return Knowledge(
            documents=tuple(_until_the_newer({item.document.id: item.document for item in documents})),
            clauses=clauses,
            entries=tuple(sorted(shown, key=lambda entry: entry.id)),
            programmes=programmes,
            lexicon=self.lexicon,
        )


def _until_the_newer(documents: Mapping[str, Document]) -> Iterator[Document]:
    """Each document with the day from which the one that supersedes it holds."""
    for document in documents.values():
        newer = documents.get(document.superseded_by or "")
        begins = newer.begins_on if newer is not None else None
        yield document if begins is None else replace(document, superseded_from=begins)


def _beside(entry: Entry, known: Set[str]) -> Entry:
    """The entry without the programmes, and the spans elsewhere, that are not `known`."""
    programmes = tuple(name for name in entry.programmes if name in known)
    also = tuple(quote for quote in entry.also if quote.clause_id in known)
    if (programmes, also) == (entry.programmes, entry.also):
        return entry
    return replace(entry, programmes=programmes, also=also)
