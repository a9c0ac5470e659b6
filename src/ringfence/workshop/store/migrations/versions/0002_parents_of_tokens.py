"""Which token made a token: one ends with the other."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column. Of tokens that are there nobody knows, and they stay by themselves."""
    op.add_column("tokens", sa.Column("parent", sa.String(length=16), nullable=True))
