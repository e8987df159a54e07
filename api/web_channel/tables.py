"""The tables of the web channel: notices, which go with the conversation that they wait in, and pictures."""

from __future__ import annotations

from sqlalchemy import JSON, Column, ForeignKey, Index, Integer, LargeBinary, String, Table

from api.store.tables import UtcDateTime, metadata

# No foreign key to the run: a notice can be read as long as its conversation is kept.
notices = Table(
    "notices",
    metadata,
    Column("position", Integer, primary_key=True, autoincrement=True),
    Column("id", String(40), nullable=False, unique=True),
    Column("conversation_id", ForeignKey("conversations.id", ondelete="CASCADE"), nullable=False),
    Column("idempotency_key", String(160), nullable=False, unique=True),
    Column("run_id", String(40), nullable=False),
    Column("content", JSON, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("opened_at", UtcDateTime, nullable=True),
    Column("chosen", Integer, nullable=True),
    Column("pledged_at", UtcDateTime, nullable=True),
    Index(None, "conversation_id", "position"),
)
"""`chosen` is the quiz's option that the resident took first; it and the times stand here so that each counts
once and the widget shows them again."""

pictures = Table(
    "pictures",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("media_type", String(32), nullable=False),
    Column("data", LargeBinary, nullable=False),
    Column("kept_by", String(64), nullable=False),
    Column("kept_at", UtcDateTime, nullable=False),
)
