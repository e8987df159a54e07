"""Training of the order and of the decision, from approved questions and questions without an answer.

The order is learnt by a listwise softmax over candidates. The decision is a logistic regression on the first
candidate, its features and the pieces of the question; it is fitted on predictions from folds that never saw
the fact. Calibration and operating point come from questions by other hands than the ones learnt from, since
approved questions and their contrasts are harder than what residents ask.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from index.describing import FEATURES
from index.encoder import Encoder
from index.evidence import Evidence
from index.precedents import vectors_of
from index.ranking import (
    DECISION_FEATURES,
    NO_ENCODER,
    PRECEDENT,
    Decision,
    Linear,
    Network,
    Ranking,
    describe,
)
from index.snapshot import Ingredients, assemble
from index.training.choosing import SHARES, choose, weights_of
from index.training.logistic import Case, fit_decision
from index.training.order import Listed, fit_order
from index.training.samples import (
    FOLDS,
    Asking,
    Choosing,
    Sample,
    Unanswerable,
    choosing_questions,
    collect_samples,
    unanswerable_questions,
)
from knowledge.model import Knowledge

__all__ = ["SHARES", "ask_apart", "calibrated", "fit", "train", "untrained"]

_MATCH = DECISION_FEATURES.index("best_match")
FACT_WEIGHT = 0.5
"""In the order, a question without its entry counts half: most facts that are asked for have one."""
LONG_WEIGHT = 0.4
"""In the order, a long question counts less than a terse one: residents type the latter."""


def train(
    knowledge: Knowledge,
    encoder: Encoder | None,
    *,
    as_of: date,
    encoder_of_fold: Callable[[int], Encoder] | None = None,
    unanswerable: Sequence[Unanswerable] | None = None,
    choosing: Choosing | None = None,
) -> Ranking:
    """The ranking for `encoder` (None: words only), from the approved questions of `knowledge` and the
    questions that stand beside this module. An encoder that learnt from approved questions needs
    `encoder_of_fold`: for each fold one that did not learn from the fold's."""
    learnt = unanswerable_questions() if unanswerable is None else unanswerable
    final = assemble(knowledge, Ingredients(encoder, untrained())).evidence

    def evidence_of_fold(fold: int) -> Evidence:
        if encoder_of_fold is None:
            return final
        return assemble(knowledge, Ingredients(encoder_of_fold(fold), untrained())).evidence

    samples = collect_samples(knowledge, evidence_of_fold, learnt, as_of=as_of)
    apart = ask_apart(knowledge, encoder, as_of=as_of, unanswerable=learnt, choosing=choosing)
    return fit(samples, apart, encoder=encoder.fingerprint if encoder else NO_ENCODER)


def ask_apart(
    knowledge: Knowledge,
    encoder: Encoder | None,
    *,
    as_of: date,
    unanswerable: Sequence[Unanswerable] | None = None,
    choosing: Choosing | None = None,
) -> list[Sample]:
    """The questions by other hands: as they are, once more as facts without an entry, and those that have no
    answer. They are held against the known ones without an answer."""
    known = unanswerable_questions() if unanswerable is None else unanswerable
    near = vectors_of([item.question for item in known], encoder) if encoder and known else None
    evidence = assemble(knowledge, Ingredients(encoder, untrained(), near)).evidence
    apart = Asking(knowledge, evidence, -1, as_of)
    chosen_on = choosing_questions() if choosing is None else choosing
    for answerable in chosen_on.answerable:
        due = set(answerable.clauses)
        apart.ask(answerable.question, "wording", due, ())
        apart.ask(answerable.question, "fact", due, apart.approved_of(answerable.question, due))
    for item in chosen_on.unanswerable:
        apart.ask(item.question, "unanswerable", set(), ())
    return apart.samples


def untrained() -> Ranking:
    """Weights that order by the best match alone; only to gather evidence before training."""
    order = Network(FEATURES, [float(name == "best_match") for name in FEATURES])
    return Ranking(order, Decision(Linear(0.0, {}), {}, {}), 0.0, 0.5, 0.25, "untrained", {})


def fit(samples: Sequence[Sample], apart: Sequence[Sample], *, encoder: str) -> Ranking:
    """Order and decision from `samples`, each judged by models that did not see its fold; calibration and
    operating point from `apart`, questions that none of them saw."""
    crossed: list[_Judged] = []
    for fold in range(FOLDS):
        order = _order([s for s in samples if s.fold != fold])
        crossed += [_judged(s, order) for s in samples if s.fold == fold]
    floor = _floor(crossed)
    crossed = [replace(one, vetoed=one.vetoed or one.case.described[_MATCH] < floor) for one in crossed]
    order, decision = _order(samples), _decision(crossed)
    fitted = Ranking(order, decision, floor, 0.5, 0.3, encoder, {})
    ranking = calibrated(fitted, apart)
    return replace(ranking, evaluation={**_evaluation(crossed, ranking), **ranking.evaluation})


