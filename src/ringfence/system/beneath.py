"""Writing files beneath a folder that others may have put things into: no link is followed.

A file is made under a new name and renamed, so that what somebody planted under its name, a link of
either kind, is replaced and never written through.
"""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import stat
import sys
from pathlib import Path

from ringfence.system.links import is_link
from ringfence.system.opening import FLAGS, FOLDER

__all__ = ["Beneath"]

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | FLAGS


class Beneath:
    """A folder that files are written to; close it.

    On POSIX systems each part of a name is opened beneath the one before it. Windows opens nothing
    so: each part is looked at first, and whoever can put a junction there between that look and the
    next step leads the file elsewhere.

    Args:
        folder: an existing one, which itself may be a link.

    Raises:
        OSError: it is none, or may not be opened.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder.resolve() if sys.platform == "win32" else folder
        self._fd = -1
        if sys.platform != "win32":
            self._fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)

    def write(self, name: str, data: bytes) -> None:
        """Write a file, and make the folders that it is in.

        Args:
            name: relative, its parts separated by slashes, none of them ``.`` or ``..`` or, on
                Windows, what has another meaning there.
            data: all of it.

        Raises:
            OSError: it cannot be written, or something on the way is no folder.
        """
        *folders, last = name.split("/")
        draft = f".ringfence-{secrets.token_hex(8)}"
        if sys.platform == "win32":
            at = self._enter_path(folders)
            try:
                with os.fdopen(os.open(at / draft, _NEW, 0o666), "wb") as file:
                    file.write(data)
                (at / draft).replace(at / last)
            except BaseException:
                (at / draft).unlink(missing_ok=True)
                raise
            return
        fd = self._enter(folders)
        try:
            try:
                with os.fdopen(os.open(draft, _NEW, 0o666, dir_fd=fd), "wb") as file:
                    file.write(data)
                os.replace(draft, last, src_dir_fd=fd, dst_dir_fd=fd)
            except BaseException:
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(draft, dir_fd=fd)
                raise
        finally:
            os.close(fd)

    def _enter(self, folders: list[str]) -> int:
        at = os.dup(self._fd)
        try:
            for part in folders:
                # What has that name and is no folder is refused by the next step.
                with contextlib.suppress(FileExistsError):
                    os.mkdir(part, dir_fd=at)
                inner = os.open(part, FOLDER, dir_fd=at)
                os.close(at)
                at = inner
        except BaseException:
            os.close(at)
            raise
        return at

    def _enter_path(self, folders: list[str]) -> Path:
        at = self._path
        for part in folders:
            at /= part
            with contextlib.suppress(FileExistsError):
                at.mkdir()
            if what := self._look(at):
                raise NotADirectoryError(errno.ENOTDIR, f"{what} of this name is there")
        return at

    def _look(self, at: Path) -> str | None:
        """What is there that is neither a file nor a folder."""
        seen = at.lstat()
        if is_link(seen):
            return "a link"
        return None if stat.S_ISDIR(seen.st_mode) else "something that is no folder"

    def why_not_file(self, name: str) -> str | None:
        """What is there under this name that is no file; None for a file, or nothing.

        Args:
            name: of something directly in the folder.

        Raises:
            OSError: it cannot be looked at.
        """
        try:
            if sys.platform == "win32":
                mode = (self._path / name).lstat().st_mode
            else:
                mode = os.stat(name, dir_fd=self._fd, follow_symlinks=False).st_mode
        except FileNotFoundError:
            return None
        if stat.S_ISREG(mode):
            return None
        return "a link" if stat.S_ISLNK(mode) else "something that is no file"

    def close(self) -> None:
        """Let go of the folder. May be called again."""
        fd, self._fd = self._fd, -1
        if fd >= 0:
            os.close(fd)
