"""Corrections and whom they went to: a conversation at most once for each correction."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Integer, String, Table, Text

from api.store.tables import UtcDateTime, metadata

corrections = Table(
    "corrections",
    metadata,
    Column("id", String(16), primary_key=True),
    Column("text", Text, nullable=False),
    Column("subject", String(160), nullable=False),
    Column("snapshot", String(64), nullable=True),
    Column("by", String(64), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("reached", Integer, nullable=False),
    Column("known", Integer, nullable=False),
)

correction_deliveries = Table(
    "correction_deliveries",
    metadata,
    Column("correction_id", ForeignKey("corrections.id", ondelete="CASCADE"), primary_key=True),
    Column("conversation_id", ForeignKey("conversations.id", ondelete="CASCADE"), primary_key=True),
    Column("state", String(16), nullable=False),
    Column("at", UtcDateTime, nullable=False),
)
