"""The user's own key for saved sessions: a file that is made on first use.

It is ``$XDG_STATE_HOME/ringfence/state.key``, or where else the system has such files. Who can read
it can make saves that restore; so a file that others could have read or written is refused.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
from pathlib import Path

from ringfence.errors import StateKeyNotUsable
from ringfence.system.access import access_of, close_to_others, make_private_folder
from ringfence.system.folders import state_folder
from ringfence.system.opening import FLAGS

__all__ = ["key_path", "user_key"]

_SIZE = 32
_REMEDY = "pass key= bytes of your own"


def key_path() -> Path:
    """Where the key of this user is.

    Raises:
        StateKeyNotUsable: nobody knows where this user's files belong.
    """
    try:
        return state_folder() / "state.key"
    except RuntimeError:
        raise StateKeyNotUsable(
            f"this user has no home folder to keep a key for saved states in; {_REMEDY}"
        ) from None


def user_key() -> bytes:
    """The key of this user; made if there is none.

    Raises:
        StateKeyNotUsable: the file cannot be made or read, or others could have read or written it.
    """
    path = key_path()
    try:
        try:
            return _read(path)
        except FileNotFoundError:
            _make(path)
            return _read(path)
    except OSError as error:
        raise StateKeyNotUsable(
            f"the key file {path} cannot be used: {error.strerror or error}; {_REMEDY}"
        ) from None


def _read(path: Path) -> bytes:
    _check_folder(path.parent)
    fd = os.open(path, os.O_RDONLY | FLAGS)
    try:
        status, access = os.fstat(fd), access_of(fd)
        if not stat.S_ISREG(status.st_mode):
            raise StateKeyNotUsable(f"the key file {path} is not a file; {_REMEDY}")
        if not access.own:
            raise StateKeyNotUsable(
                f"the key file {path} belongs to {access.owner}, not to the one who runs this; "
                f"{_REMEDY}"
            )
        if access.readable or access.writable:
            raise StateKeyNotUsable(
                f"the key file {path} is open to others ({access.rights}): they "
                "may know it. Remove it, and what was saved with it"
            )
        key = os.read(fd, _SIZE + 1)
    finally:
        os.close(fd)
    if len(key) != _SIZE:
        raise StateKeyNotUsable(
            f"the key file {path} does not hold a key of {_SIZE} bytes; remove it, or {_REMEDY}"
        )
    return key


def _check_folder(folder: Path) -> None:
    access = access_of(folder.resolve())
    if not access.trusted or access.writable:
        raise StateKeyNotUsable(
            f"the folder of the key file, {folder}, can be written by others; {_REMEDY}"
        )


def _make(path: Path) -> None:
    """A whole file or none: several processes may do this at once, and the first wins."""
    make_private_folder(path.parent, parents=True)
    _check_folder(path.parent)
    draft = path.with_name(f".{secrets.token_hex(8)}")
    fd = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | FLAGS, 0o600)
    try:
        try:
            close_to_others(draft, fd)
            os.write(fd, secrets.token_bytes(_SIZE))
            os.fsync(fd)
        finally:
            os.close(fd)
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
    finally:
        draft.unlink()