def calibrated(ranking: Ranking, apart: Sequence[Sample]) -> Ranking:
    """The same order and decision with what a logit means, what precedents add to it, and the operating point
    chosen anew on `apart`, which they have not learnt from. Nothing changes where these can't tell: there are
    none, or all are of other texts than the knowledge holds."""
    linear = ranking.decision.linear
    told = {name: weight for name, weight in linear.weights.items() if name != PRECEDENT}
    decision = replace(ranking.decision, linear=Linear(linear.intercept, told))
    seen = [_judged(sample, ranking.order) for sample in apart]
    logits = np.asarray([_logit(one, decision, ranking.floor) for one in seen])
    right = np.asarray([one.right for one in seen], dtype=bool)
    if len(np.unique(right[np.isfinite(logits)])) < 2:
        return ranking
    chosen = choose(
        logits,
        right,
        [one.kind for one in seen],
        np.asarray([sample.precedent for sample in apart]),
    )
    return replace(
        ranking,
        decision=replace(
            decision,
            linear=Linear(linear.intercept, {**told, PRECEDENT: chosen.precedent}),
            slope=chosen.slope,
            offset=chosen.offset,
        ),
        answer_at=chosen.answer_at,
        clarify_at=chosen.clarify_at,
        evaluation={**ranking.evaluation, **chosen.evaluation},
    )


@dataclass(frozen=True, slots=True)
class _Judged:
    """A sample's first candidate: its evidence, whether it is right, whether it may answer."""

    case: Case
    right: bool
    vetoed: bool
    kind: str
    fold: int


def _order(samples: Sequence[Sample]) -> Network:
    return fit_order([Listed(s.features, s.right, _weight_in_order(s)) for s in samples if s.right.any()])


def _weight_in_order(sample: Sample) -> float:
    return (FACT_WEIGHT if sample.kind == "fact" else 1.0) * (1.0 if sample.terse else LONG_WEIGHT)


def _judged(sample: Sample, order: Network) -> _Judged:
    """The first candidate is right, too, where it says the same as one that is due."""
    scores = order.scores(sample.features)
    first = int(np.argmax(scores))
    alike = sample.alike[first]
    case = Case(
        describe(first, scores, sample.features, sample.clauses, alike, sample.precedent),
        sample.asked,
        sample.unmet[first],
    )
    right = bool((sample.right & alike).any() or sample.right[first])
    return _Judged(case, right, bool(sample.lacking[first]), sample.kind, sample.fold)


def _floor(judged: Sequence[_Judged]) -> float:
    """The match that all but one in a hundred right candidates reach."""
    right = [one.case.described[_MATCH] for one in judged if one.right]
    return round(float(np.quantile(right, 0.01)), 4) if right else 0.0


def _decision(judged: Sequence[_Judged]) -> Decision:
    """Fitted on what no rule has decided already."""
    weights = weights_of([one.kind for one in judged])
    open_ = [number for number, one in enumerate(judged) if not one.vetoed]
    return fit_decision(
        [judged[number].case for number in open_],
        np.asarray([judged[number].right for number in open_]),
        weights[open_],
    )


def _logit(one: _Judged, decision: Decision, floor: float) -> float:
    if one.vetoed or one.case.described[_MATCH] < floor:
        return -np.inf
    return decision.raw(one.case.described, one.case.asked, one.case.unmet)


def _cross_logits(judged: Sequence[_Judged]) -> np.ndarray:
    """Each sample's logit from a decision fitted without its fold; none where a rule vetoes."""
    result = np.full(len(judged), -np.inf)
    for fold in range(FOLDS):
        model = _decision([one for one in judged if one.fold != fold])
        for number, one in enumerate(judged):
            if one.fold == fold:
                result[number] = _logit(one, model, 0.0)
    return result


def _evaluation(judged: Sequence[_Judged], ranking: Ranking) -> dict[str, float]:
    """Shares over the folds at the operating point, without precedents: the questions are among them."""
    logits, decision = _cross_logits(judged), ranking.decision
    right = np.asarray([one.right for one in judged])
    kinds = np.asarray([one.kind for one in judged])
    answered = 1.0 / (1.0 + np.exp(-(decision.slope * logits + decision.offset))) >= ranking.answer_at
    figures: dict[str, float] = {}
    for kind in SHARES:
        of_kind = kinds == kind
        if of_kind.any():
            figures[f"{kind}.first"] = float(right[of_kind].mean())
            figures[f"{kind}.right"] = float((answered & right)[of_kind].mean())
            figures[f"{kind}.wrong"] = float((answered & ~right)[of_kind].mean())
    return {name: round(value, 4) for name, value in figures.items()}
