"""Releases and what each changed, golden questions, what was taken back at once, and corrections."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "golden_questions",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("expects", sa.JSON(), nullable=True),
        sa.Column("origin", sa.String(16), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("content_hash", sa.String(64), nullable=False),
        sa.Column("shipped_hash", sa.String(64), nullable=True),
        sa.Column("updated_at", moment, nullable=False),
        sa.Column("updated_by", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_golden_questions")),
    )
    op.create_table(
        "releases",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("by", sa.String(64), nullable=False),
        sa.Column("published_by", sa.String(64), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("proposal", sa.JSON(), nullable=False),
        sa.Column("stamp", sa.String(64), nullable=False),
        sa.Column("knowledge", sa.String(64), nullable=False),
        sa.Column("snapshot", sa.String(64), nullable=False),
        sa.Column("before_snapshot", sa.String(64), nullable=False),
        sa.Column("report", sa.JSON(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("committed_at", moment, nullable=True),
        sa.Column("live_at", moment, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_releases")),
    )
    for column in ("state", "snapshot", "created_at", "committed_at"):
        op.create_index(op.f(f"ix_releases_{column}"), "releases", [column])
    op.create_table(
        "release_changes",
        sa.Column("release_id", sa.String(16), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("row_id", sa.String(160), nullable=False),
        sa.Column("before", sa.JSON(), nullable=True),
        sa.Column("after", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(
            ["release_id"],
            ["releases.id"],
            ondelete="CASCADE",
            name=op.f("fk_release_changes_release_id_releases"),
        ),
        sa.PrimaryKeyConstraint("release_id", "kind", "row_id", name=op.f("pk_release_changes")),
    )
    op.create_table(
        "publishing_leases",
        sa.Column("name", sa.String(32), nullable=False),
        sa.Column("holder", sa.String(160), nullable=False),
        sa.Column("by", sa.String(64), nullable=False),
        sa.Column("until", moment, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_publishing_leases")),
    )
    op.create_table(
        "publishing_jobs",
        sa.Column("job", sa.String(64), nullable=False),
        sa.Column("due", sa.String(160), nullable=False),
        sa.Column("taken_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("job", "due", name=op.f("pk_publishing_jobs")),
    )
    op.create_table(
        "withdrawals",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("target", sa.String(160), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by", sa.String(64), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("rows", sa.JSON(), nullable=False),
        sa.Column("reviewed_by", sa.String(64), nullable=True),
        sa.Column("reviewed_at", moment, nullable=True),
        sa.Column("review_note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_withdrawals")),
    )
    for column in ("state", "active"):
        op.create_index(op.f(f"ix_withdrawals_{column}"), "withdrawals", [column])
    op.create_table(
        "corrections",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("subject", sa.String(160), nullable=False),
        sa.Column("snapshot", sa.String(64), nullable=True),
        sa.Column("by", sa.String(64), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.Column("reached", sa.Integer(), nullable=False),
        sa.Column("known", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_corrections")),
    )
    op.create_table(
        "correction_deliveries",
        sa.Column("correction_id", sa.String(16), nullable=False),
        sa.Column("conversation_id", sa.String(64), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.ForeignKeyConstraint(
            ["correction_id"],
            ["corrections.id"],
            ondelete="CASCADE",
            name=op.f("fk_correction_deliveries_correction_id_corrections"),
        ),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            ondelete="CASCADE",
            name=op.f("fk_correction_deliveries_conversation_id_conversations"),
        ),
        sa.PrimaryKeyConstraint("correction_id", "conversation_id", name=op.f("pk_correction_deliveries")),
    )


def downgrade() -> None:
    for table in (
        "correction_deliveries",
        "corrections",
        "withdrawals",
        "publishing_jobs",
        "publishing_leases",
        "release_changes",
        "releases",
        "golden_questions",
    ):
        op.drop_table(table)
