"""Why one search came out as it did, as data: what was read, what was weighed, what forbade an answer.

Owns the taking apart of a decision, no words for people (see `index.explained_words`). Everything here is
computed by the same functions that decide; nothing is weighed a second time in another way.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

import numpy as np

from index.describing import FEATURES
from index.ranking import DECISION_FEATURES, weight_of_each
from index.search import Candidate, Outcome, Searcher, Weighed
from knowledge.model import Status

VetoKind = Literal[
    "no_terms", "no_match", "withheld", "not_in_force", "lacking", "unverified", "vague", "district", "floor",
    "below_answer", "below_clarify",
]  # fmt: skip
_SHOWN = 8
_PIECES = 6
"""Pieces of a question named on either side: more than a handful nobody reads."""
_LIVE: frozenset[Status] = frozenset({"in_force", "unstated"})
_ITEMS = ("item_agrees", "item_missing")
_BEST_MATCH = FEATURES.index("best_match")


@dataclass(frozen=True, slots=True)
class Veto:
    """What forbade an answer. `words` are kinds asked for (lacking), `clause_id` and `status` name a nearer
    text that does not hold on the day, `value` and `bar` a figure and what it had to reach."""

    kind: VetoKind
    words: tuple[str, ...] = ()
    clause_id: str | None = None
    status: Status | None = None
    value: float | None = None
    bar: float | None = None


@dataclass(frozen=True, slots=True)
class Weight:
    """One feature of the first candidate: its value, and what it adds to the log odds of being right."""

    feature: str
    value: float
    adds: float


@dataclass(frozen=True, slots=True)
class ExplainedCandidate:
    """A candidate with its features by name; `wording` is the approved one nearest to the question."""

    candidate: Candidate
    wording: str | None
    features: Mapping[str, float]

    @property
    def live(self) -> bool:
        return self.candidate.status in _LIVE


@dataclass(frozen=True, slots=True)
class Explained:
    """A decision taken apart. `told` and `unmet` are pieces of the question and what each adds to the log
    odds: those that the question says, and those that the text found lacks. `base` is what is added before
    anything is looked at, so that all parts together are the logit of the probability. There are none where
    a person approved the question's very words."""

    question: str
    text: str
    asked_on: date
    outcome: Outcome
    widened: Mapping[str, tuple[str, ...]]
    items: tuple[str, ...]
    districts: tuple[str, ...]
    kinds: tuple[str, ...]
    vetoes: tuple[Veto, ...]
    weights: tuple[Weight, ...]
    told: tuple[tuple[str, float], ...]
    told_adds: float
    unmet: tuple[tuple[str, float], ...]
    unmet_adds: float
    base: float
    answer_at: float
    clarify_at: float
    candidates: tuple[ExplainedCandidate, ...]

    @property
    def logit(self) -> float:
        return self.base + sum(weight.adds for weight in self.weights) + self.told_adds + self.unmet_adds


def explain(searcher: Searcher, question: str, *, as_of: date) -> Explained:
    """The decision on `question` asked about `as_of`, taken apart."""
    weighed = searcher.weigh(question, as_of=as_of)
    asked, outcome, ranking = weighed.found.question, weighed.outcome, searcher.ranking
    worded = outcome.why == "worded"
    first = None if worded else _decided_row(weighed)
    weights: tuple[Weight, ...] = ()
    told: dict[str, float] = {}
    unmet: dict[str, float] = {}
    base = 0.0
    if first is not None:
        decision = ranking.decision
        rows = _rows(weighed, live_only=outcome.why != "expired")
        described, lacking = searcher.described(weighed.found, weighed.scores, rows)
        linear = decision.linear.vector(DECISION_FEATURES)
        adds = decision.slope * described * linear
        weights = tuple(
            Weight(name, float(value), float(add))
            for name, value, add in zip(DECISION_FEATURES, described, adds, strict=True)
        )
        each = decision.slope * weight_of_each(len(asked.pieces))
        told = {piece: each * decision.asked[piece] for piece in asked.pieces if piece in decision.asked}
        unmet = {piece: each * decision.unmet[piece] for piece in lacking if piece in decision.unmet}
        base = decision.slope * decision.linear.intercept + decision.offset
    return Explained(
        question=question,
        text=asked.text,
        asked_on=outcome.day or as_of,
        outcome=outcome,
        widened=dict(asked.widened.replaced),
        items=tuple(sorted(asked.widened.items)),
        districts=tuple(sorted(asked.widened.districts)),
        kinds=tuple(sorted(asked.asked.kinds)),
        vetoes=() if worded else _vetoes(searcher, weighed, first),
        weights=weights,
        told=_strongest(told),
        told_adds=sum(told.values()),
        unmet=_strongest(unmet),
        unmet_adds=sum(unmet.values()),
        base=base,
        answer_at=ranking.answer_at,
        clarify_at=ranking.clarify_at,
        candidates=tuple(_candidate(searcher, weighed, int(row)) for row in _rows(weighed)[:_SHOWN]),
    )


