"""What guided tasks need, real where it is ours: knowledge without an encoder, subscriptions in memory, an
inbox and opinions that remember."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import create_engine
from sqlalchemy.pool import StaticPool

from actions.answer import Answerer
from actions.tasks.assembling import TaskServices
from api.small_talk import SmallTalk
from campaigns.consent import load_terms
from campaigns.store.tables import metadata
from campaigns.subscriptions import Subscriptions
from index.ranking import NO_ENCODER, Ranking, weights_file
from index.snapshot import Ingredients, assemble
from knowledge.content_loader import load_shipped
from tests.dialogue.rasa_world import ROOT

DAY = date(2026, 11, 21)
NOON = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)


@dataclass
class Inbox:
    opened: list[dict[str, Any]] = field(default_factory=list)

    def open(self, **said: Any) -> str:
        self.opened.append(said)
        return "受理编号 K7MQ2P，周一答复。"


@dataclass
class Opinions:
    judged: list[dict[str, Any]] = field(default_factory=list)

    def judge_last(self, **said: Any) -> bool:
        self.judged.append(said)
        return True


def task_services() -> TaskServices:
    engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})
    metadata.create_all(engine)
    weights = Ranking.load(weights_file(NO_ENCODER))
    searcher = assemble(load_shipped(), Ingredients(None, weights), "snapshot-1")
    return TaskServices(
        answerer=Answerer(lambda: searcher, lambda: DAY),
        small_talk=SmallTalk.load(ROOT),
        subscriptions=Subscriptions(engine, now=lambda: NOON),
        terms=load_terms(),
        inbox=Inbox(),
        opinions=Opinions(),
        clock=lambda: (NOON, DAY),
    )
