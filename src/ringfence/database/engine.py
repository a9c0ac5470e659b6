"""Connections, and how transactions begin on them."""

from __future__ import annotations

import contextlib
import sqlite3
from typing import Literal

import sqlalchemy
from sqlalchemy import Engine, event
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from ringfence.errors import ConfigurationError

__all__ = ["Sync", "is_no_room", "make_engine", "reading", "reason_of", "relieve", "writing"]

Sync = Literal["normal", "full"]
"""What a transaction that was kept survives. ``normal``: the end of the process, also by kill -9.
``full``: a loss of power too, as far as the disk keeps what it said it wrote."""

_WRITES = "ringfence_writes"
_LONGEST_REASON = 300
_LONGEST_LOG = 64 << 20


def make_engine(
    url: URL,
    *,
    patience: float,
    what: str,
    sync: Sync = "full",
    ping: bool = True,
    log_pages: int = 1_000,
) -> Engine:
    """An engine for a database of ours.

    Args:
        url: of :func:`ringfence.database.read_address`.
        patience: seconds to wait for a lock or a connection.
        what: whose it is, for people.
        sync: what a transaction survives. A PostgreSQL server decides by its own settings, where
            ``full`` asks for ``synchronous_commit`` whatever they say.
        ping: ask whether a connection still holds before it is used, which costs a round trip to
            a server. Who does without begins again when one does not.
        log_pages: how long SQLite's log grows before a commit moves it into the database's file.

    Raises:
        ConfigurationError: the driver is not installed.
    """
    if url.get_backend_name() == "sqlite":
        engine = sqlalchemy.create_engine(url, connect_args={"timeout": patience})
        level = "FULL" if sync == "full" else "NORMAL"

        def prepare(connection: sqlite3.Connection, _: object) -> None:
            connection.isolation_level = None  # transactions begin where we say so: _begin_sqlite
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute(f"PRAGMA synchronous = {level}")
            # Debian's SQLite overwrites what is deleted with zeros, which doubles what is written.
            connection.execute("PRAGMA secure_delete = FAST")
            connection.execute(f"PRAGMA wal_autocheckpoint = {int(log_pages)}")
            connection.execute(f"PRAGMA journal_size_limit = {_LONGEST_LOG}")
            with contextlib.suppress(sqlite3.OperationalError):  # read-only, or locked: as it is
                connection.execute("PRAGMA journal_mode = WAL")

        event.listen(engine, "connect", prepare)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    options = f"-c lock_timeout={int(patience * 1000)}"
    # A machine that is gone does not say so: the connection is given up after about the patience.
    alive = {
        "keepalives_idle": max(1, int(patience / 2)),
        "keepalives_interval": max(1, int(patience / 10)),
        "keepalives_count": 5,
        "tcp_user_timeout": int(patience * 1000),
    }
    if sync == "full":
        options += " -c synchronous_commit=on"
    try:
        return sqlalchemy.create_engine(
            url,
            pool_pre_ping=ping,  # a server that was started again is found again
            pool_timeout=patience,
            connect_args={"connect_timeout": max(2, int(patience)), "options": options, **alive},
        )
    except ModuleNotFoundError as error:
        if error.name != "psycopg":
            raise
        raise ConfigurationError(
            f"{what} on PostgreSQL needs psycopg: pip install 'ringfence[postgresql]'"
        ) from None


def writing(engine: Engine) -> Engine:
    """The same connections, for transactions that write: they lock at their beginning on SQLite."""
    return engine.execution_options(**{_WRITES: True})


def reading(engine: Engine) -> Engine:
    """The same connections, for transactions that only read: all of one moment."""
    if engine.dialect.name == "postgresql":
        return engine.execution_options(isolation_level="REPEATABLE READ")
    return engine  # SQLite has no other kind


def is_no_room(error: DBAPIError) -> bool:
    """Whether a database had no room for what it was to keep: less of it may fit."""
    if getattr(error.orig, "sqlite_errorcode", None) in {
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_TOOBIG,
    }:
        return True
    state = getattr(error.orig, "sqlstate", None) or ""
    return str(state)[:2] in {"53", "54"}  # insufficient resources, program limit exceeded


def relieve(engine: Engine) -> None:
    """Where the disk is full, give back what SQLite's log takes of it, if it can be done; so that
    something can be deleted.
    """
    if engine.dialect.name != "sqlite":
        return
    with contextlib.suppress(sqlite3.Error, SQLAlchemyError):
        connection = engine.raw_connection()
        try:
            connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        finally:
            connection.close()


def reason_of(error: Exception) -> str:
    """What a database said is wrong: one line, without the statement and its values."""
    said = str(getattr(error, "orig", None) or error).strip().partition("\n")[0]
    return said[:_LONGEST_REASON]


def _begin_sqlite(connection: sqlalchemy.Connection) -> None:
    # Whoever will write takes the lock first: two that both read before they write would fail.
    writes = connection.get_execution_options().get(_WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
