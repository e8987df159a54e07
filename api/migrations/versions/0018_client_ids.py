"""The id that a client gives its message, so that a message sent twice is answered once."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("messages", sa.Column("client_id", sa.String(64), nullable=True))
    columns = ["conversation_id", "client_id"]
    op.create_index("ix_messages_conversation_id_client_id", "messages", columns, unique=True)


def downgrade() -> None:
    op.drop_index("ix_messages_conversation_id_client_id", "messages")
    op.drop_column("messages", "client_id")
