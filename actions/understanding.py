"""What the index makes of a question: with the one before, where it says too little alone, and with the
figure that it states put as a question.

Owns which readings of a question are searched. It must not know how a reply is worded.
"""

from __future__ import annotations

import re
from datetime import date

from actions.context import TurnContext
from actions.premise import asked_openly
from index.search import Outcome, Searcher

_FOLLOW_UP = re.compile(r"^(那么|那|还有|要是|如果是|换成)?\s*(.{1,12}?)(呢|勒|喃|咧|嘞)[?？。!！]*$")
_THINGS = frozenset({"item", "district"})


def understand(searcher: Searcher, question: str, day: date, context: TurnContext | None) -> Outcome:
    """One that says too little alone is read with the question before."""
    outcome = find(searcher, question, day)
    if outcome.verdict == "answer" or context is None or not context.previous_question:
        return outcome
    elliptic = elliptically_named(question)
    names_a_thing = any(entity in _THINGS for entity, _ in context.entities)
    if not elliptic and not (names_a_thing and outcome.why in {"vague", "district", "nothing"}):
        return outcome  # what names nothing here ("红烧肉怎么做") is no question about the one before
    named = elliptic or question
    joined = searcher.search(f"{named} {context.previous_question}", as_of=day)
    return joined if joined.verdict == "answer" else outcome


def elliptically_named(question: str) -> str | None:
    """What a question like 那冰箱呢 names, to be asked like the question before."""
    found = _FOLLOW_UP.match(question.strip())
    return found.group(2) if found else None


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
