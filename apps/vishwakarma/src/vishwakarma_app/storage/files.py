"""Files: opened as hostile input, saved so that no half of one is ever there.

A file is read whole and taken apart in memory: SQLite never sees its path, so neither a journal
that lies beside it nor a lock of somebody else matters, and an older version is migrated without
touching what is on disk. The undo history is not saved.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import stat
from collections.abc import Iterator
from pathlib import Path

from vishwakarma_app.document import Document
from vishwakarma_app.errors import DocumentError, FileRefused
from vishwakarma_app.storage.replacing import replacing
from vishwakarma_app.storage.rows import read_rows, write_rows
from vishwakarma_app.storage.schema import APPLICATION_ID, MIGRATIONS, TABLES, VERSION

__all__ = ["LARGEST_FILE", "document_bytes", "parse_document", "read_document", "write_document"]

LARGEST_FILE = 1 << 30
_LARGEST_VALUE = 64 << 20
_MAGIC = b"SQLite format 3\0"


def read_document(path: str | os.PathLike[str], *, largest: int = LARGEST_FILE) -> Document:
    """Open a file.

    Args:
        path: where it is.
        largest: how many bytes it may have.

    Raises:
        FileRefused: it is no file of this format, damaged, hostile, too large, or newer.
        OSError: it cannot be read.
    """
    return parse_document(_read(Path(path), largest), name=Path(path).name)


def parse_document(data: bytes, *, name: str) -> Document:
    """Read the content of a file.

    Args:
        data: all of it.
        name: what messages call it.

    Raises:
        FileRefused: it is no file of this format, damaged, hostile, or newer.
    """
    if not data.startswith(_MAGIC):
        raise FileRefused(f"{name}: this is no Vishwakarma file")
    if len(data) != _length(data[:100]):
        raise FileRefused(f"{name}: the file is damaged: it has not the length that it should have")
    try:
        with contextlib.closing(sqlite3.connect(":memory:", isolation_level=None)) as database:
            _harden(database)
            database.deserialize(data)
            _check_header(database, name)
            _check_tables(database, name)
            _migrate(database)
            return read_rows(database)
    except sqlite3.Error as error:
        raise FileRefused(f"{name}: the file is damaged: {error}") from None
    except (ValueError, DocumentError) as error:
        raise FileRefused(f"{name}: {error}") from None


def write_document(path: str | os.PathLike[str], document: Document) -> None:
    """Save a document. What was there before is replaced at once, or stays if anything fails.

    Raises:
        OSError: it cannot be written.
    """
    data = document_bytes(document)
    with replacing(path) as file:
        file.write(data)


def document_bytes(document: Document) -> bytes:
    """A document as the content of a file."""
    with contextlib.closing(sqlite3.connect(":memory:", isolation_level=None)) as database:
        database.execute(f"PRAGMA application_id={APPLICATION_ID}")
        database.execute(f"PRAGMA user_version={VERSION}")
        with _transaction(database):
            for statement in TABLES[VERSION].values():
                database.execute(statement)
            write_rows(database, document)
        return database.serialize()


def _read(path: Path, largest: int) -> bytes:
    # A pipe of that name must not block the application.
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    with os.fdopen(descriptor, "rb") as file:
        about = os.fstat(file.fileno())
        if not stat.S_ISREG(about.st_mode):
            raise FileRefused(f"{path.name}: this is no regular file")
        data = file.read(largest + 1)
    if len(data) > largest:
        raise FileRefused(f"{path.name}: the file has more than {largest} bytes")
    return data


def _length(header: bytes) -> int:
    """How many bytes the header says the file has: pages, and how many. SQLite makes do with
    less.
    """
    page = int.from_bytes(header[16:18], "big")
    return (65_536 if page == 1 else page) * int.from_bytes(header[28:32], "big")


def _harden(database: sqlite3.Connection) -> None:
    """https://www.sqlite.org/security.html, for databases that one does not trust."""
    database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LARGEST_VALUE)
    database.setlimit(sqlite3.SQLITE_LIMIT_SQL_LENGTH, 100_000)
    database.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
    database.execute("PRAGMA trusted_schema=OFF")
    database.execute("PRAGMA cell_size_check=ON")


def _check_header(database: sqlite3.Connection, name: str) -> None:
    (application,) = database.execute("PRAGMA application_id").fetchone()
    (version,) = database.execute("PRAGMA user_version").fetchone()
    if application != APPLICATION_ID:
        raise FileRefused(f"{name}: this is a database of another application")
    if version > VERSION:
        raise FileRefused(
            f"{name}: the file has version {version}, and this application knows {VERSION}; "
            "open it with a newer one"
        )
    if version not in TABLES:
        raise FileRefused(f"{name}: there is no version {version} of the format")


def _check_tables(database: sqlite3.Connection, name: str) -> None:
    """Exactly our tables: no view, trigger, constraint or index whose SQL would run in here."""
    (version,) = database.execute("PRAGMA user_version").fetchone()
    expected = {("table", table, sql) for table, sql in TABLES[version].items()}
    found = set()
    for kind, entry, sql in database.execute("SELECT type, name, sql FROM sqlite_schema LIMIT 100"):
        if not (kind == "index" and sql is None):  # SQLite's own, for a primary key
            found.add((kind, entry, sql))
    if found != expected:
        odd = sorted(str(entry)[:40] for _, entry, _ in found ^ expected)
        raise FileRefused(f"{name}: its tables are not those of version {version}: {odd[0]!r}")
    (verdict,) = database.execute("PRAGMA quick_check(1)").fetchone()
    if verdict != "ok":
        raise FileRefused(f"{name}: the file is damaged: {str(verdict)[:200]}")


def _migrate(database: sqlite3.Connection) -> None:
    (version,) = database.execute("PRAGMA user_version").fetchone()
    with _transaction(database):
        for step in range(version, VERSION):
            MIGRATIONS[step](database)
        database.execute(f"PRAGMA user_version={VERSION}")


@contextlib.contextmanager
def _transaction(database: sqlite3.Connection) -> Iterator[None]:
    database.execute("BEGIN")
    yield
    database.execute("COMMIT")  # in memory: what fails is thrown away as a whole