def _rows(weighed: Weighed, *, live_only: bool = False) -> np.ndarray:
    """Row numbers, best first; with `live_only`, of what holds on the day asked about."""
    rows = np.argsort(-weighed.scores, kind="stable")
    if not live_only or not weighed.statuses:
        return rows
    live = np.asarray([status in _LIVE for status in weighed.statuses])
    kept: np.ndarray = rows[live[rows]]
    return kept


def _decided_row(weighed: Weighed) -> int | None:
    """The row that the probability speaks of; None where nothing was weighed."""
    if not weighed.statuses:
        return None
    rows = _rows(weighed, live_only=weighed.outcome.why != "expired")
    return int(rows[0]) if len(rows) else None


def _candidate(searcher: Searcher, weighed: Weighed, row: int) -> ExplainedCandidate:
    found, passages = weighed.found, searcher.evidence.passages
    unit = int(found.best_unit[row])
    entry_id = passages.questions.entries[unit] if unit >= 0 else None
    status: Status = weighed.statuses[row] if weighed.statuses else "unstated"
    candidate = Candidate(
        passages.passages[found.passages[row]],
        float(weighed.scores[row]),
        searcher.knowledge.entry_by_id[entry_id] if entry_id else None,
        status,
    )
    features = {name: float(value) for name, value in zip(FEATURES, found.features[row], strict=True)}
    if not found.question.widened.items:  # neither agrees nor differs: nothing was named
        features = {name: value for name, value in features.items() if name not in _ITEMS}
    return ExplainedCandidate(candidate, passages.questions.texts[unit] if unit >= 0 else None, features)


def _vetoes(searcher: Searcher, weighed: Weighed, first: int | None) -> tuple[Veto, ...]:
    outcome, ranking, found = weighed.outcome, searcher.ranking, weighed.found
    if not found.question.terms:
        return (Veto("no_terms"),)
    if not weighed.statuses:
        return (Veto("no_match" if outcome.why == "nothing" else "withheld"),)
    vetoes = list(_not_in_force(searcher, weighed))
    if first is None:
        return tuple(vetoes)
    if outcome.lacking:
        vetoes.append(Veto("lacking", words=tuple(sorted(outcome.lacking))))
    if outcome.why == "unverified":
        vetoes.append(Veto("unverified"))
    if outcome.why == "vague":
        vetoes.append(Veto("vague"))
    if outcome.why == "district":
        vetoes.append(Veto("district"))
    match = float(found.features[first][_BEST_MATCH])
    if match < ranking.floor:
        vetoes.append(Veto("floor", value=match, bar=ranking.floor))
    elif outcome.probability < ranking.clarify_at:
        vetoes.append(Veto("below_clarify", value=outcome.probability, bar=ranking.clarify_at))
    elif outcome.probability < ranking.answer_at:
        vetoes.append(Veto("below_answer", value=outcome.probability, bar=ranking.answer_at))
    return tuple(vetoes)


def _not_in_force(searcher: Searcher, weighed: Weighed) -> Collection[Veto]:
    """Texts that stand before the first one in force, each once: they never compete."""
    passages = searcher.evidence.passages.passages
    found: dict[str, Veto] = {}
    for row in _rows(weighed):
        status = weighed.statuses[row]
        if status in _LIVE:
            break
        clause_id = passages[weighed.found.passages[row]].clause_id
        found.setdefault(clause_id, Veto("not_in_force", clause_id=clause_id, status=status))
    return found.values()


def _strongest(pieces: Mapping[str, float]) -> tuple[tuple[str, float], ...]:
    """The few pieces that add or take away most."""
    return tuple(sorted(pieces.items(), key=lambda item: (-abs(item[1]), item[0]))[:_PIECES])
