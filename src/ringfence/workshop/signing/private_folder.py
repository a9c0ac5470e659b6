"""A folder that is this user's alone, whose files are whole or not there, and never links.

Every file is opened below a descriptor of the folder, without following a link, and replaced by
rename(2) after fsync(2): whoever reads sees the bytes from before or after, also after a crash.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from ringfence.errors import WorkshopNotUsable

__all__ = ["FileIdentity", "PrivateFolder"]

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_LOCK = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_DRAFT = ".draft-"


class FileIdentity(NamedTuple):
    """Which bytes a name stands for: it changes when the file is written or replaced.

    The time of change (``ctime``) cannot be set by a program, unlike that of modification.
    """

    device: int
    inode: int
    size: int
    modified: int
    changed: int

    @classmethod
    def of(cls, status: os.stat_result) -> FileIdentity:
        """Of what stat(2) says."""
        return cls(
            status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns
        )


class PrivateFolder:
    """A folder of this user's; made with mode 0700 where it is not there.

    Args:
        path: where.
        create: whether to make it; its parents must be there or be made, too.
        within: the folder that it is in, opened each time as this one is; None takes the way to
            it as it is.

    Raises:
        WorkshopNotUsable: it is a link, another user's, or others may write to it.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        create: bool = True,
        within: PrivateFolder | None = None,
    ) -> None:
        self.path = Path(path).absolute()
        self._within = within
        if create:
            try:
                self.path.parent.mkdir(parents=True, exist_ok=True)
                self.path.mkdir(mode=0o700, exist_ok=True)
            except OSError as error:
                raise WorkshopNotUsable(f"{self.path} cannot be made: {error.strerror}") from error
        with self._opened():
            pass

    def folder(self, name: str) -> PrivateFolder:
        """The folder of this name in it; made where it is not there."""
        return PrivateFolder(self.path / name, within=self)

    @contextlib.contextmanager
    def locked(self, name: str = "lock") -> Iterator[None]:
        """Alone: other processes and threads that lock it wait until this is done."""
        with self._opened() as folder:
            try:
                lock = os.open(name, _LOCK, 0o600, dir_fd=folder)
            except OSError as error:
                raise self._unusable(name, error) from error
        try:
            if not stat.S_ISREG(os.fstat(lock).st_mode):
                raise WorkshopNotUsable(f"{self.path / name} is no ordinary file; remove it")
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)

    def identity(self, name: str) -> FileIdentity | None:
        """Of a file; None where there is none."""
        with self._opened() as folder:
            try:
                return FileIdentity.of(os.stat(name, dir_fd=folder, follow_symlinks=False))
            except FileNotFoundError:
                return None
            except OSError as error:
                raise self._unusable(name, error) from error

    def read(
        self, name: str, most: int, *, private: bool = False
    ) -> tuple[bytes, FileIdentity] | None:
        """The bytes of a file and which they are; None where there is none.

        Args:
            name: of the file.
            most: bytes of it.
            private: whether others may not even read it.

        Raises:
            WorkshopNotUsable: it is a link, no ordinary file, or larger than ``most`` bytes.
        """
        with self._opened() as folder:
            try:
                descriptor = os.open(name, _READ, dir_fd=folder)
            except FileNotFoundError:
                return None
            except OSError as error:
                raise self._unusable(name, error) from error
        with open(descriptor, "rb") as file:  # noqa: PTH123 - a descriptor, which Path cannot open
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                raise WorkshopNotUsable(f"{self.path / name} is no ordinary file; remove it")
            if status.st_mode & 0o022 or status.st_uid != os.geteuid():
                raise WorkshopNotUsable(
                    f"{self.path / name} is another user's, or others may write to it; remove it"
                )
            if private and status.st_mode & 0o077:
                raise WorkshopNotUsable(
                    f"{self.path / name} is open to others (mode {status.st_mode & 0o777:04o}): "
                    "they may have copied the key. Replace it (rotate)"
                )
            data = file.read(most + 1)
        if len(data) > most:
            raise WorkshopNotUsable(
                f"{self.path / name} has more than {most:,} bytes, which nothing here writes; "
                "remove it"
            )
        return data, FileIdentity.of(status)

    def write(self, name: str, data: bytes) -> None:
        """Put a file there, or replace it: whole, and on the disk when this returns.

        Raises:
            WorkshopNotUsable: the disk is full, or the folder cannot be written to.
        """
        draft = f"{_DRAFT}{os.getpid()}-{os.urandom(6).hex()}"
        with self._opened() as folder:
            try:
                fcntl.flock(folder, fcntl.LOCK_SH)  # until the descriptor is closed: see sweep()
                descriptor = os.open(draft, _NEW, 0o600, dir_fd=folder)
                try:
                    try:
                        view = memoryview(data)
                        while view:
                            view = view[os.write(descriptor, view) :]
                        os.fsync(descriptor)
                    finally:
                        os.close(descriptor)
                    os.replace(draft, name, src_dir_fd=folder, dst_dir_fd=folder)
                except BaseException:
                    with contextlib.suppress(FileNotFoundError):
                        os.unlink(draft, dir_fd=folder)
                    raise
                os.fsync(folder)
            except OSError as error:
                raise self._unusable(name, error) from error

    def remove(self, name: str) -> None:
        """Remove a file, if it is there."""
        with self._opened() as folder, contextlib.suppress(FileNotFoundError):
            try:
                os.unlink(name, dir_fd=folder)
            except FileNotFoundError:
                raise
            except OSError as error:
                raise self._unusable(name, error) from error

    def names(self) -> list[str]:
        """What is in it, sorted; drafts of writers that were killed are left out."""
        return [name for name in self._entries() if not name.startswith(_DRAFT)]

    def sweep(self) -> None:
        """Remove the drafts of writers that were killed; nothing while somebody writes."""
        with self._opened() as folder:
            try:
                fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return
            for name in os.listdir(folder):  # noqa: PTH208 - a descriptor
                if name.startswith(_DRAFT):
                    os.unlink(name, dir_fd=folder)

    def _entries(self) -> list[str]:
        with self._opened() as folder:
            return sorted(os.listdir(folder))  # noqa: PTH208 - a descriptor

    @contextlib.contextmanager
    def _opened(self) -> Iterator[int]:
        try:
            if self._within is None:
                descriptor = os.open(self.path, _FOLDER)
            else:
                with self._within._opened() as folder:
                    descriptor = os.open(self.path.name, _FOLDER, dir_fd=folder)
        except OSError as error:
            raise WorkshopNotUsable(
                f"{self.path} cannot be opened as a folder: {error.strerror}; it must be a folder "
                "of your own, and no link to one"
            ) from error
        try:
            status = os.fstat(descriptor)
            if status.st_uid != os.geteuid() or status.st_mode & 0o022:
                raise WorkshopNotUsable(
                    f"{self.path} is another user's, or others may write to it: what is in it "
                    "could be theirs; use a folder of your own with mode 0700"
                )
            yield descriptor
        finally:
            os.close(descriptor)

    def _unusable(self, name: str, error: OSError) -> WorkshopNotUsable:
        return WorkshopNotUsable(
            f"{self.path / name} cannot be used: {error.strerror}; it must be an ordinary file of "
            "your own, and no link"
        )
