"""The rules by which a programme's amounts are worked out; programmes that were there before have none.

The column is added in place, as in 0003.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("programmes", sa.Column("rules", sa.JSON(), nullable=False, server_default="[]"))


def downgrade() -> None:
    op.drop_column("programmes", "rules")
