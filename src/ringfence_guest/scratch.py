"""The guest's side of ``box.files``: what is in its scratch folder, for the host.

Every part of a name is opened beneath the one before it, without following a link, and only regular
files are read or written. The host checks all of it again: this code is in the guest's hands.
"""

from __future__ import annotations

import errno
import os
import stat
from typing import Any

from ringfence_guest.protocol import codec
from ringfence_guest.protocol.file_names import MAX_FILE_DEPTH
from ringfence_guest.protocol.framing import Frame

__all__ = ["Scratch"]

_FAR = 1 << 40
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
# Without O_NONBLOCK a FIFO would wait for its other end.
_FILE = os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
_PIECE = 1 << 16
_NO_MEMORY = codec.encode(["memory", "the guest has no memory left for it"], limit=_FAR)
_KINDS = {
    stat.S_IFDIR: "it is a folder",
    stat.S_IFLNK: "it is a symbolic link",
    stat.S_IFIFO: "it is a FIFO",
    stat.S_IFSOCK: "it is a socket",
}


class _Refused(Exception):
    """``kind`` is one of the protocol's, ``message`` is for people."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(kind, message)
        self.answer = [kind, message]


class Scratch:
    """The scratch folder.

    Args:
        root: its path; None where there is none.
    """

    def __init__(self, root: str | None = None) -> None:
        self.root = root

    def answer(self, frame: Frame, limit: int) -> tuple[bool, codec.Packed]:
        """Do what a ``file`` or ``files`` request asks: (whether it was done, what to say).

        Args:
            frame: the request.
            limit: bytes that the answer may have.
        """
        try:
            try:
                operation, name, content = codec.decode(frame.body, frame.blob, limit=_FAR)
                return True, codec.encode(self._do(operation, name, content, limit), limit=limit)
            except codec.ValueTooLarge:
                answer = ["too-large", f"it is more than what crosses with value={limit:,}"]
            except (_Refused, OSError) as error:
                answer = _why(error)
            return False, codec.encode(answer, limit=_FAR)
        except MemoryError:
            return False, _NO_MEMORY

    def listing(self, most: int) -> list[Any]:
        """``[True, names and sizes]``, or ``[False, why not]``; for the end of a save.

        Args:
            most: how many names there may be.
        """
        try:
            return [True, self._do("list", "", most, 0)]
        except (_Refused, OSError) as error:
            return [False, _why(error)]

    def _do(self, operation: str, name: str, content: Any, limit: int) -> Any:
        if self.root is None:
            raise _Refused("refused", "this guest has no scratch folder")
        if operation == "list":
            return self._list(content)
        folder, last = self._enter(name, make=operation == "write")
        try:
            if operation == "read":
                return _read(folder, last, limit)
            if operation == "write":
                return _write(folder, last, content)
            return _remove(folder, last)
        finally:
            os.close(folder)

    def _enter(self, name: str, *, make: bool) -> tuple[int, str]:
        """The folder that the last part of ``name`` lies in, open, and that part."""
        *folders, last = name.split("/")
        assert self.root is not None
        at = os.open(self.root, _FOLDER)
        for part in folders:
            try:
                try:
                    inner = os.open(part, _FOLDER, dir_fd=at)
                except FileNotFoundError:
                    if not make:
                        raise
                    os.mkdir(part, dir_fd=at)
                    inner = os.open(part, _FOLDER, dir_fd=at)
                except OSError as error:
                    if make and error.errno in (errno.ENOTDIR, errno.ELOOP):
                        raise _Refused("not-a-file", f"{part!r} is not a folder") from None
                    raise
            finally:
                os.close(at)
            at = inner
        return at, last

    def _list(self, most: int) -> list[str | int]:
        assert self.root is not None
        found: list[str | int] = []
        count = _walk(os.open(self.root, _FOLDER), self.root, "", 1, most, found)
        if count > most:
            raise _Refused("too-many", f"there are more than {most:,} files and folders")
        return found


def _why(error: _Refused | OSError) -> list[str]:
    if isinstance(error, _Refused):
        return error.answer
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return ["missing", "there is no such file"]
    return ["refused", error.strerror or type(error).__name__]


def _walk(
    folder: int, root: str, prefix: str, depth: int, most: int, found: list[str | int]
) -> int:
    """Add what is in an open folder, which is closed; returns how many names there were, and stops
    when they are more than ``most``.
    """
    count = 0
    inside = []
    # Where a listing takes no descriptor there are no threads that could exchange a folder.
    place = folder if os.scandir in os.supports_fd else f"{root}/{prefix}"
    try:
        with os.scandir(place) as entries:
            for entry in entries:
                count += 1
                if count > most:
                    return count
                try:
                    status = entry.stat(follow_symlinks=False)
                except FileNotFoundError:  # removed by a thread meanwhile
                    continue
                path = prefix + entry.name
                if stat.S_ISREG(status.st_mode):
                    found += (path, status.st_size)
                elif stat.S_ISLNK(status.st_mode):
                    found += (path, "link")
                elif not stat.S_ISDIR(status.st_mode):
                    found += (path, "special")
                elif depth == MAX_FILE_DEPTH:
                    found += (path, "deep")
                else:
                    inside.append(entry.name)
        for name in inside:
            try:
                inner = os.open(name, _FOLDER, dir_fd=folder)
            except OSError:
                found += (prefix + name, "unreadable")
                continue
            count += _walk(inner, root, f"{prefix}{name}/", depth + 1, most - count, found)
            if count > most:
                break
    finally:
        os.close(folder)
    return count


def _open_file(folder: int, name: str, flags: int) -> tuple[int, os.stat_result]:
    """A regular file and its status."""
    try:
        file = os.open(name, flags | _FILE, 0o666, dir_fd=folder)
    except OSError as error:
        if error.errno not in (errno.ELOOP, errno.ENXIO, errno.EISDIR):
            raise
        status = os.stat(name, dir_fd=folder, follow_symlinks=False)
        raise _Refused("not-a-file", _kind(status)) from None
    status = os.fstat(file)
    if not stat.S_ISREG(status.st_mode):
        os.close(file)
        raise _Refused("not-a-file", _kind(status))
    return file, status


def _kind(status: os.stat_result) -> str:
    return _KINDS.get(stat.S_IFMT(status.st_mode), "it is no regular file")


def _read(folder: int, name: str, limit: int) -> bytes:
    file, status = _open_file(folder, name, os.O_RDONLY)
    try:
        size, have = status.st_size, 0
        pieces: list[bytes] = []
        while max(size, have) <= limit:  # it may grow while it is read
            piece = os.read(file, _PIECE if pieces else size + 1)
            if not piece:
                return pieces[0] if len(pieces) == 1 else b"".join(pieces)
            pieces.append(piece)
            have += len(piece)
        raise _Refused(
            "too-large",
            f"it has {max(size, have):,} bytes; value={limit:,} is the most that crosses",
        )
    finally:
        os.close(file)


def _write(folder: int, name: str, content: bytes) -> None:
    file, _ = _open_file(folder, name, os.O_WRONLY | os.O_CREAT)
    try:
        os.ftruncate(file, 0)
        left = memoryview(content)
        while left:
            left = left[os.write(file, left) :]
    except OSError as error:
        raise _Refused("refused", f"{error.strerror}; what is there now is incomplete") from None
    finally:
        os.close(file)


def _remove(folder: int, name: str) -> None:
    status = os.stat(name, dir_fd=folder, follow_symlinks=False)
    if not stat.S_ISREG(status.st_mode):
        raise _Refused("not-a-file", _kind(status))
    os.unlink(name, dir_fd=folder)
