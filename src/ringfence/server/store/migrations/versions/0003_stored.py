"""How many bytes are kept of each tenant, what it may have; and where the audit was cut off."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "service_0003"
down_revision = "service_0002"
branch_labels = None
depends_on = None

_OF_RECEIPTS = """
UPDATE receipts SET bytes = COALESCE(
    LENGTH(reply), (SELECT length FROM blobs WHERE blobs.name = receipts.blob), 0)
"""
_OF_TENANTS = """
INSERT INTO stored (tenant, bytes)
SELECT tenant, SUM(bytes) FROM (
    SELECT tenant, state_bytes AS bytes FROM sessions
    UNION ALL SELECT tenant, bytes FROM session_files
    UNION ALL SELECT tenant, bytes FROM snapshots
    UNION ALL SELECT tenant, bytes FROM receipts
) AS kept GROUP BY tenant
"""


def upgrade() -> None:
    """Add them, and count what is there."""
    op.add_column("tenants", sa.Column("stored_bytes", sa.BigInteger(), nullable=True))
    op.add_column(
        "receipts", sa.Column("bytes", sa.BigInteger(), nullable=False, server_default="0")
    )
    op.create_table(
        "stored",
        sa.Column("tenant", sa.String(length=64), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", name=op.f("pk_stored")),
    )
    op.create_table(
        "audit_archives",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_audit_archives")),
    )
    op.execute(_OF_RECEIPTS)
    op.execute(_OF_TENANTS)


def downgrade() -> None:
    """Drop them."""
    op.drop_table("audit_archives")
    op.drop_table("stored")
    op.drop_column("receipts", "bytes")
    op.drop_column("tenants", "stored_bytes")
