"""The tables of planning: campaigns, the weeks they hang on, their history, and the keys of buttons pressed.

A campaign's content, audience and schedule stand as JSON beside their hashes; what was approved is one hash
over the three; `corrects` names the run whose receivers get a correction. Rows of `campaign_history` are only
ever added.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from campaigns.store.tables import UtcDateTime, metadata

campaign_weeks = Table(
    "campaign_weeks",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("title", String(120), nullable=False),
    Column("preset", String(40), nullable=True),
    Column("starts_on", Date, nullable=False),
    Column("ends_on", Date, nullable=False),
    Column("source", Text, nullable=False),
    Column("copied_from", String(40), nullable=True),
    Column("created_by", String(64), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
)

campaigns = Table(
    "campaigns",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("title", String(120), nullable=False),
    Column("week_id", ForeignKey("campaign_weeks.id"), nullable=True, index=True),
    Column("state", String(16), nullable=False, index=True),
    Column("revision", Integer, nullable=False),
    Column("content", JSON, nullable=False),
    Column("audience", JSON, nullable=False),
    Column("schedule", JSON, nullable=False),
    Column("frozen_hash", String(64), nullable=False),
    Column("tested_hash", String(64), nullable=True),
    Column("tested_at", UtcDateTime, nullable=True),
    Column("approved_hash", String(64), nullable=True),
    Column("approved_by", String(64), nullable=True),
    Column("approved_at", UtcDateTime, nullable=True),
    Column("next_due_at", UtcDateTime, nullable=True, index=True),
    Column("paused_for", Text, nullable=True),
    Column("corrects", String(40), nullable=True),
    Column("copied_from", String(40), nullable=True),
    Column("created_by", String(64), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_by", String(64), nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
)

campaign_history = Table(
    "campaign_history",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("campaign_id", ForeignKey("campaigns.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("at", UtcDateTime, nullable=False),
    Column("by", String(64), nullable=False),
    Column("what", String(32), nullable=False),
    Column("state", String(16), nullable=False),
    Column("edited", Boolean, nullable=False),
    Column("note", Text, nullable=True),
    Column("hash", String(64), nullable=False),
)

campaign_keys = Table(
    "campaign_keys",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("what", String(32), nullable=False),
    Column("subject", String(40), nullable=False),
    Column("by", String(64), nullable=False),
    Column("result", JSON, nullable=False),
    Column("at", UtcDateTime, nullable=False, index=True),
)

campaign_days = Table(
    "campaign_days",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("name", String(60), nullable=False),
    Column("starts_on", Date, nullable=False),
    Column("ends_on", Date, nullable=False),
    Column("source", Text, nullable=False),
    Column("typed_by", String(64), nullable=False),
    Column("typed_at", UtcDateTime, nullable=False),
    UniqueConstraint("name", "starts_on"),
)

activities = Table(
    "activities",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("title", String(120), nullable=False),
    Column("place", String(200), nullable=False),
    Column("district", String(32), nullable=True),
    Column("settings", JSON, nullable=False),
    Column("starts_at", UtcDateTime, nullable=False),
    Column("ends_at", UtcDateTime, nullable=False),
    Column("organiser", String(120), nullable=False),
    Column("about", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("clause_ids", JSON, nullable=False),
    Column("state", String(16), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("frozen_hash", String(64), nullable=False),
    Column("approved_hash", String(64), nullable=True),
    Column("approved_by", String(64), nullable=True),
    Column("approved_at", UtcDateTime, nullable=True),
    Column("editors", JSON, nullable=False),
    Column("created_by", String(64), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_by", String(64), nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Index(None, "state", "ends_at"),
)
