"""Training of the order and of the decision, from approved questions and questions without an answer.

Every approved question is asked with itself hidden (a wording nobody has seen), and every second one with
its whole entry hidden (a fact that has no entry). Questions that the texts don't answer are asked as they
are. The order is learnt by a listwise softmax over candidates; the decision is a logistic regression on
the first candidate, fitted on predictions from folds that never saw the fact, so that its probabilities
hold for facts to come. Operating points are chosen for a rate of wrong answers, not for coverage.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np
import yaml
from sklearn.linear_model import LogisticRegression

from index.encoder import Encoder
from index.evidence import FEATURES, Evidence
from index.ranking import DECISION_FEATURES, NO_ENCODER, Linear, Network, Ranking, describe
from index.snapshot import Ingredients, assemble
from index.training.order import Listed, fit_order
from knowledge.model import Knowledge

FOLDS = 5
_MATCH = DECISION_FEATURES.index("best_match")
TERSE = 16
"""Characters of a question as people type it; longer ones tell a story or are put like an examination's."""
FACT_WEIGHT = 0.5
"""In the order, a question without its entry counts half: most facts that are asked for have one."""
LONG_WEIGHT = 0.4
"""In the order, a long question counts less than a terse one: residents type the latter."""
SHARES = {"wording": 0.5, "fact": 0.17, "unanswerable": 0.33}
"""What residents ask, by mass: half have an entry, a sixth only a clause, a third no answer."""
WRONG_AT_MOST = 0.11
"""Of all questions by that mass. The approved questions are harder than residents' (every eighth shares no
word with its sentence), so on questions put by people the rate is lower: see the evaluation."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One question as the index saw it: n candidates (passage numbers), their features (n, F), which of
    them are right and which lack what the question insists on."""

    passages: np.ndarray
    features: np.ndarray
    clauses: tuple[str, ...]
    right: np.ndarray
    lacking: np.ndarray
    kind: str
    fold: int
    terse: bool


def train(knowledge: Knowledge, encoder: Encoder | None, *, as_of: date) -> Ranking:
    """The ranking for `encoder` (None: words only), from the approved questions of `knowledge` and the
    unanswerable questions that stand beside this module."""
    searcher = assemble(knowledge, Ingredients(encoder, untrained()))
    samples = collect_samples(knowledge, searcher.evidence, unanswerable_questions(), as_of=as_of)
    name = encoder.fingerprint if encoder else NO_ENCODER
    return fit(samples, searcher.evidence, encoder=name)


def unanswerable_questions() -> tuple[str, ...]:
    """Questions on subjects of the texts, and off them, that the texts don't answer."""
    listed = yaml.safe_load(Path(__file__).with_name("near_misses.yml").read_text(encoding="utf-8"))
    return tuple(item["question"] for item in listed)


def untrained() -> Ranking:
    """Weights that order by the best match alone; only to gather evidence before training."""
    order = Network(FEATURES, [float(name == "best_match") for name in FEATURES])
    return Ranking(order, Linear(0.0, {}), 0.0, 0.5, 0.25, "untrained", {})


def collect_samples(
    knowledge: Knowledge, evidence: Evidence, unanswerable: Sequence[str], *, as_of: date
) -> list[Sample]:
    """All training samples; folds are by entry, so that no fact is on both sides of a split."""
    units = evidence.passages.questions
    units_of: dict[str, list[int]] = {}
    for number, entry_id in enumerate(units.entries):
        if entry_id:
            units_of.setdefault(entry_id, []).append(number)
    folds = _folds(list(units_of))
    live = _live_passages(knowledge, evidence, as_of)
    samples: list[Sample] = []

    def ask(text: str, kind: str, fold: int, due: set[str], hidden: Iterable[int] = ()) -> None:
        question = evidence.prepare(text)
        found = evidence.gather(question, tuple(hidden))
        keep = live[found.passages]
        numbers = found.passages[keep]
        clauses = tuple(evidence.passages.passages[n].clause_id for n in numbers)
        if clauses:
            right = np.asarray([clause in due for clause in clauses], dtype=bool)
            terse = len(question.text) <= TERSE
            lacking = np.asarray([bool(evidence.lacking(question, int(n))) for n in numbers], dtype=bool)
            samples.append(Sample(numbers, found.features[keep], clauses, right, lacking, kind, fold, terse))

    for entry_id, numbers in units_of.items():
        due = {quote.clause_id for quote in knowledge.entry_by_id[entry_id].quotes}
        for number in numbers:
            ask(units.texts[number], "wording", folds[entry_id], due, {number})
        for number in numbers[::2]:
            ask(units.texts[number], "fact", folds[entry_id], due, numbers)
    for number, text in enumerate(unanswerable):
        ask(text, "unanswerable", number % FOLDS, set())
    return samples


def fit(
    samples: Sequence[Sample], evidence: Evidence, *, encoder: str, wrong_at_most: float = WRONG_AT_MOST
) -> Ranking:
    """The ranking whose answers on unseen facts and wordings are wrong in at most `wrong_at_most` of
    all questions by mass, measured on the folds."""
    crossed: list[_Judged] = []
    for fold in range(FOLDS):
        order = _order([s for s in samples if s.fold != fold])
        crossed += [_judged(s, order, evidence) for s in samples if s.fold == fold]
    floor = _floor(crossed)
    crossed = [replace(j, vetoed=j.vetoed or j.described[_MATCH] < floor) for j in crossed]
    weights = _weights([judged.kind for judged in crossed])
    probability = _cross_probability(crossed, weights)
    answer_at = _operating_point(crossed, probability, weights, wrong_at_most)
    return Ranking(
        order=_order(samples),
        decision=_decision(crossed, weights),
        floor=floor,
        answer_at=answer_at,
        clarify_at=round(answer_at * 0.6, 4),
        encoder=encoder,
        evaluation=_evaluation(crossed, probability, answer_at),
    )


