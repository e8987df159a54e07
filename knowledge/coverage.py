"""How far the entries cover the clauses: which clause nobody asks about, which sentence nobody quotes.

Pure. It reads the published knowledge alone; what to do about a gap is the editors' business.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from knowledge.model import Clause, Entry, Knowledge, Quote
from knowledge.sentences import Span, sentences

_WITH_HEADS = ("notice", "annex")
_ENDS = ("。", "！", "？", "；")


@dataclass(frozen=True, slots=True)
class ClauseCoverage:
    """One clause: `entries` quote it, with `wordings` in all; `missing` are those of its sentences that none
    of them quotes, not even in part. Headings, letterheads and responsible departments are no sentences.
    """

    clause_id: str
    label: str
    kind: str
    entries: int
    wordings: int
    sentences: int
    missing: tuple[str, ...]

    @property
    def is_gap(self) -> bool:
        """Whether the clause says something and no entry quotes it."""
        return self.sentences > 0 and self.entries == 0


def coverage(knowledge: Knowledge) -> tuple[ClauseCoverage, ...]:
    """Every clause in the order of the documents."""
    quoting: dict[str, dict[str, Entry]] = defaultdict(dict)
    quotes: dict[str, list[Quote]] = defaultdict(list)
    for entry in knowledge.entries:
        for quote in (*entry.quotes, *entry.also):
            quoting[quote.clause_id][entry.id] = entry
            quotes[quote.clause_id].append(quote)
    return tuple(
        _clause(clause, tuple(quoting[clause.id].values()), quotes[clause.id]) for clause in knowledge.clauses
    )


def _clause(clause: Clause, entries: tuple[Entry, ...], quotes: list[Quote]) -> ClauseCoverage:
    spans = [span for span in sentences(clause) if span.kind == "sentence" and _says(clause, span)]
    return ClauseCoverage(
        clause.id,
        clause.label,
        clause.kind,
        len(entries),
        sum(1 + len(entry.variants) for entry in entries),
        len(spans),
        tuple(
            span.text
            for span in spans
            if not any(quote.start < span.end and span.start < quote.end for quote in quotes)
        ),
    )


def _says(clause: Clause, span: Span) -> bool:
    """Whether a span is more than a letterhead, an address or the head of a table."""
    return clause.kind not in _WITH_HEADS or span.text.endswith(_ENDS)
