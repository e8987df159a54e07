"""Channels: when each last worked and last failed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from api.store.tables import UtcDateTime

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "channel_health",
        sa.Column("channel", sa.String(32), nullable=False),
        sa.Column("worked_at", UtcDateTime(), nullable=True),
        sa.Column("failed_at", UtcDateTime(), nullable=True),
        sa.Column("reason", sa.String(60), nullable=True),
        sa.PrimaryKeyConstraint("channel", name="pk_channel_health"),
    )


def downgrade() -> None:
    op.drop_table("channel_health")
