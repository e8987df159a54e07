"""Training questions as the index sees them: approved ones with themselves hidden, and those without answer.

Each approved question is asked with itself hidden (a wording nobody has seen), and every third one with its
whole entry hidden (a fact that has no entry). An encoder that learnt from the questions it is asked would
flatter itself: `Folds` says which ones a fold's encoder must not have seen, and only those are asked of it.
Facts held out for the evaluation (`index.training.split`) are never asked at all.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Literal

import numpy as np
import yaml

from index.describing import FEATURES
from index.evidence import Evidence
from index.passages import Passage, Passages
from index.training.split import held_out
from knowledge.model import Knowledge

Kind = Literal["wording", "fact", "unanswerable"]
FOLDS = 5
TERSE = 16
"""Characters of a question as people type it; longer ones tell a story or are put like an examination's."""
_EVERY_THIRD = 3
_MATCH = FEATURES.index("best_match")
_NEAR_MISSES = Path(__file__).with_name("near_misses.yml")
_CHOOSING = Path(__file__).with_name("choosing.yml")


@dataclass(frozen=True, slots=True)
class Unanswerable:
    """A question that the texts don't answer, on a `subject` of theirs or on none."""

    question: str
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Answerable:
    """A question that is nobody's wording, and the clauses that answer it."""

    question: str
    clauses: frozenset[str]


@dataclass(frozen=True, slots=True)
class Choosing:
    """Questions by other hands than the approved ones, on which the operating point is chosen."""

    answerable: Sequence[Answerable] = ()
    unanswerable: Sequence[Unanswerable] = ()


@dataclass(frozen=True, slots=True)
class Sample:
    """One question as the index saw it: n candidates (passage numbers) with their features (n, F), the
    approved question nearest to each (-1: none), which are right and which lack what the question insists
    on. `alike` (n, n), bool: which candidates say the same; `asked` and `unmet`: the question's pieces, and
    those that each candidate does not meet; `precedent` as `index.precedents` has it."""

    question: str
    kind: Kind
    fold: int
    terse: bool
    passages: np.ndarray
    features: np.ndarray
    best_unit: np.ndarray
    clauses: tuple[str, ...]
    right: np.ndarray
    lacking: np.ndarray
    alike: np.ndarray
    asked: frozenset[str]
    unmet: tuple[frozenset[str], ...]
    precedent: float = 0.0


def unanswerable_questions() -> tuple[Unanswerable, ...]:
    """Questions on subjects of the texts, and off them, that the texts don't answer."""
    listed = yaml.safe_load(_NEAR_MISSES.read_text(encoding="utf-8"))
    return tuple(Unanswerable(item["question"], item.get("subject", "")) for item in listed)


def choosing_questions() -> Choosing:
    """The shipped questions for the operating point; never trained on, and no part of the evaluation."""
    listed = yaml.safe_load(_CHOOSING.read_text(encoding="utf-8"))
    return Choosing(
        tuple(Answerable(item["question"], frozenset(item["clauses"])) for item in listed["answerable"]),
        tuple(Unanswerable(item["question"]) for item in listed["unanswerable"]),
    )


class Folds:
    """Who is asked when: a fold's entries as facts, a fifth of all other entries' questions as wordings."""

    def __init__(self, knowledge: Knowledge, passages: Passages) -> None:
        self._questions = passages.questions
        self._learnable = [entry.id for entry in knowledge.entries if not held_out(entry)]
        place = np.random.default_rng(7).permutation(len(self._learnable))
        self._fold_of = {entry: int(p) % FOLDS for entry, p in zip(self._learnable, place, strict=True)}
        self._part = np.random.default_rng(3).permutation(len(self._questions.texts)) % FOLDS

    @cached_property
    def units_of(self) -> dict[str, list[int]]:
        """The approved questions of each entry that may be learnt from."""
        units: dict[str, list[int]] = {entry: [] for entry in self._learnable}
        for number, entry in enumerate(self._questions.entries):
            if entry in units:
                units[entry].append(number)
        return units

    def learnable(self, fold: int | None) -> list[int]:
        """What an encoder may learn from to be asked in `fold`; everything for the one that ships."""
        return [
            number
            for entry, numbers in self.units_of.items()
            for number in numbers
            if fold is None or (self._fold_of[entry] != fold and self._part[number] != fold)
        ]

    def wordings(self, fold: int) -> Iterable[tuple[str, int]]:
        for entry, numbers in self.units_of.items():
            if self._fold_of[entry] != fold:
                yield from ((entry, number) for number in numbers if self._part[number] == fold)

    def facts(self, fold: int) -> Iterable[tuple[str, int]]:
        for entry, numbers in self.units_of.items():
            if self._fold_of[entry] == fold:
                yield from ((entry, number) for number in numbers[::_EVERY_THIRD])


