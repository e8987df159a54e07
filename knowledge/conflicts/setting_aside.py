"""Decisions to live with a finding: who, when and why; taken back, but never forgotten.

A decision binds to the finding's key, so to both texts as they were.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import JSON, CursorResult, Engine, Index, String, Text, insert, select, text, update
from sqlalchemy.orm import Mapped, mapped_column

from knowledge.conflicts.model import Finding
from knowledge.errors import Conflict, InvalidContent
from knowledge.journal import Journal
from knowledge.messages import say
from knowledge.store.tables import Base, UtcDateTime

LONGEST_REASON = 500


class AsideRow(Base):
    """One decision. At most one a finding stands; those taken back stay as they were."""

    __tablename__ = "conflicts_set_aside"
    __table_args__ = (
        Index(
            "uq_conflicts_set_aside_standing",
            "finding",
            unique=True,
            sqlite_where=text("taken_back_at IS NULL"),
            postgresql_where=text("taken_back_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    finding: Mapped[str] = mapped_column(String(32))
    kind: Mapped[str] = mapped_column(String(16))
    subjects: Mapped[list[str]] = mapped_column(JSON)
    said: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    by: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    taken_back_by: Mapped[str | None] = mapped_column(String(64))
    taken_back_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


@dataclass(frozen=True, slots=True)
class SetAside:
    """A decision as people read it."""

    finding: str
    kind: str
    subjects: tuple[str, ...]
    said: str
    reason: str
    by: str
    at: datetime


class SettingAside:
    """Changes commit together with their line in the journal."""

    def __init__(self, engine: Engine, *, now: Callable[[], datetime], journal: Journal) -> None:
        self._engine = engine
        self._now = now
        self._journal = journal

    def set_aside(self, finding: Finding, *, by: str, reason: str) -> None:
        """Raises InvalidContent without a reason, Conflict where somebody did it first."""
        why = reason.strip()
        if not why:
            raise InvalidContent(say("conflict.no_reason"))
        if len(why) > LONGEST_REASON:
            raise InvalidContent(say("conflict.long_reason", count=len(why), most=LONGEST_REASON))
        with self._engine.begin() as connection:
            standing = connection.execute(
                select(AsideRow.by, AsideRow.at).where(
                    AsideRow.finding == finding.key, AsideRow.taken_back_at.is_(None)
                )
            ).first()
            if standing is not None:
                raise Conflict(say("conflict.aside_already", by=standing.by))
            connection.execute(
                insert(AsideRow).values(
                    finding=finding.key,
                    kind=finding.kind,
                    subjects=list(finding.subjects),
                    said=finding.said,
                    reason=why,
                    by=by,
                    at=self._now(),
                )
            )
            self._journal.record(
                connection,
                by=by,
                what="conflict.set_aside",
                kind="conflict",
                subject=finding.key,
                after={
                    "kind": finding.kind,
                    "subjects": list(finding.subjects),
                    "said": finding.said,
                    "reason": why,
                },
            )

    def take_back(self, finding: str, *, by: str) -> None:
        """The finding stands in the list again. Raises Conflict where it was not set aside."""
        with self._engine.begin() as connection:
            reason = connection.scalar(
                select(AsideRow.reason).where(AsideRow.finding == finding, AsideRow.taken_back_at.is_(None))
            )
            result = connection.execute(
                update(AsideRow)
                .where(AsideRow.finding == finding, AsideRow.taken_back_at.is_(None))
                .values(taken_back_by=by, taken_back_at=self._now())
            )
            assert isinstance(result, CursorResult)
            if result.rowcount != 1:
                raise Conflict(say("conflict.not_aside"))
            self._journal.record(
                connection,
                by=by,
                what="conflict.taken_back",
                kind="conflict",
                subject=finding,
                before={"reason": reason},
            )

    def standing(self) -> Mapping[str, SetAside]:
        """The decisions that stand, by the key of their finding."""
        query = select(AsideRow).where(AsideRow.taken_back_at.is_(None)).order_by(AsideRow.id)
        with self._engine.connect() as connection:
            rows = connection.execute(query).mappings().all()
        return {
            row["finding"]: SetAside(
                row["finding"],
                row["kind"],
                tuple(row["subjects"]),
                row["said"],
                row["reason"],
                row["by"],
                row["at"],
            )
            for row in rows
        }
