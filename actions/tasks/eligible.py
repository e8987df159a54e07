"""我能领好多: asks only for what changes the result, then tells each amount with the rule behind it.

Owns the conversation about a resident's case. What is needed next, what an answer means and what is due are
`actions.eligibility`'s; every figure is a programme's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from actions.eligibility import Facts, cannot_tell, card, entitlements, next_question, read
from actions.eligibility import Problem as Unreadable
from actions.eligibility.facts import plain
from actions.eligibility.reading import goods_of
from actions.replies import Suggestion
from actions.tasks.model import Ask, End, Problem, Turn, Values
from actions.wording import load
from knowledge.model import Knowledge

_FROM_THE_START = ("task", "goods", "way", "new_energy", "level", "price")
"""What the first message often says already."""
_SHOWN = 4


class Eligibility:
    name = "eligibility"
    correctable = True

    def __init__(self, knowledge: Callable[[], Knowledge]) -> None:
        self._knowledge = knowledge
        self.labels: Mapping[str, Sequence[str]] = load("tasks/eligible")["labels"]

    def begin(self, turn: Turn) -> Values | End:
        known: dict[str, Any] = {}
        for name in _FROM_THE_START:
            value = read(name, turn.message, knowledge=self._knowledge(), today=turn.day)
            if not isinstance(value, Unreadable):
                known[name] = plain(value)
        return known

    def next_field(self, values: Values, turn: Turn) -> str | None:
        return next_question(self._knowledge().programmes, _facts(values), turn.day)

    def ask(self, name: str, values: Values, turn: Turn) -> Ask:
        words = load("tasks/eligible")
        if name == "goods":
            goods = sorted(goods_of(self._knowledge().programmes, values.get("task")))
            choices = [Suggestion(label=one, message=one) for one in goods[: _SHOWN - 1]]
            none = Suggestion(**words["no_goods"])
            return Ask(words["ask"][name].format(goods=words["and"].join(goods)), [*choices, none])
        return Ask(
            words["ask"][name], [Suggestion(label=c, message=c) for c in words["choices"].get(name, ())]
        )

    def read(self, name: str, turn: Turn, values: Values) -> Values | Problem | None:
        if cannot_tell(turn.message):
            return {"unsure": sorted({*values.get("unsure", ()), name})}
        value = read(name, turn.message, knowledge=self._knowledge(), today=turn.day)
        if isinstance(value, Unreadable):
            return None if value.key.endswith(".none") else Problem(value.words)
        return {name: plain(value)}

    def finish(self, values: Values, turn: Turn) -> End:
        words, knowledge = load("tasks/eligible"), self._knowledge()
        assessment = entitlements(knowledge.programmes, _facts(values), turn.day)
        lines, citations = card(assessment, knowledge, turn.day)
        return End("\n".join(lines), citations=citations, suggestions=[Suggestion(**words["again"])])


def _facts(values: Values) -> Facts:
    return Facts.from_plain(values)
