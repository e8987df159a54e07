"""Rasa's custom actions, run inside the app by the SDK's executor.

Owns the answer's action, what it reads from a tracker, and the promise that a call is always answered
with one reply: Rasa would hide an exception behind an empty list. It must not know how an answer is found.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import ActionExecutor, CollectingDispatcher

from actions.context import Answered, Memory, TurnContext
from actions.replies import Reply
from actions.spoken import failure_reply
from actions.tasks.action import SLOT, Corrections, actions_of
from actions.tasks.assembling import TaskServices, assemble_tasks
from actions.turns import entities_of, prompt_of, request_id_of

logger = logging.getLogger(__name__)

ANSWER_ACTION = "action_answer"


class Answers(Protocol):
    """Whoever finds the answer: blocking, run in a thread."""

    def turn(self, question: str, *, request_id: str, context: TurnContext | None = None) -> Answered: ...


class AnswerAction(Action):  # type: ignore[misc]
    """Answers the latest message from the published texts."""

    def __init__(
        self,
        answers: Answers,
        *,
        timeout_s: float,
        threads: ThreadPoolExecutor,
        tasks: Corrections | None = None,
    ) -> None:
        """`tasks` hears first what may correct a task just finished with."""
        self._answers, self._tasks = answers, tasks
        self._timeout_s, self._threads = timeout_s, threads

    def name(self) -> str:
        return ANSWER_ACTION

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: object
    ) -> list[dict[str, Any]]:
        request_id = request_id_of(tracker)
        question = str(tracker.latest_message.get("text") or "")
        if self._tasks is not None and (events := await self._tasks.correct(dispatcher, tracker)):
            return events
        before = Memory.of_slots(tracker.slots)
        context = TurnContext(entities_of(tracker), before, prompt_of(tracker))
        work = asyncio.get_running_loop().run_in_executor(
            self._threads, lambda: self._answers.turn(question, request_id=request_id, context=context)
        )
        answered = await asyncio.wait_for(work, self._timeout_s)
        _speak(dispatcher, answered.reply, request_id)
        now, then = answered.memory.slots(), before.slots()
        return [SlotSet(name, value) for name, value in now.items() if value != then[name]]


class ActionWebhook:
    """What stands behind `POST /internal/actions`: `run` takes Rasa's call, gives the body of a 200."""

    def __init__(self, executor: ActionExecutor, close: Callable[[], None]) -> None:
        self._executor = executor
        self.close = close

    async def run(self, call: Mapping[str, Any]) -> dict[str, Any]:
        # The domain is left out of calls; the SDK refuses without one, and Rasa would then say nothing at
        # all.
        try:
            result = await self._executor.run({**call, "domain": call.get("domain") or {"version": "3.1"}})
        except Exception as error:  # noqa: BLE001 - the edge: whatever happened, the resident gets a reply
            logger.error(
                "Action %s failed, request %s: %s",
                call.get("next_action"), _request_id_in(call), type(error).__name__,
            )  # fmt: skip
            return _failed(call)
        if result is None or not (result.responses or _hands_on(result.events)):
            return _failed(call)
        return {"events": result.events, "responses": result.responses}


def build_webhook(
    answers: Answers, *, timeout_s: float, threads: int = 4, tasks: TaskServices | None = None
) -> ActionWebhook:
    """The webhook with the answer and, given what they need, the guided tasks. `timeout_s` must be below the
    time-out that Rasa waits for an action."""
    if timeout_s <= 0:
        raise ValueError(f"timeout_s is {timeout_s}: an action needs a number of seconds above 0.")
    pool = ThreadPoolExecutor(threads, thread_name_prefix="answer")
    executor = ActionExecutor()
    parts = assemble_tasks(tasks, speak=_speak, threads=pool, timeout_s=timeout_s) if tasks else None
    corrections = Corrections(parts) if parts else None
    executor.register_action(AnswerAction(answers, timeout_s=timeout_s, threads=pool, tasks=corrections))
    for action in actions_of(parts) if parts else ():
        executor.register_action(action)
    return ActionWebhook(executor, close=lambda: pool.shutdown(wait=False, cancel_futures=True))


def _speak(dispatcher: CollectingDispatcher, reply: Reply, request_id: str) -> None:
    dispatcher.utter_message(json_message=stamped(reply, request_id))


def stamped(reply: Reply, request_id: str) -> dict[str, Any]:
    """The reply as it travels in Rasa's `custom`."""
    return {**reply.model_dump(mode="json"), "request_id": request_id}


def _hands_on(events: Sequence[Mapping[str, Any]]) -> bool:
    """Whether another action speaks instead."""
    return any(event.get("event") == "followup" for event in events)


def _failed(call: Mapping[str, Any]) -> dict[str, Any]:
    """The spoken failure. A form keeps its progress: without an event of its own Rasa would go elsewhere."""
    request_id = _request_id_in(call)
    kept = (call.get("tracker") or {}).get("slots", {}).get(SLOT)
    led = str(call.get("next_action") or "").startswith("validate_")
    events = [SlotSet(SLOT, kept), SlotSet("requested_slot", SLOT if kept else None)] if led else []
    return {"events": events, "responses": [{"custom": stamped(failure_reply(request_id), request_id)}]}


def _request_id_in(call: Mapping[str, Any]) -> str:
    try:
        return str(call["tracker"]["latest_message"]["metadata"]["request_id"])
    except (KeyError, TypeError):
        return ""
