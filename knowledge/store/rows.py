"""Between rows and the plain data of `knowledge.model`, both ways, and the hash of a row's content."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, fields
from datetime import date
from typing import Any, cast

from knowledge.model import Amount, Clause, Document, Entry, Programme, Quote, Source
from knowledge.parsing.mending import Mending
from knowledge.rules import rule_from_json
from knowledge.shipped import CheckedSource, ShippedDocument, ShippedEntry, ShippedProgramme
from knowledge.store.tables import ClauseRow, DocumentRow, EntryRow, ProgrammeRow, QuoteRow, VariantRow

_DOCUMENT = [item.name for item in fields(Document) if not item.metadata.get("derived")]
_CLAUSE = [item.name for item in fields(Clause)]
_PROGRAMME = [item.name for item in fields(Programme) if item.name not in ("amounts", "sources", "rules")]


def content_hash(item: object) -> str:
    """The hash of a shipped or stored item, its state included: equal content, equal hash."""
    raw = asdict(cast(Any, item)) if not isinstance(item, Mapping) else item
    if isinstance(raw.get("document"), Mapping):
        raw = {
            **raw,
            "document": {name: raw["document"][name] for name in _DOCUMENT if name in raw["document"]},
        }
    text = json.dumps(raw, ensure_ascii=False, sort_keys=True, default=_plain)
    return hashlib.sha256(text.encode()).hexdigest()


def fill_document(row: DocumentRow, item: ShippedDocument) -> None:
    """Puts `item` into `row`; clauses that stay keep their rows."""
    for name in _DOCUMENT:
        setattr(row, name, _listed(getattr(item.document, name)))
    row.body, row.state = item.text, item.state
    row.mendings = [mending.to_plain() for mending in item.mendings]
    kept = {clause.id: clause for clause in row.clauses}
    row.clauses = [_clause_row(kept.get(clause.id) or ClauseRow(), clause) for clause in item.clauses]


def document_of(row: DocumentRow) -> ShippedDocument:
    document, clauses = document_alone(row), tuple(clause_of(clause) for clause in row.clauses)
    mendings = tuple(Mending.from_plain(item) for item in row.mendings)
    return ShippedDocument(document, clauses, row.body, cast(Any, row.state), mendings)


def document_alone(row: DocumentRow) -> Document:
    """The document without its clauses, which are not read."""
    return Document(**{name: _tupled(getattr(row, name)) for name in _DOCUMENT})


def clause_of(row: ClauseRow) -> Clause:
    return Clause(**{name: _tupled(getattr(row, name)) for name in _CLAUSE})


def fill_entry(row: EntryRow, item: ShippedEntry) -> None:
    entry = item.entry
    row.id, row.question, row.plain, row.force = entry.id, entry.question, entry.plain, entry.force
    row.valid_from, row.valid_to, row.state = entry.valid_from, entry.valid_to, item.state
    row.tags, row.programmes = list(entry.tags), list(entry.programmes)
    _fit(row.variants, len(entry.variants), VariantRow)
    for position, (variant, text) in enumerate(zip(row.variants, entry.variants, strict=True)):
        variant.position, variant.text = position, text
    spans = (*entry.quotes, *entry.also)
    _fit(row.quotes, len(spans), QuoteRow)
    for position, (stored, quote) in enumerate(zip(row.quotes, spans, strict=True)):
        stored.position, stored.clause_id, stored.text = position, quote.clause_id, quote.text
        stored.starts_at, stored.ends_at = quote.start, quote.end
        stored.also = position >= len(entry.quotes)


def entry_of(
    row: EntryRow, variants: Iterable[str] | None = None, quotes: Iterable[Any] | None = None
) -> ShippedEntry:
    """`variants` and `quotes` are given where they were read apart: as objects they take ten times longer."""
    held = list(row.quotes if quotes is None else quotes)
    entry = Entry(
        id=row.id,
        question=row.question,
        variants=tuple((variant.text for variant in row.variants) if variants is None else variants),
        quotes=_quotes(quote for quote in held if not quote.also),
        plain=row.plain,
        force=cast(Any, row.force),
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        tags=tuple(row.tags),
        programmes=tuple(row.programmes),
        also=_quotes(quote for quote in held if quote.also),
    )
    return ShippedEntry(entry, cast(Any, row.state))


def fill_programme(row: ProgrammeRow, item: ShippedProgramme) -> None:
    for name in _PROGRAMME:
        setattr(row, name, _listed(getattr(item.programme, name)))
    row.amounts = [_json(amount) for amount in item.programme.amounts]
    row.sources = [_json(source) for source in item.programme.sources]
    row.rules = [_json(rule) for rule in item.programme.rules]
    row.checked_against = [_json(source) for source in item.checked_against]
    row.state, row.confidence, row.note = item.state, item.confidence, item.note


def programme_of(row: ProgrammeRow) -> ShippedProgramme:
    programme = Programme(
        **{name: _tupled(getattr(row, name)) for name in _PROGRAMME},
        amounts=tuple(Amount(**_dated(amount)) for amount in row.amounts),
        sources=tuple(Source(**source) for source in row.sources),
        rules=tuple(rule_from_json(rule) for rule in row.rules),
    )
    checked = tuple(CheckedSource(**source) for source in row.checked_against)
    return ShippedProgramme(programme, cast(Any, row.state), row.confidence, row.note, checked)


def _quotes(stored: Iterable[Any]) -> tuple[Quote, ...]:
    return tuple(Quote(quote.clause_id, quote.starts_at, quote.ends_at, quote.text) for quote in stored)


def _clause_row(row: ClauseRow, clause: Clause) -> ClauseRow:
    for name in _CLAUSE:
        setattr(row, name, _listed(getattr(clause, name)))
    return row


def _fit(rows: list[Any], size: int, kind: type[Any]) -> None:
    """Makes a collection `size` rows long, keeping the rows there are."""
    del rows[size:]
    rows.extend(kind(position=position) for position in range(len(rows), size))


def _json(item: object) -> dict[str, Any]:
    return cast(dict[str, Any], json.loads(json.dumps(asdict(cast(Any, item)), default=_plain)))


def _dated(raw: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: date.fromisoformat(value) if name in ("valid_from", "valid_to") and value else value
        for name, value in raw.items()
    }


def _plain(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no JSON form")


def _listed(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _tupled(value: Any) -> Any:
    return tuple(value) if isinstance(value, Sequence) and not isinstance(value, str) else value
