"""What is known, as plain immutable data: documents, clauses, entries, programmes.

This module owns the vocabulary that every other part of the assistant speaks. It knows nothing of
databases, search or HTTP. `Knowledge` is the published whole; it travels as JSON into each index
snapshot, so that an answer can always be traced to the exact text it was taken from.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import date
from functools import cached_property
from typing import Any, Literal, TypeVar

from knowledge.rules import Rule, rule_from_json

Force = Literal["right", "duty", "price", "target", "encouragement", "work_plan"]
Status = Literal["in_force", "expired", "superseded", "not_yet", "unstated"]
State = Literal["draft", "in_review", "published", "withdrawn"]
ClauseKind = Literal[
    "notice", "title", "preamble", "book", "chapter", "division", "part", "section", "article",
    "paragraph", "item", "subitem", "annex", "annex_task", "annex_row",
]  # fmt: skip

UNVERIFIED = "未核实"
"""How a programme's card says that something is not known: such a line is never an answer."""


def status_on(day: date, start: date | None, end: date | None, superseded_by: str | None = None) -> Status:
    """The validity of something on `day`; `unstated` where it names no date of expiry."""
    if start is not None and day < start:
        return "not_yet"
    if superseded_by is not None:
        return "superseded"
    if end is not None:
        return "expired" if day > end else "in_force"
    return "unstated"


@dataclass(frozen=True, slots=True)
class Document:
    """A published policy text. `effective_to` is None where the text names no date of expiry."""

    id: str
    title: str
    document_number: str | None
    issuers: tuple[str, ...]
    issued_on: date | None
    region: str
    effective_from: date | None = None
    effective_to: date | None = None
    supersedes: tuple[str, ...] = ()
    superseded_by: str | None = None
    source: str = ""
    source_url: str | None = None
    warnings: tuple[str, ...] = ()
    superseded_from: date | None = field(default=None, metadata={"derived": True})
    """The day from which the newer text holds; until then this one does. Derived when knowledge is put
    together; None where that day is not known, and then the newer text counts at once."""

    @property
    def begins_on(self) -> date | None:
        return self.effective_from or self.issued_on

    def status_on(self, day: date) -> Status:
        waiting = self.superseded_from is not None and day < self.superseded_from
        return status_on(day, self.begins_on, self.effective_to, None if waiting else self.superseded_by)


@dataclass(frozen=True, slots=True)
class Clause:
    """One node of a document's tree.

    `text` is the node's own cleaned text, its marker and heading included, its children's text
    excluded: the texts of all nodes in order are the body, each character once. Offsets of a
    citation count code points of `text`.
    """

    id: str
    document_id: str
    path: str
    kind: ClauseKind
    label: str
    text: str
    position: int
    parent: str | None = None
    marker: str = ""
    heading: str = ""
    departments: tuple[str, ...] = ()
    lead_departments: tuple[str, ...] = ()
    due: str | None = None
    incomplete: bool = False


@dataclass(frozen=True, slots=True)
class Quote:
    """A span of a clause, verbatim: `text == clause.text[start:end]`."""

    clause_id: str
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Entry:
    """An approved question with its wordings and the spans that answer it, the best first.

    `plain` is an approved sentence that says no more than the quotes; None where the quote
    speaks for itself. `tags` name whom the fact concerns, by the lexicon's audiences. `programmes` are
    the ids of programmes shown beside the answer, because they give today's concrete rule or amount on
    the same subject. `also` are spans elsewhere that say the same, so that each alone would answer, too.
    """

    id: str
    question: str
    variants: tuple[str, ...]
    quotes: tuple[Quote, ...]
    plain: str | None = None
    force: Force | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    tags: tuple[str, ...] = ()
    programmes: tuple[str, ...] = ()
    also: tuple[Quote, ...] = ()

    @property
    def answered_by(self) -> frozenset[str]:
        """The ids of the clauses and programmes that answer the question."""
        return frozenset(quote.clause_id for quote in (*self.quotes, *self.also))


@dataclass(frozen=True, slots=True)
class Amount:
    """One amount of a programme, with the dates it holds for.

    `rate` is a decimal fraction in text ("0.12"), `cap` a decimal number in text in `unit`, so that
    no binary rounding ever touches money.
    """

    what: str
    rate: str | None
    cap: str | None
    unit: str | None
    valid_from: date | None = None
    valid_to: date | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """Where a programme's facts were read. Only openable sources (with a url) are ever shown."""

    title: str
    publisher: str
    url: str | None
    quote: str


