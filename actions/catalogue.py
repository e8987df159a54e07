"""What can be listed: each clause under its departments, each target under its year, each approved answer
under those it concerns.

`Catalogue` is complete over one knowledge and in the order in which people read it: newest document first,
then as the text goes. It must not know how a question asks for a list or what is said around one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from actions.wording import load
from index.constraints import YEAR
from index.passages import SEARCHABLE
from index.text import normalise
from knowledge.force import force_of
from knowledge.model import UNVERIFIED, Clause, Force, Knowledge, Programme, Quote, Status, status_on
from knowledge.parsing.departments import duty_of
from knowledge.sentences import sentences

LIVE: frozenset[Status] = frozenset({"in_force", "unstated"})


@dataclass(frozen=True, slots=True)
class Item:
    """One span with what it is listed under; `text` is what a limiting word must stand in, normalised."""

    quote: Quote
    text: str
    force: Force
    years: frozenset[str] = frozenset()
    departments: frozenset[str] = frozenset()
    lead: frozenset[str] = frozenset()
    audiences: frozenset[str] = frozenset()


class Catalogue:
    """Look-ups over one knowledge; immutable once built."""

    def __init__(self, knowledge: Knowledge) -> None:
        self._knowledge = knowledge
        order = sorted(knowledge.documents, key=lambda d: (d.issued_on or date.min, d.id), reverse=True)
        self._document_order = {document.id: place for place, document in enumerate(order)}
        self._programme_order = {p.id: place for place, p in enumerate(knowledge.programmes)}

    def duties(self, day: date, departments: Iterable[str]) -> list[Item]:
        """Every clause of a document live on `day` that itself names one of `departments`."""
        wanted = tuple(departments)
        return [
            self._duty(clause, next(name for name in clause.departments if name in wanted))
            for clause in self._live_clauses(day)
            if not set(clause.departments).isdisjoint(wanted)
        ]

    def targets(self, day: date) -> list[Item]:
        """Every sentence live on `day` that sets something for a year."""
        live = self._live_programmes(day)
        return [*self._targets(self._live_clauses(day)), *self._programme_targets(live)]

    def answers(self, day: date) -> list[Item]:
        """What the approved entries live on `day` quote, each span once; one within another is left out."""
        spans: dict[tuple[str, int, int], Item] = {}
        for item in self._answers(day):
            key = (item.quote.clause_id, item.quote.start, item.quote.end)
            same = spans.get(key)
            audiences = item.audiences | same.audiences if same else item.audiences
            spans[key] = _with_audiences(item, audiences)
        return list(spans.values())

    def in_order(self, items: Iterable[Item], *, general_last: bool = False) -> list[Item]:
        """As people read them, without a span that another one of `items` holds. With `general_last`, what
        nobody is made responsible for (an aim, a definition) stands behind the rest of its document."""
        kept: list[Item] = []
        for item in sorted(items, key=lambda item: self._place(item, general_last)):
            before = kept[-1].quote if kept else None
            if before and before.clause_id == item.quote.clause_id and before.end >= item.quote.end:
                continue
            kept.append(item)
        return kept

    @cached_property
    def years(self) -> frozenset[str]:
        """The years that anything known is set for."""
        known = self._knowledge
        found = [*self._targets(known.clauses), *self._programme_targets(known.programmes)]
        return frozenset(year for item in found for year in item.years)

    def _live_clauses(self, day: date) -> Iterator[Clause]:
        live = {d.id for d in self._knowledge.documents if d.status_on(day) in LIVE}
        return (clause for clause in self._knowledge.clauses if clause.document_id in live)

    def _live_programmes(self, day: date) -> Iterator[Programme]:
        return (p for p in self._knowledge.programmes if p.status_on(day) in LIVE)

    def _duty(self, clause: Clause, name: str) -> Item:
        """From the department's name to the end of the words that say who is responsible."""
        start, end = 0, len(clause.text)
        duty = duty_of(clause.text).start
        if duty is not None:
            named = clause.text.find(name, duty)
            start = named if named >= 0 else duty
            end = duty + len(clause.text[duty:].rstrip("。 \n"))
            end -= named >= 0  # a bracket that opens before the quote does not close in it
        return self._item(clause, start, end, normalise(f"{clause.heading} {clause.text}"), "work_plan")

    def _targets(self, clauses: Iterable[Clause]) -> Iterator[Item]:
        for clause in clauses:
            if clause.kind not in SEARCHABLE:
                continue
            for span in sentences(clause):
                item = self._item(clause, span.start, span.end, "", "target")
                if span.kind == "sentence" and item.years:
                    yield item

    def _programme_targets(self, programmes: Iterable[Programme]) -> Iterator[Item]:
        for programme in programmes:
            for line in re.finditer(r"[^\n]+", programme.text):
                years = _target_years(line.group())
                if years and UNVERIFIED not in line.group():
                    quote = Quote(programme.id, *line.span(), line.group())
                    yield Item(quote, normalise(f"{programme.title} {quote.text}"), "target", years)

    def _answers(self, day: date) -> Iterator[Item]:
        known = self._knowledge
        for entry in known.entries:
            best = entry.quotes[0]
            clause = known.clause_by_id.get(best.clause_id)
            programme = known.programme_by_id.get(best.clause_id)
            owner = known.document_by_id[clause.document_id] if clause else programme
            if status_on(day, entry.valid_from, entry.valid_to) not in LIVE or owner is None:
                continue
            if owner.status_on(day) not in LIVE:
                continue
            words = normalise(f"{entry.question} {best.text}")
            if clause:
                force = entry.force or force_of(best.text)
                item = self._item(clause, best.start, best.end, words, force)
            else:
                item = Item(best, words, entry.force or (programme.force if programme else "work_plan"))
            yield _with_audiences(item, frozenset(entry.tags))

    def _item(self, clause: Clause, start: int, end: int, text: str, force: Force) -> Item:
        quote = Quote(clause.id, start, end, clause.text[start:end])
        departments, lead = responsible(self._knowledge, clause)
        years = _target_years(quote.text) | frozenset(YEAR.findall(clause.due or ""))
        words = text or normalise(f"{clause.heading} {quote.text}")
        return Item(quote, words, force, years, frozenset(departments), frozenset(lead))

    def _place(self, item: Item, general_last: bool) -> tuple[int, bool, int, int, int]:
        quote = item.quote
        clause = self._knowledge.clause_by_id.get(quote.clause_id)
        if clause is None:
            last, place = len(self._document_order), self._programme_order[quote.clause_id]
            return last, False, place, quote.start, -quote.end
        document, general = self._document_order[clause.document_id], not item.departments
        return document, general_last and general, clause.position, quote.start, -quote.end


def responsible(knowledge: Knowledge, clause: Clause | None) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The departments of a clause and those of them that lead; its parent's where it names none."""
    while clause is not None and not clause.departments:
        clause = knowledge.clause_by_id.get(clause.parent) if clause.parent else None
    return (clause.departments, clause.lead_departments) if clause else ((), ())


def _with_audiences(item: Item, audiences: frozenset[str]) -> Item:
    return Item(item.quote, item.text, item.force, item.years, item.departments, item.lead, audiences)


def _target_years(text: str) -> frozenset[str]:
    patterns = load("listing")["target"]
    return frozenset(
        year
        for year in YEAR.findall(text)
        if any(re.search(pattern.replace("{year}", year), text) for pattern in patterns)
    )
