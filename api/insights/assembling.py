"""The parts of insights, put together over one database and the live index."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from sqlalchemy import Engine

from api.clock import Clock
from api.insights.drafting import Editor
from api.insights.figures import Figures
from api.insights.gaps import Gaps
from api.insights.golden import Golden
from api.insights.meaning import Encodes, Meaning
from api.insights.suggesting import Suggestions
from index.search import Searcher
from knowledge.journal import Journal
from knowledge.model import Knowledge


class Shelf(Protocol):
    """What answers are taken from."""

    @property
    def snapshot(self) -> str | None: ...

    @property
    def knowledge(self) -> Knowledge: ...


@runtime_checkable
class Index(Protocol):
    """A shelf that can be searched. Without one, questions are grouped by their words, and no clause is
    suggested."""

    @property
    def encoder(self) -> Encodes | None: ...

    def searcher(self) -> Searcher: ...


@dataclass(frozen=True, slots=True)
class Insights:
    figures: Figures
    gaps: Gaps


def build_insights(
    engine: Engine,
    *,
    clock: Clock,
    library: Shelf,
    journal: Journal,
    editor: Editor | None,
    golden: Golden | None = None,
) -> Insights:
    index = library if isinstance(library, Index) else None

    def knowledge() -> Knowledge | None:
        return library.knowledge if library.snapshot is not None else None

    gaps = Gaps(
        engine,
        clock=clock,
        meaning=Meaning(lambda: index.encoder if index is not None else None),
        suggestions=Suggestions(index, clock.today),
        knowledge=knowledge,
        journal=journal,
        editor=editor,
        golden=golden,
    )
    return Insights(Figures(engine, clock=clock, knowledge=knowledge), gaps)
