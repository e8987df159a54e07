"""The golden questions as staff see them: what each must find, how it did last, and changes under review."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from api.accounts.roles import Actor, Right
from api.desk.bench import clause_name
from api.services import Services
from index.text import normalise
from knowledge.errors import KnowledgeError
from knowledge.publishing.golden import Given, GoldenQuestion
from knowledge.publishing.golden_proposals import GoldenProposal, GoldenProposals
from knowledge.publishing.golden_store import GoldenQuestions

Result = Literal["right", "wrong", "unasked", "retired"]
_FOUND = 12


@dataclass(frozen=True, slots=True)
class GoldenLine:
    """`result` in the run that is shown, `given` what a wrong one was told; `proposal` is an open change."""

    question: GoldenQuestion
    result: Result
    given: Given | None
    proposal: GoldenProposal | None


@dataclass(frozen=True, slots=True)
class GoldenBoard:
    """`run_at` is when the run that is shown was made, None where none was; `fresh` are proposals of new
    questions. `names` says how people call each clause and programme that is expected or was told."""

    lines: tuple[GoldenLine, ...]
    fresh: tuple[GoldenProposal, ...]
    run_at: datetime | None
    snapshot: str
    names: dict[str, str]


@dataclass(frozen=True, slots=True)
class Expectable:
    """A clause or programme that a question may be expected to find."""

    id: str
    name: str
    text: str


class GoldenDesk:
    def __init__(self, services: Services, actor: Actor) -> None:
        self._services, self._actor = services, actor
        self._golden = GoldenQuestions(services.engine, now=services.clock.now, journal=services.audit)
        self._proposals = GoldenProposals(
            services.engine, self._golden, now=services.clock.now, journal=services.audit
        )

    def board(self) -> GoldenBoard:
        """Every question with its result in the newest publication that asked them."""
        self._actor.require(Right.read)
        publishing = self._services.publishing
        history = publishing.publisher.history() if publishing is not None else []
        run = next((item for item in history if item.comparison and item.comparison.wrong is not None), None)
        if run is None or run.comparison is None:
            return self._board({}, None, "")
        wrong = {item.question: item.given for item in run.comparison.wrong or ()}
        return self._board(wrong, run.created_at, run.snapshot)

    def ask_now(self) -> GoldenBoard:
        """The same with what the live snapshot says at this moment; takes seconds."""
        self._actor.require(Right.read)
        if self._services.publishing is None:
            raise KnowledgeError("这个进程没有打开发布功能，请在运行控制台的进程里操作。")
        run = self._services.publishing.publisher.warm()
        wrong = {answer.question.text: answer.given for answer in run.answers if not answer.right}
        return self._board(wrong, self._services.clock.now(), run.snapshot)

    def waiting(self) -> list[GoldenProposal]:
        """Open proposals that the person may decide."""
        self._actor.require(Right.read)
        if not self._actor.may(Right.review):
            return []
        return [
            item for item in self._proposals.all() if item.state == "open" and item.by != self._actor.name
        ]

    def expectable(self, words: str) -> list[Expectable]:
        """Clauses and programmes of what is published that hold `words` in name, id or text, the best first:
        names before texts."""
        self._actor.require(Right.read)
        sought = normalise(words)
        if not sought:
            return []
        knowledge = self._services.knowledge()
        known = [
            *(Expectable(c.id, clause_name(knowledge, c.id), c.text) for c in knowledge.clauses),
            *(Expectable(p.id, clause_name(knowledge, p.id), p.summary) for p in knowledge.programmes),
        ]
        named = [one for one in known if sought in normalise(f"{one.name} {one.id}")]
        rest = [one for one in known if one not in named and sought in normalise(one.text)]
        return [*named, *rest][:_FOUND]

    def names(self, ids: Collection[str]) -> dict[str, str]:
        self._actor.require(Right.read)
        knowledge = self._services.knowledge()
        return {name: clause_name(knowledge, name) for name in sorted(ids)}

    def propose(
        self,
        *,
        text: str,
        expects: Collection[str] | None,
        question_id: str | None = None,
        note: str = "",
        active: bool = True,
        seen: GoldenProposal | None = None,
    ) -> GoldenProposal:
        """See `GoldenProposals.propose`."""
        self._actor.require(Right.edit)
        return self._proposals.propose(
            text=text, expects=expects, by=self._actor.name, question_id=question_id,
            note=note, active=active, seen=seen,
        )  # fmt: skip

    def approve(self, seen: GoldenProposal) -> GoldenQuestion:
        """Raises SameReviewer, Stale, InvalidContent."""
        self._actor.require(Right.review)
        return self._proposals.approve(seen, by=self._actor.name)

    def send_back(self, seen: GoldenProposal, *, reason: str) -> None:
        """Raises SameReviewer, Stale, InvalidContent (no reason)."""
        self._actor.require(Right.review)
        self._proposals.send_back(seen, by=self._actor.name, reason=reason)

    def drop(self, seen: GoldenProposal) -> None:
        """One's own proposal. Raises Stale."""
        self._actor.require(Right.edit)
        self._proposals.drop(seen, by=self._actor.name)

    def _board(self, wrong: dict[str, Given], run_at: datetime | None, snapshot: str) -> GoldenBoard:
        proposals = self._proposals.all()
        open_for = {item.wanted.id: item for item in proposals if item.wanted.id}
        changed = self._golden.changed_at()
        lines = []
        for question in self._golden.all():
            given = wrong.get(question.text)
            result: Result = "right" if given is None else "wrong"
            if not question.active:
                result, given = "retired", None
            elif run_at is None or changed[question.id] > run_at:
                result, given = "unasked", None
            lines.append(GoldenLine(question, result, given, open_for.get(question.id)))
        fresh = tuple(item for item in proposals if not item.wanted.id)
        return GoldenBoard(tuple(lines), fresh, run_at, snapshot, self._named(lines, proposals))

    def _named(self, lines: Sequence[GoldenLine], proposals: Sequence[GoldenProposal]) -> dict[str, str]:
        ids = {name for line in lines for name in line.question.expects or ()}
        ids |= {name for item in proposals for name in item.wanted.expects or ()}
        ids |= {line.given.clause for line in lines if line.given is not None and line.given.clause}
        return self.names(ids)
