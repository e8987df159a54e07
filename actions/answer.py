"""From a question to a reply: approved words, quoted spans, or a plain statement that there is none.

`Answerer` is the one place where the way is chosen: a list, an answer, an answer of several parts, a
question back, an abstention. Rasa's action and the way round Rasa both come here. The question itself is
never logged.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from actions.abstaining import abstain_reply
from actions.activities import Activities, Sought, about, elsewhere, followed, sought
from actions.composing import answer_reply, clarify_reply
from actions.context import Answered, Memory, Prompt, TurnContext
from actions.finding import Observer, finding_of, unobserved
from actions.following import named, remembered, undone, without_opening
from actions.listed import list_reply
from actions.listing import Listing, Wanted
from actions.mentions import Mentions
from actions.parts import split
from actions.prompted import basis_reply, taken_up
from actions.replies import Reply
from actions.second_thoughts import given_up, other_readings, showing
from actions.several import several_reply
from actions.understanding import Understood, understand
from index.search import Outcome, Searcher
from knowledge.model import Knowledge

log = logging.getLogger(__name__)

_UNANSWERED = frozenset({"clarify", "abstain"})
PATIENCE = 2
"""Questions in a row without an answer, after which nothing more is asked back."""


@dataclass(frozen=True, slots=True)
class _Reader:
    """What one snapshot's knowledge is read with; built once for it."""

    searcher: Searcher
    listing: Listing
    mentions: Mentions


class Answerer:
    """Answers from whatever snapshot is live at the moment of the question."""

    def __init__(
        self, searcher: Callable[[], Searcher], today: Callable[[], date], observe: Observer = unobserved
    ) -> None:
        """`observe` is told what was found for each question."""
        self._searcher = searcher
        self._activities: Activities | None = None
        self._today = today
        self._observe = observe
        self._reader: _Reader | None = None

    def tell_of(self, activities: Activities) -> None:
        """From now on, answer what is on as well."""
        self._activities = activities

    @property
    def knowledge(self) -> Knowledge:
        """The published knowledge that answers come from at this moment."""
        return self._searcher().knowledge

    @property
    def snapshot(self) -> str:
        return self._searcher().snapshot_id

    @property
    def mentions(self) -> Mentions:
        """What questions may name, by this knowledge's lexicon."""
        return self._reader_now().mentions

    def reply(
        self,
        question: str,
        *,
        request_id: str,
        as_of: date | None = None,
        context: TurnContext | None = None,
    ) -> Reply:
        """The reply of `turn`, for whoever keeps no conversation."""
        return self.turn(question, request_id=request_id, as_of=as_of, context=context).reply

    def turn(
        self,
        question: str,
        *,
        request_id: str,
        as_of: date | None = None,
        context: TurnContext | None = None,
    ) -> Answered:
        """`as_of` is the day asked about, today in Chongqing by default.

        Raises only where the index itself fails; the two edges (the action webhook, the way round Rasa)
        turn that into a spoken failure or into 503.
        """
        day = as_of or self._today()
        reader = self._reader_now()
        context = context or TurnContext()
        searcher, prompt = reader.searcher, context.prompt
        memory = taken_up(searcher.knowledge, prompt, context.memory) if prompt else context.memory
        log.debug("answering", extra={"request_id": request_id, "snapshot": searcher.snapshot_id})
        question = without_opening(question)
        if memory.asked and undone(question):
            reply = other_readings(searcher, memory, day)
            self._observe(request_id, finding_of(reply, None, memory.district))
            return Answered(reply, _after(reply, memory))
        asked = self._sought(reader, question, context) if self._activities else None
        if asked and (told := self._told(searcher, asked, prompt, context.memory, day)):
            return self._remembering(reader, told[1], told[0], memory, request_id=request_id)
        wanted = _wanted(reader.listing, question, memory)
        if wanted and wanted.whole and (listed := list_reply(searcher, reader.listing, wanted, day)):
            return self._remembering(reader, question, listed, memory, request_id=request_id)
        understood = understand(searcher, reader.mentions, question, day, memory)
        reply = self._composed(reader, understood, wanted, day, memory)
        if understood.assumed and reply.kind in {"answer", "abstain"}:
            reply = showing(reply, understood.question)
        if reply.kind in _UNANSWERED:
            if asked and (last := self._told_at_last(searcher, asked, memory, day)):
                return self._remembering(reader, asked.asked, last, memory, request_id=request_id)
            if prompt and (basis := basis_reply(searcher, prompt, self._about(prompt), question, day)):
                reply = basis
        return self._remembering(
            reader, understood.question, reply, memory, understood.outcome, request_id=request_id
        )

    def _sought(self, reader: _Reader, question: str, context: TurnContext) -> Sought | None:
        """What activities are asked for; 好久开始 and 那渝中呢 mean those that were told of just before."""
        asked, memory = sought(question, reader.mentions), context.memory
        if context.prompt or not memory.asked or memory.cited:
            return asked
        before = sought(memory.asked, reader.mentions)
        if before is None or before.bare or before.texts_first:
            return asked
        district = elsewhere(named(question) or "", reader.mentions)
        if district is None and not (asked and asked.bare):
            return asked
        return followed(asked, before, district)

    def _told(
        self, searcher: Searcher, asked: Sought, prompt: Prompt | None, memory: Memory, day: date
    ) -> tuple[Reply, str] | None:
        """What is on, where the question can mean nothing else, and the question to remember it by; None
        where the texts are asked first."""
        activities = self._activities
        if activities is None or asked.texts_first:
            return None
        if asked.bare:
            if prompt is None or prompt.activity_id is None:
                return None
            one = activities.one(prompt.activity_id)
            told = activities.told(searcher, [one] if one else [], asked, None, day)
            return told, about(one) if one else asked.asked
        found = activities.known(asked, memory.district)
        return (activities.told(searcher, found, asked, memory.district, day), asked.asked) if found else None

    def _told_at_last(self, searcher: Searcher, asked: Sought, memory: Memory, day: date) -> Reply | None:
        """What is on, or that nothing is known of, where the texts hold no answer."""
        activities = self._activities
        if activities is None or asked.bare:
            return None
        found = activities.known(asked, memory.district)
        if asked.rest and not found:
            return None  # it asks for something else besides an activity: the texts' own words stand
        return activities.told(searcher, found, asked, memory.district, day)

    def _about(self, prompt: Prompt) -> list[str]:
        """The lines on the activity that a campaign message tells of."""
        one = self._activities.one(prompt.activity_id) if self._activities else None
        return self._activities.lines(one, None) if self._activities and one else []

    def _composed(
        self, reader: _Reader, understood: Understood, wanted: Wanted | None, day: date, memory: Memory
    ) -> Reply:
        searcher, question, outcome = reader.searcher, understood.question, understood.outcome
        parts = split(question)
        if parts and (several := several_reply(searcher, parts, outcome, day)):
            return several
        if wanted and _open(outcome) and (listed := list_reply(searcher, reader.listing, wanted, day)):
            return listed
        return _single(searcher, outcome, question, day, memory)

    def _remembering(
        self,
        reader: _Reader,
        question: str,
        reply: Reply,
        memory: Memory,
        outcome: Outcome | None = None,
        *,
        request_id: str,
    ) -> Answered:
        known: Mapping[str, Any] = remembered(question, memory, reader.mentions)
        after = replace(_after(reply, memory), asked=question, **known)
        self._observe(request_id, finding_of(reply, outcome, after.district))
        return Answered(reply, after)

    def _reader_now(self) -> _Reader:
        """Two threads may both build it, which does no harm."""
        searcher, known = self._searcher(), self._reader
        if known is None or known.searcher is not searcher:
            knowledge = searcher.knowledge
            known = self._reader = _Reader(searcher, Listing(knowledge), Mentions(knowledge.lexicon))
        return known


