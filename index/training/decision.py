"""Training of the order and of the decision, from approved questions and questions without an answer.

Every approved question is asked twice: with itself hidden (a wording nobody has seen) and with its
whole entry hidden (a fact that has no entry). Questions that the texts don't answer are asked as they
are. The order is a listwise softmax over candidates; the decision a logistic regression on the first
candidate, fitted on predictions from folds that never saw the fact, so that its probabilities hold
for facts to come. Operating points are chosen for a rate of wrong answers, not for coverage.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import torch
import yaml
from sklearn.linear_model import LogisticRegression

from index.encoder import Encoder
from index.evidence import FEATURES, Evidence
from index.ranking import DECISION_FEATURES, NO_ENCODER, Linear, Ranking, describe
from index.snapshot import Ingredients, assemble
from knowledge.model import Knowledge

FOLDS = 5


@dataclass(frozen=True, slots=True)
class Sample:
    """One question as the index saw it: candidates (n), their features (n, F), which of them are right."""

    features: np.ndarray
    clauses: tuple[str, ...]
    right: np.ndarray
    about: np.ndarray
    kind: str  # wording | fact | unanswerable
    fold: int


def untrained() -> Ranking:
    """Weights that order by the four searches alike; only to gather evidence before training."""
    names = ("lexical_sentence", "vector_sentence", "lexical_question", "vector_question")
    return Ranking(Linear(0.0, dict.fromkeys(names, 1.0)), Linear(0.0, {}), 0.5, 0.25, "untrained", {})


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

    def ask(
        text: str, kind: str, fold: int, due: set[str], hidden: Iterable[int] = (), self_: int = -1
    ) -> None:
        found = evidence.gather(evidence.prepare(text), tuple(hidden), () if self_ < 0 else (self_,))
        keep = live[found.passages]
        clauses = tuple(evidence.passages.passages[n].clause_id for n in found.passages[keep])
        if clauses:
            right = np.asarray([clause in due for clause in clauses], dtype=bool)
            samples.append(Sample(found.features[keep], clauses, right, found.about, kind, fold))

    for entry_id, numbers in units_of.items():
        due = {quote.clause_id for quote in knowledge.entry_by_id[entry_id].quotes}
        for number in numbers:
            ask(units.texts[number], "wording", folds[entry_id], due, {number})
        for number in numbers[::2]:
            ask(units.texts[number], "fact", folds[entry_id], due, numbers)
    for number, text in enumerate(unanswerable):
        ask(text, "unanswerable", number % FOLDS, set(), self_=number)
    return samples


def fit(samples: Sequence[Sample], *, encoder: str, wrong_at_most: float = 0.03) -> Ranking:
    """The ranking whose answers on unseen facts and wordings are wrong in at most `wrong_at_most` of
    all questions, measured on the folds."""
    crossed: list[tuple[np.ndarray, bool, str]] = []
    for fold in range(FOLDS):
        order = _fit_order([s for s in samples if s.fold != fold and s.right.any()])
        crossed += [_judged(s, order) for s in samples if s.fold == fold]
    described = np.stack([row for row, _, _ in crossed])
    right = np.asarray([ok for _, ok, _ in crossed])
    kinds = np.asarray([kind for _, _, kind in crossed])
    weights = _weights(kinds)
    decision = _fit_decision(described, right, weights)
    probability = _cross_probability(described, right, weights)
    answer_at = _operating_point(probability, right, weights, wrong_at_most)
    evaluation = _evaluation(probability, right, kinds, answer_at)
    order = _fit_order([s for s in samples if s.right.any()])
    return Ranking(order, decision, answer_at, round(answer_at * 0.6, 4), encoder, evaluation)


def _live_passages(knowledge: Knowledge, evidence: Evidence, as_of: date) -> np.ndarray:
    statuses = {d.id: d.status_on(as_of) for d in knowledge.documents}
    statuses |= {p.id: p.status_on(as_of) for p in knowledge.programmes}
    return np.asarray(
        [statuses[p.document_id] in {"in_force", "unstated"} for p in evidence.passages.passages]
    )


def _folds(entries: list[str]) -> dict[str, int]:
    shuffled = np.random.default_rng(7).permutation(len(entries))
    return {entries[number]: place % FOLDS for place, number in enumerate(shuffled)}


def _fit_order(samples: Sequence[Sample], penalty: float = 1e-3) -> Linear:
    """Weights that maximise the mean log probability, under a softmax, of the right candidates."""
    stacked = np.concatenate([s.features for s in samples])
    scale = stacked.std(axis=0)
    scale[scale < 1e-6] = 1.0
    longest = max(len(s.clauses) for s in samples)
    features = torch.zeros(len(samples), longest, len(FEATURES))
    present = torch.zeros(len(samples), longest, dtype=torch.bool)
    right = torch.zeros(len(samples), longest, dtype=torch.bool)
    for number, sample in enumerate(samples):
        count = len(sample.clauses)
        features[number, :count] = torch.from_numpy(sample.features / scale)
        present[number, :count] = True
        right[number, :count] = torch.from_numpy(sample.right)
    weights = torch.zeros(len(FEATURES), requires_grad=True)
    optimiser = torch.optim.LBFGS([weights], max_iter=200, line_search_fn="strong_wolfe")
    lowest = torch.finfo(torch.float32).min

    def loss() -> torch.Tensor:
        optimiser.zero_grad()
        scores = (features @ weights).masked_fill(~present, lowest)
        gained = torch.logsumexp(scores.masked_fill(~right, lowest), 1) - torch.logsumexp(scores, 1)
        value = -gained.mean() + penalty * weights.square().sum()
        value.backward()  # type: ignore[no-untyped-call]
        return value

    optimiser.step(loss)  # type: ignore[no-untyped-call]
    raw = weights.detach().numpy() / scale
    return Linear(0.0, {name: float(w) for name, w in zip(FEATURES, raw, strict=True)})


def _judged(sample: Sample, order: Linear) -> tuple[np.ndarray, bool, str]:
    scores = sample.features @ order.vector(FEATURES)
    first = int(np.argmax(scores))
    row = describe(first, scores, sample.features, sample.clauses, sample.about)
    return row, bool(sample.right[first]), sample.kind


def _weights(kinds: np.ndarray) -> np.ndarray:
    """What residents ask, by mass: half have an entry, a sixth only a clause, a third no answer."""
    share = {"wording": 0.5, "fact": 0.17, "unanswerable": 0.33}
    counts = {kind: int((kinds == kind).sum()) for kind in share}
    return np.asarray([share[kind] / counts[kind] for kind in kinds]) * len(kinds)


def _fit_decision(described: np.ndarray, right: np.ndarray, weights: np.ndarray) -> Linear:
    scale = described.std(axis=0)
    scale[scale < 1e-6] = 1.0
    model = LogisticRegression(C=1.0, max_iter=2000)
    model.fit(described / scale, right, sample_weight=weights)
    coefficients = model.coef_[0] / scale
    return Linear(
        float(model.intercept_[0]),
        {n: float(w) for n, w in zip(DECISION_FEATURES, coefficients, strict=True)},
    )


def _cross_probability(described: np.ndarray, right: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Each sample's probability from a decision that was fitted without it."""
    result = np.zeros(len(right))
    part = np.random.default_rng(11).permutation(len(right)) % FOLDS
    for fold in range(FOLDS):
        rest = part != fold
        model = _fit_decision(described[rest], right[rest], weights[rest])
        logits = described[~rest] @ model.vector(DECISION_FEATURES) + model.intercept
        result[~rest] = 1 / (1 + np.exp(-logits))
    return result


