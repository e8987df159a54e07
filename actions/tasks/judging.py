"""What a resident thinks of the last answer, and why; kept beside the answer it is about."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from actions.replies import Suggestion
from actions.tasks.model import Ask, End, Problem, Turn, Values
from actions.tasks.ports import Opinions
from actions.wording import load
from index.text import normalise

LONGEST_COMMENT = 300


class Judge:
    name = "feedback"
    correctable = False
    labels: Mapping[str, Sequence[str]] = {}

    def __init__(self, opinions: Opinions) -> None:
        self._opinions = opinions

    def begin(self, turn: Turn) -> Values | End:
        words = load("tasks/judging")
        if not turn.memory.cited:
            return End(words["nothing_to_judge"])
        text = normalise(turn.message)
        if re.search(words["useless"], text):
            return {"useful": False}
        return {"useful": True} if re.search(words["useful"], text) else {}

    def next_field(self, values: Values, turn: Turn) -> str | None:
        if "useful" not in values:
            return "useful"
        return "reason" if not values["useful"] and "reason" not in values else None

    def ask(self, name: str, values: Values, turn: Turn) -> Ask:
        words = load("tasks/judging")
        return Ask(words[f"ask_{name}"], [Suggestion(**choice) for choice in words[f"choices_{name}"]])

    def read(self, name: str, turn: Turn, values: Values) -> Values | Problem | None:
        words, flow, text = load("tasks/judging"), load("tasks/tasks")["flow"], normalise(turn.message)
        if name == "useful":
            if re.search(words["useless"], text) or re.search(flow["refuse"], text):
                return {"useful": False}
            useful = re.search(words["useful"], text) or re.search(flow["agree"], text)
            return {"useful": True} if useful else None
        for reason, pattern in words["reasons"].items():
            if re.search(pattern, text):
                return {"reason": reason, "comment": None}
        return {"reason": "other", "comment": turn.message.strip()[:LONGEST_COMMENT]} if text else None

    def finish(self, values: Values, turn: Turn) -> End:
        words = load("tasks/judging")
        kept = self._opinions.judge_last(
            person=turn.person,
            useful=values["useful"],
            reason=values.get("reason"),
            comment=values.get("comment"),
        )
        if not kept:
            return End(words["nothing_to_judge"])
        return End(words["thanks_useful" if values["useful"] else "thanks_useless"])
