"""The pseudonym of each conversation, so that what the dialogue asks for finds its way back.

Conversations that were there before get theirs with their next turn.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("conversations", sa.Column("pseudonym", sa.String(40), nullable=True))
    op.create_index("ix_conversations_pseudonym", "conversations", ["pseudonym"])


def downgrade() -> None:
    op.drop_index("ix_conversations_pseudonym", "conversations")
    op.drop_column("conversations", "pseudonym")
