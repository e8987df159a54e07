"""The parts of publishing, put together over one database and one live index."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Engine

from api.clock import Clock
from api.publishing.corrections import Corrections
from api.publishing.index_port import IndexPort
from api.publishing.provenance import Provenance
from api.settings import Settings
from index.live import LiveIndex
from knowledge.journal import Journal
from knowledge.publishing.golden_store import GoldenQuestions
from knowledge.publishing.ports import Drafts
from knowledge.publishing.publisher import Publisher


@dataclass(frozen=True, slots=True)
class Publishing:
    publisher: Publisher
    golden: GoldenQuestions
    provenance: Provenance
    corrections: Corrections


def build_publishing(
    settings: Settings,
    engine: Engine,
    *,
    live: LiveIndex,
    drafts: Drafts,
    journal: Journal,
    clock: Clock,
    begin: bool = True,
) -> Publishing:
    """Brings the shipped golden questions in and, with `begin`, finishes what another process left half-way:
    that may take as long as building a snapshot."""
    golden = GoldenQuestions(engine, now=clock.now, journal=journal)
    golden.seed()
    publisher = Publisher(
        engine,
        drafts=drafts,
        index=IndexPort(live, clock.today),
        questions=golden,
        journal=journal,
        now=clock.now,
        today=clock.today,
        bar=settings.golden_bar,
    )
    if begin:
        publisher.begin()
    return Publishing(
        publisher,
        golden,
        Provenance(engine),
        Corrections(engine, clock=clock, journal=journal),
    )
