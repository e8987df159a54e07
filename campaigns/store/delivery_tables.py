"""The tables of delivery: runs, one row a recipient, and what residents did with what they got, in sums.

The row, not the queue, says what is still to do. A person stands in `deliveries` as a pseudonym, and goes
with the subscription's erasure; the sums name nobody.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Column,
    Date,
    Float,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from campaigns.store.tables import UtcDateTime, metadata

_OPEN, _SETTLED = text("settled_at IS NULL"), text("settled_at IS NOT NULL")

runs = Table(
    "runs",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("campaign_id", ForeignKey("campaigns.id"), nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("state", String(16), nullable=False, index=True),
    Column("held_for", Text, nullable=True),
    Column("content", JSON, nullable=False),
    Column("audience", JSON, nullable=False),
    Column("schedule", JSON, nullable=False),
    Column("frozen_hash", String(64), nullable=False),
    Column("recipients", Integer, nullable=False),
    Column("corrects", ForeignKey("runs.id"), nullable=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("started_at", UtcDateTime, nullable=True),
    Column("finished_at", UtcDateTime, nullable=True),
    UniqueConstraint("campaign_id", "due_at"),
)

# No foreign key to the subscription: the row's figures outlive it.
deliveries = Table(
    "deliveries",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("run_id", ForeignKey("runs.id"), nullable=False),
    Column("person", String(64), nullable=False),
    Column("channel", String(32), nullable=False),
    Column("district", String(32), nullable=True),
    Column("state", String(16), nullable=False),
    Column("reason", String(40), nullable=True),
    Column("attempts", Integer, nullable=False),
    Column("not_before", UtcDateTime, nullable=True),
    Column("leased_by", String(64), nullable=True),
    Column("lease_until", UtcDateTime, nullable=True),
    Column("settled_at", UtcDateTime, nullable=True),
    UniqueConstraint("run_id", "person", "channel"),
    # Open is what has no settled_at: both databases prove this condition from a query that repeats it.
    Index(
        "ix_deliveries_open",
        "run_id",
        "state",
        "channel",
        "not_before",
        sqlite_where=_OPEN,
        postgresql_where=_OPEN,
    ),
    Index(
        "ix_deliveries_settled",
        "person",
        "channel",
        "settled_at",
        sqlite_where=_SETTLED,
        postgresql_where=_SETTLED,
    ),
)

job_guards = Table(
    "job_guards",
    metadata,
    Column("job", String(64), nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("taken_by", String(64), nullable=False),
    Column("taken_at", UtcDateTime, nullable=False),
    PrimaryKeyConstraint("job", "due_at"),
)

channel_rates = Table(
    "channel_rates",
    metadata,
    Column("channel", String(32), primary_key=True),
    Column("tokens", Float, nullable=False),
    Column("filled_at", UtcDateTime, nullable=False),
)

run_sums = Table(
    "run_sums",
    metadata,
    Column("run_id", ForeignKey("runs.id", ondelete="CASCADE"), nullable=False),
    Column("what", String(16), nullable=False),
    Column("which", String(60), nullable=False),
    Column("day", Date, nullable=False),
    Column("count", Integer, nullable=False),
    PrimaryKeyConstraint("run_id", "what", "which", "day"),
)
"""`what`: opened, clicked, quiz, pledge, asked, unsubscribed; `which`: the link's or option's number."""
