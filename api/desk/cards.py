"""The card that a resident would see of a draft, composed by the code that composes answers.

Owns nothing of the words: those come from `actions`. What a draft rests on is handed in as knowledge,
whatever its state is, so that a draft on a draft document has a preview too.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from actions.composing import answer_reply
from actions.programmes import telling_line
from actions.replies import Reply
from index.passages import Passage
from index.search import Candidate, Outcome
from knowledge.model import Entry, Knowledge, Programme, Quote


@dataclass(frozen=True, slots=True)
class _Proposed:
    """Knowledge that no snapshot holds."""

    knowledge: Knowledge
    snapshot_id: None = None


def entry_card(knowledge: Knowledge, entry: Entry, day: date) -> Reply | None:
    """What the entry's own question would be answered on `day`; None while nothing is quoted.

    Quotes of what `knowledge` doesn't hold, or that don't stand where they say, are left out.
    """
    quotes = tuple(quote for quote in entry.quotes if stands(knowledge, quote))
    if not quotes:
        return None
    also = tuple(quote for quote in entry.also if stands(knowledge, quote))
    shown = replace(entry, quotes=quotes, also=also)
    return _answered(knowledge, quotes[0], shown, entry.question, day)


def programme_card(knowledge: Knowledge, programme: Programme, day: date) -> Reply:
    """What a question about the programme would be answered on `day`: its first amount that holds then, else
    its summary."""
    held = replace(
        knowledge,
        programmes=(*(p for p in knowledge.programmes if p.id != programme.id), programme),
    )
    start, end = telling_line(programme, day) or (0, len(programme.text.split("\n", 1)[0]))
    quote = Quote(programme.id, start, end, programme.text[start:end])
    return _answered(held, quote, None, programme.title, day)


def _answered(knowledge: Knowledge, quote: Quote, entry: Entry | None, question: str, day: date) -> Reply:
    clause = knowledge.clause_by_id.get(quote.clause_id)
    passage = Passage(
        clause_id=quote.clause_id,
        document_id=clause.document_id if clause else quote.clause_id,
        start=quote.start,
        end=quote.end,
        text=quote.text,
        heading=clause.heading if clause else "",
        programme=clause is None,
    )
    best = Candidate(passage, 0.0, entry, "unstated")
    outcome = Outcome("answer", "sure", 1.0, (best,), day=day)
    return answer_reply(_Proposed(knowledge), outcome, question, day)


def stands(knowledge: Knowledge, quote: Quote) -> bool:
    """Whether a quote stands where it says, word for word."""
    held = knowledge.clause_by_id.get(quote.clause_id) or knowledge.programme_by_id.get(quote.clause_id)
    return held is not None and bool(quote.text) and held.text[quote.start : quote.end] == quote.text
