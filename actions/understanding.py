"""What the index makes of a question: with the one before, where it leans on it, and with the figure that it
states put as a question.

Owns which reading of a question counts. It must not know how a reply is worded.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from actions.context import Memory
from actions.following import leaning
from actions.mentions import Mentions
from actions.premise import asked_openly
from index.search import Outcome, Searcher


@dataclass(frozen=True, slots=True)
class Understood:
    """`question` is what was searched, complete in itself; `assumed` where it is not what was typed."""

    question: str
    outcome: Outcome
    assumed: bool = False


def understand(
    searcher: Searcher, mentions: Mentions, question: str, day: date, memory: Memory
) -> Understood:
    """A question that leans on the one before is read with it, unless it finds its answer alone."""
    leant = leaning(question, memory, mentions)
    alone = Understood(question, find(searcher, question, day))
    if leant is None or (leant.alone_first and alone.outcome.verdict == "answer"):
        return alone
    asking: Understood | None = None
    for text in leant.readings:
        read = Understood(text, find(searcher, text, day), assumed=True)
        if leant.chosen or read.outcome.verdict == "answer":
            return read
        if asking is None and read.outcome.verdict == "clarify":
            asking = read
    return alone if asking is None or alone.outcome.verdict != "abstain" else asking


def find(searcher: Searcher, question: str, day: date) -> Outcome:
    """A figure that the question states may be wrong and then leads astray: the surer reading counts, with
    it or with the figure asked for instead."""
    outcome = searcher.search(question, as_of=day)
    openly = asked_openly(question)
    if openly is None:
        return outcome
    other = searcher.search(openly, as_of=day)
    surer = outcome.verdict != "answer" or other.probability > outcome.probability
    return other if other.verdict == "answer" and surer else outcome
