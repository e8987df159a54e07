"""What can go wrong between several editors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from knowledge.errors import Conflict, KnowledgeError

if TYPE_CHECKING:
    from knowledge.editing.model import Draft, Event


class DraftConflict(Conflict):
    """Somebody was first. Nothing was overwritten.

    `draft` is how it stands now (None: it is gone), `events` are what happened since the revision that the
    caller had seen, oldest first.
    """

    def __init__(self, message: str, *, draft: Draft | None = None, events: Sequence[Event] = ()) -> None:
        super().__init__(message)
        self.draft, self.events = draft, tuple(events)


class RowChanged(Conflict):
    """The published row is no longer what it was when the draft was begun; see `Editing.rebase`."""


class SamePerson(KnowledgeError):
    """Whoever wrote a change can't be the one who approves it."""
