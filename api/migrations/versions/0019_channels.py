"""Channels: addresses of chats, updates handled once, and what an administrator confirmed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from api.store.tables import UtcDateTime

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "channel_addresses",
        sa.Column("channel", sa.String(32), nullable=False),
        sa.Column("chat_key", sa.String(64), nullable=False),
        sa.Column("conversation_id", sa.String(64), nullable=False),
        sa.Column("person", sa.String(40), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("choices", sa.JSON(), nullable=True),
        sa.Column("noticed_at", UtcDateTime(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("last_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("channel", "chat_key", name="pk_channel_addresses"),
        sa.UniqueConstraint("conversation_id", name="uq_channel_addresses_conversation_id"),
    )
    op.create_index("ix_channel_addresses_person", "channel_addresses", ["person"])
    op.create_index("ix_channel_addresses_last_at", "channel_addresses", ["last_at"])
    op.create_table(
        "channel_updates",
        sa.Column("channel", sa.String(32), nullable=False),
        sa.Column("update_id", sa.String(128), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=True),
        sa.Column("held_until", UtcDateTime(), nullable=False),
        sa.Column("received_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("channel", "update_id", name="pk_channel_updates"),
    )
    op.create_index("ix_channel_updates_received_at", "channel_updates", ["received_at"])
    op.create_index("ix_channel_updates_channel_state", "channel_updates", ["channel", "state"])
    op.create_table(
        "channel_confirmations",
        sa.Column("channel", sa.String(32), nullable=False),
        sa.Column("confirmed_by", sa.String(64), nullable=False),
        sa.Column("confirmed_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("channel", name="pk_channel_confirmations"),
    )


def downgrade() -> None:
    op.drop_table("channel_confirmations")
    op.drop_table("channel_updates")
    op.drop_table("channel_addresses")
