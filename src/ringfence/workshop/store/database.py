"""Which database, and its transactions: SQLite as a file, or a PostgreSQL server."""

from __future__ import annotations

import contextlib
import datetime
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Self

import sqlalchemy
from sqlalchemy import Engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

from ringfence.errors import ConfigurationError, WorkshopNotAvailable
from ringfence.workshop.store.accounts import Accounts
from ringfence.workshop.store.audit import Audit
from ringfence.workshop.store.migrating import check_revision, migrate
from ringfence.workshop.store.plugins import Plugins
from ringfence.workshop.store.submissions import Submissions

__all__ = ["Store", "Work"]

_PATIENCE = 10.0
_WRITES = "ringfence_writes"


class Work:
    """One transaction: all of it is kept, or nothing.

    Attributes:
        accounts, plugins, submissions, audit: what can be read and changed in it.
    """

    def __init__(self, session: Session, now: datetime.datetime) -> None:
        self.now = now
        self.audit = Audit(session, now)
        self.accounts = Accounts(session, now)
        self.plugins = Plugins(session, now)
        self.submissions = Submissions(session, now)


class Store:
    """A workshop's database.

    Args:
        database: ``sqlite:///path`` or ``postgresql://user@host/name``, or the path of a file,
            which is SQLite.
        clock: the time, with a zone.
        patience: seconds to wait for a lock or a connection.

    Raises:
        ConfigurationError: ``database`` names no database that is supported.
    """

    def __init__(
        self,
        database: str,
        *,
        clock: Callable[[], datetime.datetime] = lambda: datetime.datetime.now(datetime.UTC),
        patience: float = _PATIENCE,
    ) -> None:
        self._url = read_address(database)
        self._clock = clock
        self._engine = _make_engine(self._url, patience)
        self._writing = self._engine.execution_options(**{_WRITES: True})
        # What is read in one transaction is of one moment; SQLite has no other kind.
        self._reading = self._engine
        if self._engine.dialect.name == "postgresql":
            self._reading = self._engine.execution_options(isolation_level="REPEATABLE READ")

    @property
    def name(self) -> str:
        """The database's address, without a password."""
        return self._url.render_as_string(hide_password=True)

    @classmethod
    def open(cls, database: str, *, migrating: bool = True, **options: Any) -> Self:
        """A database that has the schema of this version.

        Args:
            database: as for the class.
            migrating: make the schema, or bring it to this version; else it must be there.
            options: as for the class.

        Raises:
            WorkshopNotUsable: it is of a newer Ringfence; or of an older one, and is not migrated.
            WorkshopNotAvailable: it does not answer.
        """
        store = cls(database, **options)
        try:
            if migrating:
                store.migrate()
            else:
                with store._reporting(), store._engine.connect() as connection:
                    check_revision(connection, store.name)
        except BaseException:
            store.close()
            raise
        return store

    def migrate(self) -> tuple[str | None, str]:
        """Bring the schema to this version; gives the revisions before and after.

        Raises:
            WorkshopNotUsable: the database is of a newer Ringfence.
            WorkshopNotAvailable: it does not answer.
        """
        with self._reporting(), self._writing.begin() as connection:
            return migrate(connection, self.name)

    @contextlib.contextmanager
    def write(self) -> Iterator[Work]:
        """A transaction that changes something: kept when the block ends, undone when it raises.

        Raises:
            WorkshopNotAvailable: the database does not answer, is locked, or cannot be written.
                Nothing was kept, unless the connection broke while it was being kept.
        """
        with self._reporting(), Session(self._writing) as session, session.begin():
            yield Work(session, self._clock())

    @contextlib.contextmanager
    def read(self) -> Iterator[Work]:
        """A transaction that only reads.

        Raises:
            WorkshopNotAvailable: the database does not answer.
        """
        with self._reporting(), Session(self._reading) as session:
            yield Work(session, self._clock())

    def close(self) -> None:
        """End all connections."""
        self._engine.dispose()

    @contextlib.contextmanager
    def _reporting(self) -> Iterator[None]:
        """Around everything: a database that fails is told by name, and without its password."""
        try:
            yield
        except sqlalchemy.exc.IntegrityError:
            raise  # a fault of ours: what can collide is caught where it can
        except (DBAPIError, PoolTimeout) as error:
            said = str(getattr(error, "orig", None) or error).strip().partition("\n")[0]
            raise WorkshopNotAvailable(
                f"the workshop's database {self.name} does not do its work: {said[:300]}; what was "
                "begun is finished or undone when it answers again"
            ) from error
        except SQLAlchemyError as error:
            raise WorkshopNotAvailable(
                f"the workshop's database {self.name} cannot be used: {str(error)[:300]}"
            ) from error


def read_address(database: str) -> URL:
    """The address of a database.

    Raises:
        ConfigurationError: it is none, or of a kind that is not supported.
    """
    if "://" not in database:
        return URL.create("sqlite", database=str(Path(database).absolute()))
    try:
        url = make_url(database)
    except (ArgumentError, ValueError):
        raise ConfigurationError(
            "the workshop's database: write sqlite:///path or postgresql://user@host/name"
        ) from None
    if url.get_backend_name() == "postgresql":
        return url.set(drivername="postgresql+psycopg")
    if url.get_backend_name() == "sqlite" and url.database not in {None, "", ":memory:"}:
        return url.set(drivername="sqlite")
    raise ConfigurationError(
        f"the workshop's database: {url.render_as_string(hide_password=True)} is not supported; "
        "it may be a file of SQLite's (sqlite:///path) or on a PostgreSQL server "
        "(postgresql://user@host/name)"
    )


def _make_engine(url: URL, patience: float) -> Engine:
    if url.get_backend_name() == "sqlite":
        engine = sqlalchemy.create_engine(url, connect_args={"timeout": patience})
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    try:
        return sqlalchemy.create_engine(
            url,
            pool_pre_ping=True,  # a server that was started again is found again
            pool_timeout=patience,
            connect_args={
                "connect_timeout": max(2, int(patience)),
                "options": f"-c lock_timeout={int(patience * 1000)}",
            },
        )
    except ModuleNotFoundError as error:
        if error.name != "psycopg":
            raise
        raise ConfigurationError(
            "a workshop's database on PostgreSQL needs psycopg: pip install 'ringfence[postgresql]'"
        ) from None


def _prepare_sqlite(connection: sqlite3.Connection, _: object) -> None:
    connection.isolation_level = None  # transactions begin where we say so: _begin_sqlite
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA synchronous = FULL")
    with contextlib.suppress(sqlite3.OperationalError):  # read-only, or locked: as it is, then
        connection.execute("PRAGMA journal_mode = WAL")


def _begin_sqlite(connection: sqlalchemy.Connection) -> None:
    # Whoever will write takes the lock first: two that both read before they write would fail.
    writes = connection.get_execution_options().get(_WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
