"""One question against one snapshot: what was found, in order, and whether to answer with it.

Validity is a hard filter before ranking: on the date asked about, an expired, superseded or not yet
valid text never competes; it is only named as the reason why there is no answer.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from copy import copy
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from typing import Literal

import numpy as np

from index.asked_day import asked_day, names_a_year
from index.describing import COLUMN
from index.evidence import Evidence, Found
from index.expansion import Expansion
from index.passages import Passage
from index.ranking import Ranking, describe
from knowledge.model import UNVERIFIED, Document, Entry, Knowledge, Lexicon, Programme, Status, status_on
from knowledge.publishing.withheld import NOTHING_WITHHELD, Withheld

Verdict = Literal["answer", "clarify", "abstain"]
Why = Literal[
    "worded", "sure", "close", "vague", "district", "unsure", "silent", "unverified", "expired", "nothing"
]
_WIDE: frozenset[Why] = frozenset({"vague", "district"})
_SHOWN = 8
_NEAR = 4.0
"""How far behind the first, in order score, a candidate is still worth showing: e to the 4th less likely."""
_ON_THE_SUBJECT = 0.5
"""Share of a question's telling words that a passage must cover to be offered as further reading."""
_NEWER = 0.3
"""What the newest document gains in order score: where two texts say the same, the newer is cited."""
_BEHIND = 1.0
"""How far, in order score, a live text may stand behind an ended one and still answer in its place."""
_SIGNS = re.compile(r"[\s?!。,、;:…~“”\"'()《》]+")
"""Signs without which a question asks the same; the point and percent sign of a number are none of them."""
_ALIKE_BUT_FOR_SIGNS = 0.6
"""Overlap of bigrams that two questions have at least which differ in signs and spaces alone."""
_LIVE: frozenset[Status] = frozenset({"in_force", "unstated"})


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
    on and its first candidate does not hold; `day` the day asked about."""

    verdict: Verdict
    why: Why
    probability: float
    candidates: tuple[Candidate, ...]
    lacking: frozenset[str] = frozenset()
    day: date | None = None


@dataclass(frozen=True, slots=True)
class Weighed:
    """An outcome with its evidence: `scores` is the order score of each of `found`'s rows, `statuses` their
    validity on the day asked about; empty where nothing was weighed at all."""

    found: Found
    scores: np.ndarray
    statuses: tuple[Status, ...]
    outcome: Outcome


class Searcher:
    """Answers from one immutable snapshot; safe to share between threads."""

    def __init__(self, knowledge: Knowledge, evidence: Evidence, ranking: Ranking, snapshot_id: str) -> None:
        self.knowledge = knowledge
        self.evidence = evidence
        self.ranking = ranking
        self.snapshot_id = snapshot_id
        self._newer = np.asarray(_recency(knowledge, evidence.passages.passages))
        self._withheld = NOTHING_WITHHELD
        self._hidden: frozenset[str] = frozenset()
        self._open: np.ndarray | None = None
        self._statuses = lru_cache(maxsize=32)(self._compute_statuses)

    @property
    def withheld(self) -> Withheld:
        return self._withheld

    def without(self, withheld: Withheld) -> Searcher:
        """This snapshot with what was taken back at once left out, as if nobody had written it."""
        left = withheld.left_of(self.knowledge)
        reduced = copy(self)
        reduced.knowledge = left
        reduced._withheld = withheld
        passages, entries = self.evidence.passages.passages, left.entry_by_id
        reduced._hidden = frozenset(entry.id for entry in self.knowledge.entries if entry.id not in entries)
        reduced._open = np.asarray([not withheld.holds_back(left, p) for p in passages], dtype=bool)
        reduced._statuses = lru_cache(maxsize=32)(reduced._compute_statuses)
        return reduced

    def search(self, question: str, *, as_of: date, hidden: Collection[str] = ()) -> Outcome:
        """`hidden` entries (ids) are treated as if nobody had written them, for measuring what the texts
        alone do."""
        return self.weigh(question, as_of=as_of, hidden=hidden).outcome

    def weigh(self, question: str, *, as_of: date, hidden: Collection[str] = ()) -> Weighed:
        """`search`, with what the outcome was decided on."""
        prepared = self.evidence.prepare(question)
        found = self.evidence.gather(prepared, self.evidence.units_of({*hidden, *self._hidden}))
        if self._open is not None:
            found = found.only(self._open[found.passages])
        day = asked_day(prepared.text, as_of)
        if self._withheld.items & prepared.widened.items:
            withheld = Outcome("abstain", "unsure", 0.0, (), day=day)
            return Weighed(found, np.zeros(len(found.passages)), (), withheld)
        if len(found.passages) == 0 or not prepared.terms:
            return Weighed(
                found, np.zeros(len(found.passages)), (), Outcome("abstain", "nothing", 0.0, (), day=day)
            )
        statuses = self._statuses(as_of, day)
        scores = self.ranking.order.scores(found.features) + self._newer[found.passages]
        held = tuple(statuses[number] for number in found.passages)
        return Weighed(found, scores, held, self._decide(found, scores, statuses, day))

    def _decide(self, found: Found, scores: np.ndarray, statuses: tuple[Status, ...], day: date) -> Outcome:
        live = np.asarray([statuses[number] in _LIVE for number in found.passages])
        probability, order = self._judge(found, scores, live)
        worded = self._worded(found, order, day)
        if worded is not None:
            order = [worded, *(row for row in order if row != worded)]
            near = [row for row in order[:_SHOWN] if scores[row] >= scores[worded] - _NEAR]
            shown = tuple(self._candidate(found, row, scores, statuses, day) for row in near)
            return Outcome("answer", "worded", 1.0, shown, day=day)
        verdict, why, lacking = self._verdict(found, order, probability)
        near = [row for row in order[:_SHOWN] if scores[row] >= scores[order[0]] - _NEAR]
        if why == "vague" and found.question.widened.only_item:
            near = self._spoken_of(found, order)[:_SHOWN]
        candidates = tuple(self._candidate(found, row, scores, statuses, day) for row in near)
        if why not in _WIDE and not live.all():
            ended, with_past = self._judge(found, scores, np.ones_like(live))
            behind = verdict != "answer" or scores[with_past[0]] - scores[order[0]] > _BEHIND
            if not live[with_past[0]] and behind and ended >= self.ranking.answer_at:
                past = self._candidate(found, with_past[0], scores, statuses, day)
                return Outcome("abstain", "expired", ended, (past, *candidates), day=day)
        return Outcome(verdict, why, probability, candidates, lacking, day)

    def with_lexicon(self, lexicon: Lexicon, snapshot_id: str) -> Searcher:
        """The same texts and vectors under another lexicon: nothing is encoded again."""
        other = copy(self)
        other.knowledge = replace(self.knowledge, lexicon=lexicon)
        other.evidence = self.evidence.with_expansion(Expansion(lexicon))
        other.snapshot_id = snapshot_id
        other._statuses = lru_cache(maxsize=32)(other._compute_statuses)
        return other

    def _verdict(
        self, found: Found, order: list[int], probability: float
    ) -> tuple[Verdict, Why, frozenset[str]]:
        """What to do with the first of `order`, and what the question insists on that it lacks."""
        none: frozenset[str] = frozenset()
        if not order:
            return "abstain", "nothing", none
        if found.question.widened.only_district:
            return "clarify", "district", none
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
        features = found.features[order[0]]
        near = features[COLUMN["best_covered"]] >= _ON_THE_SUBJECT or features[COLUMN["item_agrees"]] > 0
        return "abstain", "unsure" if near else "nothing", none

    def _worded(self, found: Found, order: list[int], day: date) -> int | None:
        """The row that a person approved as the answer to the very words of the question, signs apart; no
        score outweighs that."""
        asked = _SIGNS.sub("", found.question.text)
        for row in order:
            unit = int(found.best_unit[row])
            alike = unit >= 0 and found.features[row][COLUMN["same_question"]] >= _ALIKE_BUT_FOR_SIGNS
            if alike and _SIGNS.sub("", self.evidence.wording(unit)) == asked:
                return row if self._entry(unit, day) is not None else None
        return None

    def _judge(self, found: Found, scores: np.ndarray, allowed: np.ndarray) -> tuple[float, list[int]]:
        """The probability for the best allowed candidate, and the allowed rows, best first."""
        rows = np.flatnonzero(allowed)
        if len(rows) == 0:
            return 0.0, []
        rows = rows[np.argsort(-scores[rows], kind="stable")]
        described, unmet = self.described(found, scores, rows)
        probability = self.ranking.probability(described, found.question.pieces, unmet)
        return probability, [int(row) for row in rows]

    def described(
        self, found: Found, scores: np.ndarray, rows: np.ndarray
    ) -> tuple[np.ndarray, frozenset[str]]:
        """What the decision is told of the first of `rows` (best first), as `DECISION_FEATURES` and as the
        pieces of the question that it leaves unmet."""
        passages = self.evidence.passages.passages
        clauses = [passages[found.passages[row]].clause_id for row in rows]
        numbers = found.passages[rows]
        alike = self.evidence.alike(int(numbers[0]), numbers)
        unmet = self.evidence.unmet(found.question, int(numbers[0]), int(found.best_unit[rows[0]]))
        described = describe(0, scores[rows], found.features[rows], clauses, alike, found.precedent)
        return described, unmet

    def _vague(self, found: Found, order: list[int]) -> bool:
        """A question of one idea that the texts speak of: one that names no thing at all (去哪里申请), or
        nothing but a thing of which they say several (冰箱)."""
        question = found.question
        if question.widened.only_item:
            return len(self._spoken_of(found, order)) > 1
        if len(question.terms) > 1 or question.widened.items or question.asked.kinds - {"procedure"}:
            return False
        return bool(found.features[order[0]][COLUMN["best_covered"]] >= 0.99)

    def _spoken_of(self, found: Found, order: list[int]) -> list[int]:
        """Of `order`, the first row of each approved question that speaks of what the question names; of any
        where it names only 汽车 or 东西."""
        rows: dict[str, int] = {}
        for row in order:
            unit = int(found.best_unit[row])
            entry = self.evidence.passages.questions.entries[unit] if unit >= 0 else None
            agrees = not found.question.widened.items or found.features[row][COLUMN["item_agrees"]]
            if entry is not None and agrees:
                rows.setdefault(entry, row)
        return list(rows.values())

    def _candidate(
        self, found: Found, row: int, scores: np.ndarray, statuses: tuple[Status, ...], as_of: date
    ) -> Candidate:
        number, unit = int(found.passages[row]), int(found.best_unit[row])
        entry = self._entry(unit, as_of) if unit >= 0 else None
        return Candidate(self.evidence.passages.passages[number], float(scores[row]), entry, statuses[number])

    def _entry(self, unit: int, day: date) -> Entry | None:
        """The entry of an approved question, if it holds on `day`."""
        entry_id = self.evidence.passages.questions.entries[unit]
        entry = self.knowledge.entry_by_id[entry_id] if entry_id else None
        holds = entry is not None and status_on(day, entry.valid_from, entry.valid_to) in _LIVE
        return entry if holds else None

    def _compute_statuses(self, as_of: date, day: date) -> tuple[Status, ...]:
        """The validity of every passage on `day`, the day asked about: its document's or its programme's
        and its own. What speaks of the asked year itself, as a target does, stands as it does on `as_of`."""
        texts: dict[str, Document | Programme] = {d.id: d for d in self.knowledge.documents}
        texts |= {p.id: p for p in self.knowledge.programmes}
        statuses: list[Status] = []
        for passage in self.evidence.passages.passages:
            text = texts.get(passage.document_id)
            if text is None:  # withheld, and never a candidate
                statuses.append("unstated")
                continue
            status = _narrowed(text.status_on(day), passage, day)
            if day != as_of and not passage.programme and names_a_year(passage.text, day.year):
                status = text.status_on(as_of)
            statuses.append(status)
        return tuple(statuses)


def _narrowed(status: Status, passage: Passage, day: date) -> Status:
    """A passage with dates of its own may end before its text does."""
    if (passage.valid_from is None and passage.valid_to is None) or status not in _LIVE:
        return status
    return status_on(day, passage.valid_from, passage.valid_to)


def _recency(knowledge: Knowledge, passages: Sequence[Passage]) -> list[float]:
    """`_NEWER` for passages of the document issued last, less for each step to an older one."""
    days = sorted({d.issued_on for d in knowledge.documents if d.issued_on}, reverse=True)
    step = {day: _NEWER * (1 - place / len(days)) for place, day in enumerate(days)}
    gain = {d.id: step.get(d.issued_on, 0.0) for d in knowledge.documents if d.issued_on}
    return [gain.get(passage.document_id, 0.0) for passage in passages]
