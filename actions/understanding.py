"""What the index makes of a question: with the one before, where it leans on it, and with the figure that it
states put as a question.

Owns which reading of a question counts. It must not know how a reply is worded.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date

from actions.context import Memory
from actions.following import leaning
from actions.mentions import Mentions
from actions.premise import asked_openly
from index.search import Outcome, Searcher
from index.text import normalise

_THEN = "^那(?!个|些|种|里|边|儿|年|天|样|么|时|就)(?=.{4})"
"""那快递盒子要循环用不: what links a question to the talk before is no part of it."""


_TOUCHED = 0.3
"""Share of a question's telling words that an answer must have to be taken for one to it."""


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
    alone = Understood(question, find(searcher, re.sub(_THEN, "", question), day))
    if leant is None:
        return _asked_back(alone, mentions)
    if leant.alone_first and alone.outcome.verdict == "answer":
        return alone
    asking: Understood | None = None
    for text in leant.readings:
        read = Understood(text, find(searcher, text, day), assumed=True)
        if leant.chosen or (
            read.outcome.verdict == "answer"
            and (not leant.within or _of_the_same(searcher, question, read, memory))
            and (not _with_all_before(text, memory) or _touched(searcher, question, read))
        ):
            return read
        if not leant.within and asking is None and read.outcome.verdict == "clarify":
            asking = read
    return alone if asking is None or alone.outcome.verdict != "abstain" else asking


def _of_the_same(searcher: Searcher, question: str, read: Understood, memory: Memory) -> bool:
    """Whether a reading's answer is of the clause or programme cited last, and speaks of what is asked now:
    else any question at all would be answered by the one before."""
    passage = read.outcome.candidates[0].passage
    covered = searcher.evidence.prepare(question).covered_by(f"{passage.heading} {passage.text}")
    return passage.clause_id in memory.cited and covered >= _TOUCHED


def _with_all_before(reading: str, memory: Memory) -> bool:
    return bool(memory.asked) and reading.endswith(f" {memory.asked}")


def _touched(searcher: Searcher, question: str, read: Understood) -> bool:
    """Whether an answer speaks of what is asked now at all: 哪个来拉嘛 beside the whole question before is
    answered by that alone. What tells nothing of its own (最多好多) is the question before."""
    asked, best = searcher.evidence.prepare(question), read.outcome.candidates[0]
    if not asked.terms:
        return True
    spoken = best.entry.question if best.entry else ""
    return asked.covered_by(f"{best.passage.heading} {best.passage.text} {spoken}") > 0.0


def _asked_back(alone: Understood, mentions: Mentions) -> Understood:
    """A question that names nothing (补好多钱) is not answered of whatever comes first: it is asked back."""
    outcome = alone.outcome
    if outcome.verdict != "answer" or not mentions.names_nothing(normalise(alone.question)):
        return alone
    return replace(alone, outcome=replace(outcome, verdict="clarify", why="vague"))


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
