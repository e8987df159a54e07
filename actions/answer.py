"""From a question to a reply: approved words, quoted spans, or a plain statement that there is none.

`Answerer` is the one place where the way is chosen: a list, an answer, an answer of several parts, a
question back, an abstention. Rasa's action and the way round Rasa both come here. The question itself is
never logged.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import date

from actions.abstaining import abstain_reply
from actions.composing import answer_reply, clarify_reply
from actions.context import TurnContext
from actions.listed import list_reply
from actions.listing import Listing, Wanted
from actions.parts import split
from actions.replies import Reply
from actions.several import several_reply
from actions.understanding import elliptically_named, understand
from index.search import Outcome, Searcher

log = logging.getLogger(__name__)


class Answerer:
    """Answers from whatever snapshot is live at the moment of the question."""

    def __init__(self, searcher: Callable[[], Searcher], today: Callable[[], date]) -> None:
        self._searcher = searcher
        self._today = today
        self._listing: tuple[Searcher, Listing] | None = None

    def reply(
        self,
        question: str,
        *,
        request_id: str,
        as_of: date | None = None,
        context: TurnContext | None = None,
    ) -> Reply:
        """`as_of` is the day asked about, today in Chongqing by default.

        Raises only where the index itself fails; the two edges (the action webhook, the way round Rasa)
        turn that into a spoken failure or into 503.
        """
        day = as_of or self._today()
        searcher = self._searcher()
        log.debug("answering", extra={"request_id": request_id, "snapshot": searcher.snapshot_id})
        listing = self._listing_of(searcher)
        wanted = _wanted(listing, question, context)
        if wanted and wanted.whole and (listed := list_reply(searcher, listing, wanted, day)):
            return listed
        outcome = understand(searcher, question, day, context)
        parts = split(question)
        if parts and (several := several_reply(searcher, parts, outcome, day)):
            return several
        if wanted and _open(outcome) and (listed := list_reply(searcher, listing, wanted, day)):
            return listed
        return _single(searcher, outcome, question, day)

    def _listing_of(self, searcher: Searcher) -> Listing:
        """Built once a snapshot; two threads may both build it, which does no harm."""
        known = self._listing
        if known is None or known[0] is not searcher:
            known = self._listing = searcher, Listing(searcher.knowledge)
        return known[1]


def _wanted(listing: Listing, question: str, context: TurnContext | None) -> Wanted | None:
    named = elliptically_named(question)
    if named and context and context.previous_question:
        return listing.follow_up(named, context.previous_question)
    return listing.wanted(question)


def _single(searcher: Searcher, outcome: Outcome, question: str, today: date) -> Reply:
    day = outcome.day or today
    if outcome.verdict == "answer":
        return answer_reply(searcher, outcome, question, day)
    if outcome.verdict == "clarify" and (asked_back := clarify_reply(searcher, outcome, day)):
        return asked_back
    return abstain_reply(searcher, outcome, day)


def _open(outcome: Outcome) -> bool:
    """Whether a limited list may stand for an answer: never for what the texts hold no answer to."""
    return outcome.verdict != "answer" and not outcome.lacking and outcome.why != "expired"
