"""Deleting what is kept of a conversation, once the resident has said so twice.

The deletion itself is the app's, after the last word is spoken: it acts on the step that is done.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from actions.replies import Suggestion
from actions.tasks.model import Ask, End, Problem, Turn, Values
from actions.wording import load
from index.text import normalise

ERASED = "erased"


class Erase:
    name = "erase"
    correctable = False
    labels: Mapping[str, Sequence[str]] = {}

    def begin(self, turn: Turn) -> Values | End:
        return {}

    def next_field(self, values: Values, turn: Turn) -> str | None:
        return None if "sure" in values else "sure"

    def ask(self, name: str, values: Values, turn: Turn) -> Ask:
        words = load("tasks/erasing")
        return Ask(words["sure"], [Suggestion(**choice) for choice in words["answers"]])

    def read(self, name: str, turn: Turn, values: Values) -> Values | Problem | None:
        flow, text = load("tasks/tasks")["flow"], normalise(turn.message)
        if re.search(flow["refuse"], text):
            return {"sure": False}
        if re.search(flow["agree"], text) or re.search(load("tasks/erasing")["agree"], text):
            return {"sure": True}
        return None

    def finish(self, values: Values, turn: Turn) -> End:
        words = load("tasks/erasing")
        return End(words["done"], outcome=ERASED) if values["sure"] else End(words["kept"])
