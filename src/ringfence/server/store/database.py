"""The database of a service: opened by one server at a time, written by one thread of it."""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Self, TypeVar

import sqlalchemy
from sqlalchemy.engine import URL
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from ringfence.database.address import read_address
from ringfence.database.engine import (
    Sync,
    is_no_room,
    make_engine,
    reading,
    reason_of,
    relieve,
    writing,
)
from ringfence.errors import BlobLost, ConfigurationError, Fenced, StoreUnavailable
from ringfence.server.store.blobs import Folder, names_in_files
from ringfence.server.store.checkpoints import Checkpoints
from ringfence.server.store.migrating import STEPS, WHAT
from ringfence.server.store.outage import NoRoom, Outage, Unreachable
from ringfence.server.store.owner import Owner
from ringfence.server.store.stored import USUAL
from ringfence.server.store.work import Work
from ringfence.server.store.writing import Change, Writer

__all__ = ["Store"]

T = TypeVar("T")

_PATIENCE = 10.0
_READERS = 4
_LOG_PAGES = 8_192  # 32 MiB, where checkpoints fall behind
_PAUSE = 0.1
_GRACE = 5.0
"""Seconds beyond ``patience`` until who waits is told that the database does not answer at all."""


class Store:
    """A service's database. Made by :meth:`open`.

    Who opens it as a server owns it from then on: an older server is *fenced*. All changes go
    through one thread, which keeps together what waits together, so that many small changes cost
    as much as a few. Nothing here is called from the event loop that could block it.

    Attributes:
        epoch: of this server; 0 where the database was opened without owning it.
        fenced: another server owns the database; nothing is written any more.
        stored_bytes: what is kept of a tenant that has no quota of its own, at most.
        timed: told of each ``read`` and ``write``, and the seconds that it took.
    """

    def __init__(
        self,
        url: URL,
        *,
        folder: Path | None,
        sync: Sync,
        patience: float,
        clock: Callable[[], datetime.datetime],
    ) -> None:
        self.epoch = 0
        self.fenced = False
        self.stored_bytes = USUAL
        self.timed: Callable[[str, float], None] = lambda kind, seconds: None
        self._url = url
        self._clock = clock
        self._patience = patience
        self._outage = Outage()
        self._engine = make_engine(
            url, patience=patience, what=WHAT, sync=sync, ping=False, log_pages=_LOG_PAGES
        )
        self._writing = writing(self._engine)
        self._reading = reading(self._engine)
        self._sync = sync
        self._place = folder
        self._folder: Folder | None = None
        self._batch = 0
        self._writer: Writer | None = None
        self._checkpoints: Checkpoints | None = None
        self._readers = ThreadPoolExecutor(_READERS, thread_name_prefix="ringfence-store-reader")

    @classmethod
    def open(
        cls,
        database: str,
        *,
        blobs: str = "database",
        sync: Sync = "normal",
        patience: float = _PATIENCE,
        owning: bool = True,
        migrating: bool = True,
        clock: Callable[[], datetime.datetime] = lambda: datetime.datetime.now(datetime.UTC),
    ) -> Self:
        """Open a database, make it what this version needs, and own it.

        Args:
            database: ``sqlite:///path`` or ``postgresql://user@host/name``.
            blobs: where bytes are kept: ``database``, or ``disk:PATH``, a folder; several databases
                may share it.
            sync: what a change that was acknowledged has survived with SQLite: ``normal`` the end
                of the process, also by kill -9; ``full`` a loss of power too. PostgreSQL's own
                settings decide about ``normal``; with ``full`` its ``synchronous_commit`` is on.
            patience: seconds to wait for a lock, and to try again for when the database is away.
            owning: as a server, which fences the one before. A tool that changes keys does not.
            migrating: make the schema, or bring it to this version; else it must be there.
            clock: the time, with a zone.

        Raises:
            ConfigurationError: one of these is wrong.
            StoreUnavailable: the database does not answer.
            StoreNotUsable: it is of a newer Ringfence; or of an older one, and is not migrated.
        """
        url = read_address(database, WHAT)
        folder = _read_blobs(blobs)
        _prepare_file(url, making=migrating)
        store = cls(url, folder=folder, sync=sync, patience=patience, clock=clock)
        try:
            store._begin(owning=owning, migrating=migrating)
        except BaseException:
            store.end()
            raise
        return store

    @property
    def name(self) -> str:
        """The database's address, without a password."""
        return self._url.render_as_string(hide_password=True)

    @property
    def answering(self) -> bool:
        """Whether the database answered when it was last asked."""
        return not self._outage.now

    def now(self) -> datetime.datetime:
        """The time, with a zone."""
        return self._clock()

    async def write(self, change: Callable[[Work], T]) -> T:
        """Change something; what ``change`` gives, once it is kept.

        Changes that wait together share one transaction; one that raises undoes only itself. It is
        done even if who asked no longer waits.

        Args:
            change: called in the writer's thread, and again if its transaction was not kept: it
                changes nothing but through its argument.

        Raises:
            StoreUnavailable: nothing was kept, or that is not known: see its ``kept``.
            Fenced: another server owns the database; nothing was kept.
            Exception: whatever ``change`` raises; nothing of it was kept.
        """
        if self.fenced:
            raise self._fence()
        writer = self._writer
        if writer is None:
            raise StoreUnavailable("the service's database was closed")
        wanted = Change(change, asyncio.get_running_loop())
        began = time.monotonic()
        writer.put(wanted)
        try:
            async with asyncio.timeout(self._patience + _GRACE):
                value: T = await asyncio.shield(wanted.future)
                self.timed("write", time.monotonic() - began)
                return value
        except TimeoutError as error:
            if wanted.future.done():
                raise  # the change's own
            self._outage.began()
            kept = False if writer.withdraw(wanted) else None
            raise StoreUnavailable(self._silent(), kept=kept) from error

    async def read(self, ask: Callable[[Work], T], *, unhurried: bool = False) -> T:
        """Read something, all of one moment.

        Args:
            ask: called in another thread; it changes nothing.
            unhurried: it may take as long as it takes.

        Raises:
            StoreUnavailable: the database does not answer.
            Exception: whatever ``ask`` raises.
        """
        began = time.monotonic()
        asked = asyncio.get_running_loop().run_in_executor(self._readers, self._ask, ask)
        try:
            async with asyncio.timeout(None if unhurried else self._patience + _GRACE):
                found = await asyncio.shield(asked)
                self.timed("read", time.monotonic() - began)
                return found
        except TimeoutError as error:
            if asked.done():
                raise
            self._outage.began()
            raise StoreUnavailable(self._silent()) from error

    async def check(self) -> None:
        """Let pass that the database answers, and is this server's still.

        Raises:
            StoreUnavailable: it does not answer.
            Fenced: another server owns it.
        """
        await self.read(lambda _: None)
        if self.fenced:
            raise self._fence()

    async def close(self) -> None:
        """Do what waits, and end all connections."""
        await asyncio.get_running_loop().run_in_executor(None, self.end)

    def end(self) -> None:
        """The same, from where no event loop is held up by it."""
        writer, self._writer = self._writer, None
        if writer is not None:
            writer.close()
        self._readers.shutdown()
        checkpoints, self._checkpoints = self._checkpoints, None
        if checkpoints is not None:
            checkpoints.close()
        self._engine.dispose()

    # -------------------------------------------------------------------------------- beginning

    def _begin(self, *, owning: bool, migrating: bool) -> None:
        owner, in_files = self._take(owning=owning, migrating=migrating)
        if self._place is not None:
            self._folder = _open_folder(self._place / owner.name, full=self._sync == "full")
            if owning:
                # Nobody else writes here: whoever did was fenced before the names were read.
                self._folder.sweep(in_files)
        self.epoch = owner.epoch if owning else 0
        self._batch = owner.batch
        if self._engine.dialect.name == "sqlite":
            self._checkpoints = Checkpoints(self._engine)
        self._writer = Writer(self._transact, self._outage, self._patience)

    def _take(self, *, owning: bool, migrating: bool) -> tuple[Owner, set[str]]:
        """Bring the schema to this version, and own the database; gives the blobs that are files.

        A server waits for a database that is being started, as long as its patience lasts.
        """
        began = time.monotonic()
        while True:
            try:
                with self._reporting():
                    if migrating:
                        with self._begun(self._writing) as connection:
                            STEPS.migrate(connection, self.name)
                    else:
                        with self._begun(self._reading) as connection:
                            STEPS.check(connection, self.name)
                    with self._begun(self._writing if owning else self._reading) as connection:
                        owner = Owner.read(connection, locked=owning)
                        in_files = names_in_files(connection)
                        if owning:
                            self._check_place(owner, len(in_files))  # before anybody is fenced
                            owner.epoch += 1
                            owner.keep(connection)
                        return owner, in_files
            except Unreachable as error:
                waits = owning and self._engine.dialect.name != "sqlite"
                if not waits or time.monotonic() - began >= self._patience:
                    raise StoreUnavailable(str(error)) from error
                time.sleep(_PAUSE)

    def _check_place(self, owner: Owner, count: int) -> None:
        """Let a folder pass that has the blobs of this database, if there are any.

        Raises:
            ConfigurationError: there is none, or another.
        """
        if count and self._place is None:
            raise ConfigurationError(
                f"the service's database {self.name} keeps {count} blobs in a folder: say which, "
                "with blobs disk:PATH, as before"
            )
        if count and self._place is not None and not (self._place / owner.name).is_dir():
            raise ConfigurationError(
                f"{self._place} has nothing of the service's database {self.name}, which keeps "
                f"{count} blobs in a folder: say which, with blobs disk:PATH, as before"
            )

    @contextlib.contextmanager
    def _begun(self, engine: sqlalchemy.Engine) -> Iterator[sqlalchemy.Connection]:
        """A connection in a transaction, which is kept unless the block raises."""
        with self._connected(engine) as connection:
            yield connection
            connection.commit()

    # ---------------------------------------------------------------------------------- writing

    def _transact(self, changes: list[Change], *, unsure: bool) -> None:
        work: Work | None = None
        keeping = kept = open_question = False
        try:
            with self._connected(self._writing) as connection:
                owner = Owner.read(connection, locked=True)
                if self._settled(owner, unsure=unsure):
                    return
                work = Work(connection, self._clock(), owner, self._folder, self.stored_bytes)
                for change in changes:
                    _attempt(change, work, alone=len(changes) == 1)
                if len(changes) == 1 and changes[0].error is not None:
                    connection.rollback()
                    return
                if self.epoch:
                    owner.batch += 1
                work.audit.flush()
                owner.keep(connection)
                keeping = True
                connection.commit()
                kept = True
                self._batch = owner.batch
                if self._checkpoints is not None:
                    self._checkpoints.written()
        except Unreachable as error:
            error.unsure = open_question = keeping
            raise
        finally:
            # Where nobody knows whether it was kept, files stay: the next start sweeps.
            if work is not None and not open_question:
                work.blobs.ended(kept=kept)

    def _settled(self, owner: Owner, *, unsure: bool) -> bool:
        """Whether a transaction that broke off was kept: each change has its value from then.

        Raises:
            Fenced: another server owns the database, and nothing was kept.
            StoreUnavailable: nobody knows whether it was kept.
        """
        fenced = self.epoch not in {0, owner.epoch}
        counted = self.epoch != 0 and not (fenced and owner.batch != self._batch)
        if unsure and not counted:
            self.fenced = self.fenced or fenced
            raise StoreUnavailable(
                f"the service's database {self.name} went away while it was changed, and nothing "
                "tells any more whether the change was kept",
                kept=None,
            )
        if fenced:
            raise self._fence()
        if unsure and owner.batch == self._batch + 1:
            self._batch = owner.batch
            return True
        return False

    # ---------------------------------------------------------------------------------- reading

    def _ask(self, ask: Callable[[Work], T]) -> T:
        lost = tried = False
        began = time.monotonic()
        while True:
            try:
                with self._connected(self._reading) as connection:
                    owner = Owner.read(connection)
                    if self.epoch and owner.epoch != self.epoch:
                        self.fenced = True
                    value = ask(Work(connection, self._clock(), owner, self._folder))
            except BlobLost:
                # Its file may have gone with its row after this transaction began: ask again.
                if lost:
                    raise
                lost = True
            except Unreachable as error:
                self._outage.began()
                waited = time.monotonic() - began
                if waited >= self._patience or self._outage.lasts(self._patience):
                    raise StoreUnavailable(str(error)) from error
                if tried:  # a connection from before the database was started again: at once
                    time.sleep(_PAUSE)
                tried = True
            else:
                self._outage.ended()
                return value

    @contextlib.contextmanager
    def _connected(self, engine: sqlalchemy.Engine) -> Iterator[sqlalchemy.Connection]:
        """A connection in a transaction, which is undone unless it was kept."""
        with self._reporting():
            try:
                connection = engine.connect()
            except OperationalError as error:
                raise Unreachable(self._away(error)) from error
            with connection:
                yield connection

    @contextlib.contextmanager
    def _reporting(self) -> Iterator[None]:
        """Around everything: a database that fails is told by name, and without its password."""
        try:
            yield
        except (IntegrityError, DataError):
            raise  # what was given is wrong, and not the database
        except DBAPIError as error:
            if error.connection_invalidated:
                raise Unreachable(self._away(error)) from error
            if is_no_room(error):
                relieve(self._engine)
                raise NoRoom(self._away(error)) from error
            raise StoreUnavailable(self._away(error)) from error
        except PoolTimeout as error:
            raise StoreUnavailable(self._away(error)) from error
        except SQLAlchemyError as error:
            raise StoreUnavailable(
                f"the service's database {self.name} cannot be used: {str(error)[:300]}"
            ) from error

    def _away(self, error: Exception) -> str:
        return f"the service's database {self.name} does not do its work: {reason_of(error)}"

    def _silent(self) -> str:
        return (
            f"the service's database {self.name} has not answered for {self._patience + _GRACE:g} s"
        )

    def _fence(self) -> Fenced:
        self.fenced = True
        return Fenced(
            f"another server was started on the service's database {self.name}, and owns it now; "
            "this one writes nothing any more"
        )