def _operating_point(
    probability: np.ndarray, right: np.ndarray, weights: np.ndarray, wrong_at_most: float
) -> float:
    """The lowest probability at which wrong answers, by mass, stay at or below `wrong_at_most`."""
    order = np.argsort(-probability)
    wrong = np.cumsum(weights[order] * ~right[order]) / weights.sum()
    allowed = np.flatnonzero(wrong <= wrong_at_most)
    return round(float(probability[order[allowed[-1]]]) if len(allowed) else 1.0, 4)


def _evaluation(
    probability: np.ndarray, right: np.ndarray, kinds: np.ndarray, answer_at: float
) -> dict[str, float]:
    """Shares over the folds at the operating point, and the expected calibration error in ten bins."""
    answered = probability >= answer_at
    figures: dict[str, float] = {}
    for kind in ("wording", "fact", "unanswerable"):
        of_kind = kinds == kind
        figures[f"{kind}.first"] = float(right[of_kind].mean())
        figures[f"{kind}.right"] = float((answered & right)[of_kind].mean())
        figures[f"{kind}.wrong"] = float((answered & ~right)[of_kind].mean())
    bins = np.minimum((probability * 10).astype(int), 9)
    errors = [
        abs(probability[bins == b].mean() - right[bins == b].mean()) * (bins == b).mean()
        for b in range(10)
        if (bins == b).any()
    ]
    figures["calibration_error"] = float(sum(errors))
    return {name: round(value, 4) for name, value in figures.items()}


def train(knowledge: Knowledge, encoder: Encoder | None, *, as_of: date) -> Ranking:
    """The ranking for `encoder` (None: words only), from the approved questions of `knowledge` and the
    unanswerable questions that stand beside this module."""
    unanswerable = unanswerable_questions()
    searcher = assemble(knowledge, Ingredients(encoder, untrained(), unanswerable))
    samples = collect_samples(knowledge, searcher.evidence, unanswerable, as_of=as_of)
    return fit(samples, encoder=encoder.fingerprint if encoder else NO_ENCODER)


def unanswerable_questions() -> tuple[str, ...]:
    """Questions on subjects of the texts, and off them, that the texts don't answer."""
    listed = yaml.safe_load(Path(__file__).with_name("near_misses.yml").read_text(encoding="utf-8"))
    return tuple(item["question"] for item in listed)
