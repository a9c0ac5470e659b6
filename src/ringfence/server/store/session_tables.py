"""The tables of sessions and receipts; beside those of :mod:`.tables`."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
)

from ringfence.database.columns import Moment
from ringfence.server.store.tables import METADATA

__all__ = ["INLINE", "ageing", "receipts", "session_files", "sessions", "snapshots"]

INLINE = 32 << 10
"""Bytes of a state, a file or a reply that lie in its row; what is larger is a blob."""

sessions = Table(
    "sessions",
    METADATA,
    Column("tenant", String(64), primary_key=True),
    Column("id", String(128), primary_key=True),
    Column("created", Moment, nullable=False),
    Column("used", Moment, nullable=False),
    Column("turns", BigInteger, nullable=False),
    Column("saved_turn", BigInteger),
    Column("revision", BigInteger, nullable=False),  # of the change that the row is of
    Column("durability", String(16), nullable=False),
    Column("recipe", Text, nullable=False),  # JSON
    Column("lost", Text, nullable=False),  # JSON
    Column("state_bytes", BigInteger, nullable=False),
    Column("state", LargeBinary),
    Column("state_blob", String(32)),
    Index("ix_sessions_used", "used"),
)

session_files = Table(
    "session_files",
    METADATA,
    Column("tenant", String(64), primary_key=True),
    Column("session", String(128), primary_key=True),
    Column("digest", String(64), primary_key=True),  # of the name, which is too long for an index
    Column("name", Text, nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("data", LargeBinary),
    Column("blob", String(32)),
    ForeignKeyConstraint(["tenant", "session"], ["sessions.tenant", "sessions.id"]),
)

snapshots = Table(
    "snapshots",
    METADATA,
    Column("tenant", String(64), primary_key=True),
    Column("session", String(128), primary_key=True),
    Column("id", String(32), primary_key=True),
    Column("number", Integer, nullable=False),
    Column("turn", BigInteger, nullable=False),
    Column("created", Moment, nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("blob", String(32), nullable=False),
    ForeignKeyConstraint(["tenant", "session"], ["sessions.tenant", "sessions.id"]),
)

ageing = Table(
    "ageing",  # one row
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("seen", Moment, nullable=False),  # the latest moment that a server believed
)

receipts = Table(
    "receipts",
    METADATA,
    Column("tenant", String(64), primary_key=True),
    Column("key", String(200), primary_key=True),
    Column("fingerprint", String(64), nullable=False),
    Column("epoch", Integer, nullable=False),  # of the server that runs it
    Column("run_id", String(40), nullable=False),
    Column("session", String(128)),
    Column("began", Moment, nullable=False),
    Column("finished", Moment),
    Column("reply", LargeBinary),  # JSON, compressed
    Column("blob", String(32)),
    Column("bytes", BigInteger, nullable=False, server_default="0"),
    Index("ix_receipts_began", "began"),
)
