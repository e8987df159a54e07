"""A question tried against what is live and against an entry that is being written. Changes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from api.accounts.roles import Actor, Right
from api.desk.cards import stands
from api.desk.grounds import Grounds, entry_of
from api.services import Services
from index.errors import IndexFault
from index.live import LiveIndex
from index.overlay import Trial, lay_over
from index.search import Outcome, Verdict, Why
from knowledge.model import Entry, Knowledge

_SHOWN = 4


@dataclass(frozen=True, slots=True)
class SeenCandidate:
    """`question` is the approved one that led here, None where the text itself did; `own` marks the entry
    that is being written."""

    question: str | None
    entry_id: str | None
    label: str
    quote: str
    own: bool


@dataclass(frozen=True, slots=True)
class Seen:
    """What one question finds; `probability` is that of the first candidate being right."""

    verdict: Verdict
    why: Why
    probability: float
    candidates: tuple[SeenCandidate, ...]


@dataclass(frozen=True, slots=True)
class Tried:
    """The same question against the live snapshot and with the draft in it; `draft` is None while the draft
    quotes nothing. From `answer_at` on a question is answered, from `clarify_at` on it is asked back."""

    question: str
    live: Seen
    draft: Seen | None
    answer_at: float
    clarify_at: float


class TryingDesk:
    """For one page: the draft laid over the live snapshot is kept until either changes."""

    def __init__(self, services: Services, actor: Actor) -> None:
        self._services, self._actor = services, actor
        self._grounds = Grounds(services.engine, services.editing)
        self._trial: tuple[Entry, Knowledge, Trial] | None = None

    def ask(self, question: str, content: Mapping[str, Any] | None) -> Tried:
        """One question against what is live, and with the draft in place. Raises IndexFault while no snapshot
        is loaded."""
        self._actor.require(Right.read)
        library, today = self._services.library, self._services.clock.today()
        if not isinstance(library, LiveIndex):
            raise IndexFault("no index is loaded in this process; questions can't be tried here")
        searcher = library.searcher()
        entry = entry_of(content) if content else None
        own = entry.id if entry else None
        live = searcher.search(question, as_of=today)
        drafted = None
        if entry is not None and (trial := self._tried(library, entry)):
            drafted = _seen(trial.search(question, as_of=today), trial.searcher.knowledge, own)
        ranking = searcher.ranking
        return Tried(
            question,
            _seen(live, searcher.knowledge, own),
            drafted,
            ranking.answer_at,
            ranking.clarify_at,
        )

    def _tried(self, library: LiveIndex, entry: Entry) -> Trial | None:
        """The draft laid over the live snapshot; kept until either changes."""
        searcher = library.searcher()
        if self._trial and self._trial[0] == entry and self._trial[1] is searcher.knowledge:
            return self._trial[2]
        ids = [quote.clause_id for quote in (*entry.quotes, *entry.also)]
        held = self._grounds.resting_on(ids, entry.programmes)
        standing = tuple(quote for quote in entry.quotes if stands(held, quote))
        if not standing or not entry.question.strip():
            return None
        variants = tuple(text for text in entry.variants if text.strip())
        trial = lay_over(searcher, replace(entry, quotes=standing, variants=variants), held)
        self._trial = (entry, searcher.knowledge, trial)
        return trial


def _seen(outcome: Outcome, knowledge: Knowledge, own: str | None) -> Seen:
    candidates = []
    for candidate in outcome.candidates[:_SHOWN]:
        passage, entry = candidate.passage, candidate.entry
        clause = knowledge.clause_by_id.get(passage.clause_id)
        label = clause.label if clause else knowledge.programme_by_id[passage.clause_id].title
        entry_id = entry.id if entry else None
        candidates.append(
            SeenCandidate(
                entry.question if entry else None,
                entry_id,
                label,
                entry.quotes[0].text if entry else passage.text,
                own is not None and entry_id == own,
            )
        )
    return Seen(outcome.verdict, outcome.why, outcome.probability, tuple(candidates))
