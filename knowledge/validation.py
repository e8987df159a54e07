"""What must hold before content may be published, each breach in one readable sentence.

Pure: it reads plain data and returns messages; an empty list means that all is well.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from urllib.parse import urlsplit

from knowledge.model import Entry, Programme
from knowledge.shipped import Shipped, ShippedDocument, ShippedProgramme

_ID = re.compile(r"[a-z0-9][a-z0-9._-]{0,47}")


def validate(content: Shipped) -> list[str]:
    """Everything wrong with a whole body of content, drafts included."""
    texts = clause_texts(content)
    published = content.published()
    open_ids = {clause.id for clause in published.clauses} | set(published.programme_by_id)
    problems = _repeated("document", [item.document.id for item in content.documents])
    problems += _repeated("programme", [item.programme.id for item in content.programmes])
    problems += _repeated("entry", [item.entry.id for item in content.entries])
    problems += _repeated("clause", [clause.id for item in content.documents for clause in item.clauses])
    for document in content.documents:
        problems += check_document(document)
    drafts = [item.programme for item in content.programmes if item.state != "published"]
    for programme in content.programmes:
        problems += check_programme(programme, drafts)
    for item in content.entries:
        problems += check_entry(item.entry, texts, open_ids if item.state == "published" else None)
    return problems + _shared_variants([item.entry for item in content.entries])


def clause_texts(content: Shipped) -> dict[str, str]:
    """The text behind every id that a quote may name."""
    texts = {clause.id: clause.text for item in content.documents for clause in item.clauses}
    return texts | {item.programme.id: item.programme.text for item in content.programmes}


def check_document(item: ShippedDocument) -> list[str]:
    document = item.document
    problems = [] if item.clauses else [f"document {document.id}: has no clauses; check its text."]
    if not _ID.fullmatch(document.id):
        problems.append(f"document {document.id}: the id may hold a-z, 0-9, dot and hyphen only.")
    problems += [
        f"document {document.id}: {name} is empty; fill it in."
        for name in ("title", "issuers", "region", "issued_on")
        if not getattr(document, name)
    ]
    problems += _dates(f"document {document.id}", document.effective_from, document.effective_to)
    if document.superseded_by == document.id:
        problems.append(
            f"document {document.id}: is superseded by itself; name the document that replaced it."
        )
    return problems


def check_entry(entry: Entry, texts: Mapping[str, str], published: Iterable[str] | None = None) -> list[str]:
    """`published` names the clauses and programmes that may be answered from; None for a draft entry."""
    where = f"entry {entry.id}"
    problems = [] if entry.quotes else [f"{where}: has no quote; say which words of which clause answer it."]
    if not entry.question.strip():
        problems.append(f"{where}: has no question; write one.")
    wordings = Counter(_same(text) for text in (entry.question, *entry.variants))
    problems += [
        f"{where}: has the wording “{text}” twice; delete one." for text, n in wordings.items() if n > 1
    ]
    allowed = None if published is None else set(published)
    for quote in entry.quotes:
        text = texts.get(quote.clause_id)
        if text is None:
            problems.append(
                f"{where}: quotes {quote.clause_id}, which does not exist; correct the clause id."
            )
        elif not quote.text or text[quote.start : quote.end] != quote.text:
            problems.append(
                f"{where}: “{quote.text[:30]}” does not stand at {quote.start} of {quote.clause_id}; "
                "copy the words from the clause."
            )
        elif allowed is not None and quote.clause_id not in allowed:
            problems.append(
                f"{where}: is published but quotes {quote.clause_id}, which is not; publish that first."
            )
    return problems + _dates(where, entry.valid_from, entry.valid_to)


def check_programme(item: ShippedProgramme, drafts: Iterable[Programme] = ()) -> list[str]:
    programme = item.programme
    where = f"programme {programme.id}"
    problems = _dates(where, programme.valid_from, programme.valid_to)
    if not _ID.fullmatch(programme.id):
        problems.append(f"{where}: the id may hold a-z, 0-9, dot and hyphen only.")
    for source in programme.sources:
        parts = urlsplit(source.url or "")
        if parts.scheme not in ("http", "https") or not parts.netloc:
            problems.append(
                f"{where}: source “{source.title}” has no address to open; move it to checked_against."
            )
    for amount in programme.amounts:
        problems += _dates(f"{where}, {amount.what}", amount.valid_from, amount.valid_to)
        if amount.rate is not None and not 0 < Decimal(amount.rate) <= 1:
            problems.append(
                f"{where}, {amount.what}: rate {amount.rate} is not a fraction; write 12% as 0.12."
            )
        if amount.cap is not None and (Decimal(amount.cap) <= 0 or not amount.unit):
            problems.append(f"{where}, {amount.what}: a cap needs a positive number and a unit.")
        problems += _inside(where, amount.what, amount.valid_from, amount.valid_to, programme)
    if item.state == "published":
        words = "\n".join((programme.title, programme.text))
        problems += [
            f"{where}: points to the draft {draft.id}; say it in words that are checked."
            for draft in drafts
            if draft.id in words or draft.title in words
        ]
    return problems


def _inside(where: str, what: str, start: date | None, end: date | None, programme: Programme) -> list[str]:
    early = start and programme.valid_from and start < programme.valid_from
    late = end and programme.valid_to and end > programme.valid_to
    if early or late:
        return [f"{where}, {what}: its dates reach beyond the programme's own; widen those."]
    return []


def _dates(where: str, start: date | None, end: date | None) -> list[str]:
    if start and end and start > end:
        return [f"{where}: starts on {start} after it ends on {end}; correct one of them."]
    out = [day for day in (start, end) if day and not 1949 <= day.year <= 2100]
    return [f"{where}: {day} is no likely date; write it as 2026-01-31." for day in out]


def _repeated(kind: str, ids: list[str]) -> list[str]:
    return [
        f"{kind} {name}: the id is given {n} times; rename one." for name, n in Counter(ids).items() if n > 1
    ]


def _shared_variants(entries: Iterable[Entry]) -> list[str]:
    first: dict[str, str] = {}
    problems = []
    for entry in entries:
        for wording in {_same(text) for text in (entry.question, *entry.variants)}:
            owner = first.setdefault(wording, entry.id)
            if owner != entry.id:
                problems.append(
                    f"entry {entry.id}: “{wording}” already belongs to {owner}; delete it from one."
                )
    return problems


def _same(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip()
