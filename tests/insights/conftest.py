"""Databases of both kinds with some weeks of questions, and insights over them with the tiny encoder."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine

from api.accounts.audit import AuditLog
from api.insights.assembling import Insights, build_insights
from index.encoder import Encoder
from index.search import Searcher
from index.snapshot import Ingredients, assemble
from knowledge.editing.service import Editing
from knowledge.model import Knowledge
from knowledge.store import Base
from tests.api.conftest import database, postgresql
from tests.api.kept import SetClock
from tests.index.tiny import BigramEncoder, knowledge, ranking

__all__ = ["database", "postgresql"]

NOON = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)
"""Saturday the 21st, noon in Chongqing."""


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
