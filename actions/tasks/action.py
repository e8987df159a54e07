"""Rasa's forms, led by the app: the `validate_…` action that Rasa calls at each step of a form.

Owns the way between a tracker and a `Runner`: the `task` slot holds the progress, `requested_slot` tells Rasa
whether the form goes on. It must not know what any task is about.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import ActiveLoop, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.context import Memory
from actions.tasks.model import End, Progress, Turn
from actions.tasks.runner import Runner, Step, correctable
from actions.tasks.subscribing import MySubscriptions
from actions.turns import channel_of, intent_of, request_id_of
from actions.wording import load

SLOT = "task"
Speak = Callable[[CollectingDispatcher, Any, str], None]


@dataclass(frozen=True, slots=True)
class Parts:
    """What the actions of tasks work with. `clock` gives the aware moment and the day in Chongqing."""

    runner: Runner
    subscriptions: MySubscriptions
    clock: Callable[[], tuple[datetime, date]]
    speak: Speak
    threads: ThreadPoolExecutor
    timeout_s: float


def form_of(task: str) -> str:
    return f"{task}_form"


class _OfTask(Action):  # type: ignore[misc]
    """What actions of tasks share: the turn as a tracker tells it, and a thread for the work."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def _turn(self, tracker: Tracker) -> Turn:
        now, day = self._parts.clock()
        return Turn(
            person=tracker.sender_id,
            channel=channel_of(tracker),
            request_id=request_id_of(tracker),
            message=str(tracker.latest_message.get("text") or ""),
            day=day,
            now=now,
            intent=intent_of(tracker),
            memory=Memory.of_slots(tracker.slots),
        )

    async def _lead(self, dispatcher: CollectingDispatcher, turn: Turn, lead: Callable[[], Step]) -> Step:
        step = await self._work(lead)
        self._say(dispatcher, turn, step)
        return step

    async def _work(self, lead: Callable[[], Step]) -> Step:
        work = asyncio.get_running_loop().run_in_executor(self._parts.threads, lead)
        return await asyncio.wait_for(work, self._parts.timeout_s)

    def _say(self, dispatcher: CollectingDispatcher, turn: Turn, step: Step) -> None:
        for reply in step.replies:
            self._parts.speak(dispatcher, reply, turn.request_id)


class LeadForm(_OfTask):
    """Leads one task's form."""

    def __init__(self, task: str, parts: Parts) -> None:
        super().__init__(parts)
        self._task = task

    def name(self) -> str:
        return f"validate_{form_of(self._task)}"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: object
    ) -> list[dict[str, Any]]:
        turn, runner = self._turn(tracker), self._parts.runner
        before = Progress.of_slot(tracker.get_slot(SLOT))
        under_way = before is not None and before.task == self._task and not before.left
        going_on = under_way and (tracker.active_loop or {}).get("name") == form_of(self._task)

        def lead() -> Step:
            if going_on and before is not None:
                return runner.advance(before, turn)
            return runner.begin(self._task, before, turn)

        return _events(await self._lead(dispatcher, turn, lead), turn.memory)


class TellSubscriptions(_OfTask):
    """What the resident is subscribed to."""

    def name(self) -> str:
        return "action_subscriptions"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: object
    ) -> list[dict[str, Any]]:
        turn = self._turn(tracker)
        await self._lead(
            dispatcher, turn, lambda: self._parts.runner.tell(self._parts.subscriptions.tell(turn))
        )
        return []


class GoOn(_OfTask):
    """Takes up the task that was left last."""

    def name(self) -> str:
        return "action_go_on"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: object
    ) -> list[dict[str, Any]]:
        before = Progress.of_slot(tracker.get_slot(SLOT))
        if before is not None and before.left:
            return [FollowupAction(form_of(before.task))]
        turn, nothing = self._turn(tracker), End(load("tasks/tasks")["say"]["nothing_left"])
        await self._lead(dispatcher, turn, lambda: self._parts.runner.tell(nothing))
        return []


class Corrections(_OfTask):
    """What corrects a task just finished with; no action of its own, since it comes as a question."""

    async def correct(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> list[dict[str, Any]]:
        """The events where the message was a correction, none else. One that leaves something to be asked
        opens the task's form again, which takes the same message."""
        before, turn = Progress.of_slot(tracker.get_slot(SLOT)), self._turn(tracker)
        if before is None or not correctable(before, turn):
            return []
        step = await self._work(lambda: self._parts.runner.begin(before.task, before, turn))
        if step.progress is None:
            return []
        if not step.ended:
            return [FollowupAction(form_of(before.task))] if step.progress.values != before.values else []
        self._say(dispatcher, turn, step)
        return [SlotSet(SLOT, step.progress.to_slot())]


def actions_of(parts: Parts) -> list[_OfTask]:
    """The actions that Rasa calls for guided tasks."""
    return [*(LeadForm(task, parts) for task in parts.runner.tasks), TellSubscriptions(parts), GoOn(parts)]


def _events(step: Step, before: Memory) -> list[dict[str, Any]]:
    events: list[dict[str, Any]] = [SlotSet(SLOT, step.progress.to_slot() if step.progress else None)]
    if step.memory is not None:
        then = before.slots()
        events += [SlotSet(name, value) for name, value in step.memory.slots().items() if value != then[name]]
    events.append(SlotSet("requested_slot", None if step.ended else SLOT))
    if step.follow is not None:
        events += [ActiveLoop(None), FollowupAction(form_of(step.follow))]
    return events