def _attempt(change: Change, work: Work, *, alone: bool) -> None:
    """Do one change of a transaction. What the database itself does wrong ends all of it."""
    change.value = change.error = None
    try:
        change.value = work.whole(change.change) if alone else work.part(change.change)
    except (IntegrityError, DataError) as error:
        change.error = error
    except SQLAlchemyError:
        raise
    except BaseException as error:
        change.error = error


def _read_blobs(blobs: str) -> Path | None:
    """The folder of blobs; None where they are in the database.

    Raises:
        ConfigurationError: it is neither.
    """
    if blobs == "database":
        return None
    kind, _, path = blobs.partition(":")
    if kind != "disk" or not Path(path).is_absolute():
        raise ConfigurationError("blobs: write database, or disk:/absolute/path")
    return Path(path)


def _open_folder(path: Path, *, full: bool) -> Folder:
    try:
        return Folder(path, full=full)
    except OSError as error:
        raise StoreUnavailable(f"the folder of blobs {path}: {error.strerror}") from error


def _prepare_file(url: URL, *, making: bool) -> None:
    """A file of SQLite's is this user's alone: it holds what guests were given."""
    if url.get_backend_name() != "sqlite":
        return
    path = Path(str(url.database))
    if not making:
        if not path.is_file():
            raise ConfigurationError(f"there is no database at {url}")
        return
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as error:
        raise StoreUnavailable(f"the service's database {url}: {error.strerror}") from error
