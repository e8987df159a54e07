"""One question against one snapshot: what was found, in order, and whether to answer with it.

Validity is a hard filter before ranking: on the date asked about, an expired, superseded or not yet
valid text never competes; it is only named as the reason why there is no answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Literal

import numpy as np

from index.evidence import FEATURES, Evidence, Found
from index.passages import Passage
from index.ranking import Ranking, describe
from knowledge.model import Entry, Knowledge, Status, status_on

Verdict = Literal["answer", "clarify", "abstain"]
Why = Literal["sure", "close", "vague", "unsure", "silent", "expired", "nothing"]
_SHOWN = 8
_LIVE: frozenset[Status] = frozenset({"in_force", "unstated"})
_COLUMN = {name: number for number, name in enumerate(FEATURES)}


@dataclass(frozen=True, slots=True)
class Candidate:
    """A passage with its rank score and the approved entry through which it was found, if any."""

    passage: Passage
    score: float
    entry: Entry | None
    status: Status


@dataclass(frozen=True, slots=True)
class Outcome:
    """`probability` is that of the first candidate being right; `asked` is what the question insists
    on and its first candidate lacks (empty where nothing is)."""

    verdict: Verdict
    why: Why
    probability: float
    candidates: tuple[Candidate, ...]
    lacking: frozenset[str] = frozenset()


class Searcher:
    """Answers from one immutable snapshot; safe to share between threads."""

    def __init__(self, knowledge: Knowledge, evidence: Evidence, ranking: Ranking, snapshot_id: str) -> None:
        self.knowledge = knowledge
        self.evidence = evidence
        self.ranking = ranking
        self.snapshot_id = snapshot_id
        self._statuses = lru_cache(maxsize=32)(self._compute_statuses)

    def search(self, question: str, *, as_of: date) -> Outcome:
        prepared = self.evidence.prepare(question)
        found = self.evidence.gather(prepared)
        if len(found.passages) == 0 or not prepared.terms:
            return Outcome("abstain", "nothing", 0.0, ())
        statuses = self._statuses(as_of)
        live = np.asarray([statuses[number] in _LIVE for number in found.passages])
        scores = self.ranking.scores(found.features)
        probability, order = self._judge(found, scores, live)
        candidates = tuple(self._candidate(found, row, scores, statuses, as_of) for row in order[:_SHOWN])
        lacking = frozenset(
            name[: -len("_missing")]
            for name in FEATURES
            if candidates and name.endswith("_missing") and found.features[order[0]][_COLUMN[name]] >= 1.0
        )
        if not live.all():
            ended, all_order = self._judge(found, scores, np.ones_like(live))
            if len(all_order) and not live[all_order[0]] and ended >= self.ranking.answer_at > probability:
                past = self._candidate(found, int(all_order[0]), scores, statuses, as_of)
                return Outcome("abstain", "expired", ended, (past, *candidates), lacking)
        if not candidates:
            return Outcome("abstain", "nothing", 0.0, ())
        if self._vague(found, order):
            return Outcome("clarify", "vague", probability, candidates, lacking)
        if probability >= self.ranking.answer_at:
            return Outcome("answer", "sure", probability, candidates, lacking)
        if probability >= self.ranking.clarify_at:
            return Outcome("clarify", "close", probability, candidates, lacking)
        near = found.features[order[0]][_COLUMN["covered_by_sentence"]] >= 0.5 or (
            found.features[order[0]][_COLUMN["covered_by_question"]] >= 0.5
        )
        if near and lacking:
            return Outcome("abstain", "silent", probability, candidates, lacking)
        return Outcome("abstain", "unsure" if near else "nothing", probability, candidates, lacking)

    def _judge(self, found: Found, scores: np.ndarray, allowed: np.ndarray) -> tuple[float, list[int]]:
        """The probability for the best allowed candidate, and the allowed rows, best first."""
        rows = np.flatnonzero(allowed)
        if len(rows) == 0:
            return 0.0, []
        rows = rows[np.argsort(-scores[rows], kind="stable")]
        passages = self.evidence.passages.passages
        clauses = [passages[found.passages[row]].clause_id for row in rows]
        described = describe(0, scores[rows], found.features[rows], clauses, found.about)
        return self.ranking.probability(described), [int(row) for row in rows]

    def _vague(self, found: Found, order: list[int]) -> bool:
        """A question of one idea that many clauses speak of alike, such as a lone 补贴 or 家电."""
        if len(found.question.terms) > 1 or found.question.asked.kinds - {"procedure"}:
            return False
        fully = {
            self.evidence.passages.passages[found.passages[row]].clause_id
            for row in order
            if found.features[row][_COLUMN["covered_by_sentence"]] >= 0.99
        }
        return len(fully) >= 4

    def _candidate(
        self, found: Found, row: int, scores: np.ndarray, statuses: tuple[Status, ...], as_of: date
    ) -> Candidate:
        number, unit = int(found.passages[row]), int(found.best_unit[row])
        entry_id = self.evidence.passages.questions.entries[unit] if unit >= 0 else None
        entry = self.knowledge.entry_by_id[entry_id] if entry_id else None
        if entry is not None and status_on(as_of, entry.valid_from, entry.valid_to) not in _LIVE:
            entry = None
        return Candidate(self.evidence.passages.passages[number], float(scores[row]), entry, statuses[number])

    def _compute_statuses(self, as_of: date) -> tuple[Status, ...]:
        """The validity of every passage on a day: its document's or its programme's."""
        by_document: dict[str, Status] = {d.id: d.status_on(as_of) for d in self.knowledge.documents}
        by_document |= {p.id: p.status_on(as_of) for p in self.knowledge.programmes}
        return tuple(by_document[p.document_id] for p in self.evidence.passages.passages)
