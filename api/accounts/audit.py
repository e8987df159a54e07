"""The audit log: who did what to what, when, and what changed. It is written to and read, never changed.

The line of a change goes through the connection of the change, so that both commit or neither does; the
database itself refuses to update or delete a line.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Row, func, insert, select

from api.accounts.tables import audit_log
from api.clock import Clock

PAGE = 500


@dataclass(frozen=True, slots=True)
class AuditLine:
    """`what` is a verb (`draft.saved`, `account.added`); `before` and `after` hold what changed."""

    position: int
    at: datetime
    by: str
    what: str
    kind: str
    subject: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Sought:
    """Which lines: each given field must fit. `what` also fits as the part before a dot; `text` is looked
    for in the subject; `until` is excluded."""

    by: str = ""
    what: str = ""
    kind: str = ""
    text: str = ""
    since: datetime | None = None
    until: datetime | None = None


class AuditLog:
    """`knowledge.journal.Journal`, kept in the app's database."""

    def __init__(self, engine: Engine, *, clock: Clock) -> None:
        self._engine, self._clock = engine, clock

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
        """Write one line through `connection`, which commits it."""
        connection.execute(
            insert(audit_log).values(
                at=self._clock.now(),
                by=by[:64],
                what=what,
                kind=kind,
                subject=subject[:256],
                before=_plain(before),
                after=_plain(after),
            )
        )

    def lines(self, sought: Sought, *, below: int | None = None, limit: int = PAGE) -> list[AuditLine]:
        """The newest lines first; `below` goes on after the last position of the page before."""
        wanted = select(audit_log).where(*_conditions(sought))
        if below is not None:
            wanted = wanted.where(audit_log.c.position < below)
        with self._engine.connect() as connection:
            rows = connection.execute(wanted.order_by(audit_log.c.position.desc()).limit(limit)).all()
        return [_line(row) for row in rows]

    def every_line(self, sought: Sought) -> Iterator[AuditLine]:
        """All that fit, the newest first, a page at a time: for exports."""
        below: int | None = None
        while page := self.lines(sought, below=below):
            yield from page
            below = page[-1].position

    def count(self, sought: Sought) -> int:
        with self._engine.connect() as connection:
            return int(
                connection.scalar(select(func.count()).select_from(audit_log).where(*_conditions(sought)))
                or 0
            )

    def choices(self) -> dict[str, list[str]]:
        """Who, what and which kinds stand in the log, for the filters."""
        with self._engine.connect() as connection:
            return {
                column.name: list(connection.scalars(select(column).distinct().order_by(column)))
                for column in (audit_log.c.by, audit_log.c.what, audit_log.c.kind)
            }


def _plain(values: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """As JSON has it: days and moments become text."""
    if values is None:
        return None
    plain: dict[str, Any] = json.loads(json.dumps(values, ensure_ascii=False, default=str))
    return plain


def _conditions(sought: Sought) -> list[ColumnElement[bool]]:
    columns = audit_log.c
    conditions: list[ColumnElement[bool]] = []
    if sought.by:
        conditions.append(columns.by == sought.by)
    if sought.what:
        begins = columns.what.startswith(f"{sought.what}.", autoescape=True)
        conditions.append((columns.what == sought.what) | begins)
    if sought.kind:
        conditions.append(columns.kind == sought.kind)
    if sought.text:
        conditions.append(columns.subject.contains(sought.text, autoescape=True))
    if sought.since is not None:
        conditions.append(columns.at >= sought.since)
    if sought.until is not None:
        conditions.append(columns.at < sought.until)
    return conditions


def _line(row: Row[Any]) -> AuditLine:
    return AuditLine(
        row.position, row.at, row.by, row.what, row.kind, row.subject, before=row.before, after=row.after
    )
