"""What is said when the first reading was not the right one, or not sure enough twice.

Owns the words around a reading that was assumed, the other readings of a question whose answer missed it, and
the end of asking back: the nearest reading, the hotline and a person. Words stand in `answers.yml`.
"""

from __future__ import annotations

from datetime import date

from actions.abstaining import whom_to_ask
from actions.composing import choices, make_reply
from actions.context import Memory
from actions.replies import Reply, Suggestion
from actions.spoken import hotline
from actions.wording import load
from index.search import Outcome, Searcher


def showing(reply: Reply, question: str) -> Reply:
    """The reply with the question that it takes the resident to have asked."""
    said = load("answers")["understood"].format(question=question)
    plain = f"{said}\n{reply.plain}" if reply.plain else said
    return reply.model_copy(update={"text": f"{said}\n{reply.text}", "plain": plain})


def other_readings(searcher: Searcher, memory: Memory, day: date) -> Reply:
    """What the last question may have meant instead of what was answered; a person where there is nothing."""
    outcome = searcher.search(memory.asked or "", as_of=day)
    others = [c for c in outcome.candidates if c.passage.clause_id not in memory.cited]
    offered = [choice for choice in choices(others) if choice.message not in memory.offered]
    if not offered:
        return given_up(searcher, outcome, day)
    text = load("answers")["clarify"]["missed"]
    listed = "\n".join(f"{number}. {choice.label}" for number, choice in enumerate(offered, 1))
    return make_reply("clarify", day, searcher, f"{text}\n{listed}", plain=text, suggestions=offered)


def given_up(searcher: Searcher, outcome: Outcome, day: date) -> Reply:
    """The nearest reading, whom to ask and the offer of a person: nothing is asked back any more."""
    words = load("answers")["given_up"]
    nearest = next(iter(choices(outcome.candidates)), None)
    near = [words["nearest"].format(question=nearest.label)] if nearest else []
    person = Suggestion(**words["person"])
    text = "".join([words["sorry"], *near, whom_to_ask(), words["offer"]])
    return make_reply(
        "abstain", day, searcher, text, plain=text, reason="not_in_library", contacts=[hotline()],
        suggestions=[*([nearest] if nearest else []), person],
    )  # fmt: skip
