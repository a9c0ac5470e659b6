"""Who owns a file, and whether others may use it: by its mode, on Windows by its list of rights."""

from __future__ import annotations

import contextlib
import os
import stat
import sys
from pathlib import Path
from typing import NamedTuple

__all__ = ["Access", "access_of", "close_to_others", "how_to_close", "make_private_folder"]


class Access(NamedTuple):
    """Who may do what with a file or a folder. Root and administrators may do everything anyway.

    Attributes:
        owner: whose it is, for people.
        own: whether that is the user who asks; on Windows also the group of administrators, which
            owns what its members make.
        trusted: whether it is that user or root.
        readable: whether others may read it.
        writable: whether others may write to it.
        rights: what lets others do that, for people.
    """

    owner: str
    own: bool
    trusted: bool
    readable: bool
    writable: bool
    rights: str


def access_of(place: Path | int) -> Access:
    """Look at it; on POSIX systems at a symbolic link itself.

    Args:
        place: its path, or a descriptor of it.

    Raises:
        OSError: it cannot be looked at.
    """
    if sys.platform == "win32":
        from ringfence.system.windows_access import rights_of

        rights = rights_of(place)
        others = bool(rights.others)
        who = ", ".join(sorted(rights.others))
        return Access(rights.owner, rights.own, rights.own, others, others, f"rights of {who}")
    seen = os.fstat(place) if isinstance(place, int) else place.lstat()
    own = seen.st_uid == os.geteuid()
    return Access(
        owner=f"user {seen.st_uid}",
        own=own,
        trusted=own or seen.st_uid == 0,
        readable=bool(seen.st_mode & 0o055),
        writable=bool(seen.st_mode & 0o022),
        rights=f"mode {stat.S_IMODE(seen.st_mode):04o}",
    )


def close_to_others(path: Path, descriptor: int) -> None:
    """Let nobody else read or write a file of this user's.

    Args:
        path: where it is.
        descriptor: of it.

    Raises:
        OSError: that cannot be.
    """
    if sys.platform == "win32":
        from ringfence.system.windows_access import keep_for_user

        keep_for_user(path)
    else:
        os.fchmod(descriptor, 0o600)


def how_to_close(path: Path) -> str:
    """What somebody enters to close a folder to others."""
    if sys.platform == "win32":
        from ringfence.system.windows_access import user_name

        entries = f'"*{user_name()}:(OI)(CI)F"'
        return f'icacls "{path}" /reset, and then icacls "{path}" /inheritance:r /grant:r {entries}'
    return f"chmod 700 {path}"


def make_private_folder(path: Path, *, parents: bool = False) -> None:
    """Make a folder that is closed to others from its beginning, if nothing of that name is there.

    Args:
        path: where.
        parents: whether to make those that it is in as well, as private.

    Raises:
        OSError: it cannot be made.
    """
    if parents and not path.parent.exists():
        make_private_folder(path.parent, parents=True)
    with contextlib.suppress(FileExistsError):
        if sys.platform == "win32":  # where not every Python heeds the mode
            from ringfence.system.windows_access import make_folder_for_user

            make_folder_for_user(path)
        else:
            path.mkdir(mode=0o700)
