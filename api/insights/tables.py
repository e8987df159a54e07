"""What a turn leaves for the figures, and what staff decided on groups of questions: neither holds a text.

A turn's facts name no person. They hang on the turn's messages as long as these are kept, and when they are
deleted for their age the facts lose that link and stay; at a resident's word they go with them. Groups are
known by hashes of the questions in them, so that nothing said outlives the conversation it was said in.
"""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Float, ForeignKey, Integer, String, Table, false

from api.store.tables import UtcDateTime, metadata

turn_facts = Table(
    "turn_facts",
    metadata,
    Column("position", Integer, primary_key=True, autoincrement=True),
    Column("message_id", ForeignKey("messages.id", ondelete="SET NULL"), nullable=True, unique=True),
    Column("question_id", ForeignKey("messages.id", ondelete="SET NULL"), nullable=True, unique=True),
    Column("at", UtcDateTime, nullable=False, index=True),
    Column("kind", String(16), nullable=False),
    Column("reason", String(32), nullable=True),
    Column("probability", Float, nullable=True),
    Column("document", String(96), nullable=True),
    Column("clause", String(160), nullable=True),
    Column("entry", String(96), nullable=True, index=True),
    Column("district", String(64), nullable=True),
    Column("ms", Integer, nullable=True),
    Column("channel", String(32), nullable=False),
    Column("snapshot", String(64), nullable=True),
    Column("degraded", Boolean, nullable=False, server_default=false()),
    Column("opened", Boolean, nullable=False, server_default=false()),
    Column("rated", Boolean, nullable=True),
    Column("rated_for", String(32), nullable=True),
)

question_groups = Table(
    "question_groups",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("state", String(16), nullable=False, index=True),
    Column("entry", String(96), nullable=True),
    Column("changed_at", UtcDateTime, nullable=False),
    Column("changed_by", String(64), nullable=False),
    Column("revision", Integer, nullable=False),
)

question_marks = Table(
    "question_marks",
    metadata,
    Column("question", String(32), primary_key=True),
    Column("group_id", ForeignKey("question_groups.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("seen_at", UtcDateTime, nullable=False),
)
