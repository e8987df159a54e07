"""Which entries rest on the clauses of a document, and whether their words still stand in its new version."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from knowledge.model import Clause, Entry, Quote
from knowledge.sentences import sentences
from knowledge.versions.comparing import ClauseChange, Comparison
from knowledge.versions.words import kept_share, likeness

Fate = Literal["stands", "moved", "changed", "gone"]
_NEAREST = 0.4
_SPARE = 0.2
"""How much more of a quote a sentence must hold where it says other things besides."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What becomes of one quote: it stands where it stood, stands in the clause `now`, or stands nowhere:
    then `nearest` is the sentence of the new text that is likest, None where none is (`gone`)."""

    fate: Fate
    quote: Quote
    now: Quote | None = None
    nearest: Quote | None = None


@dataclass(frozen=True, slots=True)
class Resting:
    """An entry with what becomes of its quotes from this document."""

    entry: Entry
    standings: tuple[Standing, ...]
    on_changed: bool
    """Whether one of the clauses that it rests on changed, though its words may stand."""

    @property
    def stands(self) -> bool:
        return all(standing.fate == "stands" for standing in self.standings)


def resting_on(
    comparison: Comparison, document_id: str, after: Sequence[Clause], entries: Iterable[Entry]
) -> tuple[Resting, ...]:
    """The entries that quote `document_id`, those that need a person first."""
    by_id = {clause.id: clause for clause in after}
    out = []
    for entry in entries:
        quotes = [
            quote
            for quote in (*entry.quotes, *entry.also)
            if quote.clause_id.partition("#")[0] == document_id
        ]
        if not quotes:
            continue
        changes = [comparison.by_before.get(quote.clause_id.partition("#")[2]) for quote in quotes]
        standings = tuple(
            _standing(quote, change, by_id, after) for quote, change in zip(quotes, changes, strict=True)
        )
        on_changed = any(change is not None and change.kind != "unchanged" for change in changes)
        out.append(Resting(entry, standings, on_changed))
    order = {"gone": 0, "changed": 1, "moved": 2, "stands": 3}
    return tuple(sorted(out, key=lambda item: min(order[standing.fate] for standing in item.standings)))


def _standing(
    quote: Quote, change: ClauseChange | None, by_id: Mapping[str, Clause], after: Sequence[Clause]
) -> Standing:
    counterpart = change.after if change is not None else by_id.get(quote.clause_id)
    if counterpart is not None and (now := _in(counterpart, quote.text)):
        return Standing("stands" if counterpart.id == quote.clause_id else "moved", quote, now)
    for clause in after:
        if now := _in(clause, quote.text):
            return Standing("moved", quote, now)
    nearest = _nearest(quote, [counterpart] if counterpart is not None else [])
    return Standing("changed" if nearest is not None else "gone", quote, nearest=nearest)


def _in(clause: Clause, words: str) -> Quote | None:
    start = clause.text.find(words) if words else -1
    return Quote(clause.id, start, start + len(words), words) if start >= 0 else None


def _nearest(quote: Quote, clauses: Iterable[Clause]) -> Quote | None:
    best, found = _NEAREST, None
    for clause in clauses:
        for span in sentences(clause):
            if span.kind == "heading":
                continue
            score = max(likeness(quote.text, span.text), kept_share(quote.text, span.text) - _SPARE)
            if score > best:
                best, found = score, Quote(clause.id, span.start, span.end, span.text)
    return found
