"""Other programs' configuration files: read whole, written whole, and never through a trap.

A file of the user's may be a link, as people who keep their settings elsewhere make them; the file
behind it is written. A project's file was made by whoever wrote the project, so one that leads out
of the project is refused.
"""

from __future__ import annotations

import os
import secrets
import stat
from pathlib import Path

from ringfence.errors import ConfigurationError

__all__ = ["check_writable", "read_file", "resolve", "write_file"]

_LARGEST = 32 << 20


def resolve(path: Path, project: Path | None) -> Path:
    """The file that is really meant.

    Args:
        path: as the client has it.
        project: the folder that it must stay in; None for a file of the user's.

    Raises:
        ConfigurationError: it leads out of the project.
    """
    try:
        real = path.resolve()
    except (OSError, RuntimeError) as error:
        raise ConfigurationError(f"{path}: {error}") from None
    if project is not None and not real.is_relative_to(project.resolve()):
        raise ConfigurationError(
            f"{path} leads out of the project, to {real}: it is neither read nor written"
        )
    return real


def read_file(path: Path, most: int = _LARGEST) -> bytes | None:
    """The bytes of a file; None where there is none.

    Args:
        path: of the file.
        most: bytes; 32 MiB if not given.

    Raises:
        ConfigurationError: it is no plain file, is larger, or cannot be read.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read: {error.strerror}") from None
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise ConfigurationError(f"{path} is no plain file")
        content = file.read(most + 1)
    if len(content) > most:
        raise ConfigurationError(f"{path} is larger than {most >> 20} MiB")
    return content


def check_writable(path: Path) -> None:
    """Let a file pass that its owner did not protect from being written, or that is not there.

    To put another one into its place asks for no such right: nobody else would look.

    Raises:
        ConfigurationError: it is read-only.
    """
    try:
        mode = path.stat().st_mode
    except OSError:
        return
    if not mode & 0o222:
        raise ConfigurationError(f"{path} is read-only, and is left as it is: chmod u+w it first")


def write_file(path: Path, content: bytes, *, private: bool = False) -> None:
    """Put a file there, in one step: whoever looks sees the old one or the new one.

    Args:
        path: of the file; its folder is made if it is not there.
        content: all of it.
        private: for this user's eyes only. A file that was there keeps its mode otherwise, and its
            owner.

    Raises:
        ConfigurationError: it cannot be written.
    """
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700 if private else 0o777)
        check_writable(path)
        was = path.stat() if path.exists() else None
        mode = 0o600 if was is None or private else stat.S_IMODE(was.st_mode)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        try:
            with os.fdopen(os.open(fresh, flags, 0o600), "wb") as file:
                file.write(content)
                if was is not None and was.st_uid != os.geteuid():
                    os.fchown(file.fileno(), was.st_uid, was.st_gid)
                os.fchmod(file.fileno(), mode)
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(path)
        except BaseException:
            fresh.unlink(missing_ok=True)
            raise
        _sync_folder(path.parent)
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be written: {error.strerror}") from None


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
