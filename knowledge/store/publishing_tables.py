"""The tables of publishing: releases, what each changed, golden questions, what was taken back at once."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from knowledge.store.tables import Base, UtcDateTime


class GoldenRow(Base):
    """A question that every snapshot is asked before it goes live. `expects` holds the ids of clauses or
    programmes any of which answers; NULL: nothing may be answered. `shipped_hash` as in governed rows."""

    __tablename__ = "golden_questions"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    text: Mapped[str] = mapped_column(Text)
    expects: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    origin: Mapped[str] = mapped_column(String(16))
    note: Mapped[str] = mapped_column(Text)
    active: Mapped[bool]
    content_hash: Mapped[str] = mapped_column(String(64))
    shipped_hash: Mapped[str | None] = mapped_column(String(64))
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_by: Mapped[str] = mapped_column(String(64))


class GoldenProposalRow(Base):
    """What somebody wants a golden question to be, until another person agrees; `question_id` NULL asks for a
    new one. `base_hash` is the question's `content_hash` then, `said` why it was sent back."""

    __tablename__ = "golden_proposals"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    question_id: Mapped[str | None] = mapped_column(String(64), unique=True)
    text: Mapped[str] = mapped_column(Text)
    expects: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    note: Mapped[str] = mapped_column(Text)
    active: Mapped[bool]
    base_hash: Mapped[str | None] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(16))
    revision: Mapped[int]
    by: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    said: Mapped[str] = mapped_column(Text)


class ReleaseRow(Base):
    """One attempt to change what is answered, from its preview on. `stamp` is that of the store's rows when
    it was prepared; `knowledge` the fingerprint of what it makes of them."""

    __tablename__ = "releases"

    id: Mapped[str] = mapped_column(String(16), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(16), index=True)
    by: Mapped[str] = mapped_column(String(64))
    published_by: Mapped[str | None] = mapped_column(String(64))
    reason: Mapped[str] = mapped_column(Text)
    proposal: Mapped[dict[str, Any]] = mapped_column(JSON)
    stamp: Mapped[str] = mapped_column(String(64))
    knowledge: Mapped[str] = mapped_column(String(64))
    snapshot: Mapped[str] = mapped_column(String(64), index=True)
    before_snapshot: Mapped[str] = mapped_column(String(64))
    report: Mapped[dict[str, Any]] = mapped_column(JSON)
    error: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    committed_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    live_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ReleaseChangeRow(Base):
    """What one row was before a release and after it, column by column; NULL where there was none."""

    __tablename__ = "release_changes"

    release_id: Mapped[str] = mapped_column(ForeignKey("releases.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16), primary_key=True)
    row_id: Mapped[str] = mapped_column(String(160), primary_key=True)
    before: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    after: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))


class LeaseRow(Base):
    """Whoever publishes holds the one row of this table's name; past `until` anybody may take it."""

    __tablename__ = "publishing_leases"

    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    holder: Mapped[str] = mapped_column(String(160))
    by: Mapped[str] = mapped_column(String(64))
    until: Mapped[datetime] = mapped_column(UtcDateTime)


class JobRow(Base):
    """A piece of work that fell due: whoever adds its row does it, and nobody else."""

    __tablename__ = "publishing_jobs"

    job: Mapped[str] = mapped_column(String(64), primary_key=True)
    due: Mapped[str] = mapped_column(String(160), primary_key=True)
    taken_at: Mapped[datetime] = mapped_column(UtcDateTime)


class WithdrawalRow(Base):
    """Something taken back at once by one person. While `active`, it is kept out of every answer and
    snapshot; `state` says what a second person made of it. `rows` are images of the rows it withdrew."""

    __tablename__ = "withdrawals"

    id: Mapped[str] = mapped_column(String(16), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    target: Mapped[str] = mapped_column(String(160))
    title: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    by: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    state: Mapped[str] = mapped_column(String(16), index=True)
    active: Mapped[bool] = mapped_column(index=True)
    rows: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    reviewed_by: Mapped[str | None] = mapped_column(String(64))
    reviewed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    review_note: Mapped[str] = mapped_column(Text)
