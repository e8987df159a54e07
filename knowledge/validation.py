"""What must hold before content may be published, each breach in one readable sentence.

Pure: it reads plain data and returns messages; an empty list means that all is well.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import get_args
from urllib.parse import urlsplit

from knowledge.contradictions import check_contradictions
from knowledge.messages import say
from knowledge.model import Amount, Entry, Force, Programme, Quote
from knowledge.rule_checks import check_rules
from knowledge.shipped import Shipped, ShippedDocument, ShippedProgramme
from knowledge.wordings import check_own_wordings, check_shared_wordings

_ID = re.compile(r"[a-z0-9][a-z0-9._-]{0,47}")


@dataclass(frozen=True, slots=True)
class Ground:
    """What entries may rest on: the text behind every id, the ids of programmes, and of all these the
    published ones; the audiences by name."""

    texts: Mapping[str, str]
    programmes: frozenset[str]
    published: frozenset[str]
    audiences: tuple[str, ...]


def validate(content: Shipped) -> list[str]:
    """Everything wrong with a whole body of content, drafts included."""
    problems = _repeated("where.document", [item.document.id for item in content.documents])
    problems += _repeated("where.programme", [item.programme.id for item in content.programmes])
    problems += _repeated("where.entry", [item.entry.id for item in content.entries])
    problems += _repeated(
        "where.clause", [clause.id for item in content.documents for clause in item.clauses]
    )
    for document in content.documents:
        problems += check_document(document)
    drafts = [item.programme for item in content.programmes if item.state != "published"]
    ids = {item.programme.id for item in content.programmes}
    published = {item.programme.id for item in content.programmes if item.state == "published"}
    for programme in content.programmes:
        known = published if programme.state == "published" else ids
        problems += check_programme(programme, drafts, known)
    ground = ground_of(content)
    for item in content.entries:
        problems += check_entry(item.entry, ground, published=item.state == "published")
    problems += check_shared_wordings(item.entry for item in content.entries if item.state != "withdrawn")
    return problems + check_contradictions(
        item.entry for item in content.entries if item.state == "published"
    )


def ground_of(content: Shipped) -> Ground:
    """What the entries of `content` may rest on."""
    texts = {clause.id: clause.text for item in content.documents for clause in item.clauses}
    programmes = {item.programme.id: item.programme.text for item in content.programmes}
    published = content.published()
    return Ground(
        texts | programmes,
        frozenset(programmes),
        frozenset(published.clause_by_id) | frozenset(published.programme_by_id),
        tuple(content.lexicon.audiences),
    )


def check_document(item: ShippedDocument) -> list[str]:
    document = item.document
    where = say("where.document", id=document.id)
    problems = [] if item.clauses else [say("check.document_empty", id=document.id)]
    problems += check_id(where, document.id)
    problems += [
        say("check.field_empty", where=where, field=name)
        for name in ("title", "issuers", "region", "issued_on")
        if not getattr(document, name)
    ]
    if document.superseded_by == document.id:
        problems.append(say("check.supersedes_itself", id=document.id))
    return problems + _dates(where, document.effective_from, document.effective_to)


def check_entry(entry: Entry, ground: Ground, *, published: bool) -> list[str]:
    """`published`: the entry is answered from, or is to be, and must be complete and rest on what is too."""
    return [problem for _, problem in entry_problems(entry, ground, published=published)]


def entry_problems(entry: Entry, ground: Ground, *, published: bool) -> list[tuple[str, str]]:
    """As `check_entry`, each problem behind the name of the field that it is about."""
    where = say("where.entry", id=entry.id)
    problems = [] if entry.quotes else [("quotes", say("check.no_quote", where=where))]
    if not entry.question.strip():
        problems.append(("question", say("check.no_question", where=where)))
    if published and entry.force is None:
        problems.append(("force", say("check.no_force", where=where, forces="、".join(get_args(Force)))))
    problems += [("variants", problem) for problem in check_own_wordings(entry, where)]
    for quote in entry.quotes:
        problems += [("quotes", problem) for problem in _quote(quote, where, ground, published)]
    for quote in entry.also:
        problems += [("also", problem) for problem in _quote(quote, where, ground, published=False)]
    problems += [
        ("also", say("check.also_own", where=where, clause=quote.clause_id))
        for quote in entry.also
        if quote.clause_id in {own.clause_id for own in entry.quotes}
    ]
    for programme in entry.programmes:
        if programme not in ground.programmes:
            problems.append(("programmes", say("check.no_programme", where=where, programme=programme)))
        elif published and programme not in ground.published:
            problems.append(("programmes", say("check.programme_closed", where=where, programme=programme)))
    known = "、".join(ground.audiences)
    problems += [
        ("tags", say("check.no_audience", where=where, audience=tag, known=known))
        for tag in entry.tags
        if tag not in ground.audiences
    ]
    return problems + [("valid_to", problem) for problem in _dates(where, entry.valid_from, entry.valid_to)]


def _quote(quote: Quote, where: str, ground: Ground, published: bool) -> list[str]:
    clause, text, words = quote.clause_id, ground.texts.get(quote.clause_id), quote.text[:30]
    if text is None:
        return [say("check.no_clause", where=where, clause=clause)]
    if not quote.text or quote.text not in text:
        return [say("check.quote_gone", where=where, words=words, clause=clause)]
    if text[quote.start : quote.end] != quote.text:
        return [say("check.not_verbatim", where=where, words=words, clause=clause, start=quote.start)]
    if published and clause not in ground.published:
        return [say("check.not_published", where=where, clause=clause)]
    return []


def check_programme(
    item: ShippedProgramme, drafts: Iterable[Programme] = (), known: Collection[str] | None = None
) -> list[str]:
    """`drafts` are the programmes that a published one may not point to, `known` the ids of those that its
    rules may rest on; None where they are not known."""
    programme = item.programme
    where = say("where.programme", id=programme.id)
    problems = check_id(where, programme.id) + _dates(where, programme.valid_from, programme.valid_to)
    for source in programme.sources:
        parts = urlsplit(source.url or "")
        if parts.scheme not in ("http", "https") or not parts.netloc:
            problems.append(say("check.source", where=where, title=source.title))
    for amount in programme.amounts:
        problems += _amount(programme, amount)
    problems += check_rules(programme, known)
    if item.state == "published":
        words = "\n".join((programme.title, programme.text))
        problems += [
            say("check.draft", where=where, draft=draft.id)
            for draft in drafts
            if draft.id in words or draft.title in words
        ]
    return problems


def _amount(programme: Programme, amount: Amount) -> list[str]:
    where = say("where.amount", id=programme.id, what=amount.what)
    problems = _dates(where, amount.valid_from, amount.valid_to)
    if amount.rate is not None and not 0 < Decimal(amount.rate) <= 1:
        problems.append(say("check.rate", where=where, rate=amount.rate))
    if amount.cap is not None and (Decimal(amount.cap) <= 0 or not amount.unit):
        problems.append(say("check.cap", where=where))
    early = amount.valid_from and programme.valid_from and amount.valid_from < programme.valid_from
    late = amount.valid_to and programme.valid_to and amount.valid_to > programme.valid_to
    return [*problems, say("check.outside", where=where)] if early or late else problems


def check_id(where: str, name: str) -> list[str]:
    """Whether `name` can be the id of something; `where` begins the sentence."""
    return [] if _ID.fullmatch(name) else [say("check.id", where=where)]


def _dates(where: str, start: date | None, end: date | None) -> list[str]:
    if start and end and start > end:
        return [say("check.order", where=where, start=start, end=end)]
    unlikely = [day for day in (start, end) if day and not 1949 <= day.year <= 2100]
    return [say("check.year", where=where, day=day) for day in unlikely]


def _repeated(key: str, ids: list[str]) -> list[str]:
    counts = Counter(ids)
    return [say("check.repeated", where=say(key, id=name), count=n) for name, n in counts.items() if n > 1]
