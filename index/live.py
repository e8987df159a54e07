"""The live index of one process: which snapshot answers come from, and what to say of it.

Owns the choice at start (build, keep, or fall back), the swap while running, and what was withheld from
it at once. A searcher once handed out stays whole: a question that began on one snapshot ends on it.

Processes that share the snapshots' folder follow each other by two small files: the pointer, looked at by
`follow`, and what is withheld, looked at whenever a searcher is handed out, so that no process answers from
it once the file is there.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import datetime

from index.encoder import Encoder
from index.errors import IndexFault, SnapshotFault
from index.search import Searcher
from index.snapshot import Ingredients, SnapshotStore, assemble, fingerprint
from index.withheld_file import WithheldFile
from knowledge.model import Knowledge
from knowledge.publishing.withheld import NOTHING_WITHHELD, Withheld

log = logging.getLogger(__name__)


class LiveIndex:
    """Holds the current `Searcher`; swapping is one assignment."""

    def __init__(self, store: SnapshotStore, ingredients: Ingredients, notes: tuple[str, ...] = ()) -> None:
        """`notes` are standing warnings, such as an encoder that could not be loaded."""
        self._store = store
        self._ingredients = ingredients
        self._notes = notes
        self._faults: tuple[str, ...] = ()
        self._whole: Searcher | None = None
        self._searcher: Searcher | None = None
        self._swap = threading.RLock()
        self._stamp: tuple[int, int] = (0, 0)
        self._withheld = NOTHING_WITHHELD
        self._withheld_file = WithheldFile(store.folder)

    def searcher(self) -> Searcher:
        if self._withheld_file.changed():
            self._read_withheld()
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
    def whole(self) -> Searcher:
        """The live snapshot with what is withheld from its answers."""
        if self._whole is None:
            raise IndexFault("no snapshot is loaded yet; wait until the index reports ready")
        return self._whole

    @property
    def withheld(self) -> Withheld:
        return self._withheld

    def withhold(self, withheld: Withheld) -> None:
        """From the next searcher on, here and in every process that shares the folder, answer as if nobody
        had written what is withheld. Here it holds even where the file cannot be written (SnapshotFault)."""
        with self._swap:
            self._hold_back(withheld)
            self._withheld_file.write(withheld)

    @property
    def encoder(self) -> Encoder | None:
        """What texts are turned into vectors with; None while search is lexical only."""
        return self._ingredients.encoder

    @property
    def warnings(self) -> tuple[str, ...]:
        return self._notes + self._faults

    def prepare(self, knowledge: Knowledge) -> Searcher:
        """A searcher of `knowledge`, written whole beside the live snapshot. What did not change since the
        live one is not worked out again. Raises SnapshotFault where it cannot be written."""
        return self._store.prepare(knowledge, self._ingredients, self._whole)

    def try_out(self, knowledge: Knowledge, name: str) -> Searcher:
        """A searcher of `knowledge` in memory alone, to be asked and thrown away; what did not change since
        the live snapshot is not worked out again."""
        return assemble(knowledge, self._ingredients, name, self._whole)

    def earlier(self, name: str) -> Searcher:
        """A snapshot that is kept on disk, to be asked and thrown away. Raises SnapshotFault."""
        return self._store.open(name, self._ingredients, self._whole)

    def kept(self) -> list[tuple[str, datetime]]:
        """The snapshots on disk with when they were built, the newest first."""
        return self._store.built()

    def go_live(self, candidate: Searcher, *, commit: Callable[[], None] = lambda: None) -> None:
        """Make `candidate`, from `prepare`, the live snapshot: `commit` first, then one rename.

        What can fail for want of space is done before `commit`. If `commit` raises, nothing has changed; if
        the process dies after it, `start` finds the committed knowledge and finishes.
        """
        staged = self._store.stage(candidate.snapshot_id, source=candidate.knowledge.fingerprint)
        try:
            commit()
        except BaseException:
            staged.drop()
            raise
        with self._swap:
            self._serve(candidate)
            self._faults = ()
            staged.place()
            self._stamp = self._store.pointer_stamp()

    def settle(self) -> None:
        """Put the pointer to what is live here in place again, where it names something else."""
        with self._swap:
            pointer = self._store.pointer()
            if self._whole is not None and (pointer is None or pointer.snapshot != self._whole.snapshot_id):
                self._store.publish(self._whole.snapshot_id, source=self._whole.knowledge.fingerprint)
                self._stamp = self._store.pointer_stamp()

    def follow(self) -> bool:
        """Serve what another process made live. True if that was so; a snapshot that cannot be read is
        reported in `warnings`, and the one before goes on."""
        if self._withheld_file.changed():
            self._read_withheld()
        stamp = self._store.pointer_stamp()
        pointer = self._store.pointer()
        if stamp == self._stamp or pointer is None:
            return False
        if pointer.snapshot == self.snapshot:
            self._stamp = stamp
            return False
        try:
            searcher = self._store.open(pointer.snapshot, self._ingredients, self._whole)
        except SnapshotFault as fault:
            self._faults = (f"{fault}; serving snapshot {self.snapshot} instead",)
            self._stamp = stamp
            return False
        with self._swap:
            self._serve(searcher)
            self._faults = ()
            self._stamp = stamp
        return True

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
                stamp = self._store.pointer_stamp()
                self._serve(self._store.open(pointer.snapshot, self._ingredients))
                self._stamp = stamp
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
        searcher = self.prepare(knowledge)
        self.go_live(searcher)
        return searcher.snapshot_id

    def roll_back(self, name: str, knowledge: Knowledge) -> None:
        """Make an earlier snapshot live again; it stays so until the store changes."""
        searcher = self._store.open(name, self._ingredients)
        with self._swap:
            self._store.publish(name, source=knowledge.fingerprint)
            self._serve(searcher)

    def _serve(self, searcher: Searcher) -> None:
        with self._swap:
            self._whole = searcher
            self._searcher = searcher.without(self._withheld) if self._withheld else searcher

    def _hold_back(self, withheld: Withheld) -> None:
        self._withheld = withheld
        if self._whole is not None:
            self._serve(self._whole)

    def _read_withheld(self) -> None:
        with self._swap:
            self._hold_back(self._withheld_file.read(self._withheld))
