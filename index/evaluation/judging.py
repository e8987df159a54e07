"""Asking a searcher and judging what it does: right, wrong or missed; safe or unsafe."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from index.evaluation.cases import Case
from index.evaluation.figures import Share
from index.search import Outcome, Searcher

Judgement = Literal["right", "wrong", "missed", "safe", "unsafe"]


@dataclass(frozen=True, slots=True)
class Asked:
    """A case with what came of it."""

    case: Case
    outcome: Outcome

    @property
    def judgement(self) -> Judgement:
        return judge(self.case, self.outcome)

    @property
    def first_is_right(self) -> bool:
        """Whether the first candidate answers the question, given as an answer or not."""
        return cited(self.outcome) in self.case.due | self.case.allowed

    def __str__(self) -> str:
        due = ", ".join(sorted(self.case.due)) or "no answer"
        found = f"{self.outcome.verdict}/{self.outcome.why} {self.outcome.probability:.2f}"
        return f"[{self.judgement}] {self.case.question} -> {found} {cited(self.outcome) or '-'}; due {due}"


def judge(case: Case, outcome: Outcome) -> Judgement:
    """right, wrong or missed for a question with an answer; safe or unsafe for one without."""
    if outcome.verdict != "answer":
        return "missed" if case.due else "safe"
    if cited(outcome) in case.due | case.allowed:
        return "right" if case.due else "safe"
    return "wrong" if case.due else "unsafe"


def cited(outcome: Outcome) -> str:
    return outcome.candidates[0].passage.clause_id if outcome.candidates else ""


def ask(searcher: Searcher, cases: Sequence[Case], day: date) -> list[Asked]:
    return [Asked(case, searcher.search(case.question, as_of=day, hidden=case.hidden)) for case in cases]


def shares(judgements: Sequence[Judgement]) -> dict[str, Share]:
    """Of each judgement that counts: three for questions with an answer, one for those without."""
    answerable = any(judgement in {"right", "wrong", "missed"} for judgement in judgements)
    counted: tuple[Judgement, ...] = ("right", "wrong", "missed") if answerable else ("unsafe",)
    return {name: Share(list(judgements).count(name), len(judgements)) for name in counted}


def unsafe_by_subject(asked: Sequence[Asked]) -> Iterator[tuple[str, Share]]:
    """Of the questions without an answer, those answered by mistake, by what they ask for."""
    for subject in sorted({one.case.asks for one in asked if one.case.asks}):
        of_subject = [one.judgement for one in asked if one.case.asks == subject]
        yield subject, Share(of_subject.count("unsafe"), len(of_subject))
