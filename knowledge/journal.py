"""Who changed what: the port through which every change of knowledge is told, and its silent form.

The app keeps the journal. A change and its line commit together or not at all: the line is written through
the connection of the change.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from sqlalchemy import Connection


class Journal(Protocol):
    """An append-only record of changes."""

    def record(
        self,
        connection: Connection,
        *,
        by: str,
        what: str,
        kind: str,
        subject: str,
        before: Mapping[str, Any] | None = None,
        after: Mapping[str, Any] | None = None,
    ) -> None:
        """One line: `by` did `what` (a verb: `draft.saved`, `published`, `withdrawn`) to the `subject` of
        `kind`. `before` and `after` hold what changed, as plain JSON."""


class NoJournal:
    """For command lines and tests that keep none."""

    def record(
        self,
        connection: Connection,
        *,
        by: str,
        what: str,
        kind: str,
        subject: str,
        before: Mapping[str, Any] | None = None,
        after: Mapping[str, Any] | None = None,
    ) -> None:
        return None
