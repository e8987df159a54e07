"""One whole evaluation: every set asked once, and everything that is worked out of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from index.evaluation import statutes
from index.evaluation.ablation import Places, ablate
from index.evaluation.calibration import (
    Bin,
    Curve,
    Points,
    bins,
    calibration_error,
    operating_point,
    risk_coverage,
    weigh,
)
from index.evaluation.cases import FACTS, NEAR_MISSES, WORDINGS, Case, held_out_facts, question_sets
from index.evaluation.figures import Share
from index.evaluation.judging import Asked, ask, cited, shares, unsafe_by_subject
from index.evaluation.peers import Bm25Jieba, Compared, Peer, TfidfCharacters, compare
from index.evaluation.response_selector import ResponseSelector
from index.evaluation.texts import searchable_texts
from index.snapshot import Ingredients, assemble
from index.training.samples import unanswerable_questions
from knowledge.model import Knowledge

OURS = "ours"
_DECIDED_BY = {"wording": WORDINGS, "fact": FACTS, "unanswerable": NEAR_MISSES}
Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """All that a run found out. Parts whose sets were not asked are empty."""

    asked: Mapping[str, Sequence[Asked]]
    points: Points
    ablation: Mapping[str, Mapping[str, Places]]
    peers: Mapping[str, Compared]
    statutes: Mapping[str, float]
    answer_at: float
    clarify_at: float
    notes: Mapping[str, str] = field(default_factory=dict)

    @property
    def shares(self) -> dict[str, dict[str, Share]]:
        return {name: shares([one.judgement for one in each]) for name, each in self.asked.items()}

    @property
    def by_subject(self) -> dict[str, Share]:
        return dict(unsafe_by_subject(self.asked.get(NEAR_MISSES, ())))

    @property
    def curve(self) -> Curve:
        return risk_coverage(self.points)

    @property
    def bins(self) -> list[Bin]:
        return bins(self.points)

    @property
    def operating_point(self) -> tuple[float, float]:
        return operating_point(self.points, self.answer_at)

    @property
    def figures(self) -> dict[str, Share | float]:
        """Every figure by its name, as bounds and files know it."""
        found: dict[str, Share | float] = {
            f"{name}.{verdict}": share
            for name, each in self.shares.items()
            for verdict, share in each.items()
        }
        found |= {f"{NEAR_MISSES}.unsafe.{name}": share for name, share in self.by_subject.items()}
        if len(self.points.mass):
            coverage, risk = self.operating_point
            found["decision.calibration_error"] = calibration_error(self.bins)
            found |= {"decision.coverage": coverage, "decision.risk": risk}
        for name, systems in self.ablation.items():
            for system, places in systems.items():
                found[f"ablation.{name}.{system}.first"] = places.first
                found[f"ablation.{name}.{system}.first_three"] = places.first_three
        for system, compared in self.peers.items():
            found |= {f"peers.{system}.{name}": share for name, share in compared.shares.items()}
        return {**found, **self.statutes}


def evaluate(
    knowledge: Knowledge,
    ingredients: Ingredients,
    day: date,
    *,
    data: Path | None,
    rasa_epochs: int | None,
    progress: Progress,
) -> Evaluation:
    """`data` is a folder of further sets; `rasa_epochs` None leaves Rasa out. Raises RasaFailed."""
    searcher = assemble(knowledge, ingredients)
    facts = held_out_facts(knowledge, day)
    sets = dict(question_sets(None)) | ({FACTS: facts} if facts else {}) | dict(question_sets(data))
    progress(f"asking {sum(map(len, sets.values()))} questions of {len(sets)} sets")
    asked = {name: ask(searcher, cases, day) for name, cases in sets.items()}
    points = weigh({kind: asked.get(name, ()) for kind, name in _DECIDED_BY.items()})
    parts = {name: asked[name] for name in (WORDINGS, FACTS) if name in asked}
    if parts:
        progress("taking the search apart")
    ablation = ablate(knowledge, ingredients, parts, day) if parts else {}
    peers: dict[str, Compared] = {}
    notes: dict[str, str] = {}
    if WORDINGS in asked and NEAR_MISSES in asked:
        selector = ResponseSelector(knowledge, day, rasa_epochs) if rasa_epochs else None
        if selector:
            notes[selector.name] = selector.described
        peers = _compare(knowledge, asked, day, selector, progress)
    measured: dict[str, float] = {}
    if data and (data / statutes.ARTICLES).is_file():
        progress("searching the statutes")
        measured = statutes.measure(statutes.read_collection(data), ingredients.encoder)
    ranking = ingredients.ranking
    return Evaluation(asked, points, ablation, peers, measured, ranking.answer_at, ranking.clarify_at, notes)


def _compare(
    knowledge: Knowledge,
    asked: Mapping[str, Sequence[Asked]],
    day: date,
    selector: ResponseSelector | None,
    progress: Progress,
) -> dict[str, Compared]:
    """Ourselves first, then each peer at our own share of unsafe answers."""
    wordings, near_misses = asked[WORDINGS], asked[NEAR_MISSES]
    own = shares([one.judgement for one in wordings])
    unsafe = shares([one.judgement for one in near_misses])["unsafe"]
    first = Share(sum(cited(one.outcome) in one.case.due for one in wordings), len(wordings))
    found = {OURS: Compared(first=first, unsafe=unsafe, threshold=None, **own)}
    texts = searchable_texts(knowledge, day)
    peers: list[Peer] = [Bm25Jieba(texts), TfidfCharacters(texts), *([selector] if selector else [])]
    for peer in peers:
        progress(
            f"asking {peer.name}" + (f" ({selector.described})" if peer is selector and selector else "")
        )
        found[peer.name] = compare(
            peer,
            _cases(wordings),
            _cases(near_misses),
            practice=[item.question for item in unanswerable_questions()],
            unsafe=unsafe.value,
        )
    return found


def _cases(asked: Sequence[Asked]) -> list[Case]:
    return [one.case for one in asked]
