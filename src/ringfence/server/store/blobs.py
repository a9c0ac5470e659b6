"""Bytes that rows point at, in the database or in files of a folder, in a transaction.

A file is whole before its row is kept, and goes when its row is gone: whatever ends the server in
between leaves files without rows, which the next start sweeps away, and never a row without a file.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Any

import sqlalchemy
from sqlalchemy import delete, insert, select

from ringfence.errors import BlobLost, StoreUnavailable
from ringfence.server.store.tables import blobs

__all__ = ["Blobs", "Folder", "portions"]

_INSERT = insert(blobs)
_FOUND = select(blobs.c.sha256, blobs.c.length, blobs.c.data)


class Folder:
    """Files of one database, by name.

    Args:
        path: the folder; it is made, for this user alone.
        full: files outlive a loss of power once they are synced.
    """

    def __init__(self, path: Path, *, full: bool) -> None:
        self._path = path
        self._full = full
        path.mkdir(mode=0o700, parents=True, exist_ok=True)

    def write(self, name: str, data: bytes) -> None:
        """Make a file that is there as a whole, or not at all.

        Raises:
            OSError: it cannot be written; nothing of it is left.
        """
        place = self._place(name)
        part = place.with_suffix(".part")
        try:
            try:
                descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            except FileNotFoundError:
                place.parent.mkdir(mode=0o700, exist_ok=True)
                descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb", buffering=0) as file:
                left = memoryview(data)
                while left:
                    left = left[file.write(left) :]
                if self._full:
                    os.fsync(descriptor)
            part.rename(place)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
        if self._full:
            _sync_folder(place.parent)
            _sync_folder(self._path)

    def read(self, name: str) -> bytes:
        """What is in a file.

        Raises:
            OSError: it is not there, or cannot be read.
        """
        return self._place(name).read_bytes()

    def remove(self, names: Iterable[str]) -> None:
        """Take files away; what cannot be taken away is left for the next sweep."""
        for name in names:
            with contextlib.suppress(OSError):
                self._place(name).unlink()

    def sweep(self, kept: set[str]) -> int:
        """Take away all files but those named, parts of files too; gives how many went."""
        went = 0
        for place in self._path.glob("*/*"):
            if place.suffix or place.name not in kept:
                with contextlib.suppress(OSError):
                    place.unlink()
                    went += 1
        return went

    def _place(self, name: str) -> Path:
        return self._path / name[:2] / name


class Blobs:
    """Blobs, in a transaction.

    Args:
        connection: in it.
        folder: where the bytes are; None where they are in the database.
    """

    def __init__(self, connection: sqlalchemy.Connection, folder: Folder | None) -> None:
        self._connection = connection
        self._folder = folder
        self._new: list[str] = []
        self._dropped: list[str] = []

    def put(self, data: bytes) -> str:
        """Keep bytes; gives the name to keep in a row. It is a new one each time, so that no other
        row ever points at the same bytes.

        Raises:
            StoreUnavailable: a file cannot be written, as on a full disk.
        """
        name = secrets.token_hex(16)
        if self._folder is not None:
            self._new.append(name)
            try:
                self._folder.write(name, data)
            except OSError as error:
                raise StoreUnavailable(
                    f"{len(data)} bytes cannot be kept in the folder of blobs: {error.strerror}"
                ) from error
        self._connection.execute(
            _INSERT,
            {
                "name": name,
                "length": len(data),
                "sha256": hashlib.sha256(data).hexdigest(),
                "data": data if self._folder is None else None,
            },
        )
        return name

    def get(self, name: str) -> bytes:
        """The bytes with a name.

        Raises:
            BlobLost: they are gone, or are others than those that were put.
        """
        row = self._connection.execute(_FOUND.where(blobs.c.name == name)).first()
        if row is None:
            raise BlobLost(f"there are no bytes with the name {name[:40]!r}")
        sha256, length, data = row
        if data is None:
            data = self._read(name)
        if len(data) != length or hashlib.sha256(data).hexdigest() != sha256:
            raise BlobLost(f"the bytes with the name {name} are not those that were written")
        return bytes(data)

    def drop(self, name: str) -> None:
        """Forget bytes, if they are there; a file goes when the transaction is kept."""
        self._connection.execute(delete(blobs).where(blobs.c.name == name))
        self._dropped.append(name)

    def drop_all(self, names: Collection[str]) -> None:
        """The same with many."""
        for some in portions(names):
            self._connection.execute(delete(blobs).where(blobs.c.name.in_(some)))
        self._dropped.extend(names)

    def mark(self) -> Any:
        """What was done until now, for :meth:`undo`."""
        return len(self._new), len(self._dropped)

    def undo(self, mark: Any) -> None:
        """Take away the files that were made since."""
        new, dropped = mark
        if self._folder is not None:
            self._folder.remove(self._new[new:])
        del self._new[new:], self._dropped[dropped:]

    def ended(self, *, kept: bool) -> None:
        """After the transaction: take away the files that no row points at."""
        if self._folder is not None:
            self._folder.remove(self._dropped if kept else self._new)

    def _read(self, name: str) -> bytes:
        if self._folder is None:
            raise BlobLost(
                f"the bytes with the name {name} are in a folder, and the server was started "
                "without one"
            )
        try:
            return self._folder.read(name)
        except OSError as error:
            raise BlobLost(f"the bytes with the name {name} are gone: {error.strerror}") from None


def portions(values: Iterable[str]) -> list[list[str]]:
    """As many at a time as one statement may name."""
    values = list(values)
    return [values[at : at + 200] for at in range(0, len(values), 200)]


def names_in_files(connection: sqlalchemy.Connection) -> set[str]:
    """All blobs that should be files."""
    return set(connection.scalars(select(blobs.c.name).where(blobs.c.data.is_(None))))


def _sync_folder(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
