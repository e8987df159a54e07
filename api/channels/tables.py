"""The tables of channels: which chat has which conversation, which updates were handled, what may run.

An address stands here as a keyed hash, by which it is found, and sealed, from which it can be delivered to.
"""

from __future__ import annotations

from sqlalchemy import JSON, Column, Index, PrimaryKeyConstraint, String, Table, Text

from api.store.tables import UtcDateTime, metadata

# No foreign key to the conversation: a chat has its address from the first greeting on.
channel_addresses = Table(
    "channel_addresses",
    metadata,
    Column("channel", String(32), nullable=False),
    Column("chat_key", String(64), nullable=False),
    Column("conversation_id", String(64), nullable=False, unique=True),
    Column("person", String(40), nullable=False, index=True),
    Column("sealed", Text, nullable=False),
    Column("choices", JSON(none_as_null=True), nullable=True),
    Column("noticed_at", UtcDateTime, nullable=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("last_at", UtcDateTime, nullable=False, index=True),
    PrimaryKeyConstraint("channel", "chat_key"),
)
"""`person` is the conversation's pseudonym; `choices` what the numbers meant that were shown last."""

channel_updates = Table(
    "channel_updates",
    metadata,
    Column("channel", String(32), nullable=False),
    Column("update_id", String(128), nullable=False),
    Column("state", String(16), nullable=False),
    Column("sealed", Text, nullable=True),
    Column("held_until", UtcDateTime, nullable=False),
    Column("received_at", UtcDateTime, nullable=False, index=True),
    PrimaryKeyConstraint("channel", "update_id"),
    Index(None, "channel", "state"),
)
"""`state` is received, answering or settled. The update itself is sealed, and gone once it is settled."""

channel_confirmations = Table(
    "channel_confirmations",
    metadata,
    Column("channel", String(32), primary_key=True),
    Column("confirmed_by", String(64), nullable=False),
    Column("confirmed_at", UtcDateTime, nullable=False),
)
"""Channels that keep data abroad, and who confirmed to have assessed that."""

channel_health = Table(
    "channel_health",
    metadata,
    Column("channel", String(32), primary_key=True),
    Column("worked_at", UtcDateTime, nullable=True),
    Column("failed_at", UtcDateTime, nullable=True),
    Column("reason", String(60), nullable=True),
)
"""When each channel last worked and last failed, and the code of why."""
