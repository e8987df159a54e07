"""What was taken back at once, and what is left of knowledge without it.

Pure. The same rule leaves things out of the next snapshot and out of one that is live already, so that the
first question after a withdrawal and every later one see the same knowledge.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Protocol

from knowledge.model import Entry, Knowledge


class Span(Protocol):
    """A citable span of a clause or programme."""

    @property
    def clause_id(self) -> str: ...

    @property
    def document_id(self) -> str: ...

    @property
    def text(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Withheld:
    """Ids by kind; `documents` holds programmes too. A clause takes the clauses below it along. `tags` are
    audiences of entries; `items` things of the lexicon: a question that names one is not answered, and no
    sentence that names one is quoted."""

    entries: frozenset[str] = frozenset()
    clauses: frozenset[str] = frozenset()
    documents: frozenset[str] = frozenset()
    tags: frozenset[str] = frozenset()
    items: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return any(getattr(self, field.name) for field in fields(self))

    def left_of(self, knowledge: Knowledge) -> Knowledge:
        """`knowledge` without what is withheld, and without entries that rest on it."""
        if not self:
            return knowledge
        documents = tuple(d for d in knowledge.documents if d.id not in self.documents)
        clauses = tuple(
            c for c in knowledge.clauses if c.document_id not in self.documents and not self._below(c.id)
        )
        programmes = tuple(p for p in knowledge.programmes if p.id not in self.documents)
        known = {c.id for c in clauses} | {p.id for p in programmes}
        names = self.names_of(knowledge)
        entries = tuple(
            _beside(entry, known)
            for entry in knowledge.entries
            if entry.id not in self.entries
            and all(quote.clause_id in known for quote in entry.quotes)
            and not self.tags & set(entry.tags)
            and not _names_any(entry, names)
        )
        return replace(
            knowledge, documents=documents, clauses=clauses, programmes=programmes, entries=entries
        )

    def holds_back(self, left: Knowledge, span: Span) -> bool:
        """Whether a span may not be quoted; `left` is what `left_of` gave."""
        known = span.clause_id in left.clause_by_id or span.clause_id in left.programme_by_id
        return not known or any(name in span.text for name in self.names_of(left))

    def names_of(self, knowledge: Knowledge) -> tuple[str, ...]:
        """Every name of the withheld things."""
        return tuple(
            name for item in sorted(self.items) for name in (item, *knowledge.lexicon.items.get(item, ()))
        )

    def without(self, rows: Iterable[tuple[str, str]]) -> Withheld:
        """Without some rows, by kind and id, that are published anew."""
        named = {row_id for _, row_id in rows}
        return replace(self, entries=self.entries - named, documents=self.documents - named)

    def to_plain(self) -> dict[str, list[str]]:
        return {field.name: sorted(getattr(self, field.name)) for field in fields(self)}

    @classmethod
    def from_plain(cls, raw: Mapping[str, Any]) -> Withheld:
        """Raises ValueError for what is no such mapping."""
        if not isinstance(raw, Mapping) or not all(isinstance(value, list) for value in raw.values()):
            raise ValueError("withheld ids must be lists by kind")
        known = {field.name for field in fields(cls)}
        return cls(**{name: frozenset(map(str, ids)) for name, ids in raw.items() if name in known})

    def _below(self, clause_id: str) -> bool:
        return any(clause_id == taken or clause_id.startswith(f"{taken}.") for taken in self.clauses)


NOTHING_WITHHELD = Withheld()


def _beside(entry: Entry, known: Iterable[str]) -> Entry:
    """The entry without the programmes and the spans elsewhere that are gone."""
    programmes = tuple(name for name in entry.programmes if name in known)
    also = tuple(quote for quote in entry.also if quote.clause_id in known)
    if (programmes, also) == (entry.programmes, entry.also):
        return entry
    return replace(entry, programmes=programmes, also=also)


def _names_any(entry: Entry, names: tuple[str, ...]) -> bool:
    if not names:
        return False
    said = (entry.question, *entry.variants, *(quote.text for quote in entry.quotes))
    return any(name in text for text in said for name in names)