@dataclass(frozen=True, slots=True)
class _Judged:
    """A sample's first candidate: its described evidence, whether it is right, whether it may answer."""

    described: np.ndarray
    right: bool
    vetoed: bool
    kind: str


def _order(samples: Sequence[Sample]) -> Network:
    return fit_order([Listed(s.features, s.right, _weight_in_order(s)) for s in samples if s.right.any()])


def _weight_in_order(sample: Sample) -> float:
    return (FACT_WEIGHT if sample.kind == "fact" else 1.0) * (1.0 if sample.terse else LONG_WEIGHT)


def _judged(sample: Sample, order: Network, evidence: Evidence) -> _Judged:
    """The first candidate is right, too, where it says the same as one that is due."""
    scores = order.scores(sample.features)
    first = int(np.argmax(scores))
    alike = evidence.alike(int(sample.passages[first]), sample.passages)
    described = describe(first, scores, sample.features, sample.clauses, alike)
    right = bool((sample.right & alike).any() or sample.right[first])
    return _Judged(described, right, bool(sample.lacking[first]), sample.kind)


def _floor(judged: Sequence[_Judged]) -> float:
    """The match that all but one in a hundred right candidates reach."""
    right = [j.described[_MATCH] for j in judged if j.right]
    return round(float(np.quantile(right, 0.01)), 4) if right else 0.0


def _live_passages(knowledge: Knowledge, evidence: Evidence, as_of: date) -> np.ndarray:
    statuses = {d.id: d.status_on(as_of) for d in knowledge.documents}
    statuses |= {p.id: p.status_on(as_of) for p in knowledge.programmes}
    return np.asarray(
        [statuses[p.document_id] in {"in_force", "unstated"} for p in evidence.passages.passages]
    )


def _folds(entries: list[str]) -> dict[str, int]:
    shuffled = np.random.default_rng(7).permutation(len(entries))
    return {entries[number]: place % FOLDS for place, number in enumerate(shuffled)}


def _weights(kinds: Sequence[str]) -> np.ndarray:
    counts = {kind: kinds.count(kind) or 1 for kind in SHARES}
    return np.asarray([SHARES[kind] / counts[kind] for kind in kinds]) * len(kinds)


def _decision(judged: Sequence[_Judged], weights: np.ndarray) -> Linear:
    """Fitted on what no rule has decided already."""
    open_ = np.asarray([not j.vetoed for j in judged])
    described = np.stack([j.described for j in judged])[open_]
    right = np.asarray([j.right for j in judged])[open_]
    scale = described.std(axis=0)
    scale[scale < 1e-6] = 1.0
    model = LogisticRegression(C=1.0, max_iter=3000)
    model.fit(described / scale, right, sample_weight=weights[open_])
    coefficients = model.coef_[0] / scale
    return Linear(
        float(model.intercept_[0]),
        {name: float(weight) for name, weight in zip(DECISION_FEATURES, coefficients, strict=True)},
    )


def _cross_probability(judged: Sequence[_Judged], weights: np.ndarray) -> np.ndarray:
    """Each sample's probability from a decision that was fitted without it; none where a rule vetoes."""
    result = np.zeros(len(judged))
    part = np.random.default_rng(11).permutation(len(judged)) % FOLDS
    for fold in range(FOLDS):
        rest = [number for number in range(len(judged)) if part[number] != fold]
        model = _decision([judged[n] for n in rest], weights[rest])
        held = [number for number in range(len(judged)) if part[number] == fold]
        described = np.stack([judged[n].described for n in held])
        logits = described @ model.vector(DECISION_FEATURES) + model.intercept
        result[held] = 1 / (1 + np.exp(-logits))
    result[[number for number, j in enumerate(judged) if j.vetoed]] = 0.0
    return result


def _operating_point(
    judged: Sequence[_Judged], probability: np.ndarray, weights: np.ndarray, wrong_at_most: float
) -> float:
    """The lowest probability at which wrong answers, by mass, stay at or below `wrong_at_most`."""
    wrong_one = np.asarray([not j.right for j in judged])
    order = np.argsort(-probability)
    wrong = np.cumsum(weights[order] * wrong_one[order]) / weights.sum()
    allowed = np.flatnonzero(wrong <= wrong_at_most)
    return round(float(probability[order[allowed[-1]]]) if len(allowed) else 1.0, 4)


def _evaluation(judged: Sequence[_Judged], probability: np.ndarray, answer_at: float) -> dict[str, float]:
    """Shares over the folds at the operating point, and the expected calibration error in ten bins."""
    right = np.asarray([j.right for j in judged])
    kinds = np.asarray([j.kind for j in judged])
    answered = probability >= answer_at
    figures: dict[str, float] = {}
    for kind in SHARES:
        of_kind = kinds == kind
        figures[f"{kind}.first"] = float(right[of_kind].mean())
        figures[f"{kind}.right"] = float((answered & right)[of_kind].mean())
        figures[f"{kind}.wrong"] = float((answered & ~right)[of_kind].mean())
    bins = np.minimum((probability * 10).astype(int), 9)
    weights = _weights([j.kind for j in judged]) / len(judged)
    figures["calibration_error"] = float(
        sum(
            abs(np.sum(weights[bins == b] * (probability[bins == b] - right[bins == b])))
            for b in range(10)
            if (bins == b).any()
        )
    )
    return {name: round(value, 4) for name, value in figures.items()}
