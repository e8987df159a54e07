"""The tables of what the app itself keeps.

Texts stored here are masked already and nothing names a resident; the one exception is a contact that a
resident leaves for staff, and that is ciphertext.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    TypeDecorator,
)


class UtcDateTime(TypeDecorator[datetime]):
    """Aware UTC in and out, on SQLite as on PostgreSQL."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
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
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

conversations = Table(
    "conversations",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("channel", String(32), nullable=False),
    Column("token_hash", String(64), nullable=False),
    Column("pseudonym", String(40), nullable=True, index=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("last_at", UtcDateTime, nullable=False, index=True),
)

messages = Table(
    "messages",
    metadata,
    Column("position", Integer, primary_key=True, autoincrement=True),
    Column("id", String(40), nullable=False, unique=True),
    Column("conversation_id", ForeignKey("conversations.id", ondelete="CASCADE"), nullable=False),
    Column("request_id", String(64), nullable=False),
    Column("role", String(16), nullable=False),
    Column("kind", String(16), nullable=True),
    Column("text", Text, nullable=False),
    Column("reply", JSON, nullable=True),
    Column("degraded", Boolean, nullable=False, default=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("client_id", String(64), nullable=True),
    Index(None, "conversation_id", "position"),
    Index("ix_messages_conversation_id_client_id", "conversation_id", "client_id", unique=True),
)

feedback = Table(
    "feedback",
    metadata,
    Column("message_id", ForeignKey("messages.id", ondelete="CASCADE"), primary_key=True),
    Column("useful", Boolean, nullable=False),
    Column("comment", Text, nullable=True),
    Column("given_at", UtcDateTime, nullable=False),
    Column("reason", String(32), nullable=True),
    Column("snapshot", String(64), nullable=True),
)

# No foreign key to the conversation: a ticket's figures outlive it.
tickets = Table(
    "tickets",
    metadata,
    Column("id", String(8), primary_key=True),
    Column("conversation_id", String(64), nullable=True, index=True),
    Column("channel", String(32), nullable=False),
    Column("state", String(16), nullable=False, index=True),
    Column("question", Text, nullable=True),
    Column("message_ids", JSON(none_as_null=True), nullable=True),
    Column("contact", Text, nullable=True),
    Column("district", String(64), nullable=True),
    Column("held_by", String(64), nullable=True),
    Column("delivered", Boolean, nullable=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expected_at", UtcDateTime, nullable=False),
    Column("answered_at", UtcDateTime, nullable=True),
    Column("closed_at", UtcDateTime, nullable=True),
)

ticket_events = Table(
    "ticket_events",
    metadata,
    Column("position", Integer, primary_key=True, autoincrement=True),
    Column("ticket_id", ForeignKey("tickets.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("what", String(32), nullable=False),
    Column("by", String(64), nullable=False),
    Column("at", UtcDateTime, nullable=False),
)

ticket_replies = Table(
    "ticket_replies",
    metadata,
    Column("position", Integer, primary_key=True, autoincrement=True),
    Column("message_id", String(64), nullable=False, unique=True),
    Column("ticket_id", ForeignKey("tickets.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("channel", String(32), nullable=False, index=True),
    Column("state", String(16), nullable=False),
    Column("claimed_at", UtcDateTime, nullable=True),
)
"""Staff's replies on their way into a chat app: `waiting`, or `sending` since `claimed_at`."""

turn_claims = Table(
    "turn_claims",
    metadata,
    Column("conversation_id", String(64), nullable=False),
    Column("client_id", String(64), nullable=False),
    Column("held_until", UtcDateTime, nullable=False),
    PrimaryKeyConstraint("conversation_id", "client_id"),
)
"""Messages that are being answered right now."""

contact_stash = Table(
    "contact_stash",
    metadata,
    Column("pseudonym", String(40), primary_key=True),
    Column("contact", Text, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
)

forget_later = Table(
    "forget_later",
    metadata,
    Column("sender", String(40), primary_key=True),
    Column("asked_at", UtcDateTime, nullable=False),
)

upkeep = Table(
    "upkeep",
    metadata,
    Column("job", String(64), primary_key=True),
    Column("ran_at", UtcDateTime, nullable=False),
)
