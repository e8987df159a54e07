"""From evidence to an order and to a calibrated probability of being right.

Two small models, trained by `index.training.decision` and kept as JSON: a network of one hidden layer over
named features orders the candidates; a logistic regression over the features of the first, and over what
the question says and its text leaves unmet, gives the probability that it answers the question. No raw
score is ever compared with a threshold: only that probability is.
"""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np

from index.describing import FEATURES
from index.errors import IndexFault

WEIGHTS = Path(__file__).parent / "weights"
NO_ENCODER = "none"
PRECEDENT = "precedent"
LEAD = ("share", "margin", "rivals", PRECEDENT)
DECISION_FEATURES = (*LEAD, *FEATURES)
_MATCH = DECISION_FEATURES.index("best_match")
_USUAL_PIECES = 40


@dataclass(frozen=True, slots=True)
class Linear:
    """`intercept + Σ weight · feature`, features by name."""

    intercept: float
    weights: Mapping[str, float]

    def vector(self, names: Sequence[str]) -> np.ndarray:
        unknown = set(self.weights) - set(names)
        if unknown:
            raise IndexFault(f"ranking weights name unknown features {sorted(unknown)}; train them again")
        return np.asarray([self.weights.get(name, 0.0) for name in names], dtype=np.float64)


@dataclass(frozen=True)
class Network:
    """`linear · x + output · tanh(hidden · x + bias)`: `hidden` has a row of feature weights for each of
    its units, over the columns that `features` names. Without hidden units it is linear."""

    features: Sequence[str]
    linear: Sequence[float]
    hidden: Sequence[Sequence[float]] = ()
    bias: Sequence[float] = ()
    output: Sequence[float] = ()

    def __post_init__(self) -> None:
        if tuple(self.features) != FEATURES:
            raise IndexFault("ranking weights belong to other features; train them again")
        if not len(self.hidden) == len(self.bias) == len(self.output):
            raise IndexFault(
                f"{len(self.hidden)} hidden units have {len(self.bias)} biases and {len(self.output)} outputs"
            )

    def scores(self, features: np.ndarray) -> np.ndarray:
        """Shape (n,), for features of shape (n, len(FEATURES))."""
        linear, hidden, bias, output = self._arrays
        result = features @ linear
        if len(hidden):
            result = result + np.tanh(features @ hidden.T + bias) @ output
        return np.asarray(result)

    @cached_property
    def _arrays(self) -> tuple[np.ndarray, ...]:
        return tuple(np.asarray(part) for part in (self.linear, self.hidden, self.bias, self.output))


def weight_of_each(pieces: int) -> float:
    """What a piece counts in a question of so many: else a long story would be sure by its length alone."""
    return math.sqrt(_USUAL_PIECES / max(pieces, 1))


@dataclass(frozen=True)
class Decision:
    """The logit of being right: `linear` over `DECISION_FEATURES`; `asked` weighs the pieces of the question
    (哪条街 asks for what no policy text holds), `unmet` those that the text found does not have; `slope` and
    `offset` calibrate their sum (Platt 1999) on questions that none of them was fitted on."""

    linear: Linear
    asked: Mapping[str, float]
    unmet: Mapping[str, float]
    slope: float = 1.0
    offset: float = 0.0

    def raw(self, described: np.ndarray, asked: Collection[str], unmet: Iterable[str]) -> float:
        """The logit before calibration; `described` as `describe` gives it."""
        told = sum(self.asked.get(piece, 0.0) for piece in asked)
        lacking = sum(self.unmet.get(piece, 0.0) for piece in unmet)
        return (
            float(described @ self._linear)
            + self.linear.intercept
            + weight_of_each(len(asked)) * (told + lacking)
        )

    @cached_property
    def _linear(self) -> np.ndarray:
        return self.linear.vector(DECISION_FEATURES)

    def probability(self, described: np.ndarray, asked: Collection[str], unmet: Iterable[str]) -> float:
        logit = self.slope * self.raw(described, asked, unmet) + self.offset
        return float(1.0 / (1.0 + np.exp(-logit)))


@dataclass(frozen=True, slots=True)
class Ranking:
    """Weights with the operating points chosen for them, and on which evaluation. `floor` is the least
    `best_match` at which the decision was measured: below it nothing is near, and it is not asked."""

    order: Network
    decision: Decision
    floor: float
    answer_at: float
    clarify_at: float
    encoder: str
    evaluation: Mapping[str, float]

    def probability(self, described: np.ndarray, asked: Collection[str], unmet: Iterable[str]) -> float:
        """That the first candidate is right; see `Decision`."""
        if described[_MATCH] < self.floor:
            return 0.0
        return self.decision.probability(described, asked, unmet)

    def deciding_at(self, answer_at: float | None, clarify_at: float | None) -> Ranking:
        """With other operating points; None keeps the trained one, lowered where the other needs it."""
        answer = self.answer_at if answer_at is None else answer_at
        clarify = min(self.clarify_at, answer) if clarify_at is None else clarify_at
        return replace(self, answer_at=max(answer, clarify), clarify_at=clarify)

    def to_json(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False, indent=1, sort_keys=True) + "\n"

    def save(self, path: Path) -> None:
        path.write_text(self.to_json(), encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> Ranking:
        try:
            raw = json.loads(path.read_text(encoding="utf-8"))
            decision = {**raw["decision"], "linear": Linear(**raw["decision"]["linear"])}
            raw["order"], raw["decision"] = Network(**raw["order"]), Decision(**decision)
            loaded = cls(**raw)
            loaded.decision.probability(np.zeros(len(DECISION_FEATURES)), (), ())
            loaded.order.scores(np.zeros((1, len(FEATURES))))
            if not 0.0 <= loaded.clarify_at <= loaded.answer_at:
                raise ValueError(f"clarify_at {loaded.clarify_at} and answer_at {loaded.answer_at} disagree")
            return loaded
        except (OSError, ValueError, TypeError, KeyError, IndexFault) as error:
            raise IndexFault(
                f"ranking weights at {path} cannot be read ({error}); run `python -m index.train decision`"
            ) from error


def weights_file(encoder: str, folder: Path = WEIGHTS) -> Path:
    """Where the weights trained with an encoder (its fingerprint, or `NO_ENCODER`) are kept."""
    return folder / f"{encoder}.json"


def describe(
    first: int,
    scores: np.ndarray,
    features: np.ndarray,
    clauses: Sequence[str],
    alike: np.ndarray,
    precedent: float,
) -> np.ndarray:
    """The decision's features, shape (len(DECISION_FEATURES),), for the candidate in row `first`.

    Rivals are candidates of other clauses that don't say the same (`alike`, bool, per candidate).
    `share` is what the candidate and its like get of a softmax over all, as log odds between -6 and 6;
    `margin` their lead over the best rival, at most 5; `rivals` counts rival clauses within 1.0, at most 5;
    `precedent` is the question's, see `index.precedents`.
    """
    own = alike | np.asarray([clause == clauses[first] for clause in clauses])
    weight = np.exp(scores - scores.max())
    share = float(weight[own].sum() / weight.sum())
    odds = float(np.clip(np.log(share + 1e-9) - np.log(1 - share + 1e-9), -6.0, 6.0))
    rest = scores[~own]
    margin = float(min(scores[first] - rest.max(), 5.0)) if len(rest) else 5.0
    near = scores > scores[first] - 1.0
    close = {clause for clause, mine, is_near in zip(clauses, own, near, strict=True) if is_near and not mine}
    return np.concatenate([[odds, margin, float(min(len(close), 5)), precedent], features[first]])
