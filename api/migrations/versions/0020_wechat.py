"""WeChat: until when chats may be written to, answers that wait to be fetched, mass sends by tag."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from api.store.tables import UtcDateTime

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "wechat_windows",
        sa.Column("channel", sa.String(32), nullable=False),
        sa.Column("chat_key", sa.String(64), nullable=False),
        sa.Column("open_until", UtcDateTime(), nullable=False),
        sa.Column("messages_left", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("channel", "chat_key", name="pk_wechat_windows"),
        sa.ForeignKeyConstraint(
            ["channel", "chat_key"],
            ["channel_addresses.channel", "channel_addresses.chat_key"],
            name="fk_wechat_windows_channel_chat_key",
            ondelete="CASCADE",
        ),
    )
    op.create_table(
        "wechat_waiting",
        sa.Column("chat_key", sa.String(64), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=True),
        sa.Column("promised_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("chat_key", name="pk_wechat_waiting"),
    )
    op.create_index("ix_wechat_waiting_promised_at", "wechat_waiting", ["promised_at"])
    op.create_table(
        "wechat_mass_sends",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("run_id", sa.String(40), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("tag_id", sa.Integer(), nullable=True),
        sa.Column("message_id", sa.String(64), nullable=True),
        sa.Column("reason", sa.String(40), nullable=True),
        sa.Column("result", sa.JSON(), nullable=True),
        sa.Column("held_until", UtcDateTime(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("sent_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_wechat_mass_sends"),
    )
    op.create_index("ix_wechat_mass_sends_message_id", "wechat_mass_sends", ["message_id"])
    op.create_index("ix_wechat_mass_sends_sent_at", "wechat_mass_sends", ["sent_at"])
    op.create_table(
        "wechat_ways",
        sa.Column("run_id", sa.String(40), nullable=False),
        sa.Column("person", sa.String(64), nullable=False),
        sa.Column("way", sa.String(16), nullable=False),
        sa.Column("mass_id", sa.String(32), nullable=True),
        sa.Column("tagged", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("run_id", "person", name="pk_wechat_ways"),
    )
    op.create_index("ix_wechat_ways_mass_id", "wechat_ways", ["mass_id"])


def downgrade() -> None:
    for table in ("wechat_ways", "wechat_mass_sends", "wechat_waiting", "wechat_windows"):
        op.drop_table(table)
