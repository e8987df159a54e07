"""What is searched and what is cited.

The unit of search is one sentence of a clause with its heading, one line of a programme's card, or
one approved question. The unit of citation is a `Passage`: a span of a clause or programme. Every
search unit points at the passage that it speaks for. Nothing here knows of scores.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from knowledge.model import Clause, Knowledge, Programme
from knowledge.sentences import sentences

SEARCHABLE = {"preamble", "part", "section", "article", "paragraph", "item", "subitem", "annex_row"}


@dataclass(frozen=True, slots=True)
class Passage:
    """A citable span. `heading` is what a reader sees above it; `programme` tells our words from theirs;
    the dates are those of one amount of a programme, which may end before the programme does."""

    clause_id: str
    document_id: str
    start: int
    end: int
    text: str
    heading: str
    programme: bool
    entry_ids: tuple[str, ...] = ()
    valid_from: date | None = None
    valid_to: date | None = None


@dataclass(frozen=True, slots=True)
class Units:
    """The search units of one kind: `texts[i]` speaks for passage `passages[i]`."""

    texts: tuple[str, ...]
    passages: tuple[int, ...]
    entries: tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class Passages:
    """All passages with the two kinds of units that lead to them."""

    passages: tuple[Passage, ...]
    sentences: Units
    questions: Units


def collect(knowledge: Knowledge) -> Passages:
    """Every passage of `knowledge`, in document order; entries join the passage they quote."""
    spans: dict[tuple[str, int, int], int] = {}
    passages: list[Passage] = []

    def add(passage: Passage) -> int:
        key = (passage.clause_id, passage.start, passage.end)
        if key not in spans:
            spans[key] = len(passages)
            passages.append(passage)
        return spans[key]

    for clause in knowledge.clauses:
        for passage in _clause_passages(knowledge, clause):
            add(passage)
    for programme in knowledge.programmes:
        for passage in _programme_passages(programme):
            add(passage)
    sentence_count = len(passages)

    questions: list[tuple[str, int, str]] = []
    entries_of: dict[int, list[str]] = {}
    for entry in knowledge.entries:
        best = entry.quotes[0]
        number = add(_span(knowledge, best.clause_id, best.start, best.end))
        entries_of.setdefault(number, []).append(entry.id)
        questions += [(text, number, entry.id) for text in (entry.question, *entry.variants)]
    whole = tuple(
        replace(passage, entry_ids=tuple(entries_of.get(number, ())))
        for number, passage in enumerate(passages)
    )
    return Passages(
        passages=whole,
        sentences=Units(
            texts=tuple(f"{p.heading} {p.text}" for p in whole[:sentence_count]),
            passages=tuple(range(sentence_count)),
            entries=(None,) * sentence_count,
        ),
        questions=Units(
            texts=tuple(text for text, _, _ in questions),
            passages=tuple(number for _, number, _ in questions),
            entries=tuple(entry for _, _, entry in questions),
        ),
    )


def _clause_passages(knowledge: Knowledge, clause: Clause) -> Iterator[Passage]:
    if clause.kind not in SEARCHABLE:
        return
    heading = _heading(knowledge, clause)
    if clause.kind == "annex_row":
        yield _passage(clause, 0, len(clause.text), heading)
        return
    for span in sentences(clause):
        if span.kind == "sentence":
            yield _passage(clause, span.start, span.end, heading)


def _heading(knowledge: Knowledge, clause: Clause) -> str:
    """The clause's own heading, or that of the nearest clause above which has one."""
    current: Clause | None = clause
    while current is not None:
        if current.heading:
            return current.heading
        current = knowledge.clause_by_id.get(current.parent) if current.parent else None
    document = knowledge.document_by_id.get(clause.document_id)
    return document.title if document else ""


def _passage(clause: Clause, start: int, end: int, heading: str) -> Passage:
    return Passage(
        clause.id, clause.document_id, start, end, clause.text[start:end], heading, programme=False
    )


def _programme_passages(programme: Programme) -> Iterator[Passage]:
    start = 0
    for line in programme.text.split("\n"):
        if line.strip() and not line.endswith("："):
            yield _line(programme, start, start + len(line))
        start += len(line) + 1


def _span(knowledge: Knowledge, clause_id: str, start: int, end: int) -> Passage:
    clause = knowledge.clause_by_id.get(clause_id)
    if clause is not None:
        return _passage(clause, start, end, _heading(knowledge, clause))
    return _line(knowledge.programme_by_id[clause_id], start, end)


def _line(programme: Programme, start: int, end: int) -> Passage:
    """A line of a programme's card, or a part of one: after the summary, a line an amount."""
    number = programme.text.count("\n", 0, start) - 1
    amount = programme.amounts[number] if 0 <= number < len(programme.amounts) else None
    return Passage(
        clause_id=programme.id,
        document_id=programme.id,
        start=start,
        end=end,
        text=programme.text[start:end],
        heading=programme.title,
        programme=True,
        valid_from=amount.valid_from if amount else None,
        valid_to=amount.valid_to if amount else None,
    )
