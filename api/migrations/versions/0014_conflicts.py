"""Conflicts that staff decided to live with, each with the reason."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from knowledge.store.tables import UtcDateTime

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "conflicts_set_aside",
        sa.Column("id", sa.Integer(), nullable=False, autoincrement=True),
        sa.Column("finding", sa.String(32), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("subjects", sa.JSON(), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by", sa.String(64), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("taken_back_by", sa.String(64), nullable=True),
        sa.Column("taken_back_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_conflicts_set_aside"),
    )
    op.create_index(
        "uq_conflicts_set_aside_standing",
        "conflicts_set_aside",
        ["finding"],
        unique=True,
        sqlite_where=sa.text("taken_back_at IS NULL"),
        postgresql_where=sa.text("taken_back_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_index("uq_conflicts_set_aside_standing", "conflicts_set_aside")
    op.drop_table("conflicts_set_aside")
