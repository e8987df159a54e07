"""Puts the guided tasks together from what the app hands in."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from actions.answer import Answerer
from actions.context import Answered, Memory, TurnContext
from actions.replies import Reply
from actions.tasks.action import Parts, Speak
from actions.tasks.eligible import Eligibility
from actions.tasks.erasing import Erase
from actions.tasks.handing_over import HandOver
from actions.tasks.judging import Judge
from actions.tasks.model import Task
from actions.tasks.ports import Inbox, Opinions, SmallTalk
from actions.tasks.runner import Runner
from actions.tasks.subscribing import MySubscriptions, Subscribe, Unsubscribe
from campaigns.consent import ConsentTerms
from campaigns.subscriptions import Subscriptions

TASK_OF_INTENT = {
    "subscribe": "subscribe",
    "unsubscribe": "unsubscribe",
    "eligibility": "eligibility",
    "handoff": "handoff",
    "judge_answer": "feedback",
    "erase_me": "erase",
}


@dataclass(frozen=True, slots=True)
class TaskServices:
    """What tasks need of the app. `clock` gives the aware present moment and the day in Chongqing."""

    answerer: Answerer
    small_talk: SmallTalk
    subscriptions: Subscriptions
    terms: ConsentTerms
    inbox: Inbox
    opinions: Opinions
    clock: Callable[[], tuple[datetime, date]]


def assemble_tasks(
    services: TaskServices, *, speak: Speak, threads: ThreadPoolExecutor, timeout_s: float
) -> Parts:
    """What the actions of guided tasks work with."""
    answerer = services.answerer
    tasks: list[Task] = [
        Subscribe(services.subscriptions, services.terms, lambda: answerer.mentions),
        Unsubscribe(services.subscriptions),
        Eligibility(lambda: answerer.knowledge),
        HandOver(services.inbox),
        Judge(services.opinions),
        Erase(),
    ]
    runner = Runner(
        {task.name: task for task in tasks},
        answers=_Questions(answerer),
        small_talk=services.small_talk,
        make=_maker(services),
        task_of_intent=TASK_OF_INTENT,
    )
    return Parts(runner, MySubscriptions(services.subscriptions), services.clock, speak, threads, timeout_s)


@dataclass(frozen=True, slots=True)
class _Questions:
    answerer: Answerer

    def turn(self, question: str, *, request_id: str, memory: Memory) -> Answered:
        return self.answerer.turn(question, request_id=request_id, context=TurnContext(memory=memory))


def _maker(services: TaskServices) -> Callable[..., Reply]:
    def make(**fields: Any) -> Reply:
        _, day = services.clock()
        snapshot = services.answerer.snapshot
        return Reply.model_validate({"id": uuid.uuid4().hex, "as_of": day, "snapshot": snapshot, **fields})

    return make
