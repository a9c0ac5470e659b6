"""The tables. ``migrations/`` makes them; a test holds the two against each other."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
)

from ringfence.database.columns import NAMING, Moment

__all__ = [
    "METADATA",
    "audit",
    "audit_archives",
    "blobs",
    "keys",
    "owner",
    "stored",
    "tenants",
    "usage",
]

METADATA = MetaData(naming_convention=NAMING)

owner = Table(
    "owner",  # one row, which whoever writes locks first
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("name", String(32), nullable=False),  # of this database, at random: its folder of blobs
    Column("epoch", Integer, nullable=False),  # of the server that may write
    Column("batch", BigInteger, nullable=False),  # transactions of that server: see writing.py
    Column("access", BigInteger, nullable=False),  # changes of keys and tenants
    Column("audit_number", BigInteger, nullable=False),  # the end of the audit chain
    Column("audit_hash", String(64), nullable=False),
    CheckConstraint("id = 1", name="one"),
)

tenants = Table(
    "tenants",
    METADATA,
    Column("name", String(64), primary_key=True),
    Column("created", Moment, nullable=False),
    # Quotas; where there is none, the server's settings decide.
    Column("concurrent", Integer),
    Column("per_minute", Integer),
    Column("cpu_seconds_per_day", Float),
    Column("stored_bytes", BigInteger),
)

keys = Table(
    "keys",  # never deleted: what was revoked stays revoked
    METADATA,
    Column("id", String(16), primary_key=True),
    Column("tenant", String(64), ForeignKey("tenants.name"), nullable=False, index=True),
    Column("digest", String(64), nullable=False),
    Column("label", String(100), nullable=False),
    Column("scopes", JSON, nullable=False),
    Column("created", Moment, nullable=False),
    Column("expires", Moment),
    Column("revoked", Moment),
    Column("replaces", String(16)),
)

usage = Table(
    "usage",
    METADATA,
    Column("tenant", String(64), primary_key=True),
    Column("day", String(10), primary_key=True),  # UTC
    Column("runs", BigInteger, nullable=False),
    Column("cpu_seconds", Float(53), nullable=False),
    Index("ix_usage_day", "day"),
)

stored = Table(
    "stored",
    METADATA,
    Column("tenant", String(64), primary_key=True),
    Column("bytes", BigInteger, nullable=False),
)

audit = Table(
    "audit",
    METADATA,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("at", Moment, nullable=False),
    Column("kind", String(64), nullable=False),
    Column("tenant", String(64), nullable=False),
    Column("key_id", String(16)),
    Column("details", Text, nullable=False),  # JSON, as it was hashed
    Column("previous", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
)

audit_archives = Table(
    "audit_archives",  # the last row of each part of the chain that was taken out
    METADATA,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("hash", String(64), nullable=False),
    Column("at", Moment, nullable=False),
)

blobs = Table(
    "blobs",
    METADATA,
    Column("name", String(32), primary_key=True),
    Column("length", BigInteger, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("data", LargeBinary),  # none where they are a file
)
