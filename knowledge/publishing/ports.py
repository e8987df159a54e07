"""What publishing asks of its neighbours: an index to build and ask, and the drafts to publish."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from sqlalchemy.orm import Session

from knowledge.editing.model import Draft, DraftState, Kind
from knowledge.model import Knowledge
from knowledge.publishing.golden import Given
from knowledge.publishing.withheld import Withheld
from knowledge.shipped import Shipped


class Snapshot(Protocol):
    """A snapshot that can be asked, live or not."""

    @property
    def id(self) -> str: ...

    @property
    def knowledge(self) -> Knowledge:
        """All that it holds, whether withheld since or not."""

    def ask(self, question: str) -> Given:
        """What a resident would be told today."""


class Index(Protocol):
    """Builds snapshots beside the live one and swaps. Raises `CannotBuild` where one cannot be written."""

    def live(self) -> Snapshot: ...

    def prepare(self, knowledge: Knowledge) -> Snapshot:
        """A snapshot of `knowledge`, whole on disk."""

    def go_live(self, snapshot: Snapshot, commit: Callable[[], None]) -> None:
        """Call `commit`, then make `snapshot` live. If `commit` raises, nothing has changed."""

    def withhold(self, withheld: Withheld) -> None:
        """From the next question on, here and in every process that shares the index, answer as if nobody
        had written what is withheld."""

    @property
    def withheld(self) -> Withheld: ...

    def settle(self) -> None:
        """See that other processes are shown what is live here, should the last swap have failed at that."""

    def follow(self) -> bool:
        """Serve what another process made live; True if that was so."""


class Drafts(Protocol):
    """Drafts as `knowledge.editing` keeps them."""

    def drafts(self, *, kind: Kind | None = None, state: DraftState | None = None) -> Sequence[Draft]: ...

    def overlay(self, shipped: Shipped, drafts: Sequence[Draft]) -> Shipped: ...

    def apply(self, session: Session, drafts: Sequence[Draft], *, by: str, snapshot: str) -> None: ...
