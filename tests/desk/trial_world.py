"""A small store with a live index over it, and the services that desks work with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from sqlalchemy.orm import Session

from actions.answer import Answerer
from api.accounts.roles import Actor, Role
from api.keys import load_keys
from api.migrations import upgrade
from api.services import Services
from api.settings import Settings
from index.live import LiveIndex
from index.snapshot import Ingredients, SnapshotStore
from knowledge.store import create_engine_for, load_published, seed
from tests.index import tiny
from tests.knowledge.editing.conftest import DOCUMENT, FAQ, PROGRAMME, TEXT

NOW = datetime(2026, 11, 21, 7, 4, tzinfo=UTC)
TODAY = date(2026, 11, 21)
LEXICON = """synonyms: {单车: [自行车], 绿道: [自行车道]}
items: {自行车: [脚踏车]}
districts: {渝北区: [渝北]}
audiences: {居民: [市民], 游客: [旅客]}
"""
VIEWER = Actor("viewer", frozenset({Role.viewer}))
EDITOR = Actor("editor", frozenset({Role.editor}))
CAMPAIGNER = Actor("nobody", frozenset())


class StillClock:
    def now(self) -> datetime:
        return NOW

    def today(self) -> date:
        return TODAY


@dataclass(frozen=True)
class World:
    services: Services
    live: LiveIndex

    def republish(self) -> str:
        """What a publication does: the store as it is now goes live."""
        with Session(self.services.engine) as session:
            return self.live.rebuild(load_published(session))


def build(folder: Path) -> World:
    content = folder / "content"
    for path, text in (
        ("policies/xx-2026-1.txt", TEXT),
        ("policies/xx-2026-1.yml", DOCUMENT),
        ("faq/xx.yml", FAQ),
        ("programmes/bike-service.yml", PROGRAMME),
        ("lexicon.yml", LEXICON),
    ):
        (content / path).parent.mkdir(parents=True, exist_ok=True)
        (content / path).write_text(text, encoding="utf-8")
    settings = Settings(data_dir=folder)
    upgrade(settings.database)
    engine = create_engine_for(settings.database)
    with Session(engine) as session:
        seed(session, content)
        knowledge = load_published(session)
    ingredients = Ingredients(tiny.BigramEncoder(), tiny.ranking())
    live = LiveIndex(SnapshotStore(folder / "snapshots"), ingredients)
    live.start(knowledge)
    services = Services(
        settings=settings,
        keys=load_keys(folder / "secrets"),
        engine=engine,
        library=live,
        answerer=Answerer(live.searcher, StillClock().today),
        clock=StillClock(),
    )
    return World(services, live)
