"""What the index makes of questions today: the clauses that come nearest, and whether it answers."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal, Protocol

from index.search import Candidate, Searcher
from knowledge.force import force_of
from knowledge.model import Force, Knowledge

MOST = 3


@dataclass(frozen=True, slots=True)
class Suggested:
    """A span that may answer. `entry` is the approved question through which it was found; `probability`,
    None but for the first, is how likely it answers."""

    clause: str
    document: str
    title: str
    label: str
    text: str
    start: int
    force: Force
    entry: str | None
    probability: float | None


@dataclass(frozen=True, slots=True)
class Tried:
    """What a question gets now: the verdict, and the entry or clause of the first candidate."""

    text: str
    verdict: Literal["answer", "clarify", "abstain"]
    probability: float
    entry: str | None
    clause: str | None


class Suggesting(Protocol):
    """An index that can be asked; `searcher` raises while no snapshot is loaded."""

    def searcher(self) -> Searcher: ...


class Suggestions:
    def __init__(self, index: Suggesting | None, today: Callable[[], date]) -> None:
        self._index, self._today = index, today

    def nearest(self, question: str) -> list[Suggested]:
        """The likeliest spans, each of another clause, the best first; none without an index."""
        if self._index is None:
            return []
        searcher = self._index.searcher()
        outcome = searcher.search(question, as_of=self._today())
        found: dict[str, Suggested] = {}
        for number, candidate in enumerate(outcome.candidates):
            if candidate.passage.clause_id not in found:
                sure = outcome.probability if number == 0 else None
                found[candidate.passage.clause_id] = _suggested(searcher.knowledge, candidate, sure)
        return list(found.values())[:MOST]

    def tried(self, questions: Iterable[str]) -> list[Tried]:
        """What each question gets from the live snapshot."""
        if self._index is None:
            return []
        searcher, today = self._index.searcher(), self._today()
        tried = []
        for question in questions:
            outcome = searcher.search(question, as_of=today)
            best = outcome.candidates[0] if outcome.candidates else None
            tried.append(
                Tried(
                    text=question,
                    verdict=outcome.verdict,
                    probability=outcome.probability,
                    entry=best.entry.id if best is not None and best.entry is not None else None,
                    clause=best.passage.clause_id if best is not None else None,
                )
            )
        return tried


def _suggested(knowledge: Knowledge, candidate: Candidate, probability: float | None) -> Suggested:
    passage = candidate.passage
    document = knowledge.document_by_id.get(passage.document_id)
    clause = knowledge.clause_by_id.get(passage.clause_id)
    programme = knowledge.programme_by_id.get(passage.document_id)
    return Suggested(
        clause=passage.clause_id,
        document=passage.document_id,
        title=document.title if document else programme.title if programme else passage.heading,
        label=clause.label if clause else passage.heading,
        text=passage.text,
        start=passage.start,
        force=programme.force if programme else force_of(passage.text),
        entry=candidate.entry.id if candidate.entry else None,
        probability=probability,
    )
