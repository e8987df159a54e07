"""Who changed what in campaigns: the port through which every step of staff is told, and its silent form.

The app keeps the journal. A change and its line commit together or not at all.
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
        """One line: `by` did `what` to the `subject` of `kind` (`campaign`, `run`, `activity`)."""


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