@dataclass(frozen=True, slots=True)
class Programme:
    """A subsidy, tax relief, rule, service or event; its words are ours, not an official quote.

    `text` is the card's words, rendered from the fields by the loader; citations point into it. `rules`
    say when which amount is due.
    """

    id: str
    title: str
    kind: Literal["subsidy", "tax", "rule", "service", "event"]
    summary: str
    text: str
    amounts: tuple[Amount, ...]
    conditions: tuple[str, ...]
    how_to_apply: str
    region: str
    issuer: str
    document_number: str | None
    sources: tuple[Source, ...]
    checked_on: date
    force: Force
    valid_from: date | None = None
    valid_to: date | None = None
    rules: tuple[Rule, ...] = ()

    def status_on(self, day: date) -> Status:
        return status_on(day, self.valid_from, self.valid_to)


@dataclass(frozen=True)
class Lexicon:
    """Words that mean the same to residents; used to widen a question, never to replace its words.

    `synonyms` maps a word as residents say it to the words of the texts; `items` and `districts`
    map a canonical name to its other names, `audiences` whom a fact concerns to the words they use of
    themselves.
    """

    synonyms: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    items: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    districts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    audiences: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


LEXICON_TABLES = tuple(table.name for table in fields(Lexicon))


@dataclass(frozen=True)
class Knowledge:
    """Everything published, at one moment. Drafts are never in it."""

    documents: tuple[Document, ...]
    clauses: tuple[Clause, ...]
    entries: tuple[Entry, ...] = ()
    programmes: tuple[Programme, ...] = ()
    lexicon: Lexicon = field(default_factory=Lexicon)

    @cached_property
    def document_by_id(self) -> Mapping[str, Document]:
        return {document.id: document for document in self.documents}

    @cached_property
    def clause_by_id(self) -> Mapping[str, Clause]:
        return {clause.id: clause for clause in self.clauses}

    @cached_property
    def programme_by_id(self) -> Mapping[str, Programme]:
        return {programme.id: programme for programme in self.programmes}

    @cached_property
    def entry_by_id(self) -> Mapping[str, Entry]:
        return {entry.id: entry for entry in self.entries}

    def clauses_of(self, document_id: str) -> Iterable[Clause]:
        return (clause for clause in self.clauses if clause.document_id == document_id)

    def to_json(self) -> str:
        """Canonical JSON: the same knowledge always gives the same bytes."""
        return json.dumps(asdict(self), ensure_ascii=False, sort_keys=True, default=_plain)

    @classmethod
    def from_json(cls, text: str) -> Knowledge:
        raw: dict[str, Any] = json.loads(text)
        return cls(
            documents=tuple(_build(Document, item) for item in raw["documents"]),
            clauses=tuple(_build(Clause, item) for item in raw["clauses"]),
            entries=tuple(
                _build(
                    Entry,
                    {**item, **{name: [_build(Quote, quote) for quote in item[name]] for name in _SPANS}},
                )
                for item in raw["entries"]
            ),
            programmes=tuple(
                _build(
                    Programme,
                    {
                        **item,
                        "amounts": [_build(Amount, amount) for amount in item["amounts"]],
                        "sources": [_build(Source, source) for source in item["sources"]],
                        "rules": [rule_from_json(rule) for rule in item.get("rules", ())],
                    },
                )
                for item in raw["programmes"]
            ),
            lexicon=Lexicon(
                **{name: {k: tuple(v) for k, v in table.items()} for name, table in raw["lexicon"].items()}
            ),
        )

    @cached_property
    def fingerprint(self) -> str:
        return hashlib.sha256(self.to_json().encode()).hexdigest()[:16]


T = TypeVar("T")

_SPANS = ("quotes", "also")
_DATES = {
    "issued_on", "effective_from", "effective_to", "valid_from", "valid_to", "checked_on", "superseded_from",
}  # fmt: skip


def _plain(value: object) -> object:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no JSON form")


def _build(kind: type[T], raw: Mapping[str, Any]) -> T:
    """A dataclass from its JSON form: lists become tuples, ISO dates become dates."""
    values: dict[str, Any] = {}
    for name, value in raw.items():
        if name in _DATES and isinstance(value, str):
            value = date.fromisoformat(value)
        values[name] = tuple(value) if isinstance(value, list) else value
    return kind(**values)
