"""The live index as publishing sees it: built beside, asked as residents ask, swapped."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import date

from actions.answer import Answerer
from index.errors import SnapshotFault
from index.live import LiveIndex
from index.search import Searcher
from knowledge.model import Knowledge
from knowledge.publishing.errors import CannotBuild
from knowledge.publishing.golden import Given
from knowledge.publishing.ports import Snapshot
from knowledge.publishing.withheld import Withheld
from knowledge.publishing.wording import say

log = logging.getLogger(__name__)


class AskedSnapshot:
    """A searcher with the answerer that residents get; nothing is remembered between questions."""

    def __init__(self, whole: Searcher, asked: Callable[[], Searcher], today: Callable[[], date]) -> None:
        self.whole = whole
        self._answerer = Answerer(asked, today)

    @property
    def id(self) -> str:
        return self.whole.snapshot_id

    @property
    def knowledge(self) -> Knowledge:
        return self.whole.knowledge

    def ask(self, question: str) -> Given:
        reply = self._answerer.reply(question, request_id="golden")
        first = reply.citations[0] if reply.citations else None
        return Given(
            kind=reply.kind,
            clause=first.clause_id if first else "",
            quote=first.quote if first else "",
            plain=reply.plain or reply.text.partition("\n")[0],
        )


class IndexPort:
    """`knowledge.publishing.ports.Index` over a `LiveIndex`."""

    def __init__(self, live: LiveIndex, today: Callable[[], date]) -> None:
        self._live, self._today = live, today

    def live(self) -> AskedSnapshot:
        return AskedSnapshot(self._live.whole, self._live.searcher, self._today)

    def prepare(self, knowledge: Knowledge) -> AskedSnapshot:
        try:
            candidate = self._live.prepare(knowledge)
        except SnapshotFault as fault:
            raise CannotBuild(say("write_failed", why=fault)) from fault
        # What is withheld is left out of `knowledge` already, but for things: no question may name them.
        things = Withheld(items=self._live.withheld.items)
        asked = candidate.without(things) if things else candidate
        return AskedSnapshot(candidate, lambda: asked, self._today)

    def go_live(self, snapshot: Snapshot, commit: Callable[[], None]) -> None:
        if not isinstance(snapshot, AskedSnapshot):
            raise TypeError(f"{type(snapshot).__name__} was not prepared here")
        try:
            self._live.go_live(snapshot.whole, commit=commit)
        except SnapshotFault as fault:
            raise CannotBuild(say("write_failed", why=fault)) from fault

    def withhold(self, withheld: Withheld) -> None:
        """Holds in this process even where the file cannot be written; others find it in the database."""
        try:
            self._live.withhold(withheld)
        except SnapshotFault as fault:
            log.error("withheld file not written", extra={"fault": str(fault)})

    @property
    def withheld(self) -> Withheld:
        return self._live.withheld

    def settle(self) -> None:
        try:
            self._live.settle()
        except (SnapshotFault, OSError) as fault:
            log.error("pointer not written", extra={"fault": str(fault)})

    def follow(self) -> bool:
        return self._live.follow()
