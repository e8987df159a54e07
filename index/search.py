"""One question against one snapshot: what was found, in order, and whether to answer with it.

Validity is a hard filter before ranking: on the date asked about, an expired, superseded or not yet
valid text never competes; it is only named as the reason why there is no answer.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Literal

import numpy as np

from index.evidence import FEATURES, Evidence, Found
from index.passages import Passage
from index.ranking import Ranking, describe
from knowledge.model import UNVERIFIED, Entry, Knowledge, Status, status_on

Verdict = Literal["answer", "clarify", "abstain"]
Why = Literal["sure", "close", "vague", "unsure", "silent", "unverified", "expired", "nothing"]
_SHOWN = 8
_NEAR = 4.0
"""How far behind the first, in order score, a candidate is still worth showing: e to the 4th less likely."""
_ON_THE_SUBJECT = 0.5
"""Share of a question's telling words that a passage must cover to be offered as further reading."""
_NEWER = 0.3
"""What the newest document gains in order score: where two texts say the same, the newer is cited."""
_BEHIND = 1.0
"""How far, in order score, a live text may stand behind an ended one and still answer in its place."""
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
    """`probability` is that of the first candidate being right; `lacking` is what the question insists
    on and its first candidate does not hold."""

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
        self._newer = np.asarray(_recency(knowledge, evidence.passages.passages))
        self._statuses = lru_cache(maxsize=32)(self._compute_statuses)

    def search(self, question: str, *, as_of: date, hidden: Collection[str] = ()) -> Outcome:
        """`hidden` entries (ids) are treated as if nobody had written them, for measuring what the texts
        alone do."""
        prepared = self.evidence.prepare(question)
        found = self.evidence.gather(prepared, self.evidence.units_of(hidden))
        if len(found.passages) == 0 or not prepared.terms:
            return Outcome("abstain", "nothing", 0.0, ())
        statuses = self._statuses(as_of)
        live = np.asarray([statuses[number] in _LIVE for number in found.passages])
        scores = self.ranking.order.scores(found.features) + self._newer[found.passages]
        probability, order = self._judge(found, scores, live)
        near = [row for row in order[:_SHOWN] if scores[row] >= scores[order[0]] - _NEAR]
        candidates = tuple(self._candidate(found, row, scores, statuses, as_of) for row in near)
        verdict, why, lacking = self._verdict(found, order, probability)
        if why != "vague" and not live.all():
            ended, with_past = self._judge(found, scores, np.ones_like(live))
            behind = verdict != "answer" or scores[with_past[0]] - scores[order[0]] > _BEHIND
            if not live[with_past[0]] and behind and ended >= self.ranking.answer_at:
                past = self._candidate(found, with_past[0], scores, statuses, as_of)
                return Outcome("abstain", "expired", ended, (past, *candidates))
        return Outcome(verdict, why, probability, candidates, lacking)

    def _verdict(
        self, found: Found, order: list[int], probability: float
    ) -> tuple[Verdict, Why, frozenset[str]]:
        """What to do with the first of `order`, and what the question insists on that it lacks."""
        none: frozenset[str] = frozenset()
        if not order:
            return "abstain", "nothing", none
        if self._vague(found, order):
            return "clarify", "vague", none
        passage = self.evidence.passages.passages[found.passages[order[0]]]
        if passage.programme and UNVERIFIED in passage.text:
            return "abstain", "unverified", none
        lacking = self.evidence.lacking(found.question, int(found.passages[order[0]]))
        if lacking:  # the right subject perhaps, but not what was asked for: never an answer
            near = probability >= self.ranking.clarify_at
            return "abstain", "silent" if near else "unsure", lacking
        if probability >= self.ranking.answer_at:
            return "answer", "sure", none
        if probability >= self.ranking.clarify_at:
            return "clarify", "close", none
        near = bool(found.features[order[0]][_COLUMN["best_covered"]] >= _ON_THE_SUBJECT)
        return "abstain", "unsure" if near else "nothing", none

    def _judge(self, found: Found, scores: np.ndarray, allowed: np.ndarray) -> tuple[float, list[int]]:
        """The probability for the best allowed candidate, and the allowed rows, best first."""
        rows = np.flatnonzero(allowed)
        if len(rows) == 0:
            return 0.0, []
        rows = rows[np.argsort(-scores[rows], kind="stable")]
        passages = self.evidence.passages.passages
        clauses = [passages[found.passages[row]].clause_id for row in rows]
        numbers = found.passages[rows]
        alike = self.evidence.alike(int(numbers[0]), numbers)
        described = describe(0, scores[rows], found.features[rows], clauses, alike)
        return self.ranking.probability(described), [int(row) for row in rows]

    def _vague(self, found: Found, order: list[int]) -> bool:
        """A question of one idea that the texts speak of: one that names no thing at all (去哪里申请), or a
        lone word that many clauses speak of alike (家电)."""
        question = found.question
        if len(question.terms) > 1 or question.asked.kinds - {"procedure"}:
            return False
        if not question.widened.items:
            return bool(found.features[order[0]][_COLUMN["best_covered"]] >= 0.99)
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


def _recency(knowledge: Knowledge, passages: Sequence[Passage]) -> list[float]:
    """`_NEWER` for passages of the document issued last, less for each step to an older one."""
    days = sorted({d.issued_on for d in knowledge.documents if d.issued_on}, reverse=True)
    step = {day: _NEWER * (1 - place / len(days)) for place, day in enumerate(days)}
    gain = {d.id: step.get(d.issued_on, 0.0) for d in knowledge.documents if d.issued_on}
    return [gain.get(passage.document_id, 0.0) for passage in passages]