def collect_samples(
    knowledge: Knowledge,
    evidence_of_fold: Callable[[int], Evidence],
    unanswerable: Sequence[Unanswerable],
    *,
    as_of: date,
) -> list[Sample]:
    """All training samples. `evidence_of_fold` gives the evidence whose encoder learnt nothing of that
    fold; questions without an answer are dealt out to the folds by their subject."""
    samples: list[Sample] = []
    subjects = list(dict.fromkeys(item.subject for item in unanswerable))
    for fold in range(FOLDS):
        evidence = evidence_of_fold(fold)
        folds = Folds(knowledge, evidence.passages)
        asking = Asking(knowledge, evidence, fold, as_of)
        for entry, number in folds.wordings(fold):
            asking.ask(evidence.passages.questions.texts[number], "wording", asking.due(entry), {number})
        for entry, number in folds.facts(fold):
            hidden = folds.units_of[entry]
            asking.ask(evidence.passages.questions.texts[number], "fact", asking.due(entry), hidden)
        for item in unanswerable:
            if subjects.index(item.subject) % FOLDS == fold:
                asking.ask(item.question, "unanswerable", set(), ())
        samples += asking.samples
    return samples


class Asking:
    """Asks questions of one evidence and keeps what it saw."""

    def __init__(self, knowledge: Knowledge, evidence: Evidence, fold: int, as_of: date) -> None:
        self._knowledge, self._evidence, self._fold = knowledge, evidence, fold
        self._live = _live_passages(knowledge, evidence, as_of)
        self.samples: list[Sample] = []

    def due(self, entry_id: str) -> set[str]:
        return set(self._knowledge.entry_by_id[entry_id].answered_by)

    def ask(self, text: str, kind: Kind, due: set[str], hidden: Collection[int]) -> None:
        evidence = self._evidence
        question = evidence.prepare(text)
        found = evidence.gather(question, tuple(hidden))
        keep = self._live[found.passages]
        numbers = found.passages[keep]
        if len(numbers) == 0:
            return
        clauses = tuple(evidence.passages.passages[number].clause_id for number in numbers)
        self.samples.append(
            Sample(
                question=question.text,
                kind=kind,
                fold=self._fold,
                terse=len(question.text) <= TERSE,
                passages=numbers,
                features=found.features[keep],
                best_unit=found.best_unit[keep],
                clauses=clauses,
                right=np.asarray([clause in due for clause in clauses], dtype=bool),
                lacking=np.asarray([bool(evidence.lacking(question, int(n))) for n in numbers], dtype=bool),
                alike=np.stack([evidence.alike(int(number), numbers) for number in numbers]),
                asked=question.pieces,
                unmet=tuple(
                    evidence.unmet(question, int(number), int(unit))
                    for number, unit in zip(numbers, found.best_unit[keep], strict=True)
                ),
                precedent=found.precedent,
            )
        )

    def approved_of(self, text: str, due: set[str]) -> set[int]:
        """The approved questions on the very words that answer `text` best of what is `due`: without them it
        asks for a fact that nobody wrote an entry for."""
        passages = self._evidence.passages
        found = self._evidence.gather(self._evidence.prepare(text))
        match = [
            (float(line[_MATCH]), passages.passages[number])
            for line, number in zip(found.features, found.passages.tolist(), strict=True)
            if passages.passages[number].clause_id in due
        ]
        if not match:
            return set()
        best = max(match, key=lambda pair: pair[0])[1]
        return {
            unit
            for unit, number in enumerate(passages.questions.passages)
            if _meets(passages.passages[number], best)
        }


def _meets(one: Passage, other: Passage) -> bool:
    return one.clause_id == other.clause_id and one.start < other.end and other.start < one.end


def _live_passages(knowledge: Knowledge, evidence: Evidence, as_of: date) -> np.ndarray:
    statuses = {d.id: d.status_on(as_of) for d in knowledge.documents}
    statuses |= {p.id: p.status_on(as_of) for p in knowledge.programmes}
    return np.asarray(
        [statuses[p.document_id] in {"in_force", "unstated"} for p in evidence.passages.passages]
    )
