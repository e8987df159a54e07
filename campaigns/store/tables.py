"""The tables of subscriptions. A person stands here as a pseudonym only, in `subscriptions` alone.

What changes is a state; what was said stands in `consents`, whose rows are only ever added, and in
`consent_wordings`, which keeps each wording once and word for word.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    text,
)


class UtcDateTime(TypeDecorator[datetime]):
    """Aware UTC in and out, on SQLite as on PostgreSQL; a naive time is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is not None and value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone; use an aware UTC time.")
        return value.astimezone(UTC) if value is not None else None

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        moment: datetime = value
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

_ACTIVE = text("state = 'active'")
_RUNNING = text("ended_at IS NULL")

consent_wordings = Table(
    "consent_wordings",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("version", String(32), nullable=False),
    Column("text", Text, nullable=False),
    Column("first_shown_at", UtcDateTime, nullable=False),
)

subscriptions = Table(
    "subscriptions",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("person", String(64), nullable=False),
    Column("channel", String(32), nullable=False),
    Column("district", String(32), nullable=True),
    Column("setting", String(16), nullable=True),
    Column("frequency", String(16), nullable=False),
    Column("state", String(16), nullable=False),
    Column("consented_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime, nullable=True, index=True),
    Column("end_reason", String(16), nullable=True),
    CheckConstraint("(state = 'active') = (ended_at IS NULL)", name="ended"),
    Index(None, "person", "channel"),
    Index(None, "state", "district"),
    Index(
        "uq_subscriptions_active",
        "person",
        "channel",
        unique=True,
        sqlite_where=_ACTIVE,
        postgresql_where=_ACTIVE,
    ),
)

subscription_topics = Table(
    "subscription_topics",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("subscription_id", ForeignKey("subscriptions.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("topic", String(64), nullable=False),
    Column("since", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime, nullable=True),
    Index(
        "uq_subscription_topics_running",
        "topic",
        "subscription_id",
        unique=True,
        sqlite_where=_RUNNING,
        postgresql_where=_RUNNING,
    ),
)

consents = Table(
    "consents",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("subscription_id", ForeignKey("subscriptions.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("kind", String(16), nullable=False),
    Column("wording_hash", ForeignKey("consent_wordings.hash"), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("message_id", String(64), nullable=True),
    Column("topics", JSON, nullable=False),
    Column("district", String(32), nullable=True),
    Column("setting", String(16), nullable=True),
    Column("frequency", String(16), nullable=False),
)

subscription_erasures = Table(
    "subscription_erasures",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("erased_on", Date, nullable=False),
    Column("cause", String(16), nullable=False),
    Column("subscriptions", Integer, nullable=False),
    Column("consents", Integer, nullable=False),
)
