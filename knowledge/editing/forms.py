"""Between shipped items and their plain form: JSON-able fields, named as in the YAML of `knowledge/content`.

A plain form from here is whole: every field stands in it, dates as ISO text, numbers as decimal text. Reading
is strict about names and types and fills in what may be left out. What follows from other fields is not in
it: a card's words are rendered, and a document's clauses are parsed where none are given. A quote keeps its
place (`start`), because only the store can find it anew.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields as dataclass_fields
from typing import Any, TypeAlias, cast, get_args

from knowledge.clause_form import clause_from_plain, clause_to_plain
from knowledge.editing.model import Kind, LexiconLine
from knowledge.editing.programme_form import iso, programme_from_fields, programme_to_plain
from knowledge.errors import InvalidContent
from knowledge.fields import Fields, say_of_field
from knowledge.model import (
    LEXICON_TABLES,
    Document,
    Entry,
    Force,
    Quote,
    State,
)
from knowledge.parsing import Mending, parse
from knowledge.shipped import ShippedDocument, ShippedEntry, ShippedProgramme

Item: TypeAlias = ShippedDocument | ShippedEntry | ShippedProgramme | LexiconLine
Plain: TypeAlias = dict[str, Any]

STATES: tuple[str, ...] = get_args(State)
FORCES: tuple[str, ...] = get_args(Force)

FIELDS: Mapping[Kind, tuple[str, ...]] = {
    "document": (
        "id", "state", "title", "document_number", "issuers", "issued_on", "region", "effective_from",
        "effective_to", "supersedes", "superseded_by", "source", "source_url", "warnings", "text", "mendings",
        "clauses",
    ),
    "entry": (
        "id", "state", "question", "variants", "quotes", "plain", "force", "valid_from", "valid_to", "tags",
        "programmes", "also",
    ),
    "programme": (
        "id", "state", "title", "kind", "force", "summary", "amounts", "conditions", "rules", "how_to_apply",
        "region", "issuer", "document_number", "valid_from", "valid_to", "checked_on", "sources",
        "checked_against", "confidence", "note",
    ),
    "lexicon": ("section", "name", "words", "state"),
}  # fmt: skip
"""The fields of each kind, in the order in which files and pages show them."""

_MENDING = tuple(item.name for item in dataclass_fields(Mending))


def to_plain(item: Item) -> Plain:
    """The whole plain form of an item."""
    if isinstance(item, ShippedDocument):
        return _document_to_plain(item)
    if isinstance(item, ShippedEntry):
        return _entry_to_plain(item)
    if isinstance(item, ShippedProgramme):
        return programme_to_plain(item)
    return {"section": item.section, "name": item.name, "words": list(item.words), "state": item.state}


def from_plain(kind: Kind, content: Mapping[str, Any]) -> Item:
    """The item of a plain form. Raises InvalidContent naming the field, its value and the remedy."""
    if kind not in _READERS:
        raise InvalidContent(say_of_field("kind", kind=kind, known="、".join(_READERS)))
    return _READERS[kind](Fields(content, FIELDS[kind], "content"))


def normalised(kind: Kind, content: Mapping[str, Any]) -> Plain:
    """The whole plain form of a possibly partial one. Raises InvalidContent."""
    return to_plain(from_plain(kind, content))


def id_of(item: Item) -> str:
    """The id of the item's row."""
    if isinstance(item, ShippedDocument):
        return item.document.id
    if isinstance(item, ShippedEntry):
        return item.entry.id
    return item.programme.id if isinstance(item, ShippedProgramme) else item.id


def kind_of(item: Item) -> Kind:
    if isinstance(item, ShippedDocument):
        return "document"
    if isinstance(item, ShippedEntry):
        return "entry"
    return "programme" if isinstance(item, ShippedProgramme) else "lexicon"


