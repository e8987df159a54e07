"""Claims: a message with a client id is answered by one process."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from api.store.tables import UtcDateTime

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "turn_claims",
        sa.Column("conversation_id", sa.String(64), nullable=False),
        sa.Column("client_id", sa.String(64), nullable=False),
        sa.Column("held_until", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("conversation_id", "client_id", name="pk_turn_claims"),
    )


def downgrade() -> None:
    op.drop_table("turn_claims")
