"""Leads a resident through a guided task, one message at a time.

Owns what may happen at every step alike: an answer, a correction of an earlier one, a step back, leaving,
taking up again, small talk or a question in the middle, and words that are none of these. It must not know
what a task is about.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from actions.context import Memory
from actions.replies import FormStep, Reply, Suggestion
from actions.tasks.model import End, Problem, Progress, Task, Turn, Values
from actions.tasks.ports import Answers, SmallTalk
from actions.wording import load, pattern
from index.text import normalise

MOST_TRIES = 2
"""Answers in a row that could not be read, after which a way out is offered."""
STALE = timedelta(hours=12)
"""After so long a silence a message that is no answer is taken for a new question."""
CORRECTED_WITHIN = timedelta(minutes=10)
"""After a task's end a correction is taken for one of it."""
_HERE = "tasks/tasks"


@dataclass(frozen=True, slots=True)
class Step:
    """What comes of a message. `progress` is kept; `ended` closes the form; `follow` names the task that the
    resident wants instead; `memory` is set where a question was answered on the way."""

    replies: tuple[Reply, ...]
    progress: Progress | None
    ended: bool = False
    follow: str | None = None
    memory: Memory | None = None


class Runner:
    """Stateless: everything that lasts stands in the progress that is handed in and out."""

    def __init__(
        self,
        tasks: Mapping[str, Task],
        *,
        answers: Answers,
        small_talk: SmallTalk,
        make: Callable[..., Reply],
        task_of_intent: Mapping[str, str],
    ) -> None:
        """`make` builds a reply from kind, text and further fields; `task_of_intent` says which intents begin
        which task."""
        self.tasks, self._answers, self._small_talk = tasks, answers, small_talk
        self._make, self._task_of_intent = make, task_of_intent

    def begin(self, name: str, before: Progress | None, turn: Turn) -> Step:
        """The first step, or the next one of a task that was left."""
        task = self.tasks[name]
        if before is not None and before.task == name and before.left and before.values:
            progress = replace(before, left=False, tries=0, at=turn.now.isoformat())
            return self._ask(task, progress, turn, first=load(_HERE)["say"]["resumed"])
        if (
            before is not None
            and correctable(before, turn)
            and (corrected := self._corrected(task, before, turn, normalise(turn.message)))
        ):
            return corrected
        begun = task.begin(turn)
        if isinstance(begun, End):
            return self._end(task, begun)
        return self._ask(task, Progress(name, None, begun, turn.now.isoformat()), turn)

    def advance(self, progress: Progress, turn: Turn) -> Step:
        """What a message does to a task that is under way."""
        task = self.tasks[progress.task]
        said, text = load(_HERE)["say"], normalise(turn.message)
        stale = turn.now - datetime.fromisoformat(progress.at) > STALE
        other = self._task_of_intent.get(turn.intent)
        if other is not None and other != task.name:
            return Step((), replace(progress, left=True), ended=True, follow=other)
        if _is(text, "leave"):
            return Step(
                (self._form(task, None, said["left"], done=True),), replace(progress, left=True), ended=True
            )
        if _is(text, "again"):
            fresh = Progress(task.name, None, {}, turn.now.isoformat())
            return self._ask(task, fresh, turn, first=said["again"])
        if _is(text, "back"):
            return self._back(task, progress, turn)
        if _is(text, "go_on"):
            return self._ask(task, progress, turn)
        if corrected := self._corrected(task, progress, turn, text):
            return corrected
        asks = bool(pattern("parts", "asks").search(text))
        if asks and (answered := self._digress(task, progress, turn, stale=stale, only_sure=True)):
            return answered
        read = task.read(progress.field or "", turn, progress.values)
        if isinstance(read, Problem) and self._small_talk.say(turn.intent) is None:
            return self._again(task, progress, turn, read.said)
        if read is not None and not isinstance(read, Problem):
            known = {**progress.values, **read}
            return self._ask(task, Progress(task.name, None, known, turn.now.isoformat()), turn)
        if (spoken := self._small_talk.say(turn.intent)) is not None and not stale:
            return self._beside(task, progress, turn, self._make(**spoken))
        if digressed := self._digress(task, progress, turn, stale=stale, only_sure=False):
            return digressed
        return self._again(task, progress, turn, said["not_read"])

    def tell(self, end: End) -> Step:
        """Something said at once, without a task."""
        return Step((self._said("form", end),), None, ended=True)

    def _ask(self, task: Task, progress: Progress, turn: Turn, *, first: str = "") -> Step:
        """Asks for the next field, or finishes where nothing is left to ask."""
        name = task.next_field(progress.values, turn)
        if name is None:
            finished = replace(progress, field=None, done=True, left=False) if task.correctable else None
            return self._end(task, task.finish(progress.values, turn), first=first, progress=finished)
        asked = replace(progress, field=name)
        ask = task.ask(name, progress.values, turn)
        text = f"{first}\n{ask.text}" if first else ask.text
        return Step((self._form(task, name, text, choices=ask.choices),), asked)

    def _again(self, task: Task, progress: Progress, turn: Turn, why: str) -> Step:
        """The same field once more, with what was wrong; after some tries with a way out."""
        said = load(_HERE)["say"]
        tries = progress.tries + 1
        ask = task.ask(progress.field or "", progress.values, turn)
        lines, choices = [why, ask.text], list(ask.choices)
        if tries > MOST_TRIES:
            lines.append(said["stuck"])
            choices = [*choices[:3], Suggestion(**said["way_out"])]
        reply = self._form(task, progress.field, "\n".join(lines), choices=choices)
        return Step((reply,), replace(progress, tries=tries, at=turn.now.isoformat()))

    def _back(self, task: Task, progress: Progress, turn: Turn) -> Step:
        """Forgets the answer given last."""
        if not progress.values:
            return self._again(task, progress, turn, load(_HERE)["say"]["no_back"])
        *_, last = progress.values
        known = {name: value for name, value in progress.values.items() if name != last}
        return self._ask(task, Progress(task.name, None, known, turn.now.isoformat()), turn)

    def _corrected(self, task: Task, progress: Progress, turn: Turn, text: str) -> Step | None:
        """不对，价格是18万: a field that has an answer gets another; what depended on it is asked anew."""
        if not re.search(load(_HERE)["flow"]["wrong"], text):
            return None
        named = [name for name in progress.values if any(word in text for word in task.labels.get(name, ()))]
        for name in [*named, *reversed(list(progress.values))]:
            known = _up_to(progress.values, name)
            read = task.read(name, turn, known)
            if read is not None and not isinstance(read, Problem):
                later = {key: value for key, value in progress.values.items() if key not in known}
                return self._ask(
                    task, Progress(task.name, None, {**known, **later, **read}, turn.now.isoformat()), turn
                )
        return None

    def _digress(
        self, task: Task, progress: Progress, turn: Turn, *, stale: bool, only_sure: bool
    ) -> Step | None:
        """A question in the middle is answered, and the thread goes on where it was."""
        answered = self._answers.turn(turn.message, request_id=turn.request_id, memory=turn.memory)
        if answered.reply.kind != "answer" and (only_sure or not _asks_something(turn.message)):
            return None
        if stale:
            return Step((answered.reply,), replace(progress, left=True), ended=True, memory=answered.memory)
        return self._beside(task, progress, turn, answered.reply, memory=answered.memory)

    def _beside(
        self, task: Task, progress: Progress, turn: Turn, reply: Reply, *, memory: Memory | None = None
    ) -> Step:
        ask = task.ask(progress.field or "", progress.values, turn)
        text = f"{load(_HERE)['say']['return']}{ask.text}"
        again = self._form(task, progress.field, text, choices=ask.choices)
        return Step((reply, again), replace(progress, at=turn.now.isoformat()), memory=memory)

    def _end(self, task: Task, end: End, *, first: str = "", progress: Progress | None = None) -> Step:
        form = FormStep(task=task.name, done=True, outcome=end.outcome)
        told = replace(end, text=f"{first}\n{end.text}") if first else end
        return Step((self._said("form", told, form=form),), progress, ended=True)

    def _said(self, kind: str, end: End, **fields: Any) -> Reply:
        return self._make(
            kind=kind, text=end.text, citations=list(end.citations), contacts=list(end.contacts),
            suggestions=list(end.suggestions), **fields,
        )  # fmt: skip

    def _form(
        self, task: Task, name: str | None, text: str, *, choices: Any = (), done: bool = False
    ) -> Reply:
        form = FormStep(task=task.name, field=name, done=done)
        return self._make(kind="form", text=text, form=form, suggestions=list(choices))


def correctable(progress: Progress, turn: Turn) -> bool:
    """Whether a message corrects what a task just finished with: 打错了，是十二万八."""
    if not progress.done or turn.now - datetime.fromisoformat(progress.at) > CORRECTED_WITHIN:
        return False
    return bool(re.search(load(_HERE)["flow"]["wrong"], normalise(turn.message)))


def _is(text: str, key: str) -> bool:
    return bool(re.search(load(_HERE)["flow"][key], text))


def _asks_something(message: str) -> bool:
    return bool(pattern("parts", "asks").search(normalise(message)))


def _up_to(values: Values, name: str) -> dict[str, Any]:
    """The answers given before `name`."""
    known: dict[str, Any] = {}
    for key, value in values.items():
        if key == name:
            break
        known[key] = value
    return known