def _wanted(listing: Listing, question: str, memory: Memory) -> Wanted | None:
    follows = named(question)
    if follows and memory.asked:
        return listing.follow_up(follows, memory.asked)
    return listing.wanted(question)


def _single(searcher: Searcher, outcome: Outcome, question: str, today: date, memory: Memory) -> Reply:
    day = outcome.day or today
    if outcome.verdict == "answer":
        return answer_reply(searcher, outcome, question, day)
    if outcome.verdict == "clarify" and (asked_back := clarify_reply(searcher, outcome, day)):
        again = set(memory.offered) >= {choice.message for choice in asked_back.suggestions}
        if again or memory.misses >= PATIENCE:
            return given_up(searcher, outcome, day)
        return asked_back
    return abstain_reply(searcher, outcome, day)


def _after(reply: Reply, memory: Memory) -> Memory:
    """What stays of `memory`, with what this reply cited or offered."""
    missed = reply.kind in {"clarify", "abstain"}
    offered = tuple(choice.message for choice in reply.suggestions) if reply.kind == "clarify" else ()
    cited = tuple(citation.clause_id for citation in reply.citations)
    return replace(memory, cited=cited, offered=offered, misses=memory.misses + 1 if missed else 0)


def _open(outcome: Outcome) -> bool:
    """Whether a limited list may stand for an answer: never for what the texts hold no answer to."""
    return outcome.verdict != "answer" and not outcome.lacking and outcome.why != "expired"
