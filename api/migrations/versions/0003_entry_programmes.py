"""The programmes shown beside an entry's answer; entries that were there before show none.

The column is added in place: rebuilding the table, as SQLite's batch mode does, would drop it first and
take the wordings and quotes of every entry with it.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("entries", sa.Column("programmes", sa.JSON(), nullable=False, server_default="[]"))


def downgrade() -> None:
    op.drop_column("entries", "programmes")
