"""The live index of one process: which snapshot answers come from, and what to say of it.

Owns the choice at start (build, keep, or fall back) and the swap while running. A searcher once
handed out stays whole: a question that began on one snapshot ends on it.
"""

from __future__ import annotations

import logging
import threading

from index.errors import IndexFault, SnapshotFault
from index.search import Searcher
from index.snapshot import Ingredients, SnapshotStore, fingerprint
from knowledge.model import Knowledge

log = logging.getLogger(__name__)


class LiveIndex:
    """Holds the current `Searcher`; swapping is one assignment."""

    def __init__(self, store: SnapshotStore, ingredients: Ingredients, notes: tuple[str, ...] = ()) -> None:
        """`notes` are standing warnings, such as an encoder that could not be loaded."""
        self._store = store
        self._ingredients = ingredients
        self._notes = notes
        self._faults: tuple[str, ...] = ()
        self._searcher: Searcher | None = None
        self._swap = threading.Lock()

    def searcher(self) -> Searcher:
        if self._searcher is None:
            raise IndexFault("no snapshot is loaded yet; wait until the index reports ready")
        return self._searcher

    @property
    def snapshot(self) -> str | None:
        return self._searcher.snapshot_id if self._searcher else None

    @property
    def knowledge(self) -> Knowledge:
        return self.searcher().knowledge

    @property
    def warnings(self) -> tuple[str, ...]:
        return self._notes + self._faults

    def start(self, knowledge: Knowledge) -> bool:
        """Serve the snapshot of `knowledge`, the store's published whole.

        A snapshot that somebody rolled back to is kept as long as the store has not changed since. A
        damaged live snapshot gives way to the newest earlier one that is whole. True if so, and then
        `rebuild` should follow; the answers given meanwhile name the older snapshot.
        """
        pointer = self._store.pointer()
        wanted = fingerprint(knowledge, self._ingredients)
        rolled_back = (
            pointer is not None
            and pointer.source == knowledge.fingerprint
            and self._store.knowledge_of(pointer.snapshot) not in {None, knowledge.fingerprint}
        )
        if pointer is not None and (pointer.snapshot == wanted or rolled_back):
            try:
                self._serve(self._store.open(pointer.snapshot, self._ingredients))
                return False
            except SnapshotFault as fault:
                log.error("live snapshot cannot be used", extra={"fault": str(fault)})
                faults = [str(fault)]
                earlier = self._store.open_latest(self._ingredients, faults.append, skip=pointer.snapshot)
                if earlier is not None:
                    self._faults = (*dict.fromkeys(faults), f"serving snapshot {earlier.snapshot_id} instead")
                    log.error("serving an earlier snapshot", extra={"snapshot": earlier.snapshot_id})
                    self._serve(earlier)
                    return True
        self.rebuild(knowledge)
        return False

    def rebuild(self, knowledge: Knowledge) -> str:
        """Build the snapshot of `knowledge` beside the live one, check it, make it live; its id."""
        name = self._store.build(knowledge, self._ingredients)
        searcher = self._store.open(name, self._ingredients)
        with self._swap:
            self._store.publish(name, source=knowledge.fingerprint)
            self._serve(searcher)
            self._faults = ()
        return name

    def roll_back(self, name: str, knowledge: Knowledge) -> None:
        """Make an earlier snapshot live again; it stays so until the store changes."""
        searcher = self._store.open(name, self._ingredients)
        with self._swap:
            self._store.publish(name, source=knowledge.fingerprint)
            self._serve(searcher)

    def _serve(self, searcher: Searcher) -> None:
        self._searcher = searcher
