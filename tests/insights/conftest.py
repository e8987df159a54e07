"""Databases of both kinds with some weeks of questions, and insights over them with the tiny encoder."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine

from actions.finding import Finding
from actions.replies import Reply
from api.accounts.audit import AuditLog
from api.insights.assembling import Insights, build_insights
from api.insights.facts import facts_of
from api.store.conversations import ConversationStore, Turn
from index.encoder import Encoder
from index.search import Searcher
from index.snapshot import Ingredients, assemble
from knowledge.editing.service import Editing
from knowledge.model import Knowledge
from knowledge.store import Base
from tests.api.conftest import database, postgresql
from tests.api.kept import KEYS, SetClock
from tests.index.tiny import BigramEncoder, knowledge, ranking

__all__ = ["database", "postgresql"]

NOON = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)
"""Saturday the 21st, noon in Chongqing."""
Ask = Callable[..., str]
DAYS = timedelta(days=1)
FRIDGE = ("旧冰箱补贴多少钱", "旧冰箱补贴多少", "旧冰箱补贴好多钱")
BIKES = ("电瓶车上牌照去哪里", "电瓶车上牌照到哪里")


class Shelf:
    """A library over one knowledge at a time; `publish` puts another in its place."""

    def __init__(self, held: Knowledge, encoder: Encoder | None = None) -> None:
        self.encoder: Encoder | None = encoder or BigramEncoder()
        self.publish(held)

    def publish(self, held: Knowledge) -> None:
        self._searcher = assemble(held, Ingredients(self.encoder, ranking()), held.fingerprint)

    def searcher(self) -> Searcher:
        return self._searcher

    @property
    def snapshot(self) -> str | None:
        return self._searcher.snapshot_id

    @property
    def knowledge(self) -> Knowledge:
        return self._searcher.knowledge


@dataclass
class LearntQuestions:
    """In the place of golden questions: remembers what it was told."""

    learnt: list[tuple[str, tuple[str, ...], str, str]] = field(default_factory=list)

    def learn(self, question: str, *, clauses: object, source: str, by: str) -> bool:
        known = any(question == each[0] for each in self.learnt)
        if not known:
            self.learnt.append((question, tuple(clauses), source, by))  # type: ignore[arg-type]
        return not known


@dataclass
class World:
    engine: Engine
    clock: SetClock
    shelf: Shelf
    golden: LearntQuestions
    editing: Editing
    audit: AuditLog
    insights: Insights


MakeWorld = Callable[..., World]


@pytest.fixture
def world_over() -> MakeWorld:
    def make(engine: Engine, held: Knowledge | None = None) -> World:
        clock = SetClock(NOON)
        shelf, golden, audit = Shelf(held or knowledge()), LearntQuestions(), AuditLog(engine, clock=clock)
        editing = Editing(engine, now=clock.now, journal=audit)
        insights = build_insights(
            engine, clock=clock, library=shelf, journal=audit, editor=editing, golden=golden
        )
        return World(engine, clock, shelf, golden, editing, audit, insights)

    return make


@pytest.fixture
def world(world_over: MakeWorld, database: Engine) -> World:
    with database.begin() as connection:
        for table in reversed(Base.metadata.sorted_tables):
            connection.execute(table.delete())
    return world_over(database)


@pytest.fixture
def ask(world: World) -> Ask:
    """Store a question that got no answer; returns its reply's id."""
    number = 0

    def one(
        text: str, *, kind: str = "abstain", at: datetime = NOON - timedelta(hours=1), times: int = 1,
        reason: str | None = "not_in_library", district: str | None = None, conversation: str = "c",
    ) -> str:  # fmt: skip
        nonlocal number
        for _ in range(times):
            number += 1
            said = Reply.model_validate(
                {
                    "id": f"r{number}", "as_of": NOON.date(), "snapshot": None, "kind": kind, "text": "答",
                    "reason": reason if kind == "abstain" else None,
                }
            )  # fmt: skip
            facts = facts_of(text, [said], finding=Finding(district=district), knowledge=None, ms=1)
            ConversationStore(world.engine).record(
                Turn(
                    conversation, KEYS.pseudonym(conversation), "web", f"q{number}", f"m{number}", text, at,
                    [said], at, False, facts,
                )
            )  # fmt: skip
        return f"r{number}"

    return one
