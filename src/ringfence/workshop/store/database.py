"""Which database, and its transactions: SQLite as a file, or a PostgreSQL server."""

from __future__ import annotations

import contextlib
import datetime
from collections.abc import Callable, Iterator
from typing import Any, Self

import sqlalchemy
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

from ringfence.database.address import read_address
from ringfence.database.engine import make_engine, reading, reason_of, writing
from ringfence.errors import WorkshopNotAvailable
from ringfence.workshop.store.accounts import Accounts
from ringfence.workshop.store.audit import Audit
from ringfence.workshop.store.migrating import STEPS, WHAT
from ringfence.workshop.store.plugins import Plugins
from ringfence.workshop.store.submissions import Submissions

__all__ = ["Store", "Work"]

_PATIENCE = 10.0


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
        self._url = read_address(database, WHAT)
        self._clock = clock
        self._engine = make_engine(self._url, patience=patience, what=WHAT)
        self._writing = writing(self._engine)
        self._reading = reading(self._engine)

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
                    STEPS.check(connection, store.name)
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
            return STEPS.migrate(connection, self.name)

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
            raise WorkshopNotAvailable(
                f"the workshop's database {self.name} does not do its work: {reason_of(error)}; "
                "what was begun is finished or undone when it answers again"
            ) from error
        except SQLAlchemyError as error:
            raise WorkshopNotAvailable(
                f"the workshop's database {self.name} cannot be used: {str(error)[:300]}"
            ) from error
