"""Spans elsewhere that say the same as an entry's own; those that were there before are its own.

The column is added in place, as in 0003: a rebuilt table would lose the quotes.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("entry_quotes", sa.Column("also", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    op.drop_column("entry_quotes", "also")
