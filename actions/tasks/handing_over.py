"""Handing a resident over to a person: the question, an optional contact, a ticket.

The contact never comes here: the app takes it before the message reaches the dialogue and leaves a
placeholder in its place. What to do at once, the hotline, is said in every case.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from actions.replies import Suggestion
from actions.spoken import hotline
from actions.tasks.model import Ask, End, Problem, Turn, Values
from actions.tasks.ports import Inbox
from actions.wording import load
from index.text import normalise

LONGEST_QUESTION = 500
CONTACT_FIELD = "contact"


class HandOver:
    name = "handoff"
    correctable = False
    labels: Mapping[str, Sequence[str]] = {
        "question": ("问题", "想问的"),
        CONTACT_FIELD: ("电话", "联系方式", "邮箱"),
    }

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox

    def begin(self, turn: Turn) -> Values | End:
        return {"asked_before": turn.memory.asked} if turn.memory.asked else {}

    def next_field(self, values: Values, turn: Turn) -> str | None:
        return next((name for name in ("question", CONTACT_FIELD) if name not in values), None)

    def ask(self, name: str, values: Values, turn: Turn) -> Ask:
        words = load("tasks/handing_over")
        if name == CONTACT_FIELD:
            return Ask(words["contact"], [Suggestion(**words["no_contact"])])
        before = values.get("asked_before")
        if before:
            return Ask(
                words["same"].format(question=before),
                [Suggestion(**choice) for choice in words["same_answers"]],
            )
        return Ask(words["question"])

    def read(self, name: str, turn: Turn, values: Values) -> Values | Problem | None:
        words, flow = load("tasks/handing_over"), load("tasks/tasks")["flow"]
        text = normalise(turn.message)
        if name == CONTACT_FIELD:
            if re.search(words["placeholder"], turn.message):
                return {CONTACT_FIELD: True}
            return (
                {CONTACT_FIELD: False} if re.search(flow["refuse"], text) else Problem(words["which_contact"])
            )
        before = values.get("asked_before")
        if before and re.search(flow["agree"], text):
            return {"question": before}
        if re.search(flow["refuse"], text):
            return Problem(words["question"])
        return {"question": turn.message.strip()[:LONGEST_QUESTION]} if text else None

    def finish(self, values: Values, turn: Turn) -> End:
        words: Any = load("tasks/handing_over")
        told = self._inbox.open(
            person=turn.person,
            channel=turn.channel,
            question=values["question"],
            district=turn.memory.district,
            with_contact=bool(values[CONTACT_FIELD]),
        )
        return End(f"{told}{words['now']}", contacts=[hotline()])
