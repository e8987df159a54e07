"""Subscriptions to campaign messages, and who consented to which wording when.

One active subscription a person and channel, one running row a topic: partial unique indexes hold both.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_ACTIVE = sa.text("state = 'active'")
_RUNNING = sa.text("ended_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "consent_wordings",
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("version", sa.String(length=32), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("first_shown_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_consent_wordings")),
    )
    op.create_table(
        "subscriptions",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("person", sa.String(length=64), nullable=False),
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("district", sa.String(length=32), nullable=True),
        sa.Column("setting", sa.String(length=16), nullable=True),
        sa.Column("frequency", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("consented_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("end_reason", sa.String(length=16), nullable=True),
        sa.CheckConstraint("(state = 'active') = (ended_at IS NULL)", name=op.f("ck_subscriptions_ended")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscriptions")),
    )
    op.create_index(op.f("ix_subscriptions_ended_at"), "subscriptions", ["ended_at"])
    op.create_index(op.f("ix_subscriptions_person_channel"), "subscriptions", ["person", "channel"])
    op.create_index(op.f("ix_subscriptions_state_district"), "subscriptions", ["state", "district"])
    op.create_index(
        "uq_subscriptions_active",
        "subscriptions",
        ["person", "channel"],
        unique=True,
        sqlite_where=_ACTIVE,
        postgresql_where=_ACTIVE,
    )
    op.create_table(
        "subscription_topics",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("subscription_id", sa.String(length=40), nullable=False),
        sa.Column("topic", sa.String(length=64), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["subscription_id"],
            ["subscriptions.id"],
            name=op.f("fk_subscription_topics_subscription_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscription_topics")),
    )
    op.create_index(
        op.f("ix_subscription_topics_subscription_id"), "subscription_topics", ["subscription_id"]
    )
    op.create_index(
        "uq_subscription_topics_running",
        "subscription_topics",
        ["topic", "subscription_id"],
        unique=True,
        sqlite_where=_RUNNING,
        postgresql_where=_RUNNING,
    )
    op.create_table(
        "consents",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("subscription_id", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("wording_hash", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("message_id", sa.String(length=64), nullable=True),
        sa.Column("topics", sa.JSON(), nullable=False),
        sa.Column("district", sa.String(length=32), nullable=True),
        sa.Column("setting", sa.String(length=16), nullable=True),
        sa.Column("frequency", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["subscription_id"],
            ["subscriptions.id"],
            name=op.f("fk_consents_subscription_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["wording_hash"], ["consent_wordings.hash"], name=op.f("fk_consents_wording_hash")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consents")),
    )
    op.create_index(op.f("ix_consents_subscription_id"), "consents", ["subscription_id"])
    op.create_table(
        "subscription_erasures",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("erased_on", sa.Date(), nullable=False),
        sa.Column("cause", sa.String(length=16), nullable=False),
        sa.Column("subscriptions", sa.Integer(), nullable=False),
        sa.Column("consents", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscription_erasures")),
    )


def downgrade() -> None:
    op.drop_table("subscription_erasures")
    op.drop_table("consents")
    op.drop_table("subscription_topics")
    op.drop_table("subscriptions")
    op.drop_table("consent_wordings")
