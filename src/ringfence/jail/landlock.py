"""Landlock: which paths a guest may open, whatever the mounts say. landlock(7).

Rights that the running kernel's ABI does not know are left out of the ruleset, which is why the ABI
is part of the profile and of ``enforced``, and why path calls are denied by seccomp where there is
no Landlock and no mount namespace.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterable

from ringfence.jail import libc

__all__ = ["MINIMUM_ABI", "describe_abi", "make_ruleset"]

MINIMUM_ABI = 1

_EXECUTE = 1 << 0
_WRITE_FILE = 1 << 1
_READ_FILE = 1 << 2
_READ_DIR = 1 << 3
_REMOVE_DIR = 1 << 4
_REMOVE_FILE = 1 << 5
_MAKE_DIR = 1 << 7
_MAKE_REG = 1 << 8
_MAKE_SYM = 1 << 12
_REFER = 1 << 13
_TRUNCATE = 1 << 14

_FS_RIGHTS = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 4: (1 << 15) - 1}
_FS_RIGHTS_5 = (1 << 16) - 1
_NET_RIGHTS = 3  # bind and connect TCP, from ABI 4
_SCOPES = 3  # abstract sockets and signals, from ABI 6

_READ = _READ_FILE | _READ_DIR
_SCRATCH = (
    _READ | _WRITE_FILE | _REMOVE_DIR | _REMOVE_FILE | _MAKE_DIR | _MAKE_REG | _REFER | _TRUNCATE
)
_OF_FILES = _READ_FILE | _WRITE_FILE | _TRUNCATE  # a rule on a file may hold no others


def _handled(abi: int) -> tuple[int, int, int]:
    fs = _FS_RIGHTS.get(abi, _FS_RIGHTS_5)
    return fs, _NET_RIGHTS if abi >= 4 else 0, _SCOPES if abi >= 6 else 0


def make_ruleset(
    abi: int, read: Iterable[str], scratch: Iterable[str], names: Iterable[str] = ()
) -> int:
    """A ruleset that allows reading beneath ``read`` and file work beneath ``scratch``.

    Nothing else is allowed: no execution, no devices, sockets or links, and from the ABI that knows
    them no TCP, no abstract sockets, no signals to the outside.

    Args:
        abi: the Landlock ABI to use, at least 1 and at most what the kernel has.
        read: existing files or folders.
        scratch: existing folders or files.
        names: existing folders beneath which names may be listed, but nothing read.

    Returns:
        the ruleset's descriptor.
    """
    fs, net, scopes = _handled(abi)
    attributes = struct.pack("QQQ", fs, net, scopes)[: 24 if abi >= 6 else 16 if abi >= 4 else 8]
    ruleset = libc.landlock_create(attributes)
    try:
        for paths, rights in ((read, _READ), (scratch, _SCRATCH & fs), (names, _READ_DIR)):
            for path in paths:
                fd = os.open(path, os.O_PATH | os.O_CLOEXEC)
                try:
                    folder = os.path.isdir(path)
                    libc.landlock_add_path(ruleset, rights if folder else rights & _OF_FILES, fd)
                finally:
                    os.close(fd)
    except OSError:
        os.close(ruleset)
        raise
    return ruleset


def describe_abi(abi: int) -> str:
    """``Landlock ABI 7 (files, TCP, signals)``."""
    parts = ["files"]
    if abi >= 4:
        parts.append("TCP")
    if abi >= 6:
        parts.append("signals")
    return f"Landlock ABI {abi} ({', '.join(parts)})"
