"""A question tried against what is live and against an entry or a programme that is being written. Changes
nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from api.accounts.roles import Actor, Right
from api.desk.cards import stands
from api.desk.grounds import Grounds, entry_of
from api.desk.programmes import programme_of
from api.services import Services
from index.errors import IndexFault
from index.live import LiveIndex
from index.overlay import Trial, lay_over
from index.search import Outcome, Searcher, Verdict, Why
from knowledge.model import Entry, Knowledge, Programme

_SHOWN = 4


@dataclass(frozen=True, slots=True)
class SeenCandidate:
    """`question` is the approved one that led here, None where the text itself did; `own` marks the entry
    or programme that is being written, and entries that quote it."""

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
        self._carded: tuple[Programme, Searcher, Searcher] | None = None

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

    def ask_of_programme(self, question: str, content: Mapping[str, Any] | None) -> Tried:
        """The same for a programme that is written; the snapshot with its new card is worked out in memory,
        which takes a second. Raises IndexFault, InvalidContent for a card that can't be read."""
        self._actor.require(Right.read)
        library, today = self._services.library, self._services.clock.today()
        if not isinstance(library, LiveIndex):
            raise IndexFault("no index is loaded in this process; questions can't be tried here")
        searcher = library.searcher()
        programme = programme_of(content) if content else None
        own = programme.id if programme is not None else None
        drafted = None
        if programme is not None and programme.title.strip() and programme.id:
            if self._carded is None or self._carded[:2] != (programme, searcher):
                tried_out = library.try_out(_with_programme(searcher.knowledge, programme), "programme")
                self._carded = (programme, searcher, tried_out.without(library.withheld))
            laid = self._carded[2]
            drafted = _seen(laid.search(question, as_of=today), laid.knowledge, own)
        live = _seen(searcher.search(question, as_of=today), searcher.knowledge, own)
        return Tried(question, live, drafted, searcher.ranking.answer_at, searcher.ranking.clarify_at)

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


def _with_programme(known: Knowledge, programme: Programme) -> Knowledge:
    """`known` with the programme as it is written; entries whose quotes no longer stand in its card fall
    silent, as they would after publication."""
    others = (other for other in known.programmes if other.id != programme.id)
    held = replace(known, programmes=tuple(sorted((*others, programme), key=lambda one: one.id)))
    placed = (_placed(entry, programme) for entry in known.entries)
    return replace(held, entries=tuple(entry for entry in placed if entry is not None))


def _placed(entry: Entry, programme: Programme) -> Entry | None:
    """The entry with its quotes from the programme where they stand in its new card; None where one of them
    stands nowhere."""
    if all(quote.clause_id != programme.id for quote in (*entry.quotes, *entry.also)):
        return entry
    quotes, also = (
        tuple(
            replace(quote, start=programme.text.find(quote.text))
            if quote.clause_id == programme.id
            else quote
            for quote in spans
        )
        for spans in (entry.quotes, entry.also)
    )
    if any(quote.start < 0 for quote in (*quotes, *also)):
        return None
    return replace(entry, quotes=quotes, also=also)


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
                own is not None and own in (entry_id, passage.clause_id),
            )
        )
    return Seen(outcome.verdict, outcome.why, outcome.probability, tuple(candidates))
