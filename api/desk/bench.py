"""Asking questions of several snapshots side by side, and keeping a question as a golden one."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date

from api.accounts.roles import Actor, Right
from api.services import Services
from api.trials.sources import Opened, Source
from index.comparing import Line
from index.explaining import Explained, explain
from index.text import normalise
from knowledge.editing.model import Draft
from knowledge.model import Knowledge
from knowledge.publishing.golden import GoldenQuestion
from knowledge.publishing.golden_proposals import GoldenProposal, GoldenProposals
from knowledge.publishing.golden_store import GoldenQuestions


class BenchDesk:
    def __init__(self, services: Services, actor: Actor) -> None:
        self._actor, self._services = actor, services
        self._golden = GoldenQuestions(services.engine, now=services.clock.now, journal=services.audit)

    def snapshots(self) -> list[tuple[str, str]]:
        """Earlier snapshots with their labels, the newest first."""
        self._actor.require(Right.read)
        return self._services.trials.snapshots()

    def drafts(self) -> list[Draft]:
        """Open drafts, those touched last first."""
        self._actor.require(Right.read)
        return self._services.editing.drafts()

    def today(self) -> date:
        self._actor.require(Right.read)
        return self._services.clock.today()

    def open(self, sources: Sequence[Source]) -> list[Opened]:
        """Takes seconds where a snapshot must be assembled. Raises InvalidContent, IndexFault."""
        self._actor.require(Right.read)
        return [self._services.trials.open(source) for source in sources]

    def golden(self) -> Mapping[str, GoldenQuestion]:
        """The active golden questions by their words in normal form."""
        self._actor.require(Right.read)
        return {normalise(item.text): item for item in self._golden.all() if item.active}

    def ask(
        self, question: str, opened: Sequence[Opened], on: date, golden: Mapping[str, GoldenQuestion]
    ) -> Line:
        """One question of every source, for the day `on`."""
        self._actor.require(Right.read)
        expected = golden.get(normalise(question))
        return Line(question, tuple(source.tell(question, on, expected) for source in opened))

    def explain(self, question: str, opened: Opened, on: date) -> Explained:
        """Why the source decides as it does."""
        self._actor.require(Right.read)
        return explain(opened.searcher, question, as_of=on)

    def keep(self, question: str, expects: Collection[str] | None, *, note: str = "") -> GoldenProposal:
        """Propose it as a golden question; `expects` None where no text answers it. Raises InvalidContent."""
        self._actor.require(Right.edit)
        services = self._services
        proposals = GoldenProposals(
            services.engine, self._golden, now=services.clock.now, journal=services.audit
        )
        return proposals.propose(text=question, expects=expects, by=self._actor.name, note=note)


def clause_name(knowledge: Knowledge, clause_id: str) -> str:
    """How people call a clause or programme; its id where it is not there."""
    clause = knowledge.clause_by_id.get(clause_id)
    if clause is not None:
        document = knowledge.document_by_id.get(clause.document_id)
        return f"《{document.title}》{clause.label}" if document else clause.label
    programme = knowledge.programme_by_id.get(clause_id)
    return f"《{programme.title}》" if programme else clause_id