def _document_to_plain(item: ShippedDocument) -> Plain:
    document = item.document
    return {
        "id": document.id,
        "state": item.state,
        "title": document.title,
        "document_number": document.document_number,
        "issuers": list(document.issuers),
        "issued_on": iso(document.issued_on),
        "region": document.region,
        "effective_from": iso(document.effective_from),
        "effective_to": iso(document.effective_to),
        "supersedes": list(document.supersedes),
        "superseded_by": document.superseded_by,
        "source": document.source,
        "source_url": document.source_url,
        "warnings": list(document.warnings),
        "text": item.text,
        "mendings": [mending.to_plain() for mending in item.mendings],
        "clauses": [clause_to_plain(clause) for clause in item.clauses],
    }


def _document(fields: Fields) -> ShippedDocument:
    name, text = fields.text("id"), fields.text("text", "")
    mendings = fields.each("mendings", _mending)
    parsed = None if "clauses" in fields and "warnings" in fields else parse(text, name, mendings)
    position = iter(range(10**9))
    clauses = (
        fields.each("clauses", lambda raw: clause_from_plain(raw, name, next(position)))
        if "clauses" in fields or parsed is None
        else parsed.clauses
    )
    document = Document(
        id=name,
        title=fields.text("title", ""),
        document_number=fields.optional_text("document_number"),
        issuers=fields.texts("issuers"),
        issued_on=fields.day("issued_on"),
        region=fields.text("region", ""),
        effective_from=fields.day("effective_from"),
        effective_to=fields.day("effective_to"),
        supersedes=fields.texts("supersedes"),
        superseded_by=fields.optional_text("superseded_by"),
        source=fields.text("source", ""),
        source_url=fields.optional_text("source_url"),
        warnings=fields.texts("warnings") if "warnings" in fields or parsed is None else parsed.warnings,
    )
    return ShippedDocument(document, clauses, text, _state(fields), mendings)


def _mending(raw: object) -> Mending:
    fields = Fields(raw, _MENDING, "mendings")
    for name in ("what", "style", "text", "note", "by", "at"):
        fields.optional_text(name)
    for name in ("line", "column", "number"):
        fields.whole(name, 0)
    return Mending.from_plain(cast(Mapping[str, Any], raw))


def _entry_to_plain(item: ShippedEntry) -> Plain:
    entry = item.entry
    return {
        "id": entry.id,
        "state": item.state,
        "question": entry.question,
        "variants": list(entry.variants),
        "quotes": [_quote_to_plain(quote) for quote in entry.quotes],
        "plain": entry.plain,
        "force": entry.force,
        "valid_from": iso(entry.valid_from),
        "valid_to": iso(entry.valid_to),
        "tags": list(entry.tags),
        "programmes": list(entry.programmes),
        "also": [_quote_to_plain(quote) for quote in entry.also],
    }


def _entry(fields: Fields) -> ShippedEntry:
    entry = Entry(
        id=fields.text("id"),
        question=fields.text("question", ""),
        variants=fields.texts("variants"),
        quotes=fields.each("quotes", _quote),
        plain=fields.optional_text("plain"),
        force=fields.optional_choice("force", FORCES),
        valid_from=fields.day("valid_from"),
        valid_to=fields.day("valid_to"),
        tags=fields.texts("tags"),
        programmes=fields.texts("programmes"),
        also=fields.each("also", _quote),
    )
    return ShippedEntry(entry, _state(fields))


def _quote_to_plain(quote: Quote) -> Plain:
    return {"clause": quote.clause_id, "text": quote.text, "start": quote.start}


def _quote(raw: object) -> Quote:
    fields = Fields(raw, ("clause", "text", "start"), "quotes")
    start, words = fields.whole("start", 0), fields.text("text", "")
    return Quote(fields.text("clause"), start, start + len(words), words)


def _line(fields: Fields) -> LexiconLine:
    return LexiconLine(
        fields.choice("section", LEXICON_TABLES), fields.text("name"), fields.texts("words"), _state(fields)
    )


def _state(fields: Fields) -> Any:
    return fields.choice("state", STATES, default="published")


_READERS: Mapping[str, Callable[[Fields], Item]] = {
    "document": _document,
    "entry": _entry,
    "programme": programme_from_fields,
    "lexicon": _line,
}
