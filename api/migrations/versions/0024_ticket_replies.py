"""Staff's replies on their way into a chat app, and how long what waits to be fetched in WeChat is kept."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from api.store.tables import UtcDateTime

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "ticket_replies",
        sa.Column("position", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("message_id", sa.String(64), nullable=False),
        sa.Column("ticket_id", sa.String(8), nullable=False),
        sa.Column("channel", sa.String(32), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("claimed_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["tickets.id"], name="fk_ticket_replies_ticket_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("position", name="pk_ticket_replies"),
        sa.UniqueConstraint("message_id", name="uq_ticket_replies_message_id"),
    )
    op.create_index("ix_ticket_replies_ticket_id", "ticket_replies", ["ticket_id"])
    op.create_index("ix_ticket_replies_channel", "ticket_replies", ["channel"])
    op.add_column("wechat_waiting", sa.Column("keep_until", UtcDateTime(), nullable=True))


def downgrade() -> None:
    op.drop_column("wechat_waiting", "keep_until")
    op.drop_table("ticket_replies")
