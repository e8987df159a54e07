"""One entry tried out beside the live snapshot, without building another.

The approved questions of a draft are laid over a searcher's own: their vectors and meanings are exact, their
words are weighed by the frequencies of the snapshot, which a few questions more hardly change. Building the
whole takes seconds; this takes milliseconds, so that an editor can ask while writing. What is published is
never searched this way.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np

from index.lexical import K1, B, LexicalIndex
from index.passages import Passages, Units, collect
from index.search import Outcome, Searcher
from index.signals import UnitIndex
from index.text import lexical_tokens
from knowledge.model import Clause, Entry, Knowledge

_REPLACED = "\0replaced"
"""Owns the questions that the draft replaces; no entry can have this id."""


@dataclass(frozen=True, slots=True)
class Trial:
    """A searcher over the live snapshot with one entry put in, or put in place of its published form. What is
    withheld stays withheld."""

    searcher: Searcher
    hidden: frozenset[str]

    def search(self, question: str, *, as_of: date) -> Outcome:
        return self.searcher.search(question, as_of=as_of, hidden=self.hidden)


def lay_over(searcher: Searcher, entry: Entry, resting_on: Knowledge) -> Trial:
    """`resting_on` holds what the entry quotes, which the snapshot may lack. The entry quotes something."""
    known = searcher.knowledge
    knowledge = replace(
        known,
        documents=_with(known.documents, resting_on.documents),
        clauses=_with(known.clauses, resting_on.clauses),
        programmes=_with(known.programmes, resting_on.programmes),
        entries=(*(other for other in known.entries if other.id != entry.id), entry),
    )
    evidence = searcher.evidence
    passages = _with_entry(evidence.passages, knowledge, entry)
    asking = (entry.question, *entry.variants)
    vectors = evidence.questions.vectors
    if evidence.encoder is not None:
        vectors = vectors.extended(evidence.encoder.encode(asking))
    questions = UnitIndex(ExtendedLexical(evidence.questions.words, asking), vectors)
    extended = evidence.extended(passages, questions)
    laid = Searcher(knowledge, extended, searcher.ranking, searcher.snapshot_id)
    if searcher.withheld:
        laid = laid.without(searcher.withheld)
    owners = {owner for owner in passages.questions.entries if owner is not None}
    return Trial(laid, frozenset(owners - laid.knowledge.entry_by_id.keys()))


class ExtendedLexical(LexicalIndex):
    """An index with further texts behind its own, weighed as the index weighs its own."""

    def __init__(self, own: LexicalIndex, more: Sequence[str]) -> None:
        super().__init__(None, own.size + len(more))
        self._own = own
        counts = [Counter(lexical_tokens(text)) for text in more]
        lengths = [sum(count.values()) for count in counts]
        held = own.tokens.lengths if own.tokens is not None and own.size else lengths
        mean = float(np.mean(held)) if len(held) else 1.0
        fresh = Counter(token for count in counts for token in count if token not in own.vocabulary)
        self._fresh_idf = {
            token: float(np.log1p((self.size - n + 0.5) / (n + 0.5))) for token, n in fresh.items()
        }
        self.unseen = own.unseen
        self._gain: dict[str, list[tuple[int, float]]] = {}
        for row, (count, length) in enumerate(zip(counts, lengths, strict=True)):
            norm = K1 * (1 - B + B * length / mean)
            for token, times in count.items():
                gain = self.idf(token) * times / (times + norm)
                self._gain.setdefault(token, []).append((row, gain))

    def _sum(self, tokens: Sequence[str]) -> tuple[np.ndarray, float]:
        theirs, _ = self._own._sum(tokens)
        mine = np.zeros(self.size - self._own.size, dtype=np.float32)
        for token in tokens:
            for row, gain in self._gain.get(token, ()):
                mine[row] += gain
        return np.concatenate([theirs, mine]), sum(map(self.idf, tokens)) or 1.0

    def idf(self, token: str) -> float:
        return self._fresh_idf.get(token) or self._own.idf(token)


def _with_entry(passages: Passages, knowledge: Knowledge, entry: Entry) -> Passages:
    """The passages with the entry's questions behind the others, and its first quote where it is none yet."""
    rest = replace(knowledge, documents=(), clauses=(), programmes=(), entries=(entry,))
    best = entry.quotes[0]
    clause, programme = (
        knowledge.clause_by_id.get(best.clause_id),
        knowledge.programme_by_id.get(best.clause_id),
    )
    if clause is not None:
        above = _above(knowledge, clause.id)
        document = knowledge.document_by_id.get(clause.document_id)
        rest = replace(rest, documents=(document,) if document else (), clauses=above)
    elif programme is not None:
        rest = replace(rest, programmes=(programme,))
    own = collect(rest)
    quoted = own.passages[own.questions.passages[0]]
    spans = {(p.clause_id, p.start, p.end): number for number, p in enumerate(passages.passages)}
    number = spans.get((quoted.clause_id, quoted.start, quoted.end))
    whole = passages.passages
    if number is None:
        number, whole = len(whole), (*whole, quoted)
    old, asking = passages.questions, (entry.question, *entry.variants)
    return Passages(
        passages=whole,
        sentences=passages.sentences,
        questions=Units(
            texts=(*old.texts, *asking),
            passages=(*old.passages, *(number for _ in asking)),
            entries=(
                *(_REPLACED if owner == entry.id else owner for owner in old.entries),
                *(entry.id for _ in asking),
            ),
        ),
    )


def _above(knowledge: Knowledge, clause_id: str) -> tuple[Clause, ...]:
    """A clause and those above it, which its heading may come from."""
    found = []
    current = knowledge.clause_by_id.get(clause_id)
    while current is not None:
        found.append(current)
        current = knowledge.clause_by_id.get(current.parent) if current.parent else None
    return tuple(found)


def _with(known: tuple[Any, ...], further: tuple[Any, ...]) -> tuple[Any, ...]:
    """`known` and what of `further` it lacks, by id."""
    ids = {item.id for item in known}
    return (*known, *(item for item in further if item.id not in ids))
