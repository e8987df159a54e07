"""The tables of knowledge. Every row that people edit carries its state and two hashes.

`content_hash` is the hash of the row as it is, state included; `shipped_hash` that of the version that came
with the assistant, or NULL for a row made here. Where they differ, an editor changed the row.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import JSON, DateTime, Dialect, ForeignKey, Index, MetaData, String, Text, false
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship
from sqlalchemy.types import TypeDecorator

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class UtcDateTime(TypeDecorator[datetime]):
    """Aware UTC on every database; a naive time is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is not None and value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone; use an aware UTC time.")
        return value.astimezone(UTC) if value is not None else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    metadata = metadata


class Governed:
    """The columns of whatever passes through draft, review and publishing."""

    state: Mapped[str] = mapped_column(String(16), index=True)
    content_hash: Mapped[str] = mapped_column(String(64))
    shipped_hash: Mapped[str | None] = mapped_column(String(64))
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_by: Mapped[str] = mapped_column(String(64))


class DocumentRow(Governed, Base):
    __tablename__ = "documents"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    title: Mapped[str] = mapped_column(Text)
    document_number: Mapped[str | None] = mapped_column(String(128))
    issuers: Mapped[list[str]] = mapped_column(JSON)
    issued_on: Mapped[date | None]
    region: Mapped[str] = mapped_column(String(64))
    effective_from: Mapped[date | None]
    effective_to: Mapped[date | None]
    supersedes: Mapped[list[str]] = mapped_column(JSON)
    superseded_by: Mapped[str | None] = mapped_column(String(64))
    source: Mapped[str] = mapped_column(Text)
    source_url: Mapped[str | None] = mapped_column(Text)
    warnings: Mapped[list[str]] = mapped_column(JSON)
    body: Mapped[str] = mapped_column(Text)
    mendings: Mapped[list[dict[str, Any]]] = mapped_column(JSON, server_default="[]")
    clauses: Mapped[list[ClauseRow]] = relationship(
        order_by="ClauseRow.position", cascade="all, delete-orphan", passive_deletes=True
    )


class ClauseRow(Base):
    __tablename__ = "clauses"
    __table_args__ = (Index(None, "document_id", "position"),)

    id: Mapped[str] = mapped_column(String(160), primary_key=True)
    document_id: Mapped[str] = mapped_column(ForeignKey("documents.id", ondelete="CASCADE"))
    path: Mapped[str] = mapped_column(String(96))
    kind: Mapped[str] = mapped_column(String(16))
    label: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    position: Mapped[int]
    parent: Mapped[str | None] = mapped_column(String(160))
    marker: Mapped[str] = mapped_column(String(64))
    heading: Mapped[str] = mapped_column(Text)
    departments: Mapped[list[str]] = mapped_column(JSON)
    lead_departments: Mapped[list[str]] = mapped_column(JSON)
    due: Mapped[str | None] = mapped_column(Text)
    incomplete: Mapped[bool]


class EntryRow(Governed, Base):
    __tablename__ = "entries"

    id: Mapped[str] = mapped_column(String(96), primary_key=True)
    question: Mapped[str] = mapped_column(Text)
    plain: Mapped[str | None] = mapped_column(Text)
    force: Mapped[str | None] = mapped_column(String(16))
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    tags: Mapped[list[str]] = mapped_column(JSON)
    programmes: Mapped[list[str]] = mapped_column(JSON, server_default="[]")
    variants: Mapped[list[VariantRow]] = relationship(
        order_by="VariantRow.position", cascade="all, delete-orphan", passive_deletes=True
    )
    quotes: Mapped[list[QuoteRow]] = relationship(
        order_by="QuoteRow.position", cascade="all, delete-orphan", passive_deletes=True
    )


class VariantRow(Base):
    __tablename__ = "entry_variants"

    entry_id: Mapped[str] = mapped_column(ForeignKey("entries.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str] = mapped_column(Text)


class QuoteRow(Base):
    """`clause_id` names a clause or a programme, so it is no foreign key. `also` marks a span elsewhere that
    says the same as the entry's own."""

    __tablename__ = "entry_quotes"

    entry_id: Mapped[str] = mapped_column(ForeignKey("entries.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    clause_id: Mapped[str] = mapped_column(String(160), index=True)
    starts_at: Mapped[int]
    ends_at: Mapped[int]
    text: Mapped[str] = mapped_column(Text)
    also: Mapped[bool] = mapped_column(server_default=false())


class ProgrammeRow(Governed, Base):
    __tablename__ = "programmes"

    id: Mapped[str] = mapped_column(String(96), primary_key=True)
    title: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(String(16))
    force: Mapped[str] = mapped_column(String(16))
    summary: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    amounts: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    conditions: Mapped[list[str]] = mapped_column(JSON)
    how_to_apply: Mapped[str] = mapped_column(Text)
    region: Mapped[str] = mapped_column(String(64))
    issuer: Mapped[str] = mapped_column(Text)
    document_number: Mapped[str | None] = mapped_column(String(128))
    sources: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    checked_on: Mapped[date]
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    confidence: Mapped[str] = mapped_column(String(32))
    note: Mapped[str] = mapped_column(Text)
    checked_against: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    rules: Mapped[list[dict[str, Any]]] = mapped_column(JSON, server_default="[]")


class LexiconRow(Governed, Base):
    """One line of the lexicon; `section` is synonyms, items, districts or audiences."""

    __tablename__ = "lexicon"

    section: Mapped[str] = mapped_column(String(16), primary_key=True)
    name: Mapped[str] = mapped_column(String(96), primary_key=True)
    words: Mapped[list[str]] = mapped_column(JSON)


class PublicationRow(Base):
    """Who changed the state of what, and when; rows are only ever added."""

    __tablename__ = "publications"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    by: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(16))
    row_id: Mapped[str] = mapped_column(String(160), index=True)
    state_before: Mapped[str | None] = mapped_column(String(16))
    state_after: Mapped[str] = mapped_column(String(16))
    content_hash: Mapped[str] = mapped_column(String(64))
