"""The golden questions asked of two snapshots, and whether the difference asks for a reason.

What was asked of a snapshot once is not asked again on the same day: the live one's answers are at hand when
the next preview comes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from datetime import date
from typing import Protocol

from knowledge.publishing.golden import Comparison, GoldenQuestion, Run, ask_all, compare
from knowledge.publishing.ports import Index, Snapshot
from knowledge.publishing.wording import say

BAR = 0.95
_RUNS_KEPT = 4

Progress = Callable[[str, float], None]
"""Told what is being done and which share of all of it is done."""


class Questions(Protocol):
    def all(self) -> Sequence[GoldenQuestion]: ...


class GoldenRuns:
    def __init__(
        self, index: Index, questions: Questions, *, today: Callable[[], date], bar: float = BAR
    ) -> None:
        """`bar` is the share of right answers below which a reason is asked for."""
        self._index, self._questions, self._today, self._bar = index, questions, today, bar
        self._runs: dict[tuple[str, date, str], Run] = {}

    def warm(self) -> Run:
        """Ask the live snapshot ahead of the first preview."""
        return self._run(self._index.live(), self._questions.all(), lambda done, of: None)

    def compare(self, candidate: Snapshot, renew: Callable[[], None], progress: Progress) -> Comparison:
        """`renew` is called now and then, so that the lease holds however many questions there are."""
        questions = self._questions.all()

        def step(offset: float) -> Callable[[int, int], None]:
            def tell(done: int, of: int) -> None:
                if done % 20 == 0 or done == of:
                    progress(f"黄金题 {done}/{of}", offset + 0.35 * done / of)
                if done % 100 == 0:
                    renew()

            return tell

        before = self._run(self._index.live(), questions, step(0.3))
        after = self._run(candidate, questions, step(0.65))
        return compare(before, after)

    def needs_reason(self, comparison: Comparison) -> list[str]:
        """Why a reviewer must say why it is published all the same; empty where nothing got worse."""
        why = []
        if comparison.share < self._bar:
            why.append(say("reason.bar", after=f"{comparison.share:.1%}", bar=f"{self._bar:.0%}"))
        if comparison.broken:
            why.append(say("reason.broken", count=comparison.broken))
        return why

    def asked_now(self) -> str:
        """Stands for the questions, the day and what is withheld: all that answers rest on but a snapshot."""
        return f"{self._today()} {self._hash(self._questions.all())}"

    def _hash(self, questions: Sequence[GoldenQuestion]) -> str:
        said = repr([(q.id, q.text, sorted(q.expects or ())) for q in questions if q.active])
        held = repr(self._index.withheld.to_plain())
        return hashlib.sha256((said + held).encode()).hexdigest()

    def _run(
        self, snapshot: Snapshot, questions: Sequence[GoldenQuestion], tell: Callable[[int, int], None]
    ) -> Run:
        key = (snapshot.id, self._today(), self._hash(questions))
        if key not in self._runs:
            run = ask_all(snapshot.id, questions, snapshot.ask, tell)
            while len(self._runs) >= _RUNS_KEPT:
                self._runs.pop(next(iter(self._runs)))
            self._runs[key] = run
        return self._runs[key]
